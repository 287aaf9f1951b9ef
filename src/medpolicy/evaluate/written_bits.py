"""The ruling of one revision as a Python function of the clause bits of one request, or of many."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from medpolicy.evaluate.clauses import Clauses
from medpolicy.evaluate.conditions import Leaf
from medpolicy.evaluate.kleene import Kleene
from medpolicy.evaluate.nodes import Nodes
from medpolicy.evaluate.ruling import Ruling
from medpolicy.evaluate.written_out import MANY, ONE, Body, Local, Style, WrittenOut


def of_bits(clauses: Clauses) -> WrittenOut:
    """The ruling as a function of a request's clause bits."""
    ruling = _RulingOfBits(clauses, ONE)
    statuses = {id: ruling.nodes.status(node) for id, node in clauses.conditions.items()}
    met = [(id, status.met) for id, status in statuses.items()]
    possible = [(id, status.possible) for id, status in statuses.items()]
    return ruling.written(met=met, possible=possible)


def of_planes(clauses: Clauses) -> WrittenOut:
    """The ruling of many requests as a function of what gives the truth of a clause bit, and of what is false of all.

    Of the reasons for a denial there is only that no pathway applies: all others are what is not met.
    """
    ruling = _RulingOfBits(clauses, MANY)
    unlisted = clauses.revision.unlisted.id
    return ruling.written(denied_for=[(unlisted, ruling.ruling.denied_for[unlisted])])


class _RulingOfBits:
    """The ruling over the clause bits that are given."""

    def __init__(self, clauses: Clauses, style: Style) -> None:
        body = self._body = Body(style.given, style)
        self._missing = {fact: body.bit(bit) for fact, bit in clauses.missing.items()}
        self._conditions = clauses.conditions

        def status(leaf: Leaf) -> Kleene[Local]:
            met = body.bit(clauses.met[leaf])
            return Kleene(met, body.some((met, *(self._missing[fact] for fact in clauses.facts(leaf)))))

        self.nodes = Nodes(status, self._missing.__getitem__, clauses.vocabulary, body.algebra)
        self.ruling = Ruling(clauses.revision, lambda rule: self.nodes.status(self._conditions[rule.id]), body.algebra)

    def written(self, **more: Iterable[tuple[Any, Local]]) -> WrittenOut:
        """The function that returns the lists of the ruling, the missing facts that are listed, and more lists."""
        return self._body.written(self.ruling, missing=[(fact, self._listed(fact)) for fact in self._missing], **more)

    def _listed(self, fact: str) -> Local:
        return self.ruling.missing(lambda rule: self.nodes.keeps_open(self._conditions[rule.id], fact))
