"""Text wrapped to a width, in one column or two."""

from __future__ import annotations

import textwrap
from itertools import zip_longest

NARROWEST = 40
WIDEST = 120

_GAP = "  "


def wrapped(text: str, width: int, first: str = "", indent: int = 0) -> list[str]:
    """The lines of a paragraph: `first` stands before its first line, and all others are indented as far.

    Line breaks in the text are kept; a word that is too long is not broken.
    """
    before = " " * indent + first
    rest = " " * len(before)
    lines = []
    for line in text.splitlines() or [""]:
        filled = textwrap.wrap(
            line,
            width,
            initial_indent=before,
            subsequent_indent=rest,
            break_long_words=False,
            break_on_hyphens=False,
        )
        lines += filled or [before.rstrip()]
        before = rest
    return lines


def in_two_columns(left: list[str], right: list[str], left_width: int) -> list[str]:
    """The lines of two texts side by side, the left one padded to `left_width` characters."""
    pairs = zip_longest(left, right, fillvalue="")
    return [f"{left_line:<{left_width}}{_GAP}{right_line}".rstrip() for left_line, right_line in pairs]


def halves(width: int) -> tuple[int, int]:
    """The widths of two texts side by side."""
    left = (width - len(_GAP)) // 2
    return left, width - len(_GAP) - left


class Page:
    """Lines of text, wrapped to a width between `NARROWEST` and `WIDEST`."""

    def __init__(self, width: int) -> None:
        self.width = max(NARROWEST, min(width, WIDEST))
        self.lines: list[str] = []

    def add(self, text: str = "", first: str = "", indent: int = 0) -> None:
        """A paragraph, or a blank line."""
        self.lines += wrapped(text, self.width, first, indent)

    def section(self, heading: str) -> None:
        """A heading after a blank line."""
        self.add()
        self.add(heading)

    def text(self) -> str:
        """The page as one text, with a line break at the end."""
        return "\n".join(self.lines) + "\n"
