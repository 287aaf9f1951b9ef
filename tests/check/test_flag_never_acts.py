from __future__ import annotations

import pytest
from drawing import asks

from check.faulty import of, with_condition

CODE = "flag-never-acts"
CONTINUATION = asks("request_type", "equal_to", "continuation")
INITIAL = asks("request_type", "equal_to", "initial")


@pytest.mark.parametrize("id", ["plan_document_governs", "off_label_mandate", "below_labeled_age"])
def test_a_flag_with_tests_that_rule_each_other_out_is_told(id: str) -> None:
    (found,) = of(CODE, with_condition(id, {"all": [CONTINUATION, INITIAL]}))
    assert found.severity == "error"
    assert found.message.endswith(f"`{id}` can never act")
    assert of(CODE, with_condition(id, {"all": [CONTINUATION, asks("disease", "equal_to", "other")]})) == []


def test_a_hold_of_approvals_that_are_never_given_is_told() -> None:
    (found,) = of(CODE, with_condition("unlisted_tki", asks("disease", "equal_to", "other")))
    assert found.message == (
        "the hold `unlisted_tki` can never act: no request that would be approved meets its condition"
    )


def test_a_gate_acts_while_a_fact_is_missing() -> None:
    both = {"all": [asks("ph_status", "equal_to", option) for option in ("positive", "negative")]}
    (found,) = of(CODE, with_condition("plan_document_governs", both))
    assert found.severity == "info"
    assert found.message == (
        "the gate `plan_document_governs` acts only while facts are missing, and never once they are known"
    )
    assert len(of(CODE, with_condition("below_labeled_age", both))) == 1
