"""The golden cases of a revision, ready to be decided under many mutants of it.

A mutant differs in one rule, so the statuses of all others are worked out once for each case; all mutants share one space.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from medpolicy.evaluate.conditions import Conditions, Node, missing_facts
from medpolicy.evaluate.decide import Decider
from medpolicy.evaluate.status import Status
from medpolicy.golden import GoldenCase, RevisionCases, answer
from medpolicy.golden.mutate.mutants import OF_CONDITIONS, Mutant
from medpolicy.language.determination import Determination
from medpolicy.language.request import facts_of
from medpolicy.language.revision import Condition, Revision
from medpolicy.language.vocabulary import Vocabulary
from medpolicy.solve import Space

Known = tuple[Status, frozenset[str]]
"""The status of a condition, and the missing facts that keep it open."""


@dataclass(frozen=True)
class _OnBench:
    case: GoldenCase
    facts: Mapping[str, Any]
    codes: Mapping[str, int]
    known: Mapping[str, Known]
    answer: Mapping[str, Any]


@dataclass(frozen=True)
class _Statuses:
    known: Mapping[str, Known]

    def status(self, id: str) -> Status:
        return self.known[id][0]

    def missing(self, id: str) -> frozenset[str]:
        return self.known[id][1]


class Bench:
    """The cases of a revision with their codes in `space`, which tells apart what any of its mutants does."""

    def __init__(self, of: RevisionCases, space: Space) -> None:
        self._space = space
        self._words = of.vocabulary
        self._decider = of.decider
        self._conditions = of.decider.conditions
        self._trees = Conditions(space.tables)
        nodes = {id: self._trees.of(condition) for id, condition in self._conditions.items()}
        self._cases: list[_OnBench] = []
        for case in of.cases:
            facts = facts_of(case.request)
            codes = space.point(facts).codes
            known = {id: _known(node, codes, of.vocabulary) for id, node in nodes.items()}
            self._cases.append(_OnBench(case, facts, codes, known, answer(of.policy.decide(case.request))))

    def killers(self, mutant: Mutant, revision: Revision) -> tuple[GoldenCase, ...]:
        """The cases that a mutant, read as a revision, answers differently."""
        decider = self._decider if mutant.kind in OF_CONDITIONS else Decider(revision, "", self._words)
        changed = {
            id: self._trees.of(each) for id, each in revision.conditions() if self._conditions.get(id) is not each
        }
        return tuple(each.case for each in self._cases if self._differs(each, decider, changed))

    def _differs(self, on: _OnBench, decider: Decider, changed: Mapping[str, Node]) -> bool:
        if not decider.revision.in_effect(on.facts[self._words.service_day]):
            verdict = decider.without_revision
        else:
            fresh = {id: _known(node, on.codes, self._words) for id, node in changed.items()}
            if decider is self._decider and all(on.known[id] == each for id, each in fresh.items()):
                return False
            verdict = decider.verdict(_Statuses({**on.known, **fresh}))
        return answer(Determination(verdict, on.facts)) != on.answer


def space_of(of: RevisionCases, mutated: Iterable[Revision]) -> Space:
    """The space of a revision and its mutants."""
    own = {id(each) for each in of.decider.conditions.values()}
    conditions: dict[Condition, None] = {}
    for revision in mutated:
        conditions |= {each: None for _, each in revision.conditions() if id(each) not in own}
    return Space(of.vocabulary, [of.revision], list(conditions))


def _known(node: Node, codes: Mapping[str, int], vocabulary: Vocabulary) -> Known:
    return node.status(codes), missing_facts(node, codes, vocabulary)
