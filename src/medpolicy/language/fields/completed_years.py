"""Completed years between two days."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from types import ModuleType
from typing import Any

from medpolicy.language.fields.calendar_bits import CalendarDay, YearsBetween
from medpolicy.language.fields.day import Day
from medpolicy.language.fields.derived import Derived
from medpolicy.language.fields.kind import Kind
from medpolicy.language.fields.whole_number import WholeNumber


@dataclass(frozen=True, slots=True)
class CompletedYears(Derived):
    """Full years from one day to a later one; a 29 February recurs on 1 March in years without it."""

    rises_with = (False, True)
    needs_order = True
    in_c = 2
    start: str
    end: str

    @property
    def parts(self) -> tuple[str, str]:
        return self.start, self.end

    def kind(self, kinds: Mapping[str, Kind]) -> WholeNumber:
        start, end = kinds[self.start], kinds[self.end]
        if not (isinstance(start, Day) and isinstance(end, Day)):
            raise TypeError("completed years need two days")
        return WholeNumber(0, self.value(start.lowest, end.highest))

    def value(self, first: date, second: date) -> int:
        years = second.year - first.year
        if second.month != first.month:
            return years - (second.month < first.month)
        return years - (second.day < first.day)

    def column(self, np: ModuleType, kinds: Mapping[str, Kind], first: Any, second: Any) -> Any:
        start_years, birthdays = _calendar(np, kinds[self.start])
        end_years, days = _calendar(np, kinds[self.end])
        before_birthday = np.take(days, second) < np.take(birthdays, first)
        return np.take(end_years, second) - np.take(start_years, first) - before_birthday

    def sql(self, exp: Any, first: Any, second: Any) -> Any:
        def extract(part: str, day: Any) -> Any:
            return exp.Extract(this=exp.var(part), expression=day.copy())

        def month_and_day(day: Any) -> Any:
            """One number, so that 29 February comes after the 28th and before 1 March."""
            months = exp.Mul(this=extract("MONTH", day), expression=exp.Literal.number(100))
            return exp.Add(this=months, expression=extract("DAY", day))

        years = exp.Sub(this=extract("YEAR", second), expression=extract("YEAR", first))
        not_yet = exp.LT(this=month_and_day(second), expression=month_and_day(first))
        return exp.Sub(this=years, expression=exp.case().when(not_yet, "1").else_("0"))

    def solver(self, z3: Any, first: CalendarDay, second: CalendarDay) -> YearsBetween:
        return YearsBetween(first, second)


@lru_cache
def _calendar(np: ModuleType, kind: Kind) -> tuple[Any, Any]:
    """For each day of a domain its year, and its month and day as one number."""
    first = np.datetime64(kind.lowest)
    days = np.arange(first, first + np.timedelta64(kind.size, "D"))
    months = days.astype("datetime64[M]")
    month_and_day = months.astype(np.int64) % 12 * 32 + (days - months).astype(np.int64)
    return days.astype("datetime64[Y]").astype(np.int64), month_and_day
