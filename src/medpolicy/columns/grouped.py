"""Conditions in groups: the class codes of a group's variables make one key, and each key is evaluated once."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from math import prod

import numpy as np

from medpolicy.columns.lookup import Ids
from medpolicy.evaluate.compiled import CodedStatuses, Compiled
from medpolicy.evaluate.status import Status
from medpolicy.evaluate.tables import MISSING

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
    none = ConditionGroup(compiled, (), ())
    group = none
    for id in ids:
        larger = _with(group, id)
        if group is not none and larger.size > most:
            yield group
            larger = _with(none, id)
        group = larger
    if group is not none:
        yield group


def _with(group: ConditionGroup, id: str) -> ConditionGroup:
    """A group with one condition more, which may tell codes apart that were one step before."""
    compiled = group.compiled
    columns: dict[str, list[tuple[Status, ...]]] = {}
    for leaf in compiled.conditions[id].leaves():
        columns.setdefault(leaf.name, []).append(leaf.statuses)
        for part in compiled.decider.vocabulary.variables[leaf.name].parts:
            columns.setdefault(part, [])
    axes = {axis.name: axis for axis in group.axes}
    for name, statuses in columns.items():
        known = axes[name].steps if name in axes else [code == MISSING for code in range(len(compiled.tables[name]))]
        axes[name] = _axis(name, zip(known, *statuses, strict=True))
    return ConditionGroup(compiled, (*group.ids, id), tuple(axes.values()))


def _axis(name: str, codes: Iterable[tuple[object, ...]]) -> Axis:
    """An axis on which codes of which the same is known are one step."""
    steps: dict[tuple[object, ...], int] = {}
    taken, first = [], []
    for code, known in enumerate(codes):
        if known not in steps:
            steps[known] = len(steps)
            first.append(code)
        taken.append(steps[known])
    return Axis(name, tuple(taken), tuple(first))
