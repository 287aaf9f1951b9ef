"""A request that meets several conditions at once, or the proof that there is none."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Iterator
from typing import Any

from medpolicy.evaluate.conditions import Node, Trees
from medpolicy.evaluate.status import Status
from medpolicy.evaluate.tables import MISSING, Class, tables
from medpolicy.language.condition import Condition, Test
from medpolicy.language.fields import Derived, Kind
from medpolicy.language.vocabulary import Vocabulary
from medpolicy.language.walk import tests_in

MOST_STEPS = 2_000_000
"""How many look-ups of a class all questions to one search may take together."""
MOST_ANSWERS = 200_000
"""How many answers of the stock engine the tables of a search may need."""


class Settled(dict[str, int]):
    """The class code of each settled variable; all others count as missing."""

    def __missing__(self, _: str) -> int:
        return MISSING


class TooMuchWork(Exception):
    """A search would take more work than allowed; its answer is unknown."""


class Search:
    """A search for requests that meet several of `conditions` at once.

    Raises `TooMuchWork` where the tables would take too much work.
    """

    def __init__(self, conditions: Iterable[Condition], vocabulary: Vocabulary) -> None:
        conditions = list(conditions)
        if _answers_needed(conditions, vocabulary) > MOST_ANSWERS:
            raise TooMuchWork
        self._vocabulary = vocabulary
        self._tables = tables(conditions, vocabulary)
        trees = Trees(self._tables)
        self._conditions = [trees.of(condition) for condition in conditions]
        self._look_ups = {condition: sum(1 for _ in condition.leaves()) for condition in self._conditions}
        self._remaining = MOST_STEPS

    def witness(self, *indexes: int) -> dict[str, Any] | None:
        """Facts with which all conditions at the given indexes are met, or None; raises `TooMuchWork` after too many steps.

        Derived variables are exact as long as no two of them share a part.
        """
        codes = self._settled([self._conditions[index] for index in indexes], Settled())
        return None if codes is None else self._facts(codes)

    def _settled(self, conditions: list[Node], codes: Settled) -> Settled | None:
        """The given codes with others added, such that all conditions are met, or None."""
        statuses = self._statuses(conditions, codes)
        if Status.NOT_MET in statuses or not self._possible(codes):
            return None
        if all(status is Status.MET for status in statuses):
            return codes
        live: dict[str, list[int]] = {}
        for name in frozenset[str]().union(*(condition.open_names(codes) for condition in conditions)):
            known = range(1, len(self._tables[name]))
            live[name] = [code for code in known if self._may_be(conditions, Settled({**codes, name: code}))]
        name = min(sorted(live), key=lambda variable: len(live[variable]))
        for code in live[name]:
            found = self._settled(conditions, Settled({**codes, name: code}))
            if found is not None:
                return found
        return None

    def _may_be(self, conditions: list[Node], codes: Settled) -> bool:
        return Status.NOT_MET not in self._statuses(conditions, codes) and self._possible(codes)

    def _statuses(self, conditions: list[Node], codes: Settled) -> list[Status]:
        self._remaining -= sum(self._look_ups[condition] for condition in conditions) + len(codes)
        if self._remaining < 0:
            raise TooMuchWork
        return [condition.status(codes) for condition in conditions]

    def _possible(self, codes: Settled) -> bool:
        """Whether one request can have values of all these classes, given derived variables and the order of days."""
        for name, code in codes.items():
            derived = self._tables[name].variable.derived
            if derived is not None:
                path = self._path(derived, codes)
                wanted = self._tables[name].classes[code - 1]
                if path.highest < wanted.first or wanted.last < path.lowest:
                    return False
        return all(before.first <= after.last for before, after in self._in_order(codes))

    def _in_order(self, codes: Settled) -> Iterator[tuple[Class, Class]]:
        for pair in self._vocabulary.request.earlier:
            if all(name in codes for name in pair):
                before, after = self._ranges(pair, codes)
                yield before, after

    def _ranges(self, names: Iterable[str], codes: Settled) -> list[Class]:
        """The class of each variable, or its whole domain where it has none yet."""
        return [
            self._tables[name].classes[codes[name] - 1] if name in codes else _domain(self._vocabulary, name)
            for name in names
        ]

    def _path(self, derived: Derived, codes: Settled) -> _Path:
        kinds = [self._vocabulary.variables[name].kind for name in derived.parts]
        return _Path(derived, kinds, self._ranges(derived.parts, codes))

    def _facts(self, codes: Settled) -> dict[str, Any]:
        """A value of each class, chosen so that derived variables follow from their parts."""
        facts = {name: self._tables[name].classes[code - 1].representative for name, code in codes.items()}
        for before, after in self._vocabulary.request.earlier:
            if before in codes and after in codes:
                facts[after] = self._ranges([after], codes)[0].last
        for name, code in codes.items():
            derived = self._tables[name].variable.derived
            if derived is not None:
                parts = self._path(derived, codes).first_reaching(self._tables[name].classes[code - 1].first)
                facts |= dict(zip(derived.parts, parts, strict=True)) | {name: derived.value(*parts)}
        return facts


def _answers_needed(conditions: Iterable[Condition], vocabulary: Vocabulary) -> int:
    """About how many answers of the stock engine the tables of conditions need: one for each test and class."""
    tests_of: dict[str, set[Test]] = {}
    for condition in conditions:
        for test in tests_in(condition):
            tests_of.setdefault(test.name, set()).add(test)
    return sum(len(tests) * _classes(vocabulary, name, len(tests)) for name, tests in tests_of.items())


def _classes(vocabulary: Vocabulary, name: str, tests: int) -> int:
    kind = vocabulary.variables[name].kind
    return 2 * tests + 1 if kind.ordered else kind.size


def _domain(vocabulary: Vocabulary, name: str) -> Class:
    kind = vocabulary.variables[name].kind
    return Class(kind.lowest, (), kind.lowest, kind.highest)


class _Path:
    """Pairs of values of two parts, in steps of one, along which the derived value rises by at most one.

    The first part moves from the end of its class with the lowest derived value to the other end, then the second part.
    """

    def __init__(self, derived: Derived, kinds: Iterable[Kind], classes: Iterable[Class]) -> None:
        self._derived = derived
        self._parts: list[tuple[Kind, range]] = []
        for kind, values, rises in zip(kinds, classes, derived.rises_with, strict=True):
            first, last = kind.index(values.first), kind.index(values.last)
            self._parts.append((kind, range(first, last + 1) if rises else range(last, first - 1, -1)))
        self._steps = sum(len(indexes) - 1 for _, indexes in self._parts)
        self.lowest, self.highest = self._value(0), self._value(self._steps)

    def first_reaching(self, value: int) -> list[Any]:
        """The first pair whose derived value is at least `value`."""
        return self._pair(bisect_left(range(self._steps), value, key=self._value))

    def _value(self, step: int) -> int:
        return self._derived.value(*self._pair(step))

    def _pair(self, step: int) -> list[Any]:
        values = []
        for kind, indexes in self._parts:
            moved = min(step, len(indexes) - 1)
            step -= moved
            values.append(kind.value(indexes[moved]))
        return values
