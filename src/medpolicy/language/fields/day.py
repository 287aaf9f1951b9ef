"""Calendar days."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from medpolicy.language.fields.facts import FactType, operator
from medpolicy.language.fields.helps import general_help, missing_help
from medpolicy.language.fields.kind import Kind, Problem

FIELD_DATE = "date"
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


class DateType(FactType):
    """A calendar day; the constant of a test is written `YYYY-MM-DD`."""

    name = "date"

    @operator(FIELD_DATE)
    def equal_to(self, written: str) -> bool:
        return bool(self.value == date.fromisoformat(written))

    @operator(FIELD_DATE)
    def before(self, written: str) -> bool:
        return bool(self.value < date.fromisoformat(written))

    @operator(FIELD_DATE)
    def on_or_before(self, written: str) -> bool:
        return bool(self.value <= date.fromisoformat(written))

    @operator(FIELD_DATE)
    def after(self, written: str) -> bool:
        return bool(self.value > date.fromisoformat(written))

    @operator(FIELD_DATE)
    def on_or_after(self, written: str) -> bool:
        return bool(self.value >= date.fromisoformat(written))


@dataclass(frozen=True, slots=True)
class Day(Kind):
    """A calendar day from `earliest` to `latest`, both included."""

    type = DateType
    earliest: date
    latest: date

    @property
    def domain(self) -> str:
        return f"a day from {self.earliest} to {self.latest}, written `YYYY-MM-DD`"

    def problems(self, value: Any) -> list[Problem]:
        known = day(value) if isinstance(value, str) else value
        if isinstance(known, date) and not isinstance(known, datetime):
            return [] if self.earliest <= known <= self.latest else self._refuse()
        if isinstance(value, str) and _WRITTEN_DAY.fullmatch(value):
            return self._refuse("the calendar has no such day")
        if isinstance(value, str) and _WRITTEN_DAY_AND_TIME.fullmatch(value):
            return self._refuse("leave out the time of day")
        if isinstance(value, datetime):
            return self._refuse(missing_help(value) or "leave out the time of day")
        return self._refuse(general_help(value))

    def from_text(self, cell: str) -> Any:
        return cell

    def plain(self, value: Any) -> Any:
        return value.isoformat()

    def constant_problems(self, operator: str, constant: Any) -> list[Problem]:
        return self.problems(constant) if isinstance(constant, str) else self._refuse()
