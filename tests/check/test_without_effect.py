from __future__ import annotations

import pytest
from drawing import asks

from check.faulty import Json, of, with_condition

CODE = "test-without-effect"
ID = "frontline.cycle_cap"
SIX, SEVEN = (asks("total_cycles", "less_than_or_equal_to", most) for most in (6, 7))
ALL = asks("disease", "equal_to", "acute_lymphoblastic_leukemia")
LYMPHOMA = asks("disease", "equal_to", "lymphoblastic_lymphoma")
POSITIVE, NEGATIVE = (asks("ph_status", "equal_to", option) for option in ("positive", "negative"))
YES = asks("plan_document_conflict", "is_true", True)


@pytest.mark.parametrize(
    ("condition", "where"),
    [
        ({"all": [SIX, SEVEN]}, "all[1]"),
        ({"all": [SEVEN, SIX]}, "all[0]"),
        ({"any": [SIX, SEVEN]}, "any[0]"),
        ({"all": [SIX, YES, SIX]}, "all[2]"),
        ({"any": [ALL, {"all": [ALL, YES]}]}, "any[1]"),
        ({"any": [YES, {"all": [asks("disease", "is_one_of", ["lymphoblastic_lymphoma", "other"]), LYMPHOMA]}]}, "any[1].all[0]"),
    ],
    ids=["wider", "wider first", "narrower", "copy", "absorbed group", "inner"],
)  # fmt: skip
def test_what_changes_nothing_is_told_once(condition: Json, where: str) -> None:
    (found,) = of(CODE, with_condition(ID, condition))
    assert found.severity == "warning"
    assert found.json_path == f"$.pathways[0].criteria[4].conditions.{where}"
    assert found.message.endswith(f"changes nothing in the condition of `{ID}`")


@pytest.mark.parametrize(
    "condition",
    [
        {"all": [SIX]},
        {"all": [{"all": [SIX]}]},
        {"all": [SIX, asks("cycles_requested", "less_than_or_equal_to", 5)]},
        {"any": [ALL, LYMPHOMA]},
        {"any": [POSITIVE, NEGATIVE]},
        {"any": [{"all": [ALL, YES]}, {"all": [LYMPHOMA, SIX]}]},
    ],
    ids=["alone", "nested alone", "six and five requested", "either", "known", "two ways"],
)
def test_what_nearly_changes_nothing_is_not_told(condition: Json) -> None:
    assert of(CODE, with_condition(ID, condition)) == []


def test_a_group_that_only_asks_for_a_fact_is_information() -> None:
    (found,) = of(CODE, with_condition(ID, {"all": [SIX, {"any": [POSITIVE, NEGATIVE]}]}))
    assert found.severity == "info"
    assert found.message == f"the group changes nothing in the condition of `{ID}` but that `ph_status` must be known"


def test_a_test_that_matters_while_another_fact_is_missing_is_information() -> None:
    (found,) = of(CODE, with_condition(ID, {"any": [POSITIVE, NEGATIVE, ALL]}))
    assert found.severity == "info"
    assert found.json_path.endswith(".any[2]")
    assert found.message == f"the test changes nothing in the condition of `{ID}` where every fact is known"


def test_a_copy_of_what_asks_for_a_fact_changes_nothing_at_all() -> None:
    known = {"any": [POSITIVE, NEGATIVE]}
    (found,) = of(CODE, with_condition(ID, {"all": [SIX, known, known]}))
    assert (found.severity, found.json_path[-6:]) == ("warning", "all[2]")


def test_a_condition_that_is_never_met_is_told_as_such_alone() -> None:
    assert of(CODE, with_condition(ID, {"all": [SIX, SEVEN, asks("total_cycles", "greater_than", 6)]})) == []


def test_conditions_of_pathways_and_flags_are_read_too() -> None:
    twice = [asks("request_type", "equal_to", "continuation")] * 2
    assert len(of(CODE, with_condition("continuation", {"all": twice}, "applies"))) == 1
    assert len(of(CODE, with_condition("below_labeled_age", {"any": twice}))) == 1
