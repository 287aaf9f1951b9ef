"""A revision with its tables: verdicts from the class codes of a request, without running an operator."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import accumulate
from operator import getitem, itemgetter, mul
from typing import Any

from medpolicy.evaluate.conditions import Conditions, Node, missing_facts
from medpolicy.evaluate.decide import Decider
from medpolicy.evaluate.status import Status
from medpolicy.evaluate.tables import MISSING, Table, tables
from medpolicy.language.determination import Verdict

MOST_REMEMBERED = 1 << 16


@dataclass(frozen=True)
class Compiled:
    """A revision with its tables, and its conditions as trees over their codes."""

    decider: Decider

    @cached_property
    def tables(self) -> Mapping[str, Table]:
        """The tables of all variables that the revision reads, in the order of declaration."""
        return tables(self.decider.conditions.values(), self.decider.vocabulary)

    @cached_property
    def conditions(self) -> Mapping[str, Node]:
        """The tree of each condition, by the id of its pathway, criterion or flag."""
        conditions = Conditions(self.tables)
        return {id: conditions.of(condition) for id, condition in self.decider.conditions.items()}

    def codes(self, facts: Mapping[str, Any]) -> dict[str, int]:
        """The class codes of one request's facts."""
        return {name: table.code(facts[name]) for name, table in self.tables.items()}

    def verdict(self, facts: Mapping[str, Any]) -> Verdict:
        """The verdict on one request's facts; requests with the same class codes share one object."""
        key = sum(map(getitem, self._parts.values(), self._read(facts)))
        found = self._verdicts.get(key)
        if found is None:
            found = self.decider.verdict(CodedStatuses(self, self.codes(facts)))
            if len(self._verdicts) >= MOST_REMEMBERED:
                self._verdicts.clear()
            self._verdicts[key] = found
        return found

    def remembered(self, key: int) -> Verdict | None:
        """The verdict kept under a key."""
        return self._verdicts.get(key)

    def part(self, name: str, value: Any) -> int:
        """What a value of a variable adds to the key of a request: 0 where no rule reads the variable."""
        parts = self._parts.get(name)
        return 0 if parts is None else parts[value]

    @cached_property
    def _verdicts(self) -> dict[int, Verdict]:
        return {}

    @cached_property
    def _read(self) -> Callable[[Mapping[str, Any]], Sequence[Any]]:
        """Reads the facts that the tables need, in their order, and one more: with one name `itemgetter` gives no sequence."""
        return itemgetter(*self.tables, "request_id")

    @cached_property
    def _parts(self) -> Mapping[str, KeyParts]:
        strides = accumulate((len(table) for table in self.tables.values()), mul, initial=1)
        tables = zip(self.tables.items(), strides, strict=False)
        return {name: KeyParts(table, stride) for (name, table), stride in tables}


class KeyParts(dict[Any, int]):
    """What each value of a variable adds to the key of a request: its class code times the stride of the variable."""

    def __init__(self, table: Table, stride: int) -> None:
        super().__init__({None: MISSING})
        self._table = table
        self._stride = stride

    def __missing__(self, value: Any) -> int:
        part = self._table.code(value) * self._stride
        if len(self) < MOST_REMEMBERED:
            self[value] = part
        return part


@dataclass(frozen=True)
class CodedStatuses:
    """The statuses of a revision's conditions for one request, from its class codes."""

    compiled: Compiled
    codes: Mapping[str, int]

    def status(self, id: str) -> Status:
        """Whether the condition of a pathway (*applies*), criterion or flag is met, not met, or open."""
        return self.compiled.conditions[id].status(self.codes)

    def missing(self, id: str) -> frozenset[str]:
        """The given facts that are missing and keep that condition open."""
        return missing_facts(self.compiled.conditions[id], self.codes, self.compiled.decider.vocabulary)
