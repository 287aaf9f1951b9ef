"""Classes and tables of a revision, tabulated from the stock engine.

A test compares one variable with a constant, so the constants of all tests cut its domain into classes within which no
test can tell two values apart. A table holds each test's answer for each class.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from itertools import combinations
from typing import Any

from medpolicy.engine import StockEngine
from medpolicy.fields import Choice, ChoiceSet, CompletedYears, Day, Sum, WholeNumber, YesNo
from medpolicy.request import Variable
from medpolicy.revision import Condition, Test, tests_in
from medpolicy.status import Status, all_of, any_of
from medpolicy.vocabulary import Vocabulary


@dataclass(frozen=True)
class Class:
    """Values of one variable that no test tells apart: one of them, and for a range its first and last value."""

    representative: Any
    first: Any = None
    last: Any = None


@dataclass(frozen=True)
class Table:
    """A variable's classes (*missing* aside) and, for each of its tests, the answer for each class."""

    variable: Variable
    classes: tuple[Class, ...]
    answers: Mapping[Test, tuple[bool, ...]]


def tables(conditions: Iterable[Condition], words: Vocabulary) -> dict[str, Table]:
    """A table for each variable that conditions read, by name."""
    tests_of: dict[str, dict[Test, None]] = {}
    for condition in conditions:
        for test in tests_in(condition):
            tests_of.setdefault(test.name, {})[test] = None
    return {name: _table(words.variables[name], tuple(tests), words) for name, tests in tests_of.items()}


def _table(variable: Variable, tests: tuple[Test, ...], words: Vocabulary) -> Table:
    distinct: dict[tuple[bool, ...], Class] = {}
    ranges = isinstance(variable.kind, WholeNumber | Day)
    every: list[tuple[Class, tuple[bool, ...]]] = []
    for each in _classes(variable, tests):
        engine = StockEngine(words, {variable.name: each.representative})
        answers = tuple(engine.status(test) is Status.MET for test in tests)
        if ranges or answers not in distinct:
            distinct.setdefault(answers, each)
            every.append((each, answers))
    by_test = {test: tuple(answers[place] for _, answers in every) for place, test in enumerate(tests)}
    return Table(variable, tuple(each for each, _ in every), by_test)


def _classes(variable: Variable, tests: tuple[Test, ...]) -> Iterator[Class]:
    kind = variable.kind
    if isinstance(kind, Choice):
        yield from map(Class, kind.options)
    elif isinstance(kind, YesNo):
        yield from map(Class, (False, True))
    elif isinstance(kind, ChoiceSet):
        for size in range(len(kind.options) + 1):
            yield from (Class(frozenset(chosen)) for chosen in combinations(kind.options, size))
    elif isinstance(kind, WholeNumber):
        constants = [test.value for test in tests if isinstance(test.value, int)]
        yield from _ranges(kind.lowest, kind.highest, constants, int)
    elif isinstance(kind, Day):
        days = [date.fromisoformat(test.value).toordinal() for test in tests if isinstance(test.value, str)]
        yield from _ranges(kind.earliest.toordinal(), kind.latest.toordinal(), days, date.fromordinal)


def _ranges(lowest: int, highest: int, constants: list[int], value: Callable[[int], Any]) -> Iterator[Class]:
    """Each constant, and the gaps between constants."""
    starts = {lowest} | {cut for each in constants for cut in (each, each + 1) if lowest <= cut <= highest}
    firsts = sorted(starts)
    for first, following in zip(firsts, [*firsts[1:], highest + 1], strict=True):
        yield Class(value(first), value(first), value(following - 1))


def witness(conditions: tuple[Condition, ...], words: Vocabulary) -> dict[str, Any] | None:
    """Facts with which all of the conditions are met (a class representative for each variable they read), or None.

    Derived variables are exact as long as each is worked out from parts of its own.
    """
    known = tables(conditions, words)
    names = sorted(known, key=lambda name: len(known[name].classes))
    return _search(conditions, known, names, {})


def _search(
    conditions: tuple[Condition, ...], known: dict[str, Table], names: list[str], chosen: dict[str, int]
) -> dict[str, Any] | None:
    statuses = [_status(condition, known, chosen) for condition in conditions]
    if Status.NOT_MET in statuses or not _possible(known, chosen):
        return None
    if all(status is Status.MET for status in statuses):
        return {name: known[name].classes[code].representative for name, code in chosen.items()}
    name = next(name for name in names if name not in chosen)
    for code in range(len(known[name].classes)):
        found = _search(conditions, known, names, {**chosen, name: code})
        if found is not None:
            return found
    return None


def _status(condition: Condition, known: dict[str, Table], chosen: dict[str, int]) -> Status:
    if isinstance(condition, Test):
        code = chosen.get(condition.name)
        if code is None:
            return Status.UNKNOWN
        return Status.MET if known[condition.name].answers[condition][code] else Status.NOT_MET
    parts = (_status(part, known, chosen) for part in condition.parts)
    return all_of(parts) if hasattr(condition, "all") else any_of(parts)


def _possible(known: dict[str, Table], chosen: dict[str, int]) -> bool:
    """Whether the classes chosen for derived variables can come about with those chosen for their parts."""
    for name, code in chosen.items():
        derived = known[name].variable.derived
        if derived is None:
            continue
        each = known[name].classes[code]
        ends = [
            (known[part].classes[chosen[part]].first, known[part].classes[chosen[part]].last)
            if part in chosen
            else None
            for part in derived.parts
        ]
        if None in ends:
            continue
        (first_low, first_high), (second_low, second_high) = (end for end in ends if end is not None)
        if isinstance(derived, Sum):
            lowest, highest = first_low + second_low, first_high + second_high
        elif isinstance(derived, CompletedYears):
            lowest, highest = derived.value(first_high, second_low), derived.value(first_low, second_high)
        else:
            continue
        if highest < each.first or each.last < lowest:
            return False
    return True
