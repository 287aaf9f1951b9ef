"""Control characters in the texts of a document: each would be obeyed by the terminal on which the text is shown."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Any

from medpolicy.text.findings import MOST_FINDINGS, Finding, Path
from medpolicy.text.visible import CONTROL

_CONTROL = re.compile(CONTROL)
_MAY_HOLD_ONE = re.compile(rb"\\[bfrtu]|\x7f|\xc2[\x80-\x9f]|\xe2\x80[\xa8-\xae]|\xe2\x81[\xa6-\xa9]")
"""What the JSON text of such a document holds: an escape, or the character itself in UTF-8."""
_LINE_BREAKS = "\r\x85\u2028\u2029"


def with_control_faults(faults: Iterable[Finding], document: Any, text: bytes) -> Iterator[Finding]:
    """A finding for each value with a control character, then the other faults, but none of these values.

    `text` is the JSON text of the document.
    """
    texts = _texts(document, ()) if _MAY_HOLD_ONE.search(text) else iter(())
    controls = (_fault(found[0], path) for path, value in texts if (found := _CONTROL.search(value)) is not None)
    told = list(islice(controls, MOST_FINDINGS + 1))
    yield from told
    paths = {fault.path for fault in told}
    yield from (fault for fault in faults if fault.path not in paths)


def _texts(value: Any, path: Path) -> Iterator[tuple[Path, str]]:
    """Every text among the values of a document."""
    if isinstance(value, str):
        yield path, value
    elif isinstance(value, dict | list):
        for step, inner in value.items() if isinstance(value, dict) else enumerate(value):
            yield from _texts(inner, (*path, step))


def _fault(char: str, path: Path) -> Finding:
    advice = "remove it"
    if char in _LINE_BREAKS:
        advice = "a line break is written `\\n`"
    elif char == "\t":
        advice = "write a blank"
    return Finding("control-character", f"the control character U+{ord(char):04X} stands inside a string", path, advice)
