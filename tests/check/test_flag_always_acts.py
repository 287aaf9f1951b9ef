from __future__ import annotations

from drawing import asks

from check.faulty import of, with_condition

CODE = "flag-always-acts"
EITHER = asks("request_type", "is_one_of", ["initial", "continuation"])


def test_a_gate_on_everything_is_told() -> None:
    (found,) = of(CODE, with_condition("plan_document_governs", EITHER))
    assert (found.severity, found.message) == (
        "warning",
        "the gate `plan_document_governs` acts on every request",
    )


def test_a_gate_on_a_fact_acts_also_while_it_is_missing_but_a_note_does_not() -> None:
    some = asks("cycles_requested", "greater_than_or_equal_to", 1)
    assert len(of(CODE, with_condition("plan_document_governs", some))) == 1
    assert of(CODE, with_condition("below_labeled_age", some)) == []


def test_a_hold_on_all_that_it_holds_is_told() -> None:
    (found,) = of(CODE, with_condition("unlisted_tki", asks("total_cycles", "less_than_or_equal_to", 6)))
    assert found.message == "the hold `unlisted_tki` acts on every request that would be approved"


def test_a_hold_on_nearly_all_is_not() -> None:
    assert of(CODE, with_condition("unlisted_tki", asks("total_cycles", "less_than_or_equal_to", 5))) == []
