"""Values as bit vectors of the solver, which is all that the solver knows of a whole number or a day.

`z3` is an object with the functions of that package, so that nothing here imports it.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Any, Protocol


class OrderedDomain(Protocol):
    """What the solver needs of an ordered kind."""

    @property
    def size(self) -> int:
        """How many values there are."""

    @property
    def lowest(self) -> Any:
        """The first value."""

    @property
    def highest(self) -> Any:
        """The last value."""

    def index(self, value: Any) -> int:
        """The number of a value, from 0."""

    def value(self, index: int) -> Any:
        """The value with a number."""


class SolverNumber(ABC):
    """A value in the solver that can be compared with constants of its domain."""

    @abstractmethod
    def at_least(self, value: Any) -> Any:
        """That the value is no less than a constant."""

    @abstractmethod
    def at_most(self, value: Any) -> Any:
        """That the value is no more than a constant."""


class GivenNumber(SolverNumber):
    """The value of a given variable, in bits of its own: unless a subclass has another encoding, its index.

    An encoding keeps the order of the domain.
    """

    def __init__(self, z3: Any, name: str, kind: OrderedDomain) -> None:
        self.z3 = z3
        self.kind = kind
        self.bits = self._bits(name)

    def _bits(self, name: str) -> Any:
        return self.z3.BitVec(name, max(1, (self.kind.size - 1).bit_length()))

    def constraints(self) -> list[Any]:
        """What the domain asks of the bits."""
        return [self.at_most(self.kind.highest)]

    def encoded(self, value: Any) -> int:
        """The number, from 0, that stands for a value."""
        return self.kind.index(value)

    def decoded(self, number: int) -> Any:
        """The value that a number stands for."""
        return self.kind.value(number)

    def at_least(self, value: Any) -> Any:
        return unsigned_at_least(self.z3, self.bits, self.encoded(value))

    def at_most(self, value: Any) -> Any:
        return self.z3.Not(unsigned_at_least(self.z3, self.bits, self.encoded(value) + 1))

    def not_after(self, other: Any) -> Any:
        """That the value does not come after that of another variable of its kind."""
        raise TypeError(f"{type(self.kind).__name__} has no order between two variables")


def unsigned_at_least(z3: Any, bits: Any, number: int) -> Any:
    """That bits, read as a number from 0, are no less than a number, which they may be too few to hold."""
    highest = (1 << int(bits.size())) - 1
    return z3.UGE(bits, number) if 0 < number <= highest else z3.BoolVal(number <= 0)


def widened(z3: Any, bits: Any, width: int) -> Any:
    """The same number in more bits."""
    return z3.ZeroExt(width - bits.size(), bits)
