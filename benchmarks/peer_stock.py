"""business-rules itself: `run_all` over the policy's pathways and flags as plain rules, twice, for the three truth values.

Each pathway is one flat rule, each gate and hold another. The run in which tests of missing facts fail tells what is
approved for certain; the run in which they hold tells what is not ruled out. No criterion is looked at alone, so there
are no reasons.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from business_rules import run_all
from business_rules.actions import BaseActions, rule_action

from medpolicy.language.fields import Missing
from medpolicy.language.request import facts_of
from medpolicy.policy import Policy


class _Recorder(BaseActions):  # type: ignore[misc]  # business-rules has no type hints
    def __init__(self) -> None:
        self.seen: set[str] = set()

    @rule_action(label="Approve", params={})  # type: ignore[untyped-decorator]
    def approve(self) -> None:
        self.seen.add("approve")

    @rule_action(label="Stop", params={})  # type: ignore[untyped-decorator]
    def stop(self) -> None:
        self.seen.add("stop")

    @rule_action(label="Hold an approval", params={})  # type: ignore[untyped-decorator]
    def hold_approved(self) -> None:
        self.seen.add("hold_approved")

    @rule_action(label="Hold a denial", params={})  # type: ignore[untyped-decorator]
    def hold_denied(self) -> None:
        self.seen.add("hold_denied")


def decision(policy: Policy) -> Callable[[Mapping[str, Any]], str]:
    """A function from typed facts to their decision."""
    (revision,) = policy.revisions
    variables = policy.vocabulary.engine_variables
    pathways = [
        _rule(
            {"all": [each.applies.for_engine(), *(part.conditions.for_engine() for part in each.criteria)]}, "approve"
        )
        for each in revision.pathways
    ]
    flags = [
        _rule(each.conditions.for_engine(), "stop" if each.kind == "gate" else f"hold_{each.holds}")
        for each in revision.review_flags
        if each.kind != "note"
    ]
    first = revision.effective_from

    def decide(facts: Mapping[str, Any]) -> str:
        if facts["service_start_date"] < first:
            return "pended"
        certain, possible = _Recorder(), _Recorder()
        run_all(pathways, variables(facts, Missing.FAILS), certain)
        run_all([*pathways, *flags], variables(facts, Missing.HOLDS), possible)
        if "stop" in possible.seen:
            return "pended"
        if "approve" in certain.seen:
            return "pended" if "hold_approved" in possible.seen else "approved"
        if "approve" in possible.seen:
            return "pended"
        return "pended" if "hold_denied" in possible.seen else "denied"

    return decide


def prepared(policy: Policy, record: Mapping[str, Any]) -> dict[str, Any]:
    """The typed facts of a request."""
    return facts_of(policy.request(record))


def _rule(conditions: Mapping[str, Any], action: str) -> dict[str, Any]:
    return {"conditions": conditions, "actions": [{"name": action}]}
