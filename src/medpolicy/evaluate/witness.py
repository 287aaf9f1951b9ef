"""A request that meets several conditions at once, or the proof that there is none."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from typing import Any, NamedTuple

from medpolicy.evaluate.conditions import Conditions, Node
from medpolicy.evaluate.status import Status
from medpolicy.evaluate.tables import MISSING, Class, tables
from medpolicy.language.fields import Choice, ChoiceSet, CompletedYears, Derived, YesNo
from medpolicy.language.revision import Condition, Test
from medpolicy.language.vocabulary import Vocabulary
from medpolicy.language.walk import tests_in

MOST_STEPS = 2_000_000
"""How many look-ups of a variable's class the questions to one search may take together."""
MOST_ANSWERS = 200_000
"""How many answers of the stock engine the tables of a search may need."""


class Settled(dict[str, int]):
    """The class code of each variable that is settled; any other counts as missing."""

    def __missing__(self, _: str) -> int:
        return MISSING


class GaveUp(Exception):
    """A search would take more work than allowed; its answer is unknown."""


class Search:
    """A search for requests that meet several of `conditions` at once; raises `GaveUp` where the tables would take too much work."""

    def __init__(self, conditions: Iterable[Condition], vocabulary: Vocabulary) -> None:
        conditions = list(conditions)
        if _answers_needed(conditions, vocabulary) > MOST_ANSWERS:
            raise GaveUp
        self._vocabulary = vocabulary
        self._tables = tables(conditions, vocabulary)
        trees = Conditions(self._tables)
        self._conditions = [trees.of(condition) for condition in conditions]
        self._look_ups = {condition: sum(1 for _ in condition.leaves()) for condition in self._conditions}
        self._left = MOST_STEPS

    def witness(self, *indexes: int) -> dict[str, Any] | None:
        """Facts with which all conditions at the given indexes are met, or None; raises `GaveUp` after too many steps.

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
            every = range(1, len(self._tables[name]))
            live[name] = [code for code in every if self._may_be(conditions, Settled({**codes, name: code}))]
        name = min(sorted(live), key=lambda variable: len(live[variable]))
        for code in live[name]:
            found = self._settled(conditions, Settled({**codes, name: code}))
            if found is not None:
                return found
        return None

    def _may_be(self, conditions: list[Node], codes: Settled) -> bool:
        return Status.NOT_MET not in self._statuses(conditions, codes) and self._possible(codes)

    def _statuses(self, conditions: list[Node], codes: Settled) -> list[Status]:
        self._left -= sum(self._look_ups[condition] for condition in conditions) + len(codes)
        if self._left < 0:
            raise GaveUp
        return [condition.status(codes) for condition in conditions]

    def _possible(self, codes: Settled) -> bool:
        """Whether one request can have values of all these classes: sums, years and the order of days permit it."""
        for name, code in codes.items():
            derived = self._tables[name].variable.derived
            if derived is not None:
                lowest, highest = _Path.of(derived, *self._ranges(derived.parts, codes)).ends
                wanted = self._tables[name].classes[code - 1]
                if highest < wanted.first or wanted.last < lowest:
                    return False
        return all(before.first <= after.last for before, after in self._in_order(codes))

    def _in_order(self, codes: Settled) -> Iterator[tuple[Class, Class]]:
        for pair in self._vocabulary.request.earlier:
            if all(name in codes for name in pair):
                before, after = self._ranges(pair, codes)
                yield before, after

    def _ranges(self, names: Iterable[str], codes: Settled) -> list[Class]:
        """The class of each variable, or its whole domain where it is not settled."""
        return [
            self._tables[name].classes[codes[name] - 1] if name in codes else _domain(self._vocabulary, name)
            for name in names
        ]

    def _facts(self, codes: Settled) -> dict[str, Any]:
        """A value of each class, chosen so that derived variables follow from their parts."""
        facts = {name: self._tables[name].classes[code - 1].representative for name, code in codes.items()}
        for before, after in self._vocabulary.request.earlier:
            if before in codes and after in codes:
                facts[after] = self._ranges([after], codes)[0].last
        for name, code in codes.items():
            derived = self._tables[name].variable.derived
            if derived is not None:
                path = _Path.of(derived, *self._ranges(derived.parts, codes))
                parts = path.first_reaching(self._tables[name].classes[code - 1].first)
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
    if isinstance(kind, ChoiceSet):
        return 1 << len(kind.options)
    if isinstance(kind, Choice):
        return len(kind.options)
    return 2 if isinstance(kind, YesNo) else 2 * tests + 1


def _domain(vocabulary: Vocabulary, name: str) -> Class:
    kind: Any = vocabulary.variables[name].kind
    lowest, highest = (kind.earliest, kind.latest) if hasattr(kind, "earliest") else (kind.lowest, kind.highest)
    return Class(lowest, (), lowest, highest)


class _Path(NamedTuple):
    """Pairs of values of two parts, in steps of one, along which the derived value rises by one at the most."""

    derived: Derived
    first: Class
    second: Class

    @classmethod
    def of(cls, derived: Derived, first: Class, second: Class) -> _Path:
        if isinstance(derived, CompletedYears):  # the later the start, the fewer years
            first = Class(first.representative, (), first.last, first.first)
        return cls(derived, first, second)

    @property
    def ends(self) -> tuple[int, int]:
        return self.derived.value(self.first.first, self.second.first), self.derived.value(
            self.first.last, self.second.last
        )

    def first_reaching(self, value: int) -> tuple[Any, Any]:
        """The first pair whose derived value is no less than `value`."""
        steps = abs(_distance(self.first)) + abs(_distance(self.second))
        return self._pair(bisect_left(range(steps), value, key=lambda step: self.derived.value(*self._pair(step))))

    def _pair(self, step: int) -> tuple[Any, Any]:
        distance = _distance(self.first)
        sign = 1 if distance >= 0 else -1
        along = min(step, abs(distance))
        return _moved(self.first.first, sign * along), _moved(self.second.first, step - along)


def _distance(range_: Class) -> int:
    distance = range_.last - range_.first
    return distance.days if isinstance(distance, timedelta) else int(distance)


def _moved(value: Any, by: int) -> Any:
    return value + timedelta(by) if isinstance(value, date) else value + by
