"""Whole numbers and days as bit vectors: `at_least` is all that the solver asks of them.

A day is the number year, month, day written side by side in bits (9 bits for month and day), so that the order is that
of the calendar, and n completed years lie between two days exactly when their numbers are n * 2^9 apart or more. A 29
February is reached on 1 March in other years, and not before, since no day lies between.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from datetime import date
from typing import Any

from medpolicy.language.fields import CompletedYears, Day, Derived, Kind, Sum, WholeNumber

_DAY_BITS = 5
_MONTH_BITS = 4
_YEAR = 1 << (_MONTH_BITS + _DAY_BITS)
_SHORT_MONTHS = (4, 6, 9, 11)


class Number(ABC):
    """A value in the solver that can be compared with constants of its domain."""

    def __init__(self, z3: Any) -> None:
        self.z3 = z3

    @abstractmethod
    def at_least(self, value: Any) -> Any:
        """That the value is no less than a constant."""

    @abstractmethod
    def at_most(self, value: Any) -> Any:
        """That the value is no more than a constant."""

    def constraints(self) -> list[Any]:
        """What the domain asks of the bits."""
        return []


class Given(Number):
    """A number with bits of its own."""

    bits: Any

    @abstractmethod
    def place(self, value: Any) -> int:
        """The number that stands for a value, from 0."""

    @abstractmethod
    def value(self, place: int) -> Any:
        """The value that a number stands for."""

    def at_least(self, value: Any) -> Any:
        place = self.place(value)
        return self.z3.BoolVal(place <= 0) if not 0 < place <= self._highest else self.z3.UGE(self.bits, place)

    def at_most(self, value: Any) -> Any:
        place = self.place(value)
        return self.z3.BoolVal(place >= 0) if not 0 <= place < self._highest else self.z3.ULE(self.bits, place)

    @property
    def _highest(self) -> int:
        return (1 << int(self.bits.size())) - 1


class GivenNumber(Given):
    """A whole number, counted from the lowest of its domain."""

    def __init__(self, z3: Any, name: str, kind: WholeNumber) -> None:
        super().__init__(z3)
        self._kind = kind
        self.lowest = kind.lowest
        self.bits = z3.BitVec(name, max(1, (kind.highest - kind.lowest).bit_length()))

    def constraints(self) -> list[Any]:
        return [self.at_most(self._kind.highest)]

    def place(self, value: int) -> int:
        return value - self.lowest

    def value(self, place: int) -> int:
        return place + self.lowest


class GivenDay(Given):
    """A day of the calendar."""

    def __init__(self, z3: Any, name: str, kind: Day) -> None:
        super().__init__(z3)
        self._kind = kind
        self.first_year = kind.lowest.year
        years = max(2, (kind.highest.year - self.first_year).bit_length())
        self._year = z3.BitVec(f"{name} year", years)
        self._month = z3.BitVec(f"{name} month", _MONTH_BITS)
        self._day = z3.BitVec(f"{name} day", _DAY_BITS)
        self.bits = z3.Concat(self._year, self._month, self._day)

    def constraints(self) -> list[Any]:
        z3 = self.z3
        february = self._month == 2
        return [
            self.at_least(self._kind.lowest),
            self.at_most(self._kind.highest),
            z3.UGE(self._month, 1),
            z3.ULE(self._month, 12),
            z3.UGE(self._day, 1),
            z3.Or(z3.ULE(self._day, 30), z3.And([self._month != month for month in _SHORT_MONTHS])),
            z3.Implies(february, z3.Or(z3.ULE(self._day, 28), z3.And(self._day == 29, self._leap_year()))),
        ]

    def place(self, value: date) -> int:
        return (value.year - self.first_year) * _YEAR + (value.month << _DAY_BITS) + value.day

    def value(self, place: int) -> date:
        year, rest = divmod(place, _YEAR)
        return date(self.first_year + year, rest >> _DAY_BITS, rest & ((1 << _DAY_BITS) - 1))

    def _leap_year(self) -> Any:
        """Every fourth year but centuries that 400 does not divide."""
        z3 = self.z3
        fourth = z3.Extract(1, 0, self._year) == -self.first_year % 4
        first, last = self.first_year, self._kind.highest.year
        centuries = [year for year in range(first, last + 1) if year % 100 == 0 and year % 400]
        return z3.And(fourth, *(self._year != year - first for year in centuries))


class Total(Number):
    """The sum of two whole numbers."""

    def __init__(self, z3: Any, first: GivenNumber, second: GivenNumber) -> None:
        super().__init__(z3)
        width = max(first.bits.size(), second.bits.size()) + 1
        self._lowest = first.lowest + second.lowest
        self._highest = (1 << width) - 1
        self._bits = _widened(z3, first.bits, width) + _widened(z3, second.bits, width)

    def at_least(self, value: int) -> Any:
        place = value - self._lowest
        return self.z3.BoolVal(place <= 0) if not 0 < place <= self._highest else self.z3.UGE(self._bits, place)

    def at_most(self, value: int) -> Any:
        return self.z3.Not(self.at_least(value + 1))


class Years(Number):
    """Full years from one day to another."""

    def __init__(self, z3: Any, start: GivenDay, end: GivenDay) -> None:
        super().__init__(z3)
        self._start, self._end = start, end

    def at_least(self, value: int) -> Any:
        z3, start, end = self.z3, self._start, self._end
        later = (start.first_year + value - end.first_year) * _YEAR
        width = max(start.bits.size(), end.bits.size(), abs(later).bit_length()) + 1
        left, right = _widened(z3, end.bits, width), _widened(z3, start.bits, width)
        return z3.UGE(left, right + later) if later >= 0 else z3.UGE(left - later, right)

    def at_most(self, value: int) -> Any:
        return self.z3.Not(self.at_least(value + 1))


def given_number(z3: Any, name: str, kind: Kind) -> Given | None:
    """The bits of a given variable, or None where its classes have no order."""
    if isinstance(kind, WholeNumber):
        return GivenNumber(z3, name, kind)
    return GivenDay(z3, name, kind) if isinstance(kind, Day) else None


def derived_number(z3: Any, derived: Derived, numbers: Mapping[str, Number]) -> Number:
    """A derived variable from the bits of its parts."""
    first, second = (numbers[part] for part in derived.parts)
    if isinstance(derived, Sum) and isinstance(first, GivenNumber) and isinstance(second, GivenNumber):
        return Total(z3, first, second)
    if isinstance(derived, CompletedYears) and isinstance(first, GivenDay) and isinstance(second, GivenDay):
        return Years(z3, first, second)
    raise TypeError("the solver knows no such derived variable")


def _widened(z3: Any, bits: Any, width: int) -> Any:
    return z3.ZeroExt(width - bits.size(), bits)
