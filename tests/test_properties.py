"""What holds of every request: drawn from the typed variables, or read from the policy's own cases and examples."""

from __future__ import annotations

import copy
import json
import pickle
import traceback
from datetime import date

import oracle
import pytest
from business_rules.engine import run_all
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from project import ROOT

from medpolicy import Determination, InvalidRequest, Policy, load_policy
from medpolicy.evaluate.decide import Decider
from medpolicy.language.determination import Approval
from medpolicy.language.fields import Missing
from medpolicy.language.request import facts_of
from medpolicy.language.revision import Revision
from medpolicy.testing import near_boundaries, requests

POLICY = load_policy("inotuzumab-ozogamicin")
VARIABLES = {name: variable for name, variable in POLICY.vocabulary.variables.items() if variable.derived is None}
MAY_BE_MISSING = sorted(name for name, variable in VARIABLES.items() if variable.may_be_missing)
CRITERIA = {criterion.id for pathway in POLICY.revisions[0].pathways for criterion in pathway.criteria}

drawn = requests(POLICY) | near_boundaries(POLICY)
complete = requests(POLICY, complete=True) | near_boundaries(POLICY)


def one_in(how_many):
    """Draw fewer examples, for a property whose examples are costly."""
    return settings(max_examples=max(1, settings().max_examples // how_many))


def decided(decision):
    """Determinations of one kind."""
    return drawn.map(POLICY.decide).filter(lambda found: found.decision == decision)


def ids(parts):
    return [part.id for part in parts]


def without(request, *names):
    return {name: value for name, value in request.items() if name not in names}


# Decisions


@given(drawn)
def test_every_request_gets_exactly_one_decision_and_always_the_same(request):
    first, second = POLICY.decide(request), POLICY.decide(dict(reversed(request.items())))

    assert [first.decision == decision for decision in ("approved", "denied", "pended")].count(True) == 1
    assert first == second
    assert hash(first) == hash(second)


@given(decided("approved"))
def test_no_approval_stands_beside_a_criterion_that_is_not_met_or_open(found):
    assert found.coverage == "met"
    assert found.not_met == ()
    assert found.missing == ()
    assert found.denial_reasons == ()
    assert found.authorization is not None
    assert found.criteria, "an approval rests on criteria"
    assert {criterion.status for criterion in found.criteria} == {"met"}
    assert {flag.kind for flag in found.review_flags} <= {"note"}


@one_in(3)
@given(decided("denied"))
def test_no_denial_comes_without_a_specific_reason(found):
    assert found.coverage == "not_met"
    assert found.authorization is None
    assert ids(found.denial_reasons) == (list(found.not_met) or ["indication_not_listed"])
    assert all(reason.text.strip() and reason.citation.strip() for reason in found.denial_reasons)
    assert {flag.kind for flag in found.review_flags} <= {"note"}


@given(decided("pended"))
def test_every_pend_says_what_is_missing_or_what_to_review(found):
    assert found.missing or [flag for flag in found.review_flags if flag.kind != "note"]
    assert found.authorization is None
    assert found.denial_reasons == ()


@given(drawn)
def test_a_clinician_reviews_a_denial_and_nothing_else(request):
    found = POLICY.decide(request)

    assert found.requires_clinician_review is (found.decision == "denied")


@given(drawn)
def test_what_is_called_missing_is_missing_and_could_have_been_given(request):
    found = POLICY.decide(request)

    assert list(found.missing) == sorted(set(found.missing))
    assert set(found.missing) <= set(MAY_BE_MISSING)
    assert all(request.get(name) is None for name in found.missing)


@given(drawn)
def test_the_ids_not_met_are_those_of_the_criteria_listed(request):
    found = POLICY.decide(request)

    assert list(found.not_met) == sorted(criterion.id for criterion in found.criteria if criterion.status == "not_met")
    assert set(ids(found.criteria)) <= CRITERIA


# Monotony


@given(drawn, st.sets(st.sampled_from(MAY_BE_MISSING), min_size=1, max_size=3))
def test_a_missing_fact_never_helps(request, emptied):
    before = POLICY.decide(request).decision
    after = POLICY.decide(without(request, *emptied)).decision

    assert after in {before, "pended"}


@given(drawn, st.sampled_from(MAY_BE_MISSING))
def test_emptying_a_fact_never_settles_a_criterion(request, emptied):
    before = {criterion.id: criterion.status for criterion in POLICY.decide(request).criteria}
    after = {criterion.id: criterion.status for criterion in POLICY.decide(without(request, emptied)).criteria}

    assert set(before) <= set(after), "a pathway that was not ruled out is not ruled out by knowing less"
    assert all(after[id] in {status, "unknown"} for id, status in before.items())


@given(drawn, st.integers(1, 3))
def test_more_requested_cycles_never_turn_anything_into_an_approval(request, more):
    assume(1 <= (request.get("cycles_requested") or 0) <= 999 - more)
    before = POLICY.decide(request).decision
    after = POLICY.decide(request | {"cycles_requested": request["cycles_requested"] + more}).decision

    assert after != "approved" or before == "approved"


@given(
    complete,
    st.sets(st.sampled_from(sorted(oracle.TYROSINE_KINASE_INHIBITORS)), min_size=1),
    st.sets(st.sampled_from(["mini_hyper_cvd", "blinatumomab", "other"]), max_size=1),
)
def test_an_initial_request_for_a_tki_in_ph_negative_disease_is_never_approved(request, inhibitors, others):
    asked = {"request_type": "initial", "ph_status": "negative", "combination_regimen": sorted(inhibitors | others)}
    found = POLICY.decide(request | asked)

    assert found.decision != "approved"
    assert found.coverage != "met"


@given(complete)
def test_a_complete_request_is_never_open(request):
    found = POLICY.decide(request)
    assume(ids(found.review_flags) != ["no_revision_in_effect"])

    assert found.coverage in {"met", "not_met"}
    assert found.missing == ()
    assert "unknown" not in {criterion.status for criterion in found.criteria}


# Order


@one_in(10)
@given(st.lists(drawn, min_size=5, max_size=10), st.randoms(use_true_random=False))
def test_the_order_of_pathways_criteria_flags_and_parts_never_matters(drawn_requests, random):
    shuffled = Policy(
        POLICY.vocabulary, (Decider(a_shuffled(POLICY.revisions[0], random), "sha256:other", POLICY.vocabulary),)
    )

    for request in drawn_requests:
        for engine in ("tables", "business-rules"):
            assert in_one_order(shuffled.decide(request, engine=engine)) == in_one_order(POLICY.decide(request))


def a_shuffled(revision, random):
    document = revision.model_dump(mode="json", by_alias=True)
    shuffle_all(document, random)
    return Revision.model_validate_json(json.dumps(document))


def shuffle_all(part, random):
    """Shuffle in place what has no order: pathways, criteria, flags, groups, and lists of options."""
    if isinstance(part, dict):
        for key, value in part.items():
            if key in {"pathways", "criteria", "review_flags", "all", "any", "value"} and isinstance(value, list):
                random.shuffle(value)
            shuffle_all(value, random)
    elif isinstance(part, list):
        for inner in part:
            shuffle_all(inner, random)


def in_one_order(determination):
    document = json.loads(determination.to_json())
    for name in ("criteria", "review_flags"):
        document[name].sort(key=lambda part: part["id"])
    return without(document, "rules_digest")


# Forms


@given(drawn)
def test_a_determination_survives_json_pickle_and_copy(request):
    found = POLICY.decide(request)

    assert Determination.from_json(found.to_json()) == found
    assert Determination.from_json(found.to_json().decode()) == found
    for again in (pickle.loads(pickle.dumps(found)), copy.copy(found), copy.deepcopy(found)):
        assert again == found
        assert again.to_json() == found.to_json()
        assert again.facts == found.facts


@given(drawn)
def test_the_json_form_has_the_keys_of_the_contract_and_only_json_values(request):
    text = POLICY.decide(request).to_json()
    document = json.loads(text)

    assert b"\n" not in text
    assert list(document) == [
        *("request_id", "policy", "revision", "rules_digest", "engine_version", "decision", "coverage"),
        *("requires_clinician_review", "pathway", "authorization", "criteria", "not_met", "missing"),
        *("denial_reasons", "review_flags"),
    ]
    for criterion in document["criteria"]:
        assert list(criterion) == ["id", "status", "text", "citation", "observed"]
    for reason in document["denial_reasons"]:
        assert list(reason) == ["id", "text", "citation"]
    for flag in document["review_flags"]:
        assert list(flag) == ["id", "kind", "text", "citation"]


@given(drawn)
def test_what_was_observed_is_what_the_request_holds(request):
    for criterion in json.loads(POLICY.decide(request).to_json())["criteria"]:
        for name, seen in criterion["observed"].items():
            if name == "total_cycles":
                parts = [request.get("cycles_received"), request.get("cycles_requested")]
                assert seen == (None if None in parts else sum(parts))
            elif isinstance(seen, list):
                assert seen == sorted(set(request[name]))
            else:
                assert seen == request.get(name, VARIABLES[name].default)


# The other evaluators


@given(drawn)
def test_the_tables_and_the_stock_engine_give_the_same_determination(request):
    assert POLICY.decide(request, engine="tables") == POLICY.decide(request, engine="business-rules")


@given(drawn)
def test_the_independent_reading_of_the_contract_agrees_on_every_field(request):
    assert read_as_the_oracle(POLICY.decide(request)) == oracle.decide(request)


def read_as_the_oracle(found):
    document = json.loads(found.to_json())
    kept = ("decision", "coverage", "pathway", "not_met", "missing", "authorization")
    return {name: document[name] for name in kept} | {
        "review_flags": ids(found.review_flags),
        "denial_reasons": ids(found.denial_reasons),
        "criteria": [(criterion.id, criterion.status) for criterion in found.criteria],
    }


def flattened(pathway):
    """A pathway as one plain rule of `business-rules`: all of its conditions, and its action."""
    conditions = [pathway.applies, *(criterion.conditions for criterion in pathway.criteria)]
    return {
        "conditions": {"all": [condition.for_engine() for condition in conditions]},
        "actions": [action.for_engine() for action in pathway.actions],
    }


RULES = [flattened(pathway) for pathway in POLICY.revisions[0].pathways]


@given(complete)
def test_the_stock_run_all_approves_the_flattened_pathways_exactly_where_coverage_is_met(request):
    found = POLICY.decide(request, revision="2026-04-02")
    recorded = []
    facts = POLICY.vocabulary.engine_variables(facts_of(POLICY.request(request)), Missing.FAILS)

    triggered = run_all(RULES, facts, POLICY.vocabulary.actions(recorded.append))

    assert triggered is (found.coverage == "met")
    assert recorded == ([Approval(12, 6)] if found.coverage == "met" else [])


# Cases and examples


def golden_cases():
    path = ROOT / "rules" / "inotuzumab-ozogamicin" / "cases" / "2026-04-02.jsonl"
    cases = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    return [pytest.param(case["request"], case["expected"], id=case["shows"]) for case in cases]


@pytest.mark.parametrize(("request_", "expected"), golden_cases())
def test_case(request_, expected):
    found = read_as_the_oracle(POLICY.decide(request_))

    assert {name: found[name] for name in expected} == expected
    assert {name: oracle.decide(request_)[name] for name in expected} == expected


def test_the_cases_are_many_and_each_has_a_request_id_of_its_own():
    request_ids = [case.values[0]["request_id"] for case in golden_cases()]
    assert len(request_ids) == len(set(request_ids)) >= 100


@pytest.mark.parametrize("path", sorted((ROOT / "examples").glob("*.json")), ids=lambda path: path.stem)
def test_an_example_is_decided_as_its_name_says(path):
    found = POLICY.decide(json.loads(path.read_text(encoding="utf-8")))
    decision, _, reason = path.stem.partition("-")

    assert found.decision == decision
    assert EXAMPLES[reason] == (found.pathway, *(found.not_met or found.missing or ids(found.review_flags)))


EXAMPLES = {
    "continuation": ("continuation",),
    "frontline-mini-hyper-cvd-blinatumomab": ("frontline",),
    "relapsed-single-agent": ("relapsed_refractory",),
    "with-note-below-one-year": ("relapsed_refractory", "below_labeled_age"),
    "continuation-progression": ("continuation", "continuation.no_disease_progression"),
    "frontline-over-six-cycles": ("frontline", "frontline.cycle_cap"),
    "indication-not-listed": (None,),
    "before-effective-date": (None, "no_revision_in_effect"),
    "cd22-test-not-submitted": ("relapsed_refractory", "cd22_test_not_submitted"),
    "continuation-without-authorization": ("continuation", "no_prior_authorization"),
    "missing-ph-status": ("relapsed_refractory", "ph_status"),
    "off-label-support": ("relapsed_refractory", "relapsed_refractory.regimen"),
    "plan-document-conflict": ("relapsed_refractory", "plan_document_governs"),
    "unlisted-tki": ("relapsed_refractory", "unlisted_tki"),
}


# Faulty requests

tokens = st.integers(10_000_000, 99_999_999).map(lambda number: f"Zq{number}xW")
junk = st.recursive(
    tokens
    | tokens.map(str.encode)
    | st.integers(10_000_000, 99_999_999)
    | st.integers(10_000_000, 99_999_999).map(float)
    | st.integers(10_000_000, 99_999_999).map(str)
    | st.dates(date(1100, 1, 1), date(1799, 12, 31))
    | st.dates(date(1100, 1, 1), date(1799, 12, 31)).map(str),
    lambda inner: (
        st.lists(inner, min_size=1, max_size=3)
        | st.lists(inner, min_size=1, max_size=3).map(tuple)
        | st.dictionaries(tokens, inner, min_size=1, max_size=2)
    ),
    max_leaves=6,
) | st.frozensets(tokens, min_size=1, max_size=3)


def scalars_in(value):
    if isinstance(value, dict):
        return [*value, *(found for part in value.values() for found in scalars_in(part))]
    if isinstance(value, list | tuple | frozenset):
        return [found for part in value for found in scalars_in(part)]
    return [value]


def written(value):
    return {str(value), repr(value), value.decode() if isinstance(value, bytes) else f"{value}"}


def all_that_is_said(error):
    findings = [
        text for finding in error.findings for text in (str(finding), repr(finding), json.dumps(finding.to_dict()))
    ]
    return "\n".join([str(error), repr(error), *traceback.format_exception(error), *findings])


@given(
    drawn,
    st.dictionaries(st.sampled_from(sorted(VARIABLES)), junk, min_size=1, max_size=len(VARIABLES)),
    st.dictionaries(st.sampled_from(["member_name", "ssn", "total_cycles", "ph_statsu"]), junk, max_size=2),
)
def test_no_message_about_a_faulty_request_repeats_a_value_of_it(request, faulty, unknown):
    record = request | faulty | unknown
    with pytest.raises(InvalidRequest) as refused:
        POLICY.decide(record if set(faulty) != {"request_id"} else record | {"disease": 12345678})

    said = all_that_is_said(refused.value)
    for value in scalars_in([*faulty.values(), *unknown.values()]):
        for text in written(value):
            assert text not in said
    assert refused.value.__context__ is None


@given(junk)
def test_no_message_about_what_is_no_record_repeats_a_value_of_it(junk):
    assume(not isinstance(junk, dict))
    with pytest.raises(InvalidRequest) as refused:
        POLICY.decide(junk)

    said = all_that_is_said(refused.value)
    assert not any(text in said for value in scalars_in(junk) for text in written(value))


@given(
    drawn,
    st.dictionaries(st.sampled_from(sorted(set(VARIABLES) - {"request_id"})), junk, max_size=len(VARIABLES)),
    st.sets(st.sampled_from(["member_name", "ssn", "total_cycles", "ph_statsu"]), max_size=2),
    st.booleans(),
)
def test_every_fault_of_a_record_is_reported_at_once_and_nothing_else(request, faulty, unknown, unnamed):
    assume(faulty or unknown or unnamed)
    record = request | faulty | dict.fromkeys(unknown)
    if unnamed:
        record["request_id"] = ""
    with pytest.raises(InvalidRequest) as refused:
        POLICY.decide(record)

    assert {finding.path[0] for finding in refused.value.findings} == {
        *faulty,
        *unknown,
        *(["request_id"] if unnamed else []),
    }


@given(drawn, st.sampled_from(sorted(VARIABLES)), junk)
def test_no_faulty_value_is_taken_for_a_missing_one(request, name, value):
    assume(name != "request_id")
    with pytest.raises(InvalidRequest):
        POLICY.decide(request | {name: value})
