"""Values as clause bits: all that the rules of a revision can tell of a request, in one whole number.

A clause is a leaf of the conditions: a part that reads one variable. One bit says that it is met. One more bit for each given
fact that rules read says that it is missing, and so that the clauses that read it are open. Values on which all rules
agree have the same bits, so the number holds nothing of a member but the answers.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property

from medpolicy.evaluate.conditions import Leaf, Node
from medpolicy.evaluate.status import Status
from medpolicy.evaluate.tables import MISSING, Table
from medpolicy.language.revision import Revision
from medpolicy.language.vocabulary import Vocabulary


@dataclass(frozen=True)
class Clauses:
    """The clause bits of a revision, whose conditions are trees over the codes of tables."""

    revision: Revision
    vocabulary: Vocabulary
    tables: Mapping[str, Table]
    conditions: Mapping[str, Node]

    @cached_property
    def _bits(self) -> Mapping[Leaf | str, int]:
        """A bit for each clause and given fact: those of `applies` come first, and clauses of one variable together."""
        pathways = [self.conditions[pathway.id] for pathway in self.revision.pathways]
        leaves = [leaf for node in self.conditions.values() for leaf in node.leaves()]
        of_variable = [leaf for name in self.tables for leaf in leaves if leaf.name == name]
        ordered = [*(leaf for node in pathways for leaf in node.leaves()), *of_variable]
        parts: list[Leaf | str] = []
        for leaf in ordered:
            parts += leaf, *self.facts(leaf)
        return {part: 1 << index for index, part in enumerate(dict.fromkeys(parts))}

    def facts(self, leaf: Leaf) -> tuple[str, ...]:
        """The given facts that a clause reads: it is open where one of them is missing."""
        return self.vocabulary.variables[leaf.name].parts

    @cached_property
    def met(self) -> Mapping[Leaf, int]:
        """The bit that says of each clause that it is met."""
        return {part: bit for part, bit in self._bits.items() if isinstance(part, Leaf)}

    @cached_property
    def missing(self) -> Mapping[str, int]:
        """The bit that says of each given fact that it is missing."""
        return {part: bit for part, bit in self._bits.items() if isinstance(part, str)}

    @cached_property
    def bits(self) -> Mapping[str, tuple[int, ...]]:
        """The bits that each class code of a variable adds to those of a request, by variable."""
        found = {name: [0] * len(table) for name, table in self.tables.items()}
        for name, bit in self.missing.items():
            found[name][MISSING] = bit
        for leaf, bit in self.met.items():
            for code, status in enumerate(leaf.statuses):
                found[leaf.name][code] |= bit if status is Status.MET else 0
        return {name: tuple(bits) for name, bits in found.items()}

    @cached_property
    def applies(self) -> int:
        """The bits that say which pathways are ruled out."""
        return self._read_by(pathway.id for pathway in self.revision.pathways)

    def relevant(self, applies: int) -> int:
        """The bits that a verdict depends on, by those of `applies`: not those that only pathways ruled out read."""
        bits = self._read_by_flags
        for id, read in self._read_by_criteria.items():
            if self._status(self.conditions[id], applies) is not Status.NOT_MET:
                bits |= read
        return bits

    @cached_property
    def _read_by_flags(self) -> int:
        return self.applies | self._read_by(flag.id for flag in self.revision.review_flags)

    @cached_property
    def _read_by_criteria(self) -> Mapping[str, int]:
        return {
            pathway.id: self._read_by(criterion.id for criterion in pathway.criteria)
            for pathway in self.revision.pathways
        }

    def _status(self, node: Node, bits: int) -> Status:
        if isinstance(node, Leaf):
            unknown = any(bits & self.missing[fact] for fact in self.facts(node))
            return Status.MET if bits & self.met[node] else Status.UNKNOWN if unknown else Status.NOT_MET
        return (min if node.holds_when_all else max)(self._status(part, bits) for part in node.parts)

    def _read_by(self, ids: Iterable[str]) -> int:
        """The bits that some conditions read."""
        mask = 0
        for leaf in (leaf for id in ids for leaf in self.conditions[id].leaves()):
            mask |= self.met[leaf] | sum(self.missing[fact] for fact in self.facts(leaf))
        return mask
