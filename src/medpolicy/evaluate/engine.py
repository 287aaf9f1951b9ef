"""The reference: statuses of one request's conditions by the stock engine, run twice.

`business-rules` knows only true and false. Its groups are monotone, so two runs give the third value: one in which every
test of a missing fact fails (what holds even then is *met*), one in which they hold (what fails even then is *not met*).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from business_rules.engine import run

from medpolicy.evaluate.status import Status
from medpolicy.language.condition import Condition, Test
from medpolicy.language.fields import Missing
from medpolicy.language.vocabulary import Vocabulary


class StockEngine:
    """The statuses of conditions for one request's facts (None where missing, derived variables included)."""

    def __init__(self, vocabulary: Vocabulary, conditions: Mapping[str, Condition], facts: Mapping[str, Any]) -> None:
        self._vocabulary = vocabulary
        self._conditions = conditions
        self._facts = facts
        self._at_worst = vocabulary.engine_variables(facts, Missing.FAILS)
        self._at_best = vocabulary.engine_variables(facts, Missing.HOLDS)

    def status(self, id: str) -> Status:
        """Whether the condition of a pathway (*applies*), criterion or flag is met, not met or open."""
        return self.evaluate(self._conditions[id])

    def missing(self, id: str) -> frozenset[str]:
        """The given facts that are missing and keep that condition open: those of open tests below open groups alone."""
        return self._missing(self._conditions[id])

    def holds(self, condition: Condition) -> bool:
        """Whether a condition is met even if every test of a missing fact fails."""
        return bool(run({"conditions": condition.for_engine(), "actions": ()}, self._at_worst, None))

    def evaluate(self, condition: Condition) -> Status:
        """Whether a condition is met, not met or open."""
        rule = {"conditions": condition.for_engine(), "actions": ()}
        if run(rule, self._at_worst, None):
            return Status.MET
        return Status.UNKNOWN if run(rule, self._at_best, None) else Status.NOT_MET

    def _missing(self, condition: Condition) -> frozenset[str]:
        if self.evaluate(condition) is not Status.UNKNOWN:
            return frozenset()
        if isinstance(condition, Test):
            parts = self._vocabulary.variables[condition.name].parts
            return frozenset(part for part in parts if self._facts[part] is None)
        return frozenset().union(*(self._missing(part) for part in condition.parts))
