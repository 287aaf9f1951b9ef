"""Kleene's three values as two statements: that a condition is met, and that it may be."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from medpolicy.solve.formula import FALSE, TRUE, Formula, every, some


@dataclass(frozen=True, slots=True, eq=False)
class Three:
    """The status of a condition: `met` where it is certainly true, `possible` where it is not certainly false."""

    met: Formula
    possible: Formula

    @property
    def not_met(self) -> Formula:
        """That the condition is certainly false."""
        return ~self.possible

    @property
    def unknown(self) -> Formula:
        """That missing facts leave the condition open."""
        return self.possible & ~self.met


MET = Three(TRUE, TRUE)
NOT_MET = Three(FALSE, FALSE)


def all_of(parts: Sequence[Three]) -> Three:
    """False if one part is false, else unknown if one part is unknown, else true."""
    return Three(every(part.met for part in parts), every(part.possible for part in parts))


def any_of(parts: Sequence[Three]) -> Three:
    """True if one part is true, else unknown if one part is unknown, else false."""
    return Three(some(part.met for part in parts), some(part.possible for part in parts))
