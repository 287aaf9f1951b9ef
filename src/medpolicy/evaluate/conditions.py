"""Conditions over class codes: a tree whose leaves know the status of one variable for each of its codes.

Nested groups of one kind are flattened and the tests of one variable in a group joined. Neither changes the status of a
condition, nor which missing facts keep it open: tests of one variable are unknown together. The order of the file is
kept, since SQL shows it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from medpolicy.evaluate.status import Status
from medpolicy.evaluate.tables import MISSING, Table
from medpolicy.language.condition import Condition, Test
from medpolicy.language.vocabulary import Vocabulary
from medpolicy.language.walk import fold

Codes = Mapping[str, int]
"""The class code of each variable by name."""


@dataclass(frozen=True, slots=True, eq=False)
class Leaf:
    """A part of a condition that reads one variable: its status for each code of that variable."""

    name: str
    statuses: tuple[Status, ...]

    def status(self, codes: Codes) -> Status:
        """The status for a request's codes."""
        return self.statuses[codes[self.name]]

    def open_names(self, codes: Codes) -> frozenset[str]:
        """The variable, where the part is open."""
        return frozenset((self.name,)) if self.status(codes) is Status.UNKNOWN else frozenset()

    def leaves(self) -> Iterator[Leaf]:
        """Itself."""
        yield self


@dataclass(frozen=True, slots=True, eq=False)
class Branch:
    """`all` or `any` of parts that read several variables."""

    holds_when_all: bool
    parts: tuple[Leaf | Branch, ...]

    def status(self, codes: Codes) -> Status:
        """The status for a request's codes."""
        statuses = [part.status(codes) for part in self.parts]
        return min(statuses) if self.holds_when_all else max(statuses)

    def open_names(self, codes: Codes) -> frozenset[str]:
        """The variables of open tests, down through open parts."""
        if self.status(codes) is not Status.UNKNOWN:
            return frozenset()
        return frozenset().union(*(part.open_names(codes) for part in self.parts))

    def leaves(self) -> Iterator[Leaf]:
        """Every leaf, in order."""
        for part in self.parts:
            yield from part.leaves()


Node = Leaf | Branch


class Trees:
    """Conditions whose tests some tables have, as trees; parts that say the same in the same order are one object."""

    def __init__(self, tables: Mapping[str, Table]) -> None:
        self._tables = tables
        self._leaves: dict[tuple[str, tuple[Status, ...]], Leaf] = {}
        self._groups: dict[tuple[bool, tuple[Node, ...]], Branch] = {}
        self._known: dict[int, tuple[Condition, Node]] = {}

    def of(self, condition: Condition) -> Node:
        """The tree of a condition."""
        known = self._known.get(id(condition))
        if known is None:
            node = fold(condition, self._test, self._group)
            known = self._known[id(condition)] = condition, node
        return known[1]

    def _test(self, test: Test) -> Node:
        return self._leaf(test.name, self._tables[test.name].statuses(test))

    def _leaf(self, name: str, statuses: tuple[Status, ...]) -> Leaf:
        return self._leaves.setdefault((name, statuses), Leaf(name, statuses))

    def _group(self, holds_when_all: bool, parts: Sequence[Node]) -> Node:
        """A group of parts: inner groups of the same kind dissolved, leaves of one variable joined and first."""
        flat: list[Node] = []
        for part in parts:
            same = isinstance(part, Branch) and part.holds_when_all == holds_when_all
            flat += part.parts if isinstance(part, Branch) and same else (part,)
        combine = min if holds_when_all else max
        columns: dict[str, list[tuple[Status, ...]]] = {}
        for part in flat:
            if isinstance(part, Leaf):
                columns.setdefault(part.name, []).append(part.statuses)
        leaves = [
            self._leaf(name, tuple(map(combine, zip(*statuses, strict=True)))) for name, statuses in columns.items()
        ]
        joined: tuple[Node, ...] = (*leaves, *(part for part in flat if isinstance(part, Branch)))
        if len(joined) == 1:
            return joined[0]
        return self._groups.setdefault((holds_when_all, joined), Branch(holds_when_all, joined))


def missing_facts(node: Node, codes: Codes, vocabulary: Vocabulary) -> frozenset[str]:
    """The given facts that are missing and stand in an open test of a condition, below open groups alone."""
    variables = vocabulary.variables
    return frozenset(
        part for name in node.open_names(codes) for part in variables[name].parts if codes[part] == MISSING
    )
