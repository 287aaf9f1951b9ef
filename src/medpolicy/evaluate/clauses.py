"""Values as clause bits: all that the rules of a revision can tell of a request, in one whole number.

A clause is a leaf of the conditions: a part that reads one variable. One bit says that it is met, another that it is not;
where it is unknown, neither is set. One more bit for each given fact that rules read says that it is missing. Values on
which all rules agree have the same bits, so the number holds nothing of a member but the answers.
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
    def met(self) -> Mapping[Leaf, int]:
        """The bit that says of each clause that it is met."""
        clauses = dict.fromkeys(leaf for condition in self.conditions.values() for leaf in condition.leaves())
        return {leaf: 1 << 2 * index for index, leaf in enumerate(clauses)}

    @cached_property
    def not_met(self) -> Mapping[Leaf, int]:
        """The bit that says of each clause that it is not met."""
        return {leaf: bit << 1 for leaf, bit in self.met.items()}

    @cached_property
    def missing(self) -> Mapping[str, int]:
        """The bit that says of each given fact that it is missing."""
        given = [name for name, table in self.tables.items() if table.variable.derived is None]
        return {name: 1 << 2 * len(self.met) + index for index, name in enumerate(given)}

    @cached_property
    def bits(self) -> Mapping[str, tuple[int, ...]]:
        """The bits that each class code of a variable adds to those of a request, by variable."""
        found = {name: [0] * len(table) for name, table in self.tables.items()}
        for name, bit in self.missing.items():
            found[name][MISSING] = bit
        for leaf in self.met:
            of_status = {Status.MET: self.met[leaf], Status.NOT_MET: self.not_met[leaf], Status.UNKNOWN: 0}
            for code, status in enumerate(leaf.statuses):
                found[leaf.name][code] |= of_status[status]
        return {name: tuple(bits) for name, bits in found.items()}

    @cached_property
    def applies(self) -> int:
        """The bits that say which pathways are ruled out."""
        return self._read_by(pathway.id for pathway in self.revision.pathways)

    def relevant(self, applies: int) -> int:
        """The bits that a verdict depends on, by those of `applies`: not those that only pathways ruled out read."""
        ids = [flag.id for flag in self.revision.review_flags]
        for pathway in self.revision.pathways:
            if self._status(self.conditions[pathway.id], applies) is not Status.NOT_MET:
                ids += (criterion.id for criterion in pathway.criteria)
        return self.applies | self._read_by(ids)

    def _status(self, node: Node, bits: int) -> Status:
        if isinstance(node, Leaf):
            return (
                Status.MET if bits & self.met[node] else Status.NOT_MET if bits & self.not_met[node] else Status.UNKNOWN
            )
        return (min if node.holds_when_all else max)(self._status(part, bits) for part in node.parts)

    def _read_by(self, ids: Iterable[str]) -> int:
        """The bits that some conditions read."""
        mask = 0
        for leaf in (leaf for id in ids for leaf in self.conditions[id].leaves()):
            mask |= self.met[leaf] | self.not_met[leaf]
            for part in self.vocabulary.variables[leaf.name].parts:
                mask |= self.missing[part]
        return mask
