"""Values that are worth a try."""

from __future__ import annotations

from calendar import isleap
from collections.abc import Iterable, Iterator
from datetime import date
from typing import Any

from medpolicy.language.fields import Kind

Facts = dict[str, Any]


def leap_days(years: Iterable[int]) -> Iterator[date]:
    """The days around the end of February, in the next leap year from each year on and in the year before that."""
    for year in years:
        leap = next(later for later in range(year, year + 9) if isleap(later))
        for month, day in ((2, 28), (3, 1)):
            yield from (date(leap - 1, month, day), date(leap, month, day))
        yield date(leap, 2, 29)


def distinct(values: Iterable[Any], kind: Kind) -> list[Any]:
    """The values that are in a domain, each once."""
    return list(dict.fromkeys(value for value in values if not kind.problems(value)))
