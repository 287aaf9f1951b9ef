"""Kleene's three truth values as two values of any algebra: whether a condition is met, and whether it may be.

The algebra can be whole numbers as sets of bits, masks of an array, formulas of the solver: whatever has `&`, `|` and `~`.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from functools import reduce
from operator import and_, or_
from typing import Any, Generic, Protocol, Self, TypeVar


class Logical(Protocol):
    """A truth value, or many at once."""

    def __and__(self, other: Any, /) -> Self: ...
    def __or__(self, other: Any, /) -> Self: ...
    def __invert__(self) -> Self: ...


Truth = TypeVar("Truth", bound=Logical)


@dataclass(frozen=True)
class Algebra(Generic[Truth]):
    """How many truth values are joined at once."""

    every: Callable[[Iterable[Truth]], Truth]
    """True where each part is, and where there is none."""
    some: Callable[[Iterable[Truth]], Truth]
    """True where one part is; false where there is none."""

    @classmethod
    def of(cls, true: Truth, false: Truth) -> Algebra[Truth]:
        """The algebra of values whose own `&` and `|` say all."""
        return cls(lambda parts: reduce(and_, parts, true), lambda parts: reduce(or_, parts, false))


@dataclass(frozen=True, slots=True)
class Kleene(Generic[Truth]):
    """A status: `met` where it is certainly true, `possible` where it is not certainly false."""

    met: Truth
    possible: Truth

    def __and__(self, other: Kleene[Truth]) -> Kleene[Truth]:
        return Kleene(self.met & other.met, self.possible & other.possible)

    def __or__(self, other: Kleene[Truth]) -> Kleene[Truth]:
        return Kleene(self.met | other.met, self.possible | other.possible)

    @property
    def not_met(self) -> Truth:
        """Where it is certainly false."""
        return ~self.possible

    @property
    def unknown(self) -> Truth:
        """Where missing facts leave it open."""
        return self.possible & ~self.met


def all_of(parts: Collection[Kleene[Truth]], algebra: Algebra[Truth]) -> Kleene[Truth]:
    """False if one part is false, else unknown if one part is unknown, else true."""
    return Kleene(algebra.every([part.met for part in parts]), algebra.every([part.possible for part in parts]))


def any_of(parts: Collection[Kleene[Truth]], algebra: Algebra[Truth]) -> Kleene[Truth]:
    """True if one part is true, else unknown if one part is unknown, else false."""
    return Kleene(algebra.some([part.met for part in parts]), algebra.some([part.possible for part in parts]))
