"""Conditions by what they say: those that differ in order, nesting, repetition or the operators of their tests are one.

Order, nesting and repetition change neither the status of a condition nor which missing facts keep it open. Nor does
it whether a group has two tests of one variable or one with the answers of both: they are unknown together.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from medpolicy.evaluate.status import Status
from medpolicy.evaluate.tables import Table
from medpolicy.language.revision import All, Any_, Condition, Test

Statuses = tuple[Status, ...]


@dataclass(frozen=True, slots=True)
class Answers:
    """The status that one variable gives a condition, for each of its class codes."""

    name: str
    statuses: Statuses


@dataclass(frozen=True, slots=True)
class Group:
    """Conditions, by their numbers, of which every one or one must be met; none is a group of the same sort."""

    every: bool
    parts: frozenset[int]


Shape = Answers | Group


class CanonicalConditions:
    """A number for each condition, the same for all that say the same; two numbers may still mean the same."""

    def __init__(self, tables: Mapping[str, Table]) -> None:
        self._tables = tables
        self._shapes: list[Shape] = []
        self._numbers: dict[Shape, int] = {}
        self._known: dict[int, tuple[Condition, int]] = {}

    def __getitem__(self, number: int) -> Shape:
        return self._shapes[number]

    def number(self, condition: Condition) -> int:
        """The number of a condition whose tests the tables have."""
        known = self._known.get(id(condition))
        if known is None:
            known = self._known[id(condition)] = condition, self._numbered(condition)
        return known[1]

    def _numbered(self, condition: Condition) -> int:
        if isinstance(condition, Test):
            return self._of(Answers(condition.name, self._tables[condition.name].statuses(condition)))
        return self._joined(condition)

    def _joined(self, group: All | Any_) -> int:
        every = isinstance(group, All)
        answers: dict[str, Statuses] = {}
        parts: set[int] = set()
        for number in {inner for part in group.parts for inner in self._inside(self.number(part), every)}:
            shape = self._shapes[number]
            if isinstance(shape, Group):
                parts.add(number)
            else:
                before = answers.get(shape.name, shape.statuses)
                answers[shape.name] = tuple(map(min if every else max, before, shape.statuses))
        parts |= {self._of(Answers(name, statuses)) for name, statuses in answers.items()}
        return parts.pop() if len(parts) == 1 else self._of(Group(every, frozenset(parts)))

    def _inside(self, number: int, every: bool) -> frozenset[int]:
        """The parts of a group of one sort; anything else as it is."""
        shape = self._shapes[number]
        return shape.parts if isinstance(shape, Group) and shape.every is every else frozenset({number})

    def _of(self, shape: Shape) -> int:
        number = self._numbers.setdefault(shape, len(self._shapes))
        if number == len(self._shapes):
            self._shapes.append(shape)
        return number
