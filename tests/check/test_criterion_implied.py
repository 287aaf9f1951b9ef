from __future__ import annotations

from drawing import asks

from check.faulty import of, with_condition, with_criterion
from medpolicy.check import Shown

CODE = "criterion-implied"


def cap(most: int) -> dict:  # type: ignore[type-arg]
    return asks("total_cycles", "less_than_or_equal_to", most)


def test_a_wider_cap_beside_a_narrower_one_is_told() -> None:
    (found,) = of(CODE, with_criterion("frontline", "frontline.wider", cap(8)))
    assert found.severity == "warning"
    assert (
        found.message == "the criterion `frontline.wider` is implied by `frontline.cycle_cap`: it rules out no approval"
    )


def test_of_two_that_say_the_same_the_later_one_is_told() -> None:
    (found,) = of(CODE, with_criterion("frontline", "frontline.again", cap(6)))
    assert found.message.startswith("the criterion `frontline.again` is implied by `frontline.cycle_cap`")


def test_a_narrower_cap_makes_the_wider_one_say_nothing() -> None:
    (found,) = of(CODE, with_criterion("frontline", "frontline.narrower", cap(5)))
    assert found.message.startswith("the criterion `frontline.cycle_cap` is implied by `frontline.narrower`")


def test_several_together_are_information() -> None:
    edits = [
        with_criterion("frontline", "frontline.received", asks("cycles_received", "less_than_or_equal_to", 3)),
        with_criterion("frontline", "frontline.requested", asks("cycles_requested", "less_than_or_equal_to", 3)),
    ]
    (found,) = of(CODE, *edits)
    assert found.severity == "info"
    assert found.message.startswith(
        "the criterion `frontline.cycle_cap` is implied by the others of its pathway together"
    )


def test_a_cap_that_another_only_nearly_implies_is_not_told() -> None:
    most = asks("cycles_received", "less_than_or_equal_to", 4)
    assert of(CODE, with_criterion("frontline", "frontline.received", most)) == []


def test_nothing_follows_from_what_cannot_be_met() -> None:
    never = {"all": [cap(3), asks("total_cycles", "greater_than", 3)]}
    assert of(CODE, with_condition("frontline.cycle_cap", never)) == []


def test_what_denies_while_another_fact_is_missing_is_information() -> None:
    most = asks("cycles_requested", "less_than_or_equal_to", 6)
    (found,) = of(CODE, with_criterion("frontline", "frontline.requested", most))
    assert found.severity == "info"
    assert found.message == (
        "the criterion `frontline.requested` is implied by `frontline.cycle_cap`: it rules out no approval, and only"
        " denies while facts are missing that would pend the request"
    )
    assert isinstance(found, Shown)
    assert found.request is not None
    assert (found.request["cycles_requested"], found.request.get("cycles_received")) == (7, None)


def test_what_the_pathway_asks_already_is_told_as_such() -> None:
    few = [asks("request_type", "equal_to", "continuation"), asks("total_cycles", "less_than_or_equal_to", 3)]
    most = asks("cycles_requested", "less_than_or_equal_to", 5)
    edits = [
        with_condition("continuation", {"all": few}, "applies"),
        with_criterion("continuation", "continuation.five", most),
    ]
    (found,) = of(CODE, *edits)
    assert found.message.startswith(
        "the criterion `continuation.five` is implied by the condition of its pathway `continuation`:"
    )
