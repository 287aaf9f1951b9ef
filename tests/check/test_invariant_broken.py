from __future__ import annotations

from check.faulty import Json, file_of, logic, of, part, test, verdict, with_condition
from medpolicy.check import Shown
from medpolicy.policy import policy_of

CODE = "invariant-broken"
SEVEN = with_condition("frontline.cycle_cap", test("total_cycles", "less_than_or_equal_to", 7))
AT_LEAST = with_condition("frontline.cycle_cap", test("total_cycles", "greater_than_or_equal_to", 6))


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
    five = with_condition("frontline.cycle_cap", test("total_cycles", "less_than_or_equal_to", 5))
    assert of(CODE, five) == []
    assert verdict("no_more_than_six_cycles", five) == "proven"


def test_a_dropped_test_breaks_what_the_author_wrote() -> None:
    def without_ph(document: Json) -> None:
        part(document, "relapsed_refractory.regimen")["conditions"]["any"][1]["all"].pop(0)

    (found,) = of(CODE, without_ph)
    assert found.message == "the invariant `no_initial_tki_in_ph_negative_disease` does not hold: a request breaks it"


def test_more_cycles_that_help_are_told_with_both_requests() -> None:
    found = next(each for each in of(CODE, AT_LEAST) if "more-cycles" in each.message)
    assert isinstance(found, Shown)
    assert found.help == (
        "it says: asking for more cycles never makes an approval; with 6 cycles requested the request below is approved"
    )
    file = file_of(AT_LEAST)
    assert file.words is not None
    assert found.request is not None
    policy = policy_of(file.words, [file])
    assert policy.decide(dict(found.request)).decision == "denied"
    assert policy.decide({**found.request, "cycles_requested": 6}).decision == "approved"


def test_an_invariant_is_about_the_time_of_the_revision() -> None:
    def before(day: str) -> Json:
        return {
            "id": "own",
            "text": "None before.",
            "cites": ["title"],
            "when": test("service_start_date", "before", day),
            "never": "approved",
        }

    assert verdict("own", lambda document: document["invariants"].append(before("2026-04-03"))) == "broken"
    none = logic(lambda it: it["invariants"].append(before("2026-04-02"))).findings
    assert {each.code for each in none} == {"criterion-never-fails", "invariant-never-applies"}


def test_other_decisions_can_be_ruled_out_too() -> None:
    def never(decision: str) -> Json:
        when = test("plan_document_conflict", "is_true", True)
        return {"id": "own", "text": "x", "cites": ["title"], "when": when, "never": decision}

    assert verdict("own", lambda document: document["invariants"].append(never("denied"))) == "proven"
    assert verdict("own", lambda document: document["invariants"].append(never("pended"))) == "broken"
