"""Control characters in the texts of a document: each would be obeyed by the terminal on which the text is shown."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Any

from medpolicy.load.parts import values_of
from medpolicy.text.findings import MOST_FINDINGS, Finding
from medpolicy.text.visible import CONTROL

_CONTROL = re.compile(CONTROL)
_MAY_HOLD_ONE = re.compile(rb"\\[bfrtu]|\x7f|\xc2[\x80-\x9f]|\xe2\x80[\xa8-\xae]|\xe2\x81[\xa6-\xa9]")
"""What the JSON text of such a document holds: an escape, or the character itself in UTF-8."""
_LINE_BREAKS = "\r\x85\u2028\u2029"


def with_control_faults(faults: Iterable[Finding], document: Any, text: bytes) -> Iterator[Finding]:
    """A finding for each value with a control character, then the other faults, but none of these values.

    `text` is the JSON text of the document.
    """
    told = list(islice(_control_faults(document), MOST_FINDINGS + 1)) if _MAY_HOLD_ONE.search(text) else []
    yield from told
    paths = {fault.path for fault in told}
    yield from (fault for fault in faults if fault.path not in paths)


def _control_faults(document: Any) -> Iterator[Finding]:
    for path, value in values_of(document):
        if isinstance(value, str) and (found := _CONTROL.search(value)) is not None:
            char = found[0]
            message = f"the control character U+{ord(char):04X} stands inside a string"
            advice = "write a blank" if char == "\t" else "remove it"
            if char in _LINE_BREAKS:
                advice = "a line break is written `\\n`"
            yield Finding("control-character", message, path, advice)
