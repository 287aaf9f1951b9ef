"""Classes and tables of a revision, tabulated from the stock engine.

A test compares one variable with a constant, so the constants of all tests cut its domain into classes within which no
test can tell two values apart. A table holds each test's answer for each class. Code 0 is the class *missing*.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from typing import Any

from medpolicy.evaluate.engine import StockEngine
from medpolicy.evaluate.status import Status
from medpolicy.language.condition import Condition, Test
from medpolicy.language.request import Variable
from medpolicy.language.vocabulary import Vocabulary
from medpolicy.language.walk import tests_in

MISSING = 0
_STATUS_OF = (Status.NOT_MET, Status.MET)


@dataclass(frozen=True)
class Class:
    """Values of one variable on which all tests agree: one of them, and either all of them or the first and last."""

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
        kind = self.variable.kind
        return bisect_right(self._firsts, kind.index(value)) if kind.ordered else self._members[value]

    def statuses(self, test: Test) -> tuple[Status, ...]:
        """A test's status for each code."""
        return (Status.UNKNOWN, *map(_STATUS_OF.__getitem__, self.answers[test]))

    def ranges(self, codes: Collection[int]) -> list[tuple[Any, Any]]:
        """The first and last value of each run of neighbouring classes among these; *missing* is left out."""
        firsts = [code for code in sorted(codes) if code != MISSING and (code - 1 == MISSING or code - 1 not in codes)]
        lasts = [code for code in sorted(codes) if code != MISSING and code + 1 not in codes]
        ends = zip(firsts, lasts, strict=True)
        return [(self.classes[first - 1].first, self.classes[last - 1].last) for first, last in ends]

    @cached_property
    def _firsts(self) -> list[int]:
        return [self.variable.kind.index(known.first) for known in self.classes]

    @cached_property
    def _members(self) -> dict[Any, int]:
        return {member: code for code, known in enumerate(self.classes, 1) for member in known.members}


def tables(conditions: Iterable[Condition], vocabulary: Vocabulary) -> dict[str, Table]:
    """A table for each variable that conditions read, and for each part of a derived one, by name.

    They stand in the order in which the variables are declared.
    """
    tests_of: dict[str, dict[Test, None]] = {}
    for condition in conditions:
        for test in tests_in(condition):
            tests_of.setdefault(test.name, {})[test] = None
    for name in list(tests_of):
        for part in vocabulary.variables[name].parts:
            tests_of.setdefault(part, {})
    return {
        name: _table(variable, tuple(tests_of[name]), vocabulary)
        for name, variable in vocabulary.variables.items()
        if name in tests_of
    }


def _table(variable: Variable, tests: tuple[Test, ...], vocabulary: Vocabulary) -> Table:
    """Run the engine's own operator over representatives, and join classes that all tests agree on."""
    if variable.kind.ordered:
        return _ordered(variable, tests, vocabulary)
    members: dict[tuple[bool, ...], list[Any]] = {}
    for value in variable.kind.values():
        members.setdefault(_answers(value, variable, tests, vocabulary), []).append(value)
    by_test = {test: tuple(answers[index] for answers in members) for index, test in enumerate(tests)}
    return Table(variable, tuple(Class(values[0], tuple(values)) for values in members.values()), by_test)


def _answers(value: Any, variable: Variable, tests: Iterable[Test], vocabulary: Vocabulary) -> tuple[bool, ...]:
    engine = StockEngine(vocabulary, {}, {variable.name: value})
    return tuple(engine.holds(test) for test in tests)


def _ordered(variable: Variable, tests: tuple[Test, ...], vocabulary: Vocabulary) -> Table:
    """The classes are the ranges within which no test changes its answer; each test is asked below, at and above its constant."""
    kind = variable.kind
    asked: dict[Test, dict[int, bool]] = {}
    for test in tests:
        cut = kind.index(kind.typed(test.value))
        starts = [0, *(index for index in (cut, cut + 1) if 0 < index < kind.size)]
        asked[test] = {index: _answers(kind.value(index), variable, (test,), vocabulary)[0] for index in starts}
    changes = {
        start
        for answers in asked.values()
        for (_, before), (start, after) in pairwise(answers.items())
        if after is not before
    }
    firsts = sorted({0} | changes)
    ends = [*firsts[1:], kind.size]
    ranges = [(kind.value(first), kind.value(end - 1)) for first, end in zip(firsts, ends, strict=True)]
    by_test = {test: _for_each_class(answers, firsts) for test, answers in asked.items()}
    return Table(variable, tuple(Class(first, (), first, last) for first, last in ranges), by_test)


def _for_each_class(answers: Mapping[int, bool], firsts: list[int]) -> tuple[bool, ...]:
    """A test's answer for each class, from its answers by the first index that has them."""
    ends = [*(bisect_left(firsts, start) for start in answers), len(firsts)][1:]
    spread: list[bool] = []
    for answer, end in zip(answers.values(), ends, strict=True):
        spread += [answer] * (end - len(spread))
    return tuple(spread)
