"""A request like earlier ones is recognised, and nothing is recognised that the model would not accept."""

from __future__ import annotations

import json
import pickle
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from medpolicy import InvalidRequest, Policy, load_policy
from medpolicy.testing import near_boundaries, requests

POLICY = load_policy("inotuzumab-ozogamicin")
BASE: dict[str, Any] = {
    "request_id": "A-1",
    "request_type": "initial",
    "service_start_date": "2026-05-01",
    "birth_date": "1980-01-01",
    "combination_regimen": ["imatinib"],
    "cycles_received": 1,
    "cycles_requested": 2,
    "therapy_exclusion": False,
}


@pytest.fixture
def policy() -> Policy:
    """A policy that has learned the base request."""
    fresh: Policy = pickle.loads(pickle.dumps(POLICY))
    fresh.decide(dict(BASE))
    assert fresh._recognised(dict(BASE), None) is not None
    return fresh


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("cycles_received", True),
        ("cycles_received", 1.0),
        ("cycles_received", "1"),
        ("therapy_exclusion", 0),
        ("combination_regimen", "imatinib"),
        ("combination_regimen", [["imatinib"]]),
        ("request_id", ""),
        ("request_id", "\ud800"),
        ("request_id", None),
        ("service_start_date", None),
        ("birth_date", "2026-05-02"),
        ("ph_statsu", "positive"),
        (1, "positive"),
    ],
)
def test_what_the_model_refuses_is_not_recognised(policy: Policy, name: Any, value: Any) -> None:
    with pytest.raises(InvalidRequest):
        policy.decide({**BASE, name: value})
    with pytest.raises(InvalidRequest):
        policy.decide({**BASE, name: value})


@pytest.mark.parametrize("name", ["request_id", "request_type", "service_start_date"])
def test_a_record_without_a_required_fact_is_not_recognised(policy: Policy, name: str) -> None:
    with pytest.raises(InvalidRequest) as error:
        policy.decide({key: value for key, value in BASE.items() if key != name})
    assert [finding.code for finding in error.value.findings] == ["missing-key"]


def test_a_record_that_changes_later_changes_no_determination(policy: Policy) -> None:
    record = json.loads(json.dumps(BASE))
    found = policy.decide(record)
    expected = POLICY.decide(dict(BASE), engine="business-rules")
    record["combination_regimen"].append("other")
    record["cycles_received"] = 9
    assert found == expected
    assert found.facts["combination_regimen"] == frozenset({"imatinib"})


def test_days_and_sets_of_python_are_decided_as_before(policy: Policy) -> None:
    record = {**BASE, "service_start_date": date(2026, 5, 1), "combination_regimen": {"imatinib"}}
    for _ in range(3):
        assert policy.decide(record) == POLICY.decide(dict(BASE), engine="business-rules")


@given(st.lists(requests(POLICY) | near_boundaries(POLICY), min_size=1, max_size=4))
def test_a_recognised_request_gets_the_answer_of_the_stock_engine(drawn: list[dict[str, Any]]) -> None:
    for record in drawn:
        POLICY.decide(record)
    revisions: tuple[str | None, ...] = (None, POLICY.revisions[0].revision)
    for revision in revisions:
        for record in drawn:
            assert POLICY.decide(record, revision=revision) == POLICY.decide(
                record, revision=revision, engine="business-rules"
            )


@given(requests(POLICY), requests(POLICY))
def test_values_of_two_requests_taken_together_are_decided_alike(first: dict[str, Any], second: dict[str, Any]) -> None:
    POLICY.decide(first)
    POLICY.decide(second)
    mixed = {**first, **{name: value for place, (name, value) in enumerate(second.items()) if place % 2}}
    assert answer(mixed, "tables") == answer(mixed, "business-rules")


def answer(record: dict[str, Any], engine: Any) -> str:
    try:
        return POLICY.decide(record, engine=engine).to_json().decode()
    except InvalidRequest as error:
        return str(error)
