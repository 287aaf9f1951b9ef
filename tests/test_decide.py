"""Which revision decides, what a verdict says and in which order, and that nothing of it can be changed."""

from __future__ import annotations

import copy
import hashlib
import inspect
import json
import pickle
import threading
import traceback
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from pathlib import Path

import pytest
from business_rules.utils import export_rule_data
from hypothesis import given, settings
from hypothesis import strategies as st

import medpolicy
from medpolicy import InvalidPolicy, Policy, UndecidedRequest, load_policy
from medpolicy.evaluate.compiled import CodedStatuses, Compiled
from medpolicy.evaluate.decide import Decider
from medpolicy.evaluate.engine import StockEngine
from medpolicy.evaluate.status import Status
from medpolicy.language.fields import Missing
from medpolicy.language.request import facts_of
from medpolicy.language.revision import All, Any_, Revision, Test
from medpolicy.language.walk import tests_in as every_test_in
from medpolicy.testing import requests

NAME = "inotuzumab-ozogamicin"
RULES = Path(__file__).parent.parent / "rules" / NAME / "2026-04-02.json"
ENGINES = ("tables", "business-rules")

APPROVED = {
    "request_id": "PA-1001",
    "request_type": "initial",
    "service_start_date": "2026-05-01",
    "birth_date": "1971-11-08",
    "disease": "acute_lymphoblastic_leukemia",
    "lineage": "b_cell_precursor",
    "disease_setting": "relapsed",
    "cd22_status": "positive",
    "cd22_test_submitted": True,
    "ph_status": "negative",
    "combination_regimen": [],
    "cycles_received": 0,
    "cycles_requested": 2,
    "therapy_exclusion": False,
}
CONTINUED = {
    "request_id": "PA-1003",
    "request_type": "continuation",
    "service_start_date": "2027-03-01",
    "disease": "acute_lymphoblastic_leukemia",
    "lineage": "b_cell_precursor",
    "disease_setting": "refractory",
    "prior_authorization_on_file": True,
    "cycles_received": 3,
    "cycles_requested": 3,
    "disease_progression": False,
    "unacceptable_toxicity": False,
    "therapy_exclusion": False,
}


@pytest.fixture(scope="session")
def document():
    return json.loads(RULES.read_text(encoding="utf-8"))


def ids(parts):
    return [each.id for each in parts]


# Which revision decides


@pytest.fixture(scope="session")
def two_revisions(tmp_path_factory, document) -> Policy:
    """The policy as it would be with a first revision to the end of 2026 and, after a month without one, a second.

    The second allows 4 cycles, authorizes 6 months and ends with 2100.
    """
    folder = tmp_path_factory.mktemp("rules") / NAME
    folder.mkdir()
    first = document | {"effective_to": "2026-12-31"}
    second = json.loads(json.dumps(document)) | {"revision": "2027-02-01", "effective_from": "2027-02-01"}
    second["effective_to"] = "2100-12-31"
    for pathway in second["pathways"]:
        pathway["actions"][0]["params"] = {"months": 6, "max_total_cycles": 4}
        for criterion in pathway["criteria"]:
            if criterion["id"].endswith("cycle_cap"):
                criterion["conditions"]["all"][0]["value"] = 4
    second["not_in_effect"]["actions"][0]["params"]["text"] = "Ask for the policy of that day."
    for revision in (second, first):
        (folder / f"{revision['revision']}.json").write_text(json.dumps(revision), encoding="utf-8")
    return load_policy(NAME, rules=folder.parent)


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize(
    ("day", "revision"),
    [
        ("1900-01-01", None),
        ("2026-04-01", None),
        ("2026-04-02", "2026-04-02"),
        ("2026-04-03", "2026-04-02"),
        ("2026-12-30", "2026-04-02"),
        ("2026-12-31", "2026-04-02"),
        ("2027-01-01", None),
        ("2027-01-31", None),
        ("2027-02-01", "2027-02-01"),
        ("2100-12-31", "2027-02-01"),
        ("2101-01-01", None),
        ("2199-12-31", None),
    ],
)
def test_the_revision_in_effect_on_the_service_date_decides_its_first_and_last_day_included(
    two_revisions, engine, day, revision
):
    found = two_revisions.decide(APPROVED | {"birth_date": None, "service_start_date": day}, engine=engine)

    assert found.revision == revision
    assert found.decision == ("pended" if revision is None else "approved")
    assert (found.authorization.months if revision else None) == {None: None, "2026-04-02": 12, "2027-02-01": 6}[
        revision
    ]


def test_each_revision_decides_by_its_own_rules(two_revisions):
    five = APPROVED | {"cycles_requested": 5}
    assert two_revisions.decide(five).decision == "approved"
    later = two_revisions.decide(five | {"service_start_date": "2027-02-01"})
    assert (later.decision, later.not_met) == ("denied", ("relapsed_refractory.cycle_cap",))


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("day", ["2026-04-01", "2027-01-31"])
def test_where_no_revision_is_in_effect_nothing_else_is_evaluated(two_revisions, engine, day):
    record = CONTINUED | {"service_start_date": day, "plan_document_conflict": True, "birth_date": day}
    found = two_revisions.decide(record, engine=engine)

    assert (found.decision, found.coverage) == ("pended", "unknown")
    assert (found.pathway, found.revision, found.rules_digest, found.authorization) == (None, None, None, None)
    assert found.criteria == found.not_met == found.missing == found.denial_reasons == ()
    assert [(each.id, each.kind) for each in found.review_flags] == [("no_revision_in_effect", "gate")]
    assert found.requires_clinician_review is False


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize(
    ("day", "said_by"),
    [("2026-04-01", 0), ("2027-01-15", 0), ("2101-01-01", 1)],
    ids=["before the first", "in the gap", "after the last"],
)
def test_where_none_is_in_effect_the_words_are_those_of_the_last_revision_before_or_else_of_the_first(
    two_revisions, engine, day, said_by
):
    revision = two_revisions.revisions[said_by]
    [flag] = two_revisions.decide(APPROVED | {"service_start_date": day}, engine=engine).review_flags
    assert flag.text == revision.not_in_effect.actions[0].params["text"]
    assert flag.citation == "\n".join(revision.passages[cite].where for cite in revision.not_in_effect.cites)


@pytest.mark.parametrize("day", ["1900-01-01", "2026-05-01", "2027-01-15", "2027-02-01"])
@pytest.mark.parametrize("revision", ["2026-04-02", "2027-02-01"])
def test_a_pinned_revision_decides_whatever_the_date(two_revisions, day, revision):
    record = APPROVED | {"birth_date": None, "service_start_date": day}
    for engine in ENGINES:
        found = two_revisions.decide(record, revision=revision, engine=engine)
        assert (found.revision, found.decision) == (revision, "approved")
        assert found.authorization.start == date.fromisoformat(day)


@pytest.mark.parametrize(
    ("revision", "advice"),
    [("2026-04-20", "did you mean `2026-04-02`?"), ("latest", "the revisions are `2026-04-02` and `2027-02-01`")],
)
def test_a_pinned_revision_that_does_not_exist_is_refused(two_revisions, revision, advice):
    with pytest.raises(InvalidPolicy) as refused:
        two_revisions.decide(APPROVED, revision=revision)
    [found] = refused.value.findings
    assert (found.code, found.help) == ("unknown-revision", advice)
    assert found.message == f"unknown revision `{revision}` of `{NAME}`"


def test_the_revisions_stand_in_the_order_of_their_dates(two_revisions):
    assert [each.revision for each in two_revisions.revisions] == ["2026-04-02", "2027-02-01"]
    assert two_revisions.revision("2027-02-01").effective_from == date(2027, 2, 1)


# Authorizations


def test_an_authorization_ends_at_the_date_or_at_the_cycle_count(policy):
    found = policy.decide(CONTINUED).authorization
    assert (found.start, found.end, found.months) == (date(2027, 3, 1), date(2028, 2, 29), 12)
    assert (found.cycles, found.max_total_cycles) == (3, 6)


@pytest.mark.parametrize("engine", ENGINES)
def test_the_gates_leave_coverage_and_criteria_as_they_are(policy, engine):
    found = policy.decide(APPROVED | {"cd22_test_submitted": False}, engine=engine)
    assert (found.decision, found.coverage, found.pathway) == ("pended", "met", "relapsed_refractory")
    assert {each.status for each in found.criteria} == {"met"}
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
    criteria = {each["id"]: each for each in document["pathways"][1]["criteria"]}
    for reason in found.denial_reasons:
        criterion = criteria[reason.id]
        assert reason.text == criterion["otherwise"][0]["params"]["reason"]
        assert reason.citation == "\n".join(document["passages"][cite]["where"] for cite in criterion["cites"])


def test_criteria_stand_in_the_order_of_the_file_with_the_words_of_the_passages_they_cite(policy, document):
    found = policy.decide(APPROVED | {"ph_status": None, "request_type": "initial", "disease_setting": None})
    expected = [each for pathway in document["pathways"][:2] for each in pathway["criteria"]]

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

    assert [(each.id, each.kind) for each in found.review_flags] == [
        ("plan_document_governs", "gate"),
        ("no_prior_authorization", "gate"),
        ("continuation_without_prior_cycles", "gate"),
        ("off_label_mandate", "hold"),
        ("below_labeled_age", "note"),
    ]
    flags = {each["id"]: each for each in document["review_flags"]}
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


# What a condition means


CONSTANTS = {
    "request_type": ["initial", "continuation"],
    "disease": ["acute_lymphoblastic_leukemia", "lymphoblastic_lymphoma", "other"],
    "therapy_exclusion": [True],
    "cycles_received": [0, 1, 6],
    "total_cycles": [6, 7],
    "age_years": [1, 18],
    "birth_date": ["2008-02-29", "2026-04-02"],
    "combination_regimen": [[], ["imatinib"], ["mini_hyper_cvd", "blinatumomab"]],
}


def any_test_of(policy):
    """Any test that a rule of the policy could have."""

    @st.composite
    def test(draw):
        name = draw(st.sampled_from(sorted(CONSTANTS)))
        operators = policy.vocabulary.variables[name].kind.operators()
        operator = draw(st.sampled_from(sorted(operators)))
        constant = draw(st.sampled_from(CONSTANTS[name]))
        if operators[operator] == "select_multiple" and not isinstance(constant, list):
            constant = [constant]
        if operators[operator] == "select" and isinstance(constant, list):
            constant = constant[0] if constant else "other"
        return Test(name=name, operator=operator, value=tuple(constant) if isinstance(constant, list) else constant)

    return test()


def kleene(condition, facts, policy):
    """The status and the waiting variables of a condition, straight from the contract's words."""
    if isinstance(condition, Test):
        if facts[condition.name] is None:
            parts = policy.vocabulary.variables[condition.name].parts
            return "unknown", {part for part in parts if facts[part] is None}
        known = policy.vocabulary.engine_variables(facts, Missing.FAILS)
        answer = getattr(getattr(known, condition.name).field_type(facts[condition.name]), condition.operator)
        return ("met" if answer(condition.rule()["value"]) else "not_met"), set()
    parts = [kleene(part, facts, policy) for part in condition.parts]
    settling, otherwise = ("not_met", "met") if isinstance(condition, All) else ("met", "not_met")
    if settling in [status for status, _ in parts]:
        return settling, set()
    waiting = set().union(*(names for status, names in parts if status == "unknown"))
    return ("unknown" if "unknown" in [status for status, _ in parts] else otherwise), waiting


LOADED = load_policy(NAME)
MAY_BE_MISSING = sorted(
    name for name, each in LOADED.vocabulary.variables.items() if each.may_be_missing and not each.derived
)
conditions = st.recursive(
    any_test_of(LOADED),
    lambda parts: st.lists(parts, min_size=1, max_size=4).flatmap(
        lambda some: st.sampled_from([All(all=tuple(some)), Any_(any=tuple(some))])
    ),
    max_leaves=12,
)


@settings(max_examples=max(1, settings().max_examples // 2))
@given(conditions, st.lists(requests(LOADED), min_size=1, max_size=3))
def test_any_condition_means_the_same_to_kleene_to_the_stock_engine_and_to_the_tables(condition, drawn):
    [pathway, *_] = LOADED.revisions[0].pathways
    only = pathway.model_copy(update={"applies": condition})
    revision = LOADED.revisions[0].model_copy(update={"pathways": (only,), "review_flags": ()})
    decider = Decider(revision, "sha256:any", LOADED.vocabulary)
    compiled = Compiled(decider)

    for request in drawn:
        facts = facts_of(LOADED.request(request))
        expected = kleene(condition, facts, LOADED)
        stock = StockEngine(LOADED.vocabulary, decider.conditions, facts)
        coded = CodedStatuses(compiled, compiled.codes(facts))
        for statuses in (stock, coded):
            assert (statuses.status(only.id).word, set(statuses.missing(only.id))) == expected


@st.composite
def revisions(draw):
    """Any revision of the policy's vocabulary: up to three pathways that exclude each other or do not, and flags."""
    document = json.loads(RULES.read_text(encoding="utf-8"))
    kinds = draw(st.permutations(["initial", "continuation", None]))
    approve, flag_action = document["pathways"][0]["actions"], document["review_flags"][0]["actions"]
    deny = document["pathways"][0]["criteria"][0]["otherwise"]
    document["pathways"] = []
    for number, kind in enumerate(kinds[: draw(st.integers(1, 3))]):
        only = [Test(name="request_type", operator="equal_to", value=kind)] if kind else []
        document["pathways"].append(
            {
                "id": f"p{number}",
                "title": "P",
                "cites": ["title"],
                "applies": All(all=(*only, draw(conditions))).rule(),
                "criteria": [
                    {"id": f"p{number}.c{place}", "cites": ["title"], "conditions": each.rule(), "otherwise": deny}
                    for place, each in enumerate(draw(st.lists(conditions, min_size=1, max_size=3)))
                ],
                "actions": approve,
            }
        )
    document["review_flags"] = [
        {"id": f"f{number}", "cites": ["title"], "conditions": draw(conditions).rule(), "actions": flag_action, **kind}
        for number, kind in enumerate(draw(st.lists(st.sampled_from(FLAG_KINDS), max_size=3)))
    ]
    return Revision.model_validate_json(json.dumps(document))


FLAG_KINDS = [
    {"kind": "gate"},
    {"kind": "note"},
    {"kind": "hold", "holds": "approved"},
    {"kind": "hold", "holds": "denied"},
]


def by_the_contract(revision, facts, policy):
    """Sections 4 and 5 of the contract once more, for any revision: what is decided, and what is said of it."""
    said = {id: kleene(condition, facts, policy) for id, condition in revision.conditions()}
    status = {id: each for id, (each, _) in said.items()}
    parts = {each.id: [each.id, *(criterion.id for criterion in each.criteria)] for each in revision.pathways}
    whole = {
        id: "not_met"
        if any(status[part] == "not_met" for part in some)
        else "met"
        if all(status[part] == "met" for part in some)
        else "unknown"
        for id, some in parts.items()
    }
    if "met" in whole.values():
        coverage, decision = "met", "approved"
    elif "unknown" in whole.values():
        coverage, decision = "unknown", "pended"
    else:
        coverage, decision = "not_met", "denied"
    acting = [
        flag.id
        for flag in revision.review_flags
        if (flag.kind == "note" and status[flag.id] == "met")
        or (flag.kind == "gate" and status[flag.id] != "not_met")
        or (flag.kind == "hold" and status[flag.id] != "not_met" and flag.holds == decision)
    ]
    pending = [flag.id for flag in revision.review_flags if flag.id in acting and flag.kind != "note"]
    listed = [part for id, some in parts.items() if status[id] != "not_met" for part in some[1:]]
    not_met = sorted(part for part in listed if status[part] == "not_met")
    open_ids = [part for id, some in parts.items() if whole[id] != "not_met" for part in some]
    asked = [*pending, *(open_ids if coverage == "unknown" else [])]
    final = "pended" if pending else decision
    applying = [id for id in parts if status[id] == "met"]
    return {
        "decision": final,
        "coverage": coverage,
        "pathway": applying[0] if applying else None,
        "criteria": [(part, status[part]) for part in listed],
        "not_met": not_met,
        "missing": sorted(set().union(*(said[id][1] for id in asked if status[id] == "unknown"))),
        "denial_reasons": (not_met or ["indication_not_listed"]) if final == "denied" else [],
        "review_flags": acting,
        "approves": final == "approved",
    }


@given(
    revisions(),
    st.lists(requests(LOADED), min_size=1, max_size=4),
    st.sets(st.sampled_from(MAY_BE_MISSING), min_size=4),
)
def test_any_revision_is_decided_as_the_contract_says(revision, drawn, emptied):
    other = Policy(LOADED.vocabulary, (Decider(revision, "sha256:any", LOADED.vocabulary),))

    for request in [each | dict.fromkeys(emptied) for each in drawn]:
        expected = by_the_contract(revision, facts_of(LOADED.request(request)), LOADED)
        for engine in ENGINES:
            found = other.decide(request, revision=revision.revision, engine=engine)
            assert {
                "decision": found.decision,
                "coverage": found.coverage,
                "pathway": found.pathway,
                "criteria": [(each.id, each.status) for each in found.criteria],
                "not_met": list(found.not_met),
                "missing": list(found.missing),
                "denial_reasons": ids(found.denial_reasons),
                "review_flags": ids(found.review_flags),
                "approves": found.authorization is not None,
            } == expected


def a_policy_of(pathways):
    """A policy with such pathways, each an id, what it applies to and its criteria, and without flags."""
    document = json.loads(RULES.read_text(encoding="utf-8"))
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
    assert ("two.ph_status", "unknown") in [(each.id, each.status) for each in found.criteria]


def test_every_status_of_a_condition_comes_about_in_the_policy(policy):
    found = {
        each.status
        for record in (APPROVED, APPROVED | {"lineage": "t_cell"}, APPROVED | {"lineage": None})
        for each in policy.decide(record).criteria
    }
    assert found == {status.word for status in Status}


# Rule data


def test_the_rule_data_has_the_shape_of_export_rule_data_and_every_operator(policy):
    ours = policy.rule_data()
    stock = export_rule_data(policy.vocabulary.engine_variables, policy.vocabulary.actions)

    assert ours.keys() == stock.keys()
    assert ours["actions"] == stock["actions"]
    assert {each["name"] for each in ours["variables"]} == {each["name"] for each in stock["variables"]}
    stock_variables = {each["name"]: each for each in stock["variables"]}
    for variable in ours["variables"]:
        assert stock_variables[variable["name"]].items() <= variable.items()
        operators = {each["name"] for each in ours["variable_type_operators"][variable["field_type"]]}
        assert operators == set(policy.vocabulary.variables[variable["name"]].kind.operators())
    assert set(ours["variable_type_operators"]) == {"choice", "yes_no", "whole_number", "date", "choice_set"}
    for operators in ours["variable_type_operators"].values():
        assert all(set(each) == {"name", "label", "input_type"} for each in operators)


def test_the_rule_data_offers_every_operator_that_the_rules_use(policy):
    ours = policy.rule_data()
    types = {each["name"]: each["field_type"] for each in ours["variables"]}
    offered = {
        type_name: {each["name"] for each in operators}
        for type_name, operators in ours["variable_type_operators"].items()
    }
    for revision in policy.revisions:
        for _, condition in revision.conditions():
            for test in every_test_in(condition):
                assert test.operator in offered[types[test.name]]


def test_the_rule_data_is_json_and_a_caller_who_changes_it_changes_nothing(policy):
    data = policy.rule_data()
    json.dumps(data)
    data["variables"].clear()
    data["variable_type_operators"]["choice"].clear()
    assert policy.rule_data()["variables"]
    assert policy.rule_data()["variable_type_operators"]["choice"]


# When the program itself fails


@pytest.mark.parametrize(
    ("engine", "statuses"), [("business-rules", StockEngine), ("tables", CodedStatuses)], ids=["stock", "tables"]
)
def test_a_failure_of_the_program_is_told_without_a_value_of_the_request(monkeypatch, engine, statuses):
    def fail(*_):
        raise ValueError("the member PA-1001 born 1971-11-08")

    monkeypatch.setattr(statuses, "status", fail)
    fresh = load_policy(NAME)
    with pytest.raises(UndecidedRequest) as failed:
        fresh.decide(APPROVED, engine=engine)

    assert str(failed.value) == "the request could not be decided (ValueError)"
    told = "".join(traceback.format_exception(failed.value))
    assert "1971" not in told
    assert "PA-1001" not in told
    assert pickle.loads(pickle.dumps(failed.value)).args == failed.value.args


def test_a_faulty_request_is_not_called_a_failure_of_the_program(policy):
    with pytest.raises(medpolicy.InvalidRequest):
        policy.decide(APPROVED | {"disease": "AML"})


# Sharing, and changing nothing


def test_threads_may_share_a_policy(policy):
    fresh = load_policy(NAME)
    records = [
        APPROVED | {"request_id": f"PA-{number}", "cycles_requested": number % 9 + 1, "lineage": lineage}
        for number in range(60)
        for lineage in ("b_cell_precursor", "t_cell", None)
    ]
    expected = [policy.decide(record).to_json() for record in records]
    start = threading.Barrier(8)

    def decide_all(_):
        start.wait(timeout=30)
        return [fresh.decide(record).to_json() for record in records]

    with ThreadPoolExecutor(8) as pool:
        for found in pool.map(decide_all, range(8)):
            assert found == expected


def test_a_policy_survives_pickling(policy, two_revisions):
    for each in (policy, two_revisions):
        again = pickle.loads(pickle.dumps(each))
        for record in (APPROVED, CONTINUED):
            assert again.decide(record) == each.decide(record)
            assert again.decide(record).to_json() == each.decide(record).to_json()


def test_a_policy_has_a_hash_that_equal_ones_share(policy, two_revisions):
    for each in (policy, two_revisions):
        again = pickle.loads(pickle.dumps(each))
        assert (again, hash(again), hash(again.revisions)) == (each, hash(each), hash(each.revisions))
    assert len({policy, load_policy(NAME), two_revisions}) == 2


@pytest.mark.parametrize(
    "change",
    [
        lambda mapping, key: mapping.__setitem__(key, "x"),
        lambda mapping, key: mapping.__delitem__(key),
        lambda mapping, key: mapping.pop(key),
        lambda mapping, _: mapping.popitem(),
        lambda mapping, _: mapping.clear(),
        lambda mapping, _: mapping.update(),
        lambda mapping, key: mapping.setdefault(key, "x"),
        lambda mapping, _: mapping.__ior__({}),
    ],
    ids=["set", "del", "pop", "popitem", "clear", "update", "setdefault", "or"],
)
def test_the_mappings_of_a_revision_cannot_be_changed(policy, change):
    (revision,) = policy.revisions
    copied = copy.deepcopy(revision)
    for each in (revision, copied, pickle.loads(pickle.dumps(revision))):
        for mapping in (each.passages, each.pathways[0].actions[0].params):
            with pytest.raises(TypeError, match=r"^a rule file does not change once it is read$"):
                change(mapping, next(iter(mapping)))
    assert revision == copied


def fields_of(value):
    return getattr(value, "__dataclass_fields__", None) or type(value).model_fields


def test_nothing_of_a_policy_or_a_determination_can_be_set(policy):
    denied = policy.decide(APPROVED | {"lineage": "t_cell", "birth_date": "2026-04-30"})
    approved = policy.decide(APPROVED)
    revision = policy.revisions[0]
    parts = [
        policy,
        policy.vocabulary,
        *policy.deciders,
        revision,
        revision.source,
        revision.pathways[0],
        revision.pathways[0].criteria[0],
        revision.pathways[0].applies,
        revision.pathways[0].actions[0],
        revision.review_flags[0],
        denied,
        denied.verdict,
        denied.criteria[0],
        denied.denial_reasons[0],
        denied.review_flags[0],
        approved.authorization,
        approved.verdict.terms,
        policy.request(APPROVED),
    ]
    for part in parts:
        for name in fields_of(part):
            with pytest.raises((AttributeError, TypeError, ValueError)):
                setattr(part, name, getattr(part, name, None))
            with pytest.raises((AttributeError, TypeError, ValueError)):
                delattr(part, name)


def test_the_facts_of_a_determination_cannot_be_changed(policy):
    found = policy.decide(APPROVED | {"combination_regimen": ["imatinib"]})
    before = found.to_json()
    with pytest.raises(TypeError):
        found.facts["lineage"] = "t_cell"
    found.criteria[3].observed["combination_regimen"].append("other")
    found.criteria[3].observed.clear()
    found.to_dict()["decision"] = "approved"
    assert found.to_json() == before


def test_a_determination_does_not_change_with_the_record_it_came_from(policy):
    record = APPROVED | {"combination_regimen": ["imatinib"]}
    found = policy.decide(record)
    before = found.to_json()
    record["combination_regimen"].append("other")
    record["lineage"] = "t_cell"
    assert found.to_json() == before


# The digest


def canonical(value) -> str:
    """RFC 8785 of a document without decimal numbers: keys in the order of their UTF-16 code units, no blanks."""
    if isinstance(value, dict):
        keys = sorted(value, key=lambda key: key.encode("utf-16-be"))
        return "{" + ",".join(f"{canonical(key)}:{canonical(value[key])}" for key in keys) + "}"
    if isinstance(value, list):
        return "[" + ",".join(map(canonical, value)) + "]"
    return json.dumps(value, ensure_ascii=False)


def test_the_digest_is_the_sha_256_of_the_canonical_json_of_the_revision(policy, document, two_revisions):
    expected = "sha256:" + hashlib.sha256(canonical(document).encode()).hexdigest()
    assert policy.decide(APPROVED).rules_digest == expected
    assert two_revisions.decide(APPROVED).rules_digest != expected


def test_the_digest_does_not_depend_on_how_the_file_is_laid_out(tmp_path, policy, document):
    (tmp_path / NAME).mkdir()
    turned = dict(reversed(document.items()))
    (tmp_path / NAME / "r.json").write_text(json.dumps(turned, indent=7, ensure_ascii=True), encoding="utf-8")
    assert load_policy(NAME, rules=tmp_path).decide(APPROVED).rules_digest == policy.decide(APPROVED).rules_digest


def test_the_digest_changes_with_every_word_of_the_rules(tmp_path, policy, document):
    digests = {policy.decide(APPROVED).rules_digest}
    (tmp_path / NAME).mkdir()
    for change in ({"title": "Another title"}, {"effective_to": "2030-01-01"}, {"note": "a remark"}):
        (tmp_path / NAME / "r.json").write_text(json.dumps(document | change), encoding="utf-8")
        digests.add(load_policy(NAME, rules=tmp_path).decide(APPROVED).rules_digest)
    assert len(digests) == 4


# Public names


@pytest.mark.parametrize("name", [each for each in medpolicy.__all__ if each != "__version__"])
def test_a_public_name_says_what_a_caller_needs(name):
    public = getattr(medpolicy, name)
    assert public.__doc__
    assert not public.__doc__.startswith(f"{name}("), "a docstring, not the signature that dataclasses write"
    if inspect.isclass(public):
        for member, value in vars(public).items():
            if not member.startswith("_") and (inspect.isfunction(value) or isinstance(value, property | classmethod)):
                assert inspect.getdoc(value), f"{name}.{member} has no docstring"


def test_the_version_is_that_of_every_determination(policy):
    assert policy.decide(APPROVED).engine_version == medpolicy.__version__


def test_all_public_names_are_listed():
    assert sorted(medpolicy.__all__) == medpolicy.__all__
    assert medpolicy.__version__ == medpolicy.__version__.strip()


@given(st.dates(date(1900, 1, 1), date(2199, 12, 31)))
def test_the_revision_in_effect_follows_its_days(day):
    revision: Revision = LOADED.revisions[0]
    assert revision.in_effect(day) is (day >= date(2026, 4, 2))
    ended = revision.model_copy(update={"effective_to": day})
    assert ended.in_effect(day) is (day >= date(2026, 4, 2))
    assert ended.in_effect(day + timedelta(days=1)) is False


def test_an_unknown_engine_is_refused_by_name(policy: Policy) -> None:
    with pytest.raises(ValueError, match="unknown engine `nonsense`; the engines are `tables` and `business-rules`"):
        policy.decide({}, engine="nonsense")  # type: ignore[arg-type]
