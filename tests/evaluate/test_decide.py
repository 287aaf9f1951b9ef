"""What a verdict says and in which order."""

from __future__ import annotations

import json
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st
from project import APPROVED, CONTINUED, RULE_FILE

from evaluate.contract import LOADED, MAY_BE_MISSING, by_the_contract, revisions
from medpolicy import Policy
from medpolicy.evaluate.decide import Decider
from medpolicy.evaluate.status import Status
from medpolicy.language.request import facts_of
from medpolicy.language.revision import Revision
from medpolicy.testing import requests

ENGINES = ("tables", "business-rules")


def ids(parts):
    return [part.id for part in parts]


# Authorizations


def test_an_authorization_ends_at_the_date_or_at_the_cycle_count(policy):
    found = policy.decide(CONTINUED).authorization
    assert (found.start, found.end, found.months) == (date(2027, 3, 1), date(2028, 2, 29), 12)
    assert (found.cycles, found.max_total_cycles) == (3, 6)


@pytest.mark.parametrize("engine", ENGINES)
def test_the_gates_leave_coverage_and_criteria_as_they_are(policy, engine):
    found = policy.decide(APPROVED | {"cd22_test_submitted": False}, engine=engine)
    assert (found.decision, found.coverage, found.pathway) == ("pended", "met", "relapsed_refractory")
    assert {criterion.status for criterion in found.criteria} == {"met"}
    assert found.authorization is None
    assert found.not_met == found.missing == ()


# Reasons, citations, flags


def test_a_denial_has_a_reason_for_each_criterion_not_met_sorted_by_id(policy, document):
    record = APPROVED | {
        "lineage": "t_cell",
        "cd22_status": "negative",
        "therapy_exclusion": True,
        "cycles_received": 5,
    }
    found = policy.decide(record)

    assert found.decision == "denied"
    assert ids(found.denial_reasons) == [
        "relapsed_refractory.b_cell_precursor",
        "relapsed_refractory.cd22_positive",
        "relapsed_refractory.cycle_cap",
        "relapsed_refractory.no_exclusion",
    ]
    criteria = {criterion["id"]: criterion for criterion in document["pathways"][1]["criteria"]}
    for reason in found.denial_reasons:
        criterion = criteria[reason.id]
        assert reason.text == criterion["otherwise"][0]["params"]["reason"]
        assert reason.citation == "\n".join(document["passages"][cite]["where"] for cite in criterion["cites"])


def test_criteria_stand_in_the_order_of_the_file_with_the_words_of_the_passages_they_cite(policy, document):
    found = policy.decide(APPROVED | {"ph_status": None, "request_type": "initial", "disease_setting": None})
    expected = [criterion for pathway in document["pathways"][:2] for criterion in pathway["criteria"]]

    assert ids(found.criteria) == [each["id"] for each in expected]
    for criterion, each in zip(found.criteria, expected, strict=True):
        assert criterion.text == "\n".join(document["passages"][cite]["says"] for cite in each["cites"])
        assert criterion.citation == "\n".join(document["passages"][cite]["where"] for cite in each["cites"])
    assert found.pathway is None
    assert found.missing == ("disease_setting", "ph_status")


@pytest.mark.parametrize(
    "changes",
    [{"disease": "other"}, {"disease_setting": "other"}, {"disease": "other", "lineage": "t_cell"}],
    ids=["another disease", "another setting", "another disease and lineage"],
)
def test_an_unlisted_indication_is_the_only_reason_where_no_pathway_applies(policy, document, changes):
    found = policy.decide(APPROVED | changes)

    assert (found.decision, found.pathway, found.criteria, found.not_met) == ("denied", None, (), ())
    [reason] = found.denial_reasons
    assert reason.id == "indication_not_listed"
    assert reason.text == document["unlisted"]["actions"][0]["params"]["reason"]
    assert reason.citation == document["passages"]["other-indications"]["where"]


def test_a_criterion_that_fails_in_each_of_two_open_pathways_is_a_reason_for_each(policy):
    found = policy.decide(APPROVED | {"disease_setting": None, "lineage": "t_cell"})

    assert (found.decision, found.coverage, found.pathway) == ("denied", "not_met", None)
    assert ids(found.denial_reasons) == [
        "frontline.b_cell_precursor",
        "frontline.mini_hyper_cvd",
        "relapsed_refractory.b_cell_precursor",
    ]


def test_flags_stand_in_the_order_of_the_file_with_their_texts(policy, document):
    record = CONTINUED | {
        "plan_document_conflict": True,
        "prior_authorization_on_file": False,
        "cycles_received": 0,
        "disease_progression": True,
        "off_label_support_submitted": True,
        "birth_date": "2027-02-01",
    }
    found = policy.decide(record)

    assert [(flag.id, flag.kind) for flag in found.review_flags] == [
        ("plan_document_governs", "gate"),
        ("no_prior_authorization", "gate"),
        ("continuation_without_prior_cycles", "gate"),
        ("off_label_mandate", "hold"),
        ("below_labeled_age", "note"),
    ]
    flags = {flag["id"]: flag for flag in document["review_flags"]}
    for flag in found.review_flags:
        assert flag.text == flags[flag.id]["actions"][0]["params"]["text"]
        assert flag.citation == "\n".join(document["passages"][cite]["where"] for cite in flags[flag.id]["cites"])
    assert (found.decision, found.denial_reasons) == ("pended", ())


def test_a_hold_on_denials_is_not_listed_with_an_approval_nor_one_on_approvals_with_a_denial(policy):
    approved = policy.decide(APPROVED | {"off_label_support_submitted": True})
    assert (approved.decision, approved.review_flags) == ("approved", ())
    denied = policy.decide(APPROVED | {"combination_regimen": ["other_tki"]})
    assert (denied.decision, denied.review_flags) == ("denied", ())


def test_a_note_changes_nothing_and_is_not_listed_while_the_age_is_unknown(policy):
    young = policy.decide(APPROVED | {"birth_date": "2025-05-02"})
    assert (young.decision, ids(young.review_flags)) == ("approved", ["below_labeled_age"])
    assert policy.decide(APPROVED | {"birth_date": "2025-05-01"}).review_flags == ()
    assert policy.decide(APPROVED | {"birth_date": None}).review_flags == ()


@given(
    revisions(),
    st.lists(requests(LOADED), min_size=1, max_size=4),
    st.sets(st.sampled_from(MAY_BE_MISSING), min_size=4),
)
def test_any_revision_is_decided_as_the_contract_says(revision, drawn, emptied):
    other = Policy(LOADED.vocabulary, (Decider(revision, "sha256:any", LOADED.vocabulary),))

    for request in [request | dict.fromkeys(emptied) for request in drawn]:
        expected = by_the_contract(revision, facts_of(LOADED.request(request)), LOADED)
        for engine in ENGINES:
            found = other.decide(request, revision=revision.revision, engine=engine)
            assert {
                "decision": found.decision,
                "coverage": found.coverage,
                "pathway": found.pathway,
                "criteria": [(criterion.id, criterion.status) for criterion in found.criteria],
                "not_met": list(found.not_met),
                "missing": list(found.missing),
                "denial_reasons": ids(found.denial_reasons),
                "review_flags": ids(found.review_flags),
                "approves": found.authorization is not None,
            } == expected


def a_policy_of(pathways):
    """A policy with such pathways, each an id, what it applies to and its criteria, and without flags."""
    document = json.loads(RULE_FILE.read_text(encoding="utf-8"))
    [like, *_] = document["pathways"]
    document["review_flags"] = []
    document["pathways"] = [
        like
        | {
            "id": id,
            "applies": applies,
            "criteria": [
                like["criteria"][0] | {"id": f"{id}.{test['name']}", "conditions": {"all": [test]}} for test in tests
            ],
        }
        for id, applies, tests in pathways
    ]
    revision = Revision.model_validate_json(json.dumps(document))
    return Policy(LOADED.vocabulary, (Decider(revision, "sha256:any", LOADED.vocabulary),))


SETTING = {"name": "disease_setting", "operator": "equal_to", "value": "relapsed"}
B_CELL = {"name": "lineage", "operator": "equal_to", "value": "b_cell_precursor"}
CD22 = {"name": "cd22_status", "operator": "equal_to", "value": "positive"}
PH = {"name": "ph_status", "operator": "equal_to", "value": "positive"}


@pytest.mark.parametrize("engine", ENGINES)
def test_what_a_pathway_waits_for_is_not_missing_once_one_of_its_criteria_is_false(engine):
    other = a_policy_of([("one", {"any": [SETTING, CD22]}, [B_CELL, CD22]), ("two", {"any": [SETTING]}, [PH])])
    record = APPROVED | {"disease_setting": None, "cd22_status": None, "ph_status": None}

    both = other.decide(record, engine=engine)
    assert (both.coverage, both.missing) == ("unknown", ("cd22_status", "disease_setting", "ph_status"))

    one_left = other.decide(record | {"lineage": "t_cell"}, engine=engine)
    assert (one_left.coverage, one_left.not_met) == ("unknown", ("one.lineage",))
    assert one_left.missing == ("disease_setting", "ph_status")


@pytest.mark.parametrize("engine", ENGINES)
def test_nothing_is_missing_once_a_pathway_is_met(engine):
    other = a_policy_of([("one", {"any": [SETTING]}, [B_CELL]), ("two", {"any": [CD22]}, [PH])])
    found = other.decide(APPROVED | {"cd22_status": None, "ph_status": None}, engine=engine)

    assert (found.decision, found.pathway, found.missing) == ("approved", "one", ())
    assert ("two.ph_status", "unknown") in [(criterion.id, criterion.status) for criterion in found.criteria]


def test_every_status_of_a_condition_comes_about_in_the_policy(policy):
    found = {
        criterion.status
        for record in (APPROVED, APPROVED | {"lineage": "t_cell"}, APPROVED | {"lineage": None})
        for criterion in policy.decide(record).criteria
    }
    assert found == {status.word for status in Status}
