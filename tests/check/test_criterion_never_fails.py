from __future__ import annotations

from drawing import asks

from check.faulty import of, with_condition

CODE = "criterion-never-fails"
ID = "frontline.cd22_positive"


def test_a_criterion_that_only_asks_for_a_fact_is_information() -> None:
    (found,) = of(CODE, with_condition(ID, asks("cd22_status", "is_one_of", ["positive", "negative"])))
    assert found.severity == "info"
    assert found.message == f"the criterion `{ID}` can never fail; it only demands that `cd22_status` be known"


def test_the_facts_behind_a_derived_one_are_named() -> None:
    (found,) = of(CODE, with_condition(ID, asks("total_cycles", "greater_than_or_equal_to", 1)))
    assert found.message.endswith("demands that `cycles_received` and `cycles_requested` be known")


def test_a_criterion_that_the_pathway_has_asked_already_is_a_warning() -> None:
    (found,) = of(CODE, with_condition(ID, asks("request_type", "equal_to", "initial")))
    assert found.severity == "warning"
    assert found.message == f"the criterion `{ID}` can never fail: it is met wherever `frontline` applies"


def test_one_option_fewer_can_fail() -> None:
    assert of(CODE, with_condition(ID, asks("cd22_status", "is_one_of", ["positive"]))) == []
    assert of(CODE, with_condition(ID, asks("total_cycles", "greater_than_or_equal_to", 2))) == []


def test_a_criterion_that_waits_for_one_of_several_facts_is_not_said_to_demand_them() -> None:
    either = [asks("ph_status", "equal_to", option) for option in ("positive", "negative")]
    (found,) = of(CODE, with_condition(ID, {"any": [*either, asks("cd22_status", "equal_to", "positive")]}))
    assert found.severity == "info"
    assert found.message == f"the criterion `{ID}` can never fail; it only waits for facts that are missing"


def test_a_fact_that_every_request_has_is_not_demanded() -> None:
    (found,) = of(CODE, with_condition(ID, asks("age_years", "greater_than_or_equal_to", 0)))
    assert found.message.endswith("it only demands that `birth_date` be known")
