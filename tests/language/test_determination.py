"""Authorization dates by the calendar, and what is read back as a determination."""

from __future__ import annotations

import json
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from project import EXAMPLES
from pydantic_core import to_json

from medpolicy import Determination, load_policy
from medpolicy.language.determination import last_day
from medpolicy.testing import requests

POLICY = load_policy("inotuzumab-ozogamicin")

DENIED = json.loads((EXAMPLES / "denied-continuation-progression.json").read_bytes())
APPROVED = DENIED | {"disease_progression": False}


@given(st.dates(date(1900, 1, 1), date(2199, 12, 31)), st.integers(1, 120))
@example(date(2027, 3, 1), 12)
@example(date(2028, 2, 29), 12)
@example(date(2028, 2, 29), 48)
@example(date(2099, 3, 1), 12)
@example(date(2028, 1, 31), 1)
@example(date(2026, 8, 31), 6)
@example(date(2026, 12, 15), 1)
def test_the_day_after_the_end_is_so_many_months_later_or_the_last_of_a_shorter_month(start, months):
    following = last_day(start, months) + timedelta(days=1)
    assert (following.year - start.year) * 12 + following.month - start.month == months
    is_last_of_its_month = (following + timedelta(days=1)).day == 1
    assert following.day == start.day or (following.day < start.day and is_last_of_its_month)


def changed(determination, **changes):
    return json.dumps(json.loads(determination.to_json()) | changes)


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("", "the text"),
        ("{", "the text"),
        ("[]", "the text"),
        ("null", "the text"),
        (b"\xff", "the text"),
        ('"\\ud800"', "the text"),
        ("{}", "authorization, coverage, criteria, decision, denial_reasons, engine_version, missing, not_met, pathway, policy, request_id, requires_clinician_review, review_flags, revision, rules_digest"),
    ],
    ids=["empty", "cut", "list", "null", "not UTF-8", "surrogate", "no keys"],
)  # fmt: skip
def test_a_text_that_is_no_determination_is_refused_by_place(text, place):
    with pytest.raises(ValueError, match="not a determination") as refused:
        Determination.from_json(text)
    assert str(refused.value) == f"not a determination: {place}"


@pytest.mark.parametrize(
    ("changes", "place"),
    [
        ({"decision": "refused"}, "decision"),
        ({"decision": "denied"}, "authorization, denial_reasons, requires_clinician_review"),
        ({"decision": "pended"}, "authorization"),
        ({"requires_clinician_review": True}, "requires_clinician_review"),
        ({"requires_clinician_review": 0}, "requires_clinician_review"),
        ({"authorization": None}, "authorization"),
        ({"not_met": "none"}, "not_met"),
        ({"missing": [3]}, "missing.0"),
        ({"request_id": None}, "request_id"),
        ({"review_flags": [{"id": "a", "kind": "warning", "text": "t", "citation": "c"}]}, "review_flags.0.kind"),
    ],
)
def test_a_document_that_contradicts_itself_is_refused_by_place(policy, changes, place):
    with pytest.raises(ValueError, match="not a determination") as refused:
        Determination.from_json(changed(policy.decide(APPROVED), **changes))
    assert str(refused.value) == f"not a determination: {place}"


@pytest.mark.parametrize(
    ("key", "value", "place"),
    [
        ("end", "2027-09-14", "authorization"),
        ("end", "2027-09-31", "authorization.end"),
        ("start", "1789344000", "authorization"),
        ("start", "2026-09-14T00:00:00Z", "authorization"),
        ("start", 1789344000, "authorization.start"),
        ("months", "12", "authorization.months"),
        ("cycles", 2.5, "authorization.cycles"),
    ],
)
def test_an_authorization_that_was_tampered_with_is_refused(policy, key, value, place):
    found = policy.decide(APPROVED)
    authorization = json.loads(found.to_json())["authorization"] | {key: value}
    with pytest.raises(ValueError, match="not a determination") as refused:
        Determination.from_json(changed(found, authorization=authorization))
    assert str(refused.value).startswith(f"not a determination: {place}")


def test_what_a_message_about_a_document_says_is_none_of_its_values(policy):
    text = changed(policy.decide(APPROVED), decision="Zq12345678", request_id=12345678)
    with pytest.raises(ValueError, match="not a determination") as refused:
        Determination.from_json(text)
    assert str(refused.value) == "not a determination: decision, request_id"
    assert refused.value.__context__ is None


def test_one_fact_observed_with_two_values_is_refused(policy):
    document = json.loads(policy.decide(DENIED).to_json())
    observing = [criterion for criterion in document["criteria"] if "lineage" in criterion["observed"]]
    again = json.loads(json.dumps(observing[0])) | {"id": "continuation.again"}
    again["observed"]["lineage"] = "t_cell"
    document["criteria"].append(again)
    with pytest.raises(ValueError, match="not a determination: criteria"):
        Determination.from_json(json.dumps(document))


def test_keys_that_a_batch_kept_beside_a_determination_are_passed_over(policy):
    found = policy.decide(APPROVED)
    assert Determination.from_json(changed(found, clinic="north")) == found


def test_determinations_differ_where_their_json_does_and_equal_nothing_else(policy):
    found = policy.decide(APPROVED)
    assert found != policy.decide(DENIED)
    assert found != policy.decide(APPROVED | {"request_id": "PA-2"})
    assert found != policy.decide(APPROVED | {"cycles_received": 3})
    assert found != found.to_json()
    assert found == policy.decide(dict(reversed(APPROVED.items())))
    assert len({found, policy.decide(APPROVED), policy.decide(DENIED)}) == 2


@given(requests(POLICY))
def test_the_json_form_is_that_of_the_plain_values(request: dict[str, Any]) -> None:
    for engine in ("tables", "business-rules", "tables"):
        found = POLICY.decide(request, engine=engine)
        assert found.to_json() == to_json(found.to_dict())
        again = Determination.from_json(found.to_json())
        assert again.to_json() == to_json(again.to_dict()) == found.to_json()
