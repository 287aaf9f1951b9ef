"""Kleene's three values as two statements: that a condition is met, and that it may be."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from medpolicy.solve.formula import FALSE, TRUE, Formula, every, some


@dataclass(frozen=True, slots=True, eq=False)
class KleeneFormula:
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


MET = KleeneFormula(TRUE, TRUE)
NOT_MET = KleeneFormula(FALSE, FALSE)


def all_of(parts: Sequence[KleeneFormula]) -> KleeneFormula:
    """False if one part is false, else unknown if one part is unknown, else true."""
    return KleeneFormula(every(part.met for part in parts), every(part.possible for part in parts))


def any_of(parts: Sequence[KleeneFormula]) -> KleeneFormula:
    """True if one part is true, else unknown if one part is unknown, else false."""
    return KleeneFormula(some(part.met for part in parts), some(part.possible for part in parts))
