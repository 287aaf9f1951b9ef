"""Days as bits of the solver, and completed years between them.

A day is the number year, month, day written side by side in bits (9 bits for month and day), so that the order is that
of the calendar, and n completed years lie between two days exactly when their numbers are n * 2^9 apart or more. A 29
February is reached on 1 March in other years, and not before, since no day lies between.
"""

from __future__ import annotations

from datetime import date
from typing import Any

from medpolicy.language.fields.bits import SolverNumber, widened
from medpolicy.language.fields.kind import GivenNumber

_DAY_BITS = 5
_MONTH_BITS = 4
_YEAR = 1 << (_MONTH_BITS + _DAY_BITS)
_SHORT_MONTHS = (4, 6, 9, 11)


class CalendarDay(GivenNumber):
    """A day of the calendar."""

    def _bits(self, name: str) -> Any:
        z3 = self.z3
        self.first_year: int = self.kind.lowest.year
        years = max(2, (self.kind.highest.year - self.first_year).bit_length())
        self._year = z3.BitVec(f"{name} year", years)
        self._month = z3.BitVec(f"{name} month", _MONTH_BITS)
        self._day = z3.BitVec(f"{name} day", _DAY_BITS)
        return z3.Concat(self._year, self._month, self._day)

    def constraints(self) -> list[Any]:
        z3 = self.z3
        february = self._month == 2
        return [
            self.at_least(self.kind.lowest),
            self.at_most(self.kind.highest),
            z3.UGE(self._month, 1),
            z3.ULE(self._month, 12),
            z3.UGE(self._day, 1),
            z3.Or(z3.ULE(self._day, 30), z3.And([self._month != month for month in _SHORT_MONTHS])),
            z3.Implies(february, z3.Or(z3.ULE(self._day, 28), z3.And(self._day == 29, self._leap_year()))),
        ]

    def encoded(self, value: date) -> int:
        years: int = value.year - self.first_year
        return years * _YEAR + (value.month << _DAY_BITS) + value.day

    def decoded(self, number: int) -> date:
        year, rest = divmod(number, _YEAR)
        return date(self.first_year + year, rest >> _DAY_BITS, rest & ((1 << _DAY_BITS) - 1))

    def not_after(self, other: Any) -> Any:
        return YearsBetween(self, other).at_least(0)

    def _leap_year(self) -> Any:
        """Every fourth year but centuries that 400 does not divide."""
        z3 = self.z3
        fourth = z3.Extract(1, 0, self._year) == -self.first_year % 4
        first, last = self.first_year, self.kind.highest.year
        centuries = [year for year in range(first, last + 1) if year % 100 == 0 and year % 400]
        return z3.And(fourth, *(self._year != year - first for year in centuries))


class YearsBetween(SolverNumber):
    """Completed years from one day to another."""

    def __init__(self, start: CalendarDay, end: CalendarDay) -> None:
        self.z3 = start.z3
        self._start, self._end = start, end

    def at_least(self, value: int) -> Any:
        z3, start, end = self.z3, self._start, self._end
        later = (start.first_year + value - end.first_year) * _YEAR
        width = max(start.bits.size(), end.bits.size(), abs(later).bit_length()) + 1
        left, right = widened(z3, end.bits, width), widened(z3, start.bits, width)
        return z3.UGE(left, right + later) if later >= 0 else z3.UGE(left - later, right)

    def at_most(self, value: int) -> Any:
        return self.z3.Not(self.at_least(value + 1))
