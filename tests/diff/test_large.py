"""A policy of 300 criteria is compared like a small one. How long it takes is measured by `benchmarks/diff.py`."""

from __future__ import annotations

import json
from typing import Any

import pytest

from medpolicy import load_policy
from medpolicy.diff.compare import Comparison, compare
from medpolicy.language.revision import Revision

POLICY = load_policy("inotuzumab-ozogamicin")
LIMIT = 300.0

Json = dict[str, Any]


def criterion(id: str, name: str, operator: str, value: object) -> Json:
    return {
        "id": id,
        "cites": ["title"],
        "conditions": {"all": [{"name": name, "operator": operator, "value": value}]},
        "otherwise": [{"name": "deny", "params": {"reason": "no"}}],
    }


def large(**caps: int) -> Revision:
    """Ten pathways of thirty criteria; each caps the total cycles, and `caps` gives other caps by the id of a criterion."""
    document = json.loads(POLICY.revisions[0].model_dump_json(by_alias=True))
    settings = POLICY.vocabulary.variables["disease_setting"].kind.options  # type: ignore[attr-defined]
    document["pathways"] = []
    for place, (type, setting) in enumerate(
        (type, setting) for type in ("initial", "continuation") for setting in settings
    ):
        criteria = [
            criterion(
                f"p{place}.c{number}",
                "total_cycles",
                "less_than_or_equal_to",
                caps.get(f"p{place}_c{number}", 20 + number),
            )
            for number in range(15)
        ]
        criteria += [
            criterion(f"p{place}.d{number}", "cycles_received", "less_than_or_equal_to", 40 + number)
            for number in range(15)
        ]
        applies = [
            {"name": "request_type", "operator": "equal_to", "value": type},
            {"name": "disease_setting", "operator": "equal_to", "value": setting},
        ]
        document["pathways"].append(
            {
                "id": f"p{place}",
                "title": "t",
                "cites": ["title"],
                "applies": {"all": applies},
                "criteria": criteria,
                "actions": [{"name": "approve", "params": {"months": 12, "max_total_cycles": 6}}],
            }
        )
    return Revision.model_validate_json(json.dumps(document))


@pytest.fixture(scope="module")
def complete() -> Comparison:
    return compare(POLICY.vocabulary, large(), large(p3_c0=21), LIMIT)


def test_one_constant_of_300_criteria(complete: Comparison) -> None:
    assert {f"{transition.before} {transition.after}" for transition in complete.transitions} == {
        "denied approved",
        "denied pended",
        "pended approved",
    }
    for change in complete.transitions:
        assert change.criteria == ("p3.c0",)
        assert change.witness.facts["total_cycles"] == 21


def test_a_constant_that_another_criterion_makes_idle_changes_reasons_alone() -> None:
    found = compare(POLICY.vocabulary, large(), large(p3_c5=26), LIMIT)
    assert found.transitions == ()
    assert [(change.before, change.criteria) for change in found.reasons] == [
        ("denied", ("p3.c5",)),
        ("pended", ("p3.c5",)),
    ]


@pytest.mark.parametrize("limit", [0.0001, 0.001, 0.003, 0.01, 0.03, 0.1])
def test_whatever_the_limit_no_answer_is_wrong(complete: Comparison, limit: float) -> None:
    """A solver that was stopped is not asked again: what it says then may be wrong."""
    found = compare(POLICY.vocabulary, large(), large(p3_c0=21), limit)
    told = {(change.before, change.after) for change in (*complete.transitions, *complete.reasons)}
    changes = {(change.before, change.after) for change in (*found.transitions, *found.reasons)}
    unsettled = {(change.before, change.after) for change in found.open}
    assert changes <= told
    assert told <= changes | unsettled
    for change in (*found.transitions, *found.reasons):
        assert change.criteria == ("p3.c0",) or not change.all_criteria
