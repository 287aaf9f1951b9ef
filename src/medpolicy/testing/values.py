"""Values that are worth a try, from the domain of a variable and from the constants of tests."""

from __future__ import annotations

from calendar import isleap
from collections.abc import Iterable, Iterator
from datetime import date
from typing import Any

from medpolicy.language.fields import Choice, ChoiceSet, CompletedYears, Day, Derived, Kind, Sum, WholeNumber, YesNo

Facts = dict[str, Any]


def ends(kind: Kind) -> list[Any]:
    """The values of a domain that are worth a try whatever the rules say."""
    if isinstance(kind, Choice):
        return list(kind.options)
    if isinstance(kind, YesNo):
        return [False, True]
    if isinstance(kind, WholeNumber):
        return [kind.lowest, kind.lowest + 1, kind.highest]
    if isinstance(kind, Day):
        return [kind.lowest, kind.highest]
    if isinstance(kind, ChoiceSet):
        return [frozenset(), *(frozenset({option}) for option in kind.options), frozenset(kind.options)]
    return ["R-1", "R-2"]


def around(kind: Kind, constant: Any) -> Iterator[Any]:
    """A constant of a test and what is next to it: every option of a choice, one option more or less of a set."""
    if isinstance(kind, WholeNumber):
        yield from (constant - 1, constant, constant + 1)
    elif isinstance(kind, Day):
        yield from neighbours(date.fromisoformat(constant))
    elif isinstance(kind, ChoiceSet):
        chosen = frozenset(constant if isinstance(constant, list) else [constant])
        yield chosen
        yield from (chosen ^ {option} for option in kind.options)
    else:
        yield from ends(kind)


def neighbours(day: date) -> Iterator[date]:
    """A day, the one before it and the one after it."""
    for days in (0, -1, 1):
        ordinal = day.toordinal() + days
        if date.min.toordinal() <= ordinal <= date.max.toordinal():
            yield date.fromordinal(ordinal)


def completing(derived: Derived, name: str, facts: Facts, wholes: Iterable[Any]) -> Iterator[Any]:
    """The values of one part with which a derived variable comes to one of `wholes`, the other part being known."""
    first, second = derived.parts
    other = facts.get(second if name == first else first)
    if other is None:
        return
    for whole in wholes:
        if isinstance(derived, Sum):
            yield whole - other
        elif isinstance(derived, CompletedYears):
            yield from _birthdays(other, -whole if name == first else whole)


def _birthdays(day: date, years: int) -> Iterator[date]:
    """The day so many years away, and the days next to it."""
    year = day.year + years
    if date.min.year < year < date.max.year:
        same_day = date(year, 3, 1) if (day.month, day.day) == (2, 29) and not isleap(year) else day.replace(year=year)
        yield from neighbours(same_day)


def leap_days(years: Iterable[int]) -> Iterator[date]:
    """28 February and 1 March, in the next year that has a 29 February and in the one before it, and that 29 February."""
    for year in years:
        leap = next(each for each in range(year, year + 9) if isleap(each))
        for each in (leap - 1, leap):
            yield date(each, 2, 28)
            yield date(each, 3, 1)
        yield date(leap, 2, 29)


def distinct(values: Iterable[Any], kind: Kind) -> list[Any]:
    """The values that are in a domain, each once."""
    return list(dict.fromkeys(value for value in values if not kind.problems(value)))


def ordinary_first(values: list[Any], kind: Kind) -> list[Any]:
    """The values in the order in which hypothesis shrinks to them: small numbers, and days before the ends of time."""
    if isinstance(kind, WholeNumber):
        return sorted(values, key=lambda value: (abs(value), value < 0))
    if isinstance(kind, Day):
        return sorted(values, key=lambda day: day in ends(kind))
    return values
