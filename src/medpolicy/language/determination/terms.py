"""How long an approval lasts."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

from medpolicy.language.determination.parts import Authorization, Verdict


def authorized(verdict: Verdict, facts: Mapping[str, Any]) -> Authorization | None:
    """What an approval covers; None otherwise."""
    terms = verdict.terms
    if terms is None:
        return None
    start = facts["service_start_date"]
    end = last_day(start, terms.months)
    return Authorization(start, end, terms.months, facts["cycles_requested"], terms.max_total_cycles)


def last_day(start: date, months: int) -> date:
    """The last day of so many calendar months from `start` on: the day before the same day of that later month.

    Where that month is too short, its last day stands for the same day: 2028-02-29 and 12 months give 2029-02-27.
    """
    count = start.month - 1 + months
    year, month = start.year + count // 12, count % 12 + 1
    return date(year, month, min(start.day, monthrange(year, month)[1])) - timedelta(days=1)
