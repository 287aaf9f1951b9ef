from __future__ import annotations

from drawing import asks

from check.faulty import Json, of, with_condition, with_criterion

CODE = "pathway-cannot-approve"
TYPES = [asks("request_type", "equal_to", kind) for kind in ("initial", "continuation")]


def test_a_pathway_that_applies_to_none_is_told() -> None:
    (found,) = of(CODE, with_condition("continuation", {"all": TYPES}, "applies"))
    assert found.severity == "error"
    assert found.message == "the pathway `continuation` can approve no request: it applies to none"


def test_criteria_that_rule_each_other_out_are_told() -> None:
    (found,) = of(CODE, with_criterion("frontline", "frontline.more", asks("cycles_requested", "greater_than", 6)))
    assert (
        found.message
        == "the pathway `frontline` can approve no request: its criteria `frontline.cycle_cap` and `frontline.more` are never met together"
    )


def test_criteria_that_nearly_do_are_not() -> None:
    more = asks("cycles_requested", "greater_than_or_equal_to", 6)
    assert of(CODE, with_criterion("frontline", "frontline.more", more)) == []


def test_a_gate_on_all_that_it_would_approve_is_told() -> None:
    (found,) = of(CODE, with_condition("plan_document_governs", asks("request_type", "equal_to", "continuation")))
    assert found.message == (
        "the pathway `continuation` can approve no request: the gate `plan_document_governs` acts whenever its"
        " criteria are met"
    )
    assert found.json_path == "$.pathways[2].applies"


def test_a_hold_of_denials_is_no_obstacle() -> None:
    def of_denials(document: Json) -> None:
        flag = next(flag for flag in document["review_flags"] if flag["id"] == "plan_document_governs")
        flag |= {"kind": "hold", "holds": "denied", "conditions": asks("request_type", "equal_to", "continuation")}

    assert of(CODE, of_denials) == []


def test_two_gates_that_share_out_all_that_it_would_approve_are_told_together() -> None:
    def shared_out(document: Json) -> None:
        flags = {flag["id"]: flag for flag in document["review_flags"]}
        for id, operator in (
            ("plan_document_governs", "less_than"),
            ("no_prior_authorization", "greater_than_or_equal_to"),
        ):
            few = asks("cycles_requested", operator, 3)
            flags[id]["conditions"] = {"all": [asks("request_type", "equal_to", "continuation"), few]}

    (found,) = of(CODE, shared_out)
    assert found.message.endswith("a gate or a hold acts whenever its criteria are met")
