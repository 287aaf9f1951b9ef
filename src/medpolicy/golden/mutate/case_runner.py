"""The golden cases of a revision, ready to be decided under many mutants of it.

A mutant differs in one rule, so the statuses of the other rules are worked out once for each case.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from medpolicy.evaluate.conditions import Codes, Node, Trees, missing_facts
from medpolicy.evaluate.decide import Decider
from medpolicy.evaluate.status import Status
from medpolicy.golden import GoldenCase, RevisionCases, answer
from medpolicy.golden.mutate.mutants import OF_CONDITIONS, Mutant
from medpolicy.language.condition import Condition
from medpolicy.language.determination import Determination
from medpolicy.language.request import facts_of
from medpolicy.language.revision import Revision
from medpolicy.solve import Space

StatusAndMissing = tuple[Status, frozenset[str]]
"""The status of a condition, and the missing facts that keep it open."""


@dataclass(frozen=True)
class _Statuses:
    by_rule: Mapping[str, StatusAndMissing]

    def status(self, id: str) -> Status:
        return self.by_rule[id][0]

    def missing(self, id: str) -> frozenset[str]:
        return self.by_rule[id][1]


@dataclass(frozen=True)
class _PreparedCase:
    case: GoldenCase
    facts: Mapping[str, Any]
    codes: Codes
    statuses: Mapping[str, StatusAndMissing]
    answer: Mapping[str, Any]


class CaseRunner:
    """The cases of a revision with their codes in `space`, whose classes are fine enough for every mutant."""

    def __init__(self, golden: RevisionCases, space: Space) -> None:
        self._vocabulary = golden.vocabulary
        self._decider = golden.decider
        self._conditions = golden.decider.conditions
        self._trees = Trees(space.tables)
        nodes = {id: self._trees.of(condition) for id, condition in self._conditions.items()}
        self._cases: list[_PreparedCase] = []
        for case in golden.cases:
            facts = facts_of(case.request)
            codes = space.point(facts).codes
            expected = answer(golden.policy.decide(case.request))
            self._cases.append(_PreparedCase(case, facts, codes, self._statuses(nodes, codes), expected))

    def killers(self, mutant: Mutant, revision: Revision) -> tuple[GoldenCase, ...]:
        """The cases that a mutant, read as a revision, answers differently."""
        decider = self._decider if mutant.kind in OF_CONDITIONS else Decider(revision, "", self._vocabulary)
        changed = {
            id: self._trees.of(condition)
            for id, condition in revision.conditions()
            if self._conditions.get(id) is not condition
        }
        return tuple(prepared.case for prepared in self._cases if self._differs(prepared, decider, changed))

    def _differs(self, prepared: _PreparedCase, decider: Decider, changed: Mapping[str, Node]) -> bool:
        if not decider.revision.in_effect(prepared.facts[self._vocabulary.service_day]):
            verdict = decider.without_revision
        else:
            statuses = {**prepared.statuses, **self._statuses(changed, prepared.codes)}
            if decider is self._decider and statuses == prepared.statuses:
                return False
            verdict = decider.verdict(_Statuses(statuses))
        return answer(Determination(verdict, prepared.facts)) != prepared.answer

    def _statuses(self, nodes: Mapping[str, Node], codes: Codes) -> dict[str, StatusAndMissing]:
        return {id: (node.status(codes), missing_facts(node, codes, self._vocabulary)) for id, node in nodes.items()}


def space_of(golden: RevisionCases, mutants: Iterable[Revision]) -> Space:
    """One space for a revision and all its mutants."""
    own = {id(condition) for condition in golden.decider.conditions.values()}
    changed: dict[Condition, None] = {}
    for revision in mutants:
        changed |= {condition: None for _, condition in revision.conditions() if id(condition) not in own}
    return Space(golden.vocabulary, [golden.revision], list(changed))
