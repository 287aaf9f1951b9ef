"""Conditions in groups: the class codes of a group's variables make one key, and each key is evaluated once."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from math import prod

import numpy as np

from medpolicy.columns.lookup import Ids
from medpolicy.compiled import CodedStatuses, Compiled, Group, Leaf
from medpolicy.status import Status
from medpolicy.tables import MISSING

MOST_KEYS = 1 << 12  # measured: larger groups come up with more keys, smaller ones with more joints
NOTHING: frozenset[str] = frozenset()
Known = tuple[Status, frozenset[str]]
"""A condition's status and the missing facts in its open tests."""


@dataclass(frozen=True)
class Axis:
    """A variable of a group: class codes that all of the group's conditions take alike are one step."""

    name: str
    steps: tuple[int, ...]
    codes: tuple[int, ...]
    """For each class code its step, and for each step one of its codes."""


@dataclass(frozen=True)
class ConditionGroup:
    """Some conditions of a revision with the variables that they read."""

    compiled: Compiled
    ids: tuple[str, ...]
    axes: tuple[Axis, ...]

    @property
    def size(self) -> int:
        """How many keys there are."""
        return prod(len(axis.codes) for axis in self.axes)

    def keys(self, codes: Mapping[str, Ids]) -> Ids:
        """Each row's key, from its class codes."""
        stride, keys = 1, np.zeros(1, dtype=np.int64)
        for axis in self.axes:
            keys = keys + np.take(np.array(axis.steps, dtype=np.int64) * stride, codes[axis.name])
            stride *= len(axis.codes)
        return keys

    def known(self, key: int) -> tuple[Known, ...]:
        """What a key says of each condition."""
        codes = {}
        for axis in self.axes:
            key, step = divmod(key, len(axis.codes))
            codes[axis.name] = axis.codes[step]
        statuses = CodedStatuses(self.compiled, codes)
        conditions = self.compiled.conditions
        found = [(id, conditions[id].status(codes)) for id in self.ids]
        return tuple((status, statuses.missing(id) if status is Status.UNKNOWN else NOTHING) for id, status in found)


def grouped(compiled: Compiled, ids: Iterable[str], most: int = MOST_KEYS) -> Iterator[ConditionGroup]:
    """The conditions in their order, as many in a group as keep its keys few."""
    waiting: tuple[str, ...] = ()
    group: ConditionGroup | None = None
    for id in ids:
        larger = _group(compiled, (*waiting, id))
        if group is not None and larger.size > most:
            yield group
            larger = _group(compiled, (id,))
        waiting, group = larger.ids, larger
    if group is not None:
        yield group


def _group(compiled: Compiled, ids: tuple[str, ...]) -> ConditionGroup:
    leaves: dict[str, list[Leaf]] = {}
    for id in ids:
        for leaf in _leaves(compiled.conditions[id]):
            leaves.setdefault(leaf.name, []).append(leaf)
            for part in compiled.decider.words.variables[leaf.name].parts:
                leaves.setdefault(part, [])
    return ConditionGroup(compiled, ids, tuple(_axis(compiled, name, each) for name, each in leaves.items()))


def _axis(compiled: Compiled, name: str, leaves: list[Leaf]) -> Axis:
    steps: dict[tuple[object, ...], int] = {}
    codes, first = [], []
    for code in range(len(compiled.tables[name])):
        alike = (code == MISSING, *(leaf.statuses[code] for leaf in leaves))
        if alike not in steps:
            steps[alike] = len(steps)
            first.append(code)
        codes.append(steps[alike])
    return Axis(name, tuple(codes), tuple(first))


def _leaves(condition: Leaf | Group) -> Iterator[Leaf]:
    if isinstance(condition, Leaf):
        yield condition
    else:
        for part in condition.parts:
            yield from _leaves(part)
