"""Calendar days."""

from __future__ import annotations

import re
from calendar import isleap
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from operator import eq, ge, gt, le, lt
from typing import Any

from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler
from pydantic_core import CoreSchema
from pydantic_core import core_schema as schema

from medpolicy.language.fields.calendar_bits import CalendarDay
from medpolicy.language.fields.facts import FactType, comparison
from medpolicy.language.fields.helps import general_help, missing_help
from medpolicy.language.fields.kind import Kind, Problem
from medpolicy.language.fields.storage import Storage

FIELD_DATE = "date"
WRITTEN_DAY = r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$"
_WRITTEN_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_WRITTEN_DAY_AND_TIME = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}[T ].+", re.DOTALL)


def day(text: str) -> date | None:
    """The day that `YYYY-MM-DD` names, or None where there is no such day or the text has another form."""
    if not _WRITTEN_DAY.fullmatch(text):
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def days_next_to(written: str) -> Iterator[str]:
    """The days before and after one, in the calendar of Python; none of what is no day."""
    known = day(written)
    if known is not None:
        yield from (str(known + timedelta(1) * step) for step in (-1, 1) if known != (date.min, date.max)[step > 0])


def _with_day(compare: Callable[[date, date], bool], phrase: str) -> Any:
    return comparison(FIELD_DATE, lambda value, written: compare(value, date.fromisoformat(written)), phrase)


class DateType(FactType):
    """A calendar day; the constant of a test is written `YYYY-MM-DD`."""

    name = "date"

    equal_to = _with_day(eq, " is {all}")
    before = _with_day(lt, " is before {all}")
    on_or_before = _with_day(le, " is on or before {all}")
    after = _with_day(gt, " is after {all}")
    on_or_after = _with_day(ge, " is on or after {all}")


@dataclass(frozen=True, slots=True)
class Day(Kind):
    """A calendar day from `lowest` to `highest`, both included."""

    type = DateType
    storage = Storage.DATE
    is_plain = True
    ordered = True
    bounds_in_words = ("on or before", "on or after")
    lowest: date
    highest: date

    @property
    def domain(self) -> str:
        return f"a day from {self.lowest} to {self.highest}, written `YYYY-MM-DD`"

    def problems(self, value: Any) -> list[Problem]:
        known = day(value) if isinstance(value, str) else value
        if isinstance(known, date) and not isinstance(known, datetime):
            return [] if self.lowest <= known <= self.highest else self._refuse()
        if isinstance(value, str) and _WRITTEN_DAY.fullmatch(value):
            return self._refuse("the calendar has no such day")
        if isinstance(value, str) and _WRITTEN_DAY_AND_TIME.fullmatch(value):
            return self._refuse("leave out the time of day")
        if isinstance(value, datetime):
            return self._refuse(missing_help(value) or "leave out the time of day")
        return self._refuse(general_help(value))

    @property
    def size(self) -> int:
        return (self.highest - self.lowest).days + 1

    def index(self, value: Any) -> int:
        return int((value - self.lowest).days)

    def value(self, index: int) -> date:
        return self.lowest + timedelta(index)

    @property
    def origin(self) -> int:
        return (self.lowest - date(1970, 1, 1)).days

    def ordinary(self, day: date) -> Any:
        return min(max(day, self.lowest), self.highest)

    def simplicity(self, value: Any) -> Any:
        """The first and the last day of the domain come last."""
        return value in (self.lowest, self.highest)

    def typed(self, value: Any) -> date:
        return date.fromisoformat(value) if isinstance(value, str) else value

    def plain(self, value: Any) -> Any:
        return value.isoformat()

    def stored(self, value: Any) -> date:
        return self.typed(value)

    def neighbours(self, constant: Any) -> Iterator[Any]:
        return days_next_to(constant)

    def of_years(self, years: Iterable[int]) -> Iterator[date]:
        """The days around the end of February, in the next leap year from each year on and in the year before that."""
        for year in years:
            leap = next(later for later in range(year, year + 9) if isleap(later))
            for month, day in ((2, 28), (3, 1)):
                yield from (date(leap - 1, month, day), date(leap, month, day))
            yield date(leap, 2, 29)

    def solver(self, z3: Any, name: str) -> CalendarDay:
        return CalendarDay(z3, name, self)

    def constant_problems(self, operator: str, constant: Any) -> list[Problem]:
        return self.problems(constant) if isinstance(constant, str) else self._refuse()

    def constant_schema(self, operator: str) -> dict[str, Any]:
        return {"type": "string", "format": "date", "pattern": WRITTEN_DAY}

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        written = schema.chain_schema(
            [
                schema.str_schema(pattern=WRITTEN_DAY, strict=True),
                schema.date_schema(strict=False, ge=self.lowest, le=self.highest),
            ]
        )
        known = schema.date_schema(strict=True, ge=self.lowest, le=self.highest)
        either = schema.union_schema([written, known], mode="left_to_right")
        return schema.custom_error_schema(
            schema.json_or_python_schema(json_schema=written, python_schema=either),
            custom_error_type="not_a_day",
            custom_error_message="not a day",
        )

    def __get_pydantic_json_schema__(self, _: CoreSchema, __: GetJsonSchemaHandler) -> dict[str, Any]:
        return {"type": "string", "format": "date"}
