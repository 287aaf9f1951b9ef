"""The words of a policy: its variables and actions, and what a rule builder is told of them."""

from __future__ import annotations

import json

import pytest
from business_rules.utils import export_rule_data
from hypothesis import given
from project import NAME
from pydantic import ValidationError

from medpolicy import InvalidPolicy, load_policy
from medpolicy.language.fields import Missing
from medpolicy.language.installed import known_policies
from medpolicy.language.request import facts_of
from medpolicy.language.vocabulary import find_vocabulary
from medpolicy.testing import requests

VOCABULARY = find_vocabulary(NAME)


def test_every_installed_policy_is_found_by_its_name_and_no_other():
    assert NAME in known_policies()
    assert [find_vocabulary(name).policy for name in known_policies()] == list(known_policies())
    for name in ("", f"{NAME}.", NAME.upper(), "nothing.variables"):
        with pytest.raises(InvalidPolicy) as refused:
            find_vocabulary(name)
        assert [finding.code for finding in refused.value.findings] == ["unknown-policy"]


@given(requests(load_policy(NAME)))
def test_the_engine_reads_each_testable_fact_or_how_a_missing_one_is_answered(request):
    facts = facts_of(VOCABULARY.request.model_validate(request, strict=False))
    for missing in (Missing.FAILS, Missing.HOLDS):
        read = VOCABULARY.engine_variables(facts, missing)
        for name in VOCABULARY.testable:
            assert getattr(read, name)() == (missing if facts[name] is None else facts[name])


def test_what_can_be_tested_has_operators_and_what_stands_for_itself_has_none():
    assert {"request_id"} == set(VOCABULARY.variables) - set(VOCABULARY.testable)
    assert all(variable.kind.operators() for variable in VOCABULARY.testable.values())


def test_the_parameters_of_an_action_are_strict_and_complete():
    approve = VOCABULARY.parameters["approve"]
    good = {"months": 12, "max_total_cycles": 6}
    assert approve.model_validate(good).model_dump() == good
    for bad in (
        {"months": 12},
        good | {"months": "12"},
        good | {"months": True},
        good | {"more": 1},
        good | {"months": 0},
    ):
        with pytest.raises(ValidationError):
            approve.model_validate(bad)


def test_actions_are_recorded_in_their_order():
    actions = [
        {"name": "deny", "params": {"reason": "One."}},
        {"name": "flag_for_review", "params": {"text": "Two."}},
    ]
    assert VOCABULARY.record(actions) == VOCABULARY.record(actions[:1]) + VOCABULARY.record(actions[1:])
    assert len(VOCABULARY.record(actions)) == 2
    assert VOCABULARY.record(()) == ()


def test_the_rule_data_has_the_shape_of_export_rule_data_and_every_operator(policy):
    ours = policy.rule_data()
    stock = export_rule_data(policy.vocabulary.engine_variables, policy.vocabulary.actions)

    assert ours.keys() == stock.keys()
    assert ours["actions"] == stock["actions"]
    assert {variable["name"] for variable in ours["variables"]} == {variable["name"] for variable in stock["variables"]}
    stock_variables = {variable["name"]: variable for variable in stock["variables"]}
    for variable in ours["variables"]:
        assert stock_variables[variable["name"]].items() <= variable.items()
        operators = {operator["name"] for operator in ours["variable_type_operators"][variable["field_type"]]}
        assert operators == set(policy.vocabulary.variables[variable["name"]].kind.operators())
    assert set(ours["variable_type_operators"]) == {"choice", "yes_no", "whole_number", "date", "choice_set"}
    for operators in ours["variable_type_operators"].values():
        assert all(set(operator) == {"name", "label", "input_type"} for operator in operators)


def test_the_rule_data_is_json_and_a_caller_who_changes_it_changes_nothing(policy):
    data = policy.rule_data()
    json.dumps(data)
    data["variables"].clear()
    data["variable_type_operators"]["choice"].clear()
    assert policy.rule_data()["variables"]
    assert policy.rule_data()["variable_type_operators"]["choice"]
