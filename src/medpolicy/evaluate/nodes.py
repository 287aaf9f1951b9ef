"""Statuses of trees of conditions over any algebra, and the missing facts that keep them open."""

from __future__ import annotations

from collections.abc import Callable
from typing import Generic

from medpolicy.evaluate.conditions import Leaf, Node
from medpolicy.evaluate.kleene import Algebra, Kleene, Truth, all_of, any_of
from medpolicy.language.vocabulary import Vocabulary


class Nodes(Generic[Truth]):
    """What an algebra makes of trees of conditions; each node is worked out once.

    `leaf` gives the status of a leaf, `missing` that a given fact is missing.
    """

    def __init__(
        self,
        leaf: Callable[[Leaf], Kleene[Truth]],
        missing: Callable[[str], Truth],
        vocabulary: Vocabulary,
        algebra: Algebra[Truth],
    ) -> None:
        self._leaf = leaf
        self._missing = missing
        self._variables = vocabulary.variables
        self._algebra = algebra
        self._statuses: dict[Node, Kleene[Truth]] = {}
        self._facts: dict[Node, frozenset[str]] = {}

    def status(self, node: Node) -> Kleene[Truth]:
        """The status of a condition."""
        if node not in self._statuses:
            if isinstance(node, Leaf):
                self._statuses[node] = self._leaf(node)
            else:
                join = all_of if node.holds_when_all else any_of
                self._statuses[node] = join([self.status(part) for part in node.parts], self._algebra)
        return self._statuses[node]

    def facts(self, node: Node) -> frozenset[str]:
        """The given facts that a condition reads, those behind derived variables included."""
        if node not in self._facts:
            names = {leaf.name for leaf in node.leaves()}
            self._facts[node] = frozenset(part for name in names for part in self._variables[name].parts)
        return self._facts[node]

    def keeps_open(self, node: Node, fact: str) -> Truth:
        """That a given fact is missing and stands in an open test of a condition, below open groups alone."""
        if isinstance(node, Leaf):
            return self._missing(fact) if fact in self.facts(node) else self._algebra.some(())
        below = [self.keeps_open(part, fact) for part in node.parts if fact in self.facts(part)]
        return self.status(node).unknown & self._algebra.some(below)
