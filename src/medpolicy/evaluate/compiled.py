"""A revision on its tables: from the class codes of a request to the statuses of its conditions, without any operator."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import accumulate
from operator import getitem, itemgetter, mul
from typing import Any

from medpolicy.evaluate.decide import Decider
from medpolicy.evaluate.status import Status, all_of, any_of
from medpolicy.evaluate.tables import MISSING, Table, tables
from medpolicy.language.determination import Verdict
from medpolicy.language.revision import All, Condition, Test

MOST_REMEMBERED = 1 << 16


@dataclass(frozen=True)
class Leaf:
    """A part of a condition that reads one variable: its status for each code of that variable."""

    name: str
    statuses: tuple[Status, ...]

    def status(self, codes: Mapping[str, int]) -> Status:
        """The status for a request's codes."""
        return self.statuses[codes[self.name]]

    def open_names(self, codes: Mapping[str, int]) -> frozenset[str]:
        """The variable, where the part is open."""
        return frozenset((self.name,)) if self.status(codes) is Status.UNKNOWN else frozenset()

    @property
    def names(self) -> frozenset[str]:
        """The variables it reads."""
        return frozenset((self.name,))


@dataclass(frozen=True)
class Group:
    """`all` or `any` of parts that read several variables."""

    holds_when_all: bool
    parts: tuple[Leaf | Group, ...]

    def status(self, codes: Mapping[str, int]) -> Status:
        """The status for a request's codes."""
        statuses = [part.status(codes) for part in self.parts]
        return min(statuses) if self.holds_when_all else max(statuses)

    def open_names(self, codes: Mapping[str, int]) -> frozenset[str]:
        """The variables of open tests, down through open parts."""
        if self.status(codes) is not Status.UNKNOWN:
            return frozenset()
        return frozenset().union(*(part.open_names(codes) for part in self.parts))

    @property
    def names(self) -> frozenset[str]:
        """The variables it reads."""
        return frozenset().union(*(part.names for part in self.parts))


@dataclass(frozen=True)
class Compiled:
    """A revision's tables, and each of its conditions over their codes."""

    decider: Decider

    @cached_property
    def tables(self) -> Mapping[str, Table]:
        """The tables of all variables that the revision reads, in the order of declaration."""
        return tables(self.decider.conditions.values(), self.decider.vocabulary)

    @cached_property
    def conditions(self) -> Mapping[str, Leaf | Group]:
        """Each condition over the codes, by the id of its pathway, criterion or flag."""
        return {id: compile_condition(each, self.tables) for id, each in self.decider.conditions.items()}

    def codes(self, facts: Mapping[str, Any]) -> dict[str, int]:
        """The class codes of one request's facts."""
        return {name: table.code(facts[name]) for name, table in self.tables.items()}

    def verdict(self, facts: Mapping[str, Any]) -> Verdict:
        """The verdict on one request's facts; requests with the same codes share it."""
        key = sum(map(getitem, self._places, self._read(facts)))
        found = self._verdicts.get(key)
        if found is None:
            found = self.decider.verdict(CodedStatuses(self, self.codes(facts)))
            if len(self._verdicts) >= MOST_REMEMBERED:
                self._verdicts.clear()
            self._verdicts[key] = found
        return found

    def remembered(self, key: int) -> Verdict | None:
        """The verdict that a key led to before."""
        return self._verdicts.get(key)

    def part(self, name: str, value: Any) -> int:
        """What a value of a variable adds to the key of a request; nothing where no rule reads the variable."""
        places = self._places_by_name.get(name)
        return 0 if places is None else places[value]

    @cached_property
    def _places_by_name(self) -> Mapping[str, Places]:
        return dict(zip(self.tables, self._places, strict=True))

    @cached_property
    def _verdicts(self) -> dict[int, Verdict]:
        return {}

    @cached_property
    def _read(self) -> Callable[[Mapping[str, Any]], Sequence[Any]]:
        """All facts that the tables need, in their order (one more, so that it is always a sequence)."""
        return itemgetter(*self.tables, "request_id")

    @cached_property
    def _places(self) -> tuple[Places, ...]:
        strides = accumulate((len(table) for table in self.tables.values()), mul, initial=1)
        return tuple(Places(table, stride) for table, stride in zip(self.tables.values(), strides, strict=False))


class Places(dict[Any, int]):
    """What each value of a variable adds to the key of a request: its class code, times the stride of the variable."""

    def __init__(self, table: Table, stride: int) -> None:
        super().__init__({None: MISSING})
        self._table = table
        self._stride = stride

    def __missing__(self, value: Any) -> int:
        place = self._table.code(value) * self._stride
        if len(self) < MOST_REMEMBERED:
            self[value] = place
        return place


@dataclass(frozen=True)
class CodedStatuses:
    """The statuses of one request's conditions, from its class codes."""

    compiled: Compiled
    codes: Mapping[str, int]

    def status(self, id: str) -> Status:
        """Whether the condition of a pathway (*applies*), criterion or flag is met, not met, or open."""
        return self.compiled.conditions[id].status(self.codes)

    def missing(self, id: str) -> frozenset[str]:
        """The missing facts in that condition's open tests."""
        variables = self.compiled.decider.vocabulary.variables
        names = self.compiled.conditions[id].open_names(self.codes)
        return frozenset(part for name in names for part in variables[name].parts if self.codes[part] == MISSING)


def compile_condition(condition: Condition, known: Mapping[str, Table]) -> Leaf | Group:
    """A condition over class codes; whatever reads one variable becomes one leaf."""
    if isinstance(condition, Test):
        return Leaf(condition.name, known[condition.name].statuses(condition))
    return _grouped(isinstance(condition, All), [compile_condition(part, known) for part in condition.parts])


def _grouped(holds_when_all: bool, parts: Sequence[Leaf | Group]) -> Leaf | Group:
    """Parts of a group: inner groups of the same kind dissolved, leaves of one variable joined."""
    flat: list[Leaf | Group] = []
    for part in parts:
        same = isinstance(part, Group) and part.holds_when_all == holds_when_all
        flat += part.parts if isinstance(part, Group) and same else (part,)
    combine = all_of if holds_when_all else any_of
    columns: dict[str, list[tuple[Status, ...]]] = {}
    for part in flat:
        if isinstance(part, Leaf):
            columns.setdefault(part.name, []).append(part.statuses)
    leaves = [
        Leaf(name, each[0] if len(each) == 1 else tuple(map(combine, zip(*each, strict=True))))
        for name, each in columns.items()
    ]
    joined: tuple[Leaf | Group, ...] = (*leaves, *(part for part in flat if isinstance(part, Group)))
    return joined[0] if len(joined) == 1 else Group(holds_when_all, joined)
