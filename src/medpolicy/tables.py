"""Classes and tables of a revision, tabulated from the stock engine.

A test compares one variable with a constant, so the constants of all tests cut its domain into classes within which no
test can tell two values apart. A table holds each test's answer for each class. Code 0 is the class *missing*.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from itertools import combinations
from typing import Any

from medpolicy.engine import StockEngine
from medpolicy.fields import Choice, ChoiceSet, Day, WholeNumber, YesNo
from medpolicy.request import Variable
from medpolicy.revision import Condition, Test, tests_in
from medpolicy.status import Status
from medpolicy.vocabulary import Vocabulary

MISSING = 0


@dataclass(frozen=True)
class Class:
    """Values of one variable that no test tells apart: one of them, and either all of them or the first and last."""

    representative: Any
    members: tuple[Any, ...] = ()
    first: Any = None
    last: Any = None


@dataclass(frozen=True)
class Table:
    """A variable's classes and, for each of its tests, the answer for each class; codes count classes from 1."""

    variable: Variable
    classes: tuple[Class, ...]
    answers: Mapping[Test, tuple[bool, ...]]

    def __len__(self) -> int:
        """The number of codes, *missing* included."""
        return len(self.classes) + 1

    def code(self, value: Any) -> int:
        """The code of a value of the domain, 0 for None."""
        if value is None:
            return MISSING
        return bisect_right(self._firsts, value) if self._firsts else self._members[value]

    def statuses(self, test: Test) -> tuple[Status, ...]:
        """A test's status for each code."""
        return (Status.UNKNOWN, *(Status.MET if answer else Status.NOT_MET for answer in self.answers[test]))

    @cached_property
    def _firsts(self) -> list[Any]:
        return [each.first for each in self.classes if each.first is not None]

    @cached_property
    def _members(self) -> dict[Any, int]:
        return {member: code for code, each in enumerate(self.classes, 1) for member in each.members}


def tables(conditions: Iterable[Condition], words: Vocabulary) -> dict[str, Table]:
    """A table for each variable that conditions read, and for each part of a derived one, by name.

    They stand in the order in which the variables are declared.
    """
    tests_of: dict[str, dict[Test, None]] = {}
    for condition in conditions:
        for test in tests_in(condition):
            tests_of.setdefault(test.name, {})[test] = None
    for name in list(tests_of):
        for part in words.variables[name].parts:
            tests_of.setdefault(part, {})
    return {
        name: _table(each, tuple(tests_of[name]), words) for name, each in words.variables.items() if name in tests_of
    }


def _table(variable: Variable, tests: tuple[Test, ...], words: Vocabulary) -> Table:
    """Run the engine's own operator over a representative of each class, and join classes that all tests agree on."""
    answered = [(each, _answers(each.representative, variable, tests, words)) for each in _classes(variable, tests)]
    joined: list[tuple[Class, tuple[bool, ...]]] = []
    if isinstance(variable.kind, WholeNumber | Day):
        for each, answers in answered:
            if joined and joined[-1][1] == answers:
                before = joined[-1][0]
                joined[-1] = Class(before.representative, (), before.first, each.last), answers
            else:
                joined.append((each, answers))
    else:
        members: dict[tuple[bool, ...], list[Any]] = {}
        for each, answers in answered:
            members.setdefault(answers, []).append(each.representative)
        joined = [(Class(values[0], tuple(values)), answers) for answers, values in members.items()]
    by_test = {test: tuple(answers[place] for _, answers in joined) for place, test in enumerate(tests)}
    return Table(variable, tuple(each for each, _ in joined), by_test)


def _answers(value: Any, variable: Variable, tests: tuple[Test, ...], words: Vocabulary) -> tuple[bool, ...]:
    engine = StockEngine(words, {}, {variable.name: value})
    return tuple(engine.holds(test) for test in tests)


def _classes(variable: Variable, tests: tuple[Test, ...]) -> Iterator[Class]:
    """The finest classes: each option, each set of options, each constant and each gap between constants."""
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
    starts = {lowest} | {cut for each in constants for cut in (each, each + 1) if lowest <= cut <= highest}
    firsts = sorted(starts)
    for first, following in zip(firsts, [*firsts[1:], highest + 1], strict=True):
        yield Class(value(first), (), value(first), value(following - 1))
