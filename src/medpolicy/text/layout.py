"""Text wrapped to a width: paragraphs below each other, and two texts beside each other."""

from __future__ import annotations

import textwrap
from itertools import zip_longest

NARROWEST = 40
WIDEST = 120

_GAP = "  "


def wrapped(text: str, width: int, first: str = "", indent: int = 0) -> list[str]:
    """The lines of a paragraph, `first` before its first line and the others as far in.

    A line break in the text begins a new line; a word that is too long is not broken.
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


def beside(left: list[str], right: list[str], left_width: int) -> list[str]:
    """The lines of two texts, the right one beside the left one of `left_width` columns."""
    pairs = zip_longest(left, right, fillvalue="")
    return [f"{one:<{left_width}}{_GAP}{other}".rstrip() for one, other in pairs]


def halves(width: int) -> tuple[int, int]:
    """The widths of two texts beside each other."""
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
        """All of it, with a line break at the end."""
        return "\n".join(self.lines) + "\n"
