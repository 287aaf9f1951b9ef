"""The reference: statuses of one request's conditions by the stock engine, run twice.

`business-rules` knows true and false alone. Its groups are monotone, so two runs tell all three: one in which each test of
a missing fact fails (what holds even so is *met*), one in which each holds (what fails even so is *not met*).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from business_rules.engine import run

from medpolicy.evaluate.status import Status
from medpolicy.language.fields import Missing
from medpolicy.language.revision import Condition, Test
from medpolicy.language.vocabulary import Vocabulary


class StockEngine:
    """Statuses of a revision's conditions for one request's facts (None where missing, derived variables included)."""

    def __init__(self, vocabulary: Vocabulary, conditions: Mapping[str, Condition], facts: Mapping[str, Any]) -> None:
        self._vocabulary = vocabulary
        self._conditions = conditions
        self._facts = facts
        self._at_worst = vocabulary.engine_variables(facts, Missing.FAILS)
        self._at_best = vocabulary.engine_variables(facts, Missing.HOLDS)

    def status(self, id: str) -> Status:
        """Whether the condition of a pathway (*applies*), criterion or flag is met, not met, or open."""
        return self.evaluate(self._conditions[id])

    def missing(self, id: str) -> frozenset[str]:
        """The missing facts in that condition's unknown tests, down through groups whose status is unknown.

        A derived variable stands for those of its parts that are missing.
        """
        return self._missing(self._conditions[id])

    def holds(self, condition: Condition) -> bool:
        """Whether a condition is met even if each test of a missing fact fails."""
        return bool(run({"conditions": condition.rule(), "actions": ()}, self._at_worst, None))

    def evaluate(self, condition: Condition) -> Status:
        """Whether any condition is met, not met, or open."""
        rule = {"conditions": condition.rule(), "actions": ()}
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
