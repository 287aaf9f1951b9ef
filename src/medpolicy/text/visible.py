"""Control characters, which a terminal obeys and a reader does not see: wherever text is shown, they are told by number."""

from __future__ import annotations

import re

CONTROL = r"[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u2028-\u202e\u2066-\u2069]"
"""Every control character but the line feed, with the signs that end a line or turn the direction of writing.

As a regular expression it is written so that Python and JSON Schema read it alike.
"""

_UNSEEN = re.compile(CONTROL.replace("]", r"\ud800-\udfff]"))
"""The same, and half characters: what a file's name has in place of bytes that are not UTF-8."""


def visible(text: str) -> str:
    r"""A text with `\u001b` in place of a control character, as JSON would write it; its line feeds stay."""
    return _UNSEEN.sub(lambda found: f"\\u{ord(found[0]):04x}", text)


def on_one_line(text: str) -> str:
    r"""The same with `\n` in place of a line feed, for a name that stands in a line."""
    return visible(text).replace("\n", "\\n")
