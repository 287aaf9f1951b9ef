"""What business-rules 1.1.1 does with hostile or careless rules, and that none of it reaches a decision.

Each test shows the trap in the stock engine first: a version that behaves otherwise fails here, and is looked at.
"""

from __future__ import annotations

import json
import math
import sys
import time
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pytest
from business_rules.engine import check_conditions_recursively, do_actions, run
from business_rules.operators import NumericType, SelectType, StringType
from project import ROOT

from evaluate.stock import CYCLES, LINEAGE, VALID, Actions, Facts, asks, refused, stock
from medpolicy import InvalidRequest, Policy, UndecidedRequest
from medpolicy.language.fields import ChoiceSetType, ChoiceType, DateType, FactType, Missing, WholeNumberType, YesNoType
from medpolicy.load import read_rule_file
from medpolicy.policy import policy_of
from medpolicy.text.findings import Unusable
from medpolicy.text.json_text import parse_json

REQUEST = json.loads((ROOT / "examples" / "approved-relapsed-single-agent.json").read_bytes())
OWN_TYPES = (ChoiceType, ChoiceSetType, DateType, WholeNumberType, YesNoType)


def test_the_engine_is_the_version_of_which_these_traps_are_known() -> None:
    assert version("business-rules") == "1.1.1"


def test_a_sound_condition_is_refused_by_nothing() -> None:
    assert refused() == set()


# Names


@pytest.mark.parametrize("name", ["_private", "undecorated"])
def test_an_action_that_is_none_is_called_by_the_engine_and_refused_in_a_rule_file(name: str) -> None:
    actions = Actions()
    do_actions([{"name": name}], actions)
    assert actions.done == [name]
    assert refused(otherwise=[{"name": name, "params": {}}]) == {"unknown-action"}


def test_a_denial_undone_by_init_is_an_approval_in_the_engine_and_refused_in_a_rule_file() -> None:
    actions = Actions()
    do_actions([{"name": "deny", "params": {"reason": "x"}}, {"name": "__init__"}, {"name": "approve"}], actions)
    assert actions.done == ["approve"]
    do_actions([{"name": "get_all_actions"}], actions)
    terms = {"months": 12, "max_total_cycles": 6}
    several = [
        {"name": "deny", "params": {"reason": "x"}},
        {"name": "__init__", "params": {}},
        {"name": "approve", "params": terms},
    ]
    assert refused(action=several) == {"several-actions", "unknown-action", "wrong-action"}
    for name in ("__init__", "get_all_actions", "_record", "__class__"):
        assert refused(action=[{"name": name, "params": {}}]) == {"unknown-action"}


def test_a_variable_that_is_none_is_called_by_the_engine_and_refused_in_a_rule_file() -> None:
    facts = Facts(1)
    with pytest.raises(AttributeError):
        check_conditions_recursively(asks("undecorated", "equal_to", 1), facts)
    assert facts.called == ["undecorated"]
    for name in ("undecorated", "get_all_variables", "__init__", "_facts", "_missing", "model_dump"):
        assert refused(LINEAGE | {"name": name}) == {"unknown-variable"}
    assert refused(LINEAGE | {"name": "request_id"}) == {"untestable-variable"}


@pytest.mark.filterwarnings("ignore:NotImplemented should not be used")
@pytest.mark.parametrize("operator", ["__ne__", "__class__", "__format__", "_assert_valid_value_and_cast"])
def test_an_operator_that_is_none_makes_the_rule_fire_in_the_engine_and_is_refused_in_a_rule_file(
    operator: str,
) -> None:
    if operator == "__ne__" and sys.version_info >= (3, 14):  # from there on Python refuses to ask whether it is true
        with pytest.raises(TypeError):
            stock(asks("text", operator, "b"), "a")
    else:
        assert stock(asks("text", operator, "b" if operator != "__format__" else ""), "a")
    assert refused(LINEAGE | {"operator": operator}) == {"unknown-operator"}
    assert refused(CYCLES | {"operator": operator}) == {"unknown-operator"}


def test_what_stands_behind_a_short_circuit_is_never_read_by_the_engine_and_is_in_a_rule_file() -> None:
    known, unknown = asks("number", "equal_to", 1), asks("nmber", "equals", 1)
    assert stock({"any": [known, unknown]}, 1)
    assert not stock({"all": [known, unknown]}, 2)
    for group in ("all", "any"):
        assert refused({group: [LINEAGE, LINEAGE | {"name": "linaeg"}]}) == {"unknown-variable"}
        assert refused({group: [LINEAGE, LINEAGE | {"operator": "equals"}]}) == {"unknown-operator"}
        assert refused({group: [LINEAGE, LINEAGE | {"value": "b_cell"}]}) == {"wrong-value"}


# Groups and tests


@pytest.mark.parametrize("group", ["all", "any"])
def test_an_empty_group_depends_on_how_python_runs_in_the_engine_and_is_refused_in_a_rule_file(group: str) -> None:
    if __debug__:
        with pytest.raises(AssertionError):
            stock({group: []})
    else:
        assert stock({group: []}) is (group == "all")
    assert refused({group: []}) == {"empty-group"}
    assert refused({"all": [LINEAGE, {group: []}]}) == {"empty-group"}


def test_a_group_mixed_with_a_test_loses_its_group_in_the_engine_and_is_refused_in_a_rule_file() -> None:
    mixed = {"all": [asks("number", "equal_to", 2)], **asks("number", "equal_to", 1)}
    if __debug__:
        with pytest.raises(AssertionError):
            stock(mixed, 1)
    else:
        assert stock(mixed, 1)
    assert refused({"all": [LINEAGE], **CYCLES}) == {"mixed-group"}
    assert refused({"all": [LINEAGE], "any": [CYCLES]}) == {"mixed-group"}


def test_a_key_that_is_none_is_ignored_by_the_engine_and_refused_in_a_rule_file() -> None:
    assert stock(asks("number", "equal_to", 1) | {"negate": True}, 1)
    assert refused(LINEAGE | {"negate": True}) == {"unknown-key"}


# Values


def test_a_missing_value_is_a_text_or_an_error_in_the_engine_and_unknown_here(policy: Policy) -> None:
    assert stock(asks("text", "equal_to", ""), None)
    for name, operator in (("number", "equal_to"), ("yes", "is_true"), ("option", "contains")):
        with pytest.raises(AssertionError):
            stock(asks(name, operator, 1), None)
    for kind in OWN_TYPES:
        for operator in kind.get_all_operators():
            answers = [getattr(kind(missing), operator["name"])([]) for missing in (Missing.FAILS, Missing.HOLDS)]
            assert answers == [False, True]
    for engine in ("tables", "business-rules"):
        answer = policy.decide(REQUEST | {"ph_status": None, "combination_regimen": None}, engine=engine)
        assert answer.decision == "pended"
        assert {"ph_status", "combination_regimen"} <= set(answer.missing)


@pytest.mark.parametrize("number", [True, False, 6.0, "6", None])
def test_what_is_no_whole_number_is_one_for_the_engine_and_refused_here(number: Any, policy: Policy) -> None:
    if isinstance(number, int | float):
        assert stock(asks("number", "equal_to", int(number)), number)
    assert refused(CYCLES | {"value": number}) == {"wrong-value"}
    if number is not None:
        with pytest.raises(InvalidRequest):
            policy.decide(REQUEST | {"cycles_requested": number})


def test_a_number_is_compared_with_a_margin_by_the_engine_and_exactly_here() -> None:
    assert stock(asks("number", "greater_than_or_equal_to", 7), 6.9999999)
    assert stock(asks("number", "equal_to", 7), 7.0000009)
    assert refused(CYCLES | {"value": 6.9999999}) == {"wrong-value"}
    assert WholeNumberType(2**60 + 1).greater_than(2**60)
    assert not WholeNumberType(2**60 + 1).equal_to(2**60)


@pytest.mark.parametrize(("number", "error"), [(math.nan, ValueError), (math.inf, OverflowError)])
def test_what_is_not_finite_breaks_the_engine_and_is_refused_here(
    number: float, error: type[Exception], policy: Policy
) -> None:
    with pytest.raises(error):
        stock(asks("number", "equal_to", 1), number)
    for text in (b"NaN", b"Infinity", b"-Infinity", b"1e999"):
        with pytest.raises(Unusable):
            parse_json(b'{"value": ' + text + b"}")
    with pytest.raises(InvalidRequest):
        policy.decide(REQUEST | {"cycles_requested": number})


def test_a_text_where_a_list_is_meant_is_read_by_character_in_the_engine_and_refused_here(policy: Policy) -> None:
    assert stock(asks("option", "contains", "p"), "positive")
    assert SelectType("positive").does_not_contain("positive")
    assert refused({"name": "combination_regimen", "operator": "contains_all", "value": "imatinib"}) == {"wrong-value"}
    assert refused({"name": "disease", "operator": "is_one_of", "value": "other"}) == {"wrong-value"}
    assert refused({"name": "combination_regimen", "operator": "contains", "value": ["imatinib"]}) == {"wrong-value"}
    with pytest.raises(InvalidRequest):
        policy.decide(REQUEST | {"combination_regimen": "imatinib"})


def test_upper_and_lower_case_are_one_for_the_engine_and_two_here(policy: Policy) -> None:
    assert stock(asks("option", "contains", "POSITIVE"), ["positive"])
    assert refused(LINEAGE | {"value": "B_CELL_PRECURSOR"}) == {"wrong-value"}
    assert not ChoiceType("positive").equal_to("POSITIVE")
    assert not ChoiceSetType(frozenset({"imatinib"})).contains("IMATINIB")
    with pytest.raises(InvalidRequest):
        policy.decide(REQUEST | {"ph_status": "Positive"})


# Cost


def test_a_pattern_takes_exponential_time_in_the_engine_and_there_is_none_here() -> None:
    def seconds(length: int) -> float:
        begun = time.perf_counter()
        assert not stock(asks("text", "matches_regex", "^(a+)+$"), "a" * length + "b")
        return time.perf_counter() - begun

    assert seconds(20) > 8 * seconds(14)
    assert any(operator["name"] == "matches_regex" for operator in StringType.get_all_operators())
    for kind in OWN_TYPES:
        assert "matches_regex" not in {operator["name"] for operator in kind.get_all_operators()}
    assert FactType.get_all_operators() == []
    assert refused(LINEAGE | {"operator": "matches_regex", "value": "^(a+)+$"}) == {"unknown-operator"}


def nested(depth: int, innermost: Any) -> Any:
    for _ in range(depth):
        innermost = {"all": [innermost]}
    return innermost


def test_a_deep_condition_breaks_the_engine_and_is_refused_in_a_rule_file() -> None:
    with pytest.raises(RecursionError):
        stock(nested(1000, asks("number", "equal_to", 1)), 1)
    assert refused(nested(65, LINEAGE)) == {"nesting"}
    text = b'{"all":[' * 1000 + json.dumps(LINEAGE).encode() + b"]}" * 1000
    (finding,) = read_rule_file(Path("x.json"), text).findings
    assert finding.code == "nesting"


def test_parts_that_conditions_share_double_the_work_of_the_engine_and_a_file_can_share_none() -> None:
    class Counting(Facts):
        def number(self) -> Any:
            self.called.append("number")
            return self.value

        number.field_type = NumericType  # type: ignore[attr-defined]

    shared: Any = asks("number", "equal_to", 1)
    for _ in range(10):
        shared = {"all": [shared, shared]}
    facts = Counting(1)
    assert check_conditions_recursively(shared, facts)
    assert len(facts.called) == 2**10
    shared = LINEAGE
    for _ in range(14):
        shared = {"all": [shared, shared]}
    assert refused(shared) == {"too-large"}


def test_a_number_of_many_digits_is_taken_by_the_engine_and_refused_here(policy: Policy) -> None:
    assert not stock(asks("number", "equal_to", 1), 10**5000)
    assert refused(CYCLES | {"value": 10**4000}) == {"wrong-value"}
    with pytest.raises(Unusable, match="too many digits"):
        parse_json(b"9" * 1_000_000)
    with pytest.raises(InvalidRequest):
        policy.decide(REQUEST | {"cycles_requested": 10**5000})


# Half done, and said too much


def test_an_action_before_an_unknown_one_is_done_by_the_engine_and_refused_in_a_rule_file() -> None:
    actions = Actions()
    with pytest.raises(AssertionError):
        do_actions([{"name": "approve"}, {"name": "aprove"}], actions)
    assert actions.done == ["approve"]
    approve = {"name": "approve", "params": {"months": 12, "max_total_cycles": 6}}
    assert refused(action=[approve, {"name": "aprove", "params": {}}]) == {"several-actions", "unknown-action"}
    assert refused(action=[]) == {"empty"}


def test_an_error_of_the_engine_repeats_the_value_and_one_of_ours_does_not(
    policy: Policy, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(AssertionError, match="TOKEN"):
        stock(asks("number", "equal_to", 1), "TOKEN")
    with pytest.raises(InvalidRequest) as invalid:
        policy.decide(dict.fromkeys(REQUEST, "TOKEN"))
    assert "TOKEN" not in str(invalid.value)
    assert "TOKEN" not in repr([finding.to_dict() for finding in invalid.value.findings])

    def broken(*_: object) -> None:
        raise AssertionError("TOKEN is not valid")

    monkeypatch.setattr("medpolicy.policy.facts_of", broken)
    with pytest.raises(UndecidedRequest) as undecided:
        policy.decide(REQUEST, engine="business-rules")
    assert "TOKEN" not in str(undecided.value)
    assert undecided.value.__cause__ is None
    assert undecided.value.__context__ is None


@pytest.mark.parametrize("text", ['{"a": 1, "a": 2}', "[NaN]", '["\\ud800"]'])
def test_what_is_no_json_is_read_by_the_standard_library_and_refused_here(text: str) -> None:
    json.loads(text)
    with pytest.raises(Unusable):
        parse_json(text.encode())


def test_a_rule_that_was_let_in_is_run_by_the_stock_engine_unchanged() -> None:
    file = read_rule_file(Path("x.json"), json.dumps(VALID).encode())
    assert file.revision is not None
    assert file.vocabulary is not None
    condition = file.revision.pathways[0].criteria[0].conditions.for_engine()
    facts = dict.fromkeys(file.vocabulary.testable) | {"lineage": "b_cell_precursor", "disease": "other"}
    variables = file.vocabulary.engine_variables(facts, Missing.HOLDS)
    assert not run({"conditions": condition, "actions": []}, variables, None)
    assert run({"conditions": condition["all"][1], "actions": []}, variables, None)
    assert policy_of(file.vocabulary, [file]).decide(REQUEST, engine="business-rules").decision == "pended"
