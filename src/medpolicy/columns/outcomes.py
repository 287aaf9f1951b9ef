"""What the rows of a frame come to under one revision: coverage, review flags, and the lists that go with them.

The rules of `decide` in the form that columns need: the states of parts of a revision, numbered, and how two parts join.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from threading import RLock
from typing import Generic, Protocol, TypeVar, cast

import numpy as np

from medpolicy.columns.grouped import ConditionGroup, Known, grouped
from medpolicy.columns.lookup import Ids, Joined, LookUp, Numbered
from medpolicy.evaluate.compiled import Compiled
from medpolicy.evaluate.decide import DECISION_OF, acts
from medpolicy.evaluate.status import Status, all_of, any_of
from medpolicy.language.determination import Decision, Terms
from medpolicy.language.revision import Pathway, ReviewFlag

NOTHING: frozenset[str] = frozenset()
Codes = Mapping[str, Ids]
KnownById = Mapping[str, Known]


@dataclass(frozen=True, slots=True)
class PathwayState:
    """What some of a pathway's conditions come to; `applies` is None as long as it is not among them."""

    applies: Status | None
    whole: Status
    not_met: tuple[str, ...]
    missing: frozenset[str]

    def with_more(self, other: PathwayState) -> PathwayState:
        """What two parts of the conditions come to together."""
        if Status.NOT_MET in (self.applies, other.applies):
            return RULED_OUT
        applies = self.applies if other.applies is None else other.applies
        whole = all_of((self.whole, other.whole))
        missing = NOTHING if whole is Status.NOT_MET else self.missing | other.missing
        return PathwayState(applies, whole, self.not_met + other.not_met, missing)


RULED_OUT = PathwayState(Status.NOT_MET, Status.NOT_MET, (), NOTHING)


@dataclass(frozen=True, slots=True)
class CoverageState:
    """What some of a revision's pathways come to."""

    coverage: Status
    pathway: str | None
    approving: str | None
    not_met: tuple[str, ...]
    missing: frozenset[str]

    def with_more(self, other: CoverageState) -> CoverageState:
        """What two parts of the pathways come to together."""
        coverage = any_of((self.coverage, other.coverage))
        return CoverageState(
            coverage,
            self.pathway or other.pathway,
            self.approving or other.approving,
            self.not_met + other.not_met,
            NOTHING if coverage is Status.MET else self.missing | other.missing,
        )


@dataclass(frozen=True, slots=True)
class FlagsState:
    """The flags that are not ruled out, in the order of the file, with their statuses and missing facts."""

    left: tuple[tuple[str, Status, frozenset[str]], ...]

    def with_more(self, other: FlagsState) -> FlagsState:
        """Two parts of the flags together."""
        return FlagsState(self.left + other.left)


@dataclass(frozen=True, slots=True)
class Ruling:
    """The decision, the flags that act, and the facts that they wait for."""

    decision: Decision
    flags: tuple[str, ...]
    missing: frozenset[str]


State = TypeVar("State", PathwayState, CoverageState, FlagsState)


class Node(Protocol[State]):
    """Gives each row the number of a state."""

    states: Numbered[State]

    def __call__(self, codes: Codes) -> Ids:
        """The number of each row's state."""


class _Evaluated(Generic[State]):
    """The states of a group of conditions."""

    def __init__(self, group: ConditionGroup, state: Callable[[KnownById], State], lock: RLock) -> None:
        self.states: Numbered[State] = Numbered()
        self._group = group
        self._state: Callable[[KnownById], State] = state
        self._look_up = LookUp(group.size, self._number, lock)

    def __call__(self, codes: Codes) -> Ids:
        return self._look_up(self._group.keys(codes))

    def _number(self, key: int) -> int:
        return self.states.number(self._state(dict(zip(self._group.ids, self._group.known(key), strict=True))))


class _Both(Generic[State]):
    """The states of two parts together."""

    def __init__(self, left: Node[State], right: Node[State], lock: RLock) -> None:
        self.states: Numbered[State] = Numbered()
        self._left: Node[State] = left
        self._right: Node[State] = right
        self._joined = Joined(self._number, lock)

    def __call__(self, codes: Codes) -> Ids:
        left, right = self._left(codes), self._right(codes)
        return self._joined(left, len(self._left.states), right, len(self._right.states))

    def _number(self, left: int, right: int) -> int:
        return self.states.number(self._left.states.values[left].with_more(self._right.states.values[right]))


class _AsCoverage:
    """A pathway's states as those of coverage."""

    def __init__(self, pathway: Pathway, node: Node[PathwayState], lock: RLock) -> None:
        self.states: Numbered[CoverageState] = Numbered()
        self._pathway = pathway
        self._node = node
        self._joined = Joined(self._number, lock)

    def __call__(self, codes: Codes) -> Ids:
        numbers = self._node(codes)
        return self._joined(numbers, len(self._node.states), np.zeros_like(numbers), 1)

    def _number(self, left: int, _: int) -> int:
        state, id = self._node.states.values[left], self._pathway.id
        return self.states.number(
            CoverageState(
                state.whole,
                id if state.applies is Status.MET else None,
                id if state.whole is Status.MET else None,
                state.not_met,
                state.missing,
            )
        )


@dataclass(frozen=True, slots=True)
class Rows:
    """For each row the number of its coverage state, of its ruling, and of its list of missing facts."""

    coverage: Ids
    ruling: Ids
    missing: Ids


class Outcomes:
    """One revision in columns: from class codes to numbered states. Threads may share it."""

    def __init__(self, compiled: Compiled) -> None:
        self.compiled = compiled
        self.rulings: Numbered[Ruling] = Numbered()
        self.missing: Numbered[tuple[str, ...]] = Numbered()
        self._lock = RLock()
        self._revision = compiled.decider.revision
        pathways = [_AsCoverage(each, self._pathway(each), self._lock) for each in self._revision.pathways]
        self._coverage: Node[CoverageState] = self._fold(pathways)
        flags = [_Evaluated(each, _flags_state, self._lock) for each in self._groups(self._revision.review_flags)]
        self._flags: Node[FlagsState] | None = self._fold(flags) if flags else None
        self._ruled = Joined(self._rule, self._lock)
        self._united = Joined(self._unite, self._lock)

    @property
    def coverage(self) -> Numbered[CoverageState]:
        """The states of coverage that came up so far."""
        return self._coverage.states

    def terms(self, pathway: str) -> Terms:
        """What a pathway approves."""
        return cast(Terms, self.compiled.decider.recorded[pathway])

    def __call__(self, codes: Codes, rows: int) -> Rows:
        """What each row comes to."""
        coverage = self._coverage(codes)
        flags = self._flags(codes) if self._flags is not None else np.zeros(rows, dtype=np.int64)
        ruling = self._ruled(coverage, len(self.coverage), flags, len(self._flags.states) if self._flags else 1)
        missing = self._united(coverage, len(self.coverage), ruling, len(self.rulings))
        return Rows(coverage, ruling, missing)

    def _groups(self, parts: Iterable[ReviewFlag]) -> Iterable[ConditionGroup]:
        return grouped(self.compiled, [part.id for part in parts])

    def _fold(self, nodes: Iterable[Node[State]]) -> Node[State]:
        """All parts together, neighbours first: few states come up until the last joints."""
        left: list[Node[State]] = list(nodes)
        while len(left) > 1:
            joints: list[Node[State]] = [
                _Both(one, other, self._lock) for one, other in zip(left[::2], left[1::2], strict=False)
            ]
            left = joints + left[len(joints) * 2 :]
        return left[0]

    def _pathway(self, pathway: Pathway) -> Node[PathwayState]:
        def state(known: KnownById) -> PathwayState:
            applies = known[pathway.id][0] if pathway.id in known else None
            if applies is Status.NOT_MET:
                return RULED_OUT
            whole = all_of(status for status, _ in known.values())
            not_met = tuple(id for id, (status, _) in known.items() if status is Status.NOT_MET)
            if whole is not Status.UNKNOWN:
                return PathwayState(applies, whole, not_met, NOTHING)
            return PathwayState(applies, whole, (), NOTHING.union(*(missing for _, missing in known.values())))

        groups = grouped(self.compiled, [pathway.id, *(each.id for each in pathway.criteria)])
        return self._fold([_Evaluated(group, state, self._lock) for group in groups])

    def _rule(self, coverage: int, flags: int) -> int:
        at_first = DECISION_OF[self.coverage.values[coverage].coverage]
        left = {id: (status, missing) for id, status, missing in self._left(flags)}
        acting = [
            flag for flag in self._revision.review_flags if flag.id in left and acts(flag, left[flag.id][0], at_first)
        ]
        stopping = [flag.id for flag in acting if flag.kind != "note"]
        missing = NOTHING.union(*(left[id][1] for id in stopping))
        ids = tuple(flag.id for flag in acting)
        return self.rulings.number(Ruling("pended" if stopping else at_first, ids, missing))

    def _left(self, flags: int) -> tuple[tuple[str, Status, frozenset[str]], ...]:
        return self._flags.states.values[flags].left if self._flags is not None else ()

    def _unite(self, coverage: int, ruling: int) -> int:
        missing = self.coverage.values[coverage].missing | self.rulings.values[ruling].missing
        return self.missing.number(tuple(sorted(missing)))


def _flags_state(known: KnownById) -> FlagsState:
    return FlagsState(
        tuple((id, status, missing) for id, (status, missing) in known.items() if status is not Status.NOT_MET)
    )
