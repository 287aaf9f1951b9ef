"""What an approval grants: days, and where the policy declares one, a quantity."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, cast


@dataclass(frozen=True, slots=True)
class AuthorizedQuantity:
    """What a policy's approvals grant a number of: visits, say, or units.

    `name` is the plural, and the key of the number granted. That number is the request's value of `variable`. `cap` is the
    key of the most that may be granted in all, and the parameter of `approve` that gives it; None where there is no cap.
    """

    name: str
    variable: str
    unit: str
    cap: str | None = None

    @property
    def units(self) -> str:
        """The plural for people."""
        return self.name.replace("_", " ")

    def counted(self, number: int) -> str:
        """A number with its unit: `1 visit`, `2 visits`."""
        return f"{number} {self.unit if number == 1 else self.units}"


@dataclass(frozen=True)
class Authorization:
    """What an approval grants: the days from `start` to `end`, both included, and amounts of what the policy declares.

    `end` and `months` are None where the policy sets no period. An amount is an attribute of its declared name: the
    number granted (None where the request gives none), and its cap. The period or the number ends the authorization,
    whichever is used up first.
    """

    start: date
    end: date | None
    months: int | None
    amounts: tuple[tuple[str, int | None], ...] = ()

    def __getattr__(self, name: str) -> int | None:
        for amount, number in object.__getattribute__(self, "amounts"):
            if amount == name:
                return cast(int | None, number)
        raise AttributeError(f"this authorization has no {name!r}")

    def to_dict(self) -> dict[str, Any]:
        """The authorization as plain values, in the order of the JSON form."""
        return {"start": self.start, "end": self.end, "months": self.months, **dict(self.amounts)}


@dataclass(frozen=True, slots=True)
class Terms:
    """What an approval says without the request: the authorization starts on the fact `service_day`."""

    service_day: str
    months: int | None
    quantity: AuthorizedQuantity | None
    cap: int | None

    def authorization(self, facts: Mapping[str, Any]) -> Authorization:
        """What the approval of a request with these facts grants."""
        start: date = facts[self.service_day]
        end = None if self.months is None else last_day(start, self.months)
        amounts: tuple[tuple[str, int | None], ...] = ()
        if self.quantity is not None:
            amounts = ((self.quantity.name, facts[self.quantity.variable]),)
            if self.quantity.cap is not None:
                amounts += ((self.quantity.cap, self.cap),)
        return Authorization(start, end, self.months, amounts)


def last_day(start: date, months: int) -> date:
    """The last day of a period of calendar months: the day before the same day of the month after it.

    Where that month is too short, its last day stands for the same day: 2028-02-29 and 12 months give 2029-02-27.
    """
    count = start.month - 1 + months
    year, month = start.year + count // 12, count % 12 + 1
    return date(year, month, min(start.day, monthrange(year, month)[1])) - timedelta(days=1)
