from __future__ import annotations

import json

from drawing import asks

from check.faulty import Edit, Json, logic, of, part, verdict, with_condition
from medpolicy.check import Shown

CODE = "invariant-broken"
SEVEN = with_condition("frontline.cycle_cap", asks("total_cycles", "less_than_or_equal_to", 7))
AT_LEAST = with_condition("frontline.cycle_cap", asks("total_cycles", "greater_than_or_equal_to", 6))


def test_a_slip_in_a_constant_breaks_the_cap() -> None:
    (found,) = of(CODE, SEVEN)
    assert isinstance(found, Shown)
    assert found.severity == "error"
    assert found.json_path == "$.invariants[1]"
    assert found.decision == "approved"
    assert found.request is not None
    assert found.request["cycles_received"] + found.request["cycles_requested"] == 7
    assert verdict("no_more_than_six_cycles", SEVEN) == "broken"


def test_a_cap_of_five_does_not() -> None:
    five = with_condition("frontline.cycle_cap", asks("total_cycles", "less_than_or_equal_to", 5))
    assert of(CODE, five) == []
    assert verdict("no_more_than_six_cycles", five) == "proven"


def test_a_dropped_test_breaks_what_the_author_wrote() -> None:
    def without_ph(document: Json) -> None:
        part(document, "relapsed_refractory.regimen")["conditions"]["any"][1]["all"].pop(0)

    (found,) = of(CODE, without_ph)
    assert found.message == "the invariant `no_initial_tki_in_ph_negative_disease` does not hold: a request breaks it"


def test_more_cycles_that_help_are_told_with_both_requests() -> None:
    found = next(finding for finding in of(CODE, AT_LEAST) if "more-cycles" in finding.message)
    assert isinstance(found, Shown)
    assert found.message == "the invariant `more-cycles-never-help` does not hold: two requests break it"
    assert found.help == (
        "it says: asking for more cycles never makes an approval; with 6 cycles requested the decision is approved"
    )
    assert found.request is not None
    assert found.other_request == {**found.request, "cycles_requested": 6}
    assert (found.decision, found.other_decision) == ("denied", "approved")
    assert str(found).split("\n")[-2:] == [
        f"  denied, for example this request: {json.dumps(found.request)}",
        f"  approved, and this one: {json.dumps(found.other_request)}",
    ]
    (proof,) = [made.to_dict() for made in logic(AT_LEAST).proofs if made.id == "more-cycles-never-help"]
    assert (proof["request"], proof["other_request"]) == (found.request, found.other_request)
    assert (proof["decision"], proof["other_decision"]) == ("denied", "approved")


def own(when: Json, never: str) -> Edit:
    invariant = {"id": "own", "text": "Never.", "cites": ["title"], "when": when, "never": never}
    return lambda document: document["invariants"].append(invariant)


CONTINUED = [asks("request_type", "equal_to", "continuation"), asks("prior_authorization_on_file", "is_true", True)]
FEW = [asks("total_cycles", "less_than_or_equal_to", 6), asks("cycles_received", "greater_than", 0)]


def test_an_invariant_can_fail_because_a_fact_is_missing() -> None:
    (found,) = of(CODE, own({"all": CONTINUED}, "pended"))
    assert isinstance(found, Shown)
    assert (found.decision, found.request) == (
        "pended",
        {
            "request_id": "EXAMPLE-1",
            "service_start_date": "2026-04-02",
            "request_type": "continuation",
            "prior_authorization_on_file": True,
        },
    )


def test_an_invariant_can_fail_because_of_a_hold() -> None:
    progressed = {"all": [*CONTINUED, *FEW, asks("disease_progression", "is_true", True)]}
    gateless = with_condition("plan_document_governs", asks("cycles_received", "greater_than", 900))
    (found,) = of(CODE, gateless, own(progressed, "pended"))
    assert isinstance(found, Shown)
    assert found.request is not None
    assert found.request["off_label_support_submitted"] is True

    def without_hold(document: Json) -> None:
        document["review_flags"] = [flag for flag in document["review_flags"] if flag["id"] != "off_label_mandate"]

    assert verdict("own", gateless, without_hold, own(progressed, "pended")) == "proven"


def test_an_invariant_about_cycles_is_exact() -> None:
    def together(received: int, requested: int) -> Edit:
        sizes = (("cycles_received", received), ("cycles_requested", requested))
        return own({"all": [asks(name, "greater_than_or_equal_to", number) for name, number in sizes]}, "approved")

    assert verdict("own", together(3, 4)) == "proven"
    assert verdict("own", together(3, 3)) == "broken"
    assert verdict("own", together(0, 7)) == "proven"


def test_an_invariant_is_about_the_time_of_the_revision() -> None:
    def before(day: str) -> Edit:
        return own(asks("service_start_date", "before", day), "approved")

    assert verdict("own", before("2026-04-03")) == "broken"
    none = logic(before("2026-04-02")).findings
    assert {finding.code for finding in none} == {"criterion-never-fails", "invariant-never-applies"}


def test_other_decisions_can_be_ruled_out_too() -> None:
    conflict = asks("plan_document_conflict", "is_true", True)
    assert verdict("own", own(conflict, "denied")) == "proven"
    assert verdict("own", own(conflict, "pended")) == "broken"
