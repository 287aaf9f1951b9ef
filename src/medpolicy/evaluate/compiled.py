"""A revision with its tables: verdicts from the clause bits of a request, without running an operator."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property, reduce
from itertools import compress
from operator import or_
from typing import Any, TypeVar

from medpolicy.evaluate.clauses import Clauses
from medpolicy.evaluate.conditions import Node, Trees, missing_facts
from medpolicy.evaluate.decide import Decider
from medpolicy.evaluate.status import Status
from medpolicy.evaluate.tables import Table, tables
from medpolicy.evaluate.written_bits import of_bits, of_planes
from medpolicy.evaluate.written_out import Ruled, WrittenOut
from medpolicy.language.determination import Verdict

MOST_REMEMBERED = 1 << 16
Key = TypeVar("Key")
Value = TypeVar("Value")


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
        conditions = Trees(self.tables)
        return {id: conditions.of(condition) for id, condition in self.decider.conditions.items()}

    def codes(self, facts: Mapping[str, Any]) -> dict[str, int]:
        """The class codes of one request's facts."""
        return {name: table.code(facts[name]) for name, table in self.tables.items()}

    @cached_property
    def clauses(self) -> Clauses:
        """The clause bits of the revision."""
        return Clauses(self.decider.revision, self.decider.vocabulary, self.tables, self.conditions)

    def verdict(self, facts: Mapping[str, Any]) -> Verdict:
        """The verdict on one request's facts."""
        codes = self.codes(facts)
        bits = reduce(or_, (self.clauses.bits[name][code] for name, code in codes.items()), 0)
        return self.verdicts[bits & self.relevant[bits & self.clauses.applies]]

    @cached_property
    def relevant(self) -> Remembered[int, int]:
        """The bits that a verdict depends on, by those that say which pathways are ruled out."""
        return Remembered(self.clauses.relevant, MOST_REMEMBERED)

    @cached_property
    def verdicts(self) -> Remembered[int, Verdict]:
        """The verdict by the relevant bits of a request."""
        return Remembered(lambda bits: self._shared[self._ruling.truths(bits)], self.most_verdicts)

    @cached_property
    def _shared(self) -> Remembered[Ruled, Verdict]:
        """Equal verdicts are one object."""
        return Remembered(self._verdict, self.most_verdicts)

    def _verdict(self, truths: Ruled) -> Verdict:
        about = self._ruling.about
        statuses = {
            id: Status.MET if met else Status.UNKNOWN if possible else Status.NOT_MET
            for id, met, possible in zip(about.met, truths.met, truths.possible, strict=True)
        }
        return self.decider.ruled(about, truths, statuses, compress(about.missing, truths.missing))

    @cached_property
    def most_verdicts(self) -> int:
        """How many verdicts are kept: their lists of criteria take some 32 MiB at the most."""
        criteria = sum(1 for _ in self.decider.revision.criteria())
        return min(MOST_REMEMBERED, (1 << 22) // (criteria + 1))

    @cached_property
    def _ruling(self) -> WrittenOut:
        return of_bits(self.clauses)

    @cached_property
    def ruling_of_many(self) -> WrittenOut:
        """The ruling of many requests at once."""
        return of_planes(self.clauses)


class Remembered(dict[Key, Value]):
    """What a function makes of each key. All of it is forgotten when there are too many."""

    def __init__(self, make: Callable[[Key], Value], most: int) -> None:
        super().__init__()
        self._make = make
        self._most = most

    def __missing__(self, key: Key) -> Value:
        made = self._make(key)
        if len(self) >= self._most:
            self.clear()
        self[key] = made
        return made


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
