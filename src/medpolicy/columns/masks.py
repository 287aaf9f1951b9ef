"""The ruling over many rows at once: a truth value is a mask of one bit for each row, packed into bytes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from medpolicy.columns.codes import coding
from medpolicy.columns.indices import IndexedFrame, Indices
from medpolicy.evaluate.compiled import Compiled
from medpolicy.evaluate.conditions import Leaf, Node
from medpolicy.evaluate.kleene import Algebra, Kleene, all_of, any_of
from medpolicy.evaluate.ruling import Ruling
from medpolicy.evaluate.status import Status
from medpolicy.evaluate.tables import MISSING
from medpolicy.language.revision import Rule

Bits = npt.NDArray[np.uint8]
NEVER: Any = np.uint8(0)
ALGEBRA: Algebra[Bits] = Algebra.of(~NEVER, NEVER)


class RevisionMasks:
    """One revision ready to rule on frames: its conditions read the class codes of many rows. Threads may share it."""

    def __init__(self, compiled: Compiled) -> None:
        variables = compiled.decider.vocabulary.variables
        self.revision = compiled.decider.revision
        self.conditions = compiled.conditions
        self._codes = {name: coding(table) for name, table in compiled.tables.items()}
        self.parts = {name: variables[name].parts for name in compiled.tables}
        self.facts = tuple(sorted({part for parts in self.parts.values() for part in parts}))
        self.bit_of: dict[Leaf, tuple[str, int, np.uint8]] = {}
        """For each leaf its variable, the number of one of its bytes, and a bit of that byte."""
        self.bytes_of: dict[str, list[Bits]] = {name: [] for name in compiled.tables}
        """For each variable its bytes by class code; a bit says whether a leaf is met."""
        leaves = dict.fromkeys(leaf for condition in self.conditions.values() for leaf in condition.leaves())
        for name, tables in self.bytes_of.items():
            for number, leaf in enumerate(leaf for leaf in leaves if leaf.name == name):
                if number % 8 == 0:
                    tables.append(np.zeros(len(leaf.statuses), dtype=np.uint8))
                bit = np.uint8(1 << number % 8)
                tables[-1] |= np.where(np.array(leaf.statuses) == Status.MET, bit, NEVER)
                self.bit_of[leaf] = name, number // 8, bit

    def ruling(self, frame: IndexedFrame) -> tuple[Ruling[Bits], dict[str, Bits]]:
        """The ruling on the rows of a frame, and for each given fact where it is listed as missing."""
        rows = _Rows(self, {name: code(frame.indices[name]) for name, code in self._codes.items()})
        ruling = Ruling(self.revision, rows.status, ALGEBRA)
        return ruling, {fact: ruling.missing(rows.keeps_open(fact)) for fact in self.facts}


class _Rows:
    """The statuses of a revision's conditions on some rows."""

    def __init__(self, revision: RevisionMasks, codes: Mapping[str, Indices]) -> None:
        self._revision = revision
        self._missing = {name: _packed(of_rows == MISSING) for name, of_rows in codes.items()}
        self._bytes = {
            name: [np.take(table, codes[name]) for table in tables] for name, tables in revision.bytes_of.items()
        }
        self._statuses: dict[Node, Kleene[Bits]] = {}

    def status(self, rule: Rule) -> Kleene[Bits]:
        """Whether the condition of a rule is met."""
        return self._status(self._revision.conditions[rule.id])

    def _status(self, node: Node) -> Kleene[Bits]:
        if node not in self._statuses:
            if isinstance(node, Leaf):
                name, number, bit = self._revision.bit_of[node]
                met = _packed(self._bytes[name][number] & bit)
                self._statuses[node] = Kleene(met, met | self._missing[name])
            else:
                join = all_of if node.holds_when_all else any_of
                self._statuses[node] = join([self._status(part) for part in node.parts], ALGEBRA)
        return self._statuses[node]

    def keeps_open(self, fact: str) -> Callable[[Rule], Bits]:
        """Where a fact is missing and stands in an open test of a rule's condition, below open groups alone."""

        def is_open(node: Node) -> Bits:
            if isinstance(node, Leaf):
                return self._missing[fact] if fact in self._revision.parts[node.name] else NEVER
            below = [mask for mask in map(is_open, node.parts) if mask is not NEVER]
            return self._status(node).unknown & ALGEBRA.some(below) if below else NEVER

        return lambda rule: is_open(self._revision.conditions[rule.id])


def _packed(values: npt.NDArray[Any]) -> Bits:
    return np.packbits(values, bitorder="little")
