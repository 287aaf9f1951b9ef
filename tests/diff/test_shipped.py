"""Single edits of the shipped revision: exactly the transitions that follow from each, and the rules named for them."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings

from medpolicy import load_policy
from medpolicy.diff.compare import Comparison, compare
from medpolicy.diff.region_wording import region_in_words
from medpolicy.language.revision import Revision
from medpolicy.solve import answer_of
from medpolicy.testing import near_boundaries

POLICY = load_policy("inotuzumab-ozogamicin")
SHIPPED = POLICY.revisions[0]

Json = dict[str, Any]
Edit = Callable[[Json], object]


def edited(edit: Edit) -> Revision:
    document = json.loads(SHIPPED.model_dump_json(by_alias=True))
    edit(document)
    return Revision.model_validate_json(json.dumps(document))


def named(document: Json, id: str) -> Json:
    parts = [criterion for one in document["pathways"] for criterion in one["criteria"]]
    return next(part for part in [*parts, *document["pathways"], *document["review_flags"]] if part["id"] == id)


def value(id: str, constant: object, place: int = 0) -> Edit:
    def edit(document: Json) -> None:
        part = named(document, id)
        part.get("applies", part.get("conditions"))["all"][place]["value"] = constant

    return edit


def dropped(id: str) -> Edit:
    def edit(document: Json) -> None:
        for parts in [document["review_flags"], *(pathway["criteria"] for pathway in document["pathways"])]:
            parts[:] = [part for part in parts if part["id"] != id]

    return edit


def updated(id: str, **changes: object) -> Edit:
    return lambda document: named(document, id).update(changes)


def months(document: Json) -> None:
    named(document, "frontline")["actions"][0]["params"]["months"] = 6


MORE_LENIENT = {"denied approved", "denied pended", "pended approved"}
STRICTER = {"approved denied", "approved pended", "pended denied"}

EDITS: dict[str, tuple[Edit, set[str], set[str], str | None]] = {
    "7 for 6": (value("frontline.cycle_cap", 7), MORE_LENIENT, {"denied", "pended"}, "frontline.cycle_cap"),
    "5 for 6": (value("continuation.cycle_cap", 5), STRICTER, {"denied", "pended"}, "continuation.cycle_cap"),
    "positive for negative": (
        value("frontline.ph_negative", "positive"),
        MORE_LENIENT | STRICTER,
        {"denied", "pended"},
        "frontline.ph_negative",
    ),
    "a dropped option": (
        value("frontline", ["acute_lymphoblastic_leukemia"], place=1),
        STRICTER,
        {"denied", "pended"},
        "frontline",
    ),
    "a dropped criterion": (
        dropped("frontline.cd22_positive"),
        MORE_LENIENT,
        {"denied", "pended"},
        "frontline.cd22_positive",
    ),
    "a hold removed": (dropped("unlisted_tki"), {"pended approved"}, {"pended"}, "unlisted_tki"),
    "a gate that is a note": (
        updated("cd22_test_not_submitted", kind="note"),
        {"pended approved", "pended denied"},
        {"pended"},
        "cd22_test_not_submitted",
    ),
    "a note that is a gate": (
        updated("below_labeled_age", kind="gate"),
        {"approved pended", "denied pended"},
        {"pended"},
        "below_labeled_age",
    ),
    "other terms": (months, set(), {"approved"}, "frontline"),
    "another order": (lambda document: document["pathways"].reverse(), set(), set(), None),
    "another title": (lambda document: document.update(title="Another"), set(), set(), None),
    "other dates": (lambda document: document.update(effective_from="2027-01-01"), set(), set(), None),
}


@pytest.fixture(scope="module", params=EDITS)
def edit(request: pytest.FixtureRequest) -> tuple[str, Comparison]:
    return request.param, compare(POLICY.vocabulary, SHIPPED, edited(EDITS[request.param][0]))


def test_an_edit_makes_exactly_its_transitions(edit: tuple[str, Comparison]) -> None:
    name, found = edit
    _, transitions, reasons, criterion = EDITS[name]
    assert {f"{transition.before} {transition.after}" for transition in found.transitions} == transitions
    assert {change.before for change in found.reasons} == reasons
    assert found.open == ()
    assert found.equivalent is not bool(transitions | reasons)
    for change in (*found.transitions, *found.reasons):
        assert change.criteria == (criterion,)
        assert change.all_criteria
        assert change.witness.smallest


def test_a_witness_does_what_it_says_under_both_revisions(edit: tuple[str, Comparison]) -> None:
    _, found = edit
    sides = [side.policy for side in found.solver.revisions]
    for change in (*found.transitions, *found.reasons):
        for engine in ("tables", "business-rules"):
            old, new = (
                side.decide(dict(change.witness.request), revision=side.revisions[0].revision, engine=engine)  # type: ignore[arg-type]
                for side in sides
            )
            assert (old.decision, new.decision) == (change.before, change.after)
            assert answer_of(old) != answer_of(new)


@settings(max_examples=60)
@given(record=near_boundaries(POLICY))
def test_no_request_changes_in_a_way_that_was_not_found(edit: tuple[str, Comparison], record: Json) -> None:
    _, found = edit
    old, new = (side.policy.decide(record, revision=side.revision.revision) for side in found.solver.revisions)
    changes = {(change.before, change.after) for change in (*found.transitions, *found.reasons)}
    if answer_of(old) != answer_of(new):
        assert (old.decision, new.decision) in changes


def test_a_region_reads_as_an_author_would_say_it() -> None:
    found = compare(POLICY.vocabulary, SHIPPED, edited(value("relapsed_refractory.cycle_cap", 8)))
    change = found.transitions[0]
    assert (change.before, change.after) == ("denied", "approved")
    assert region_in_words(change.region, found.space) == (
        "every request where Type of request is initial; Disease is acute lymphoblastic leukemia or lymphoblastic"
        " lymphoma; Lineage is b cell precursor; Setting is relapsed or refractory; CD22 status is positive; CD22 test"
        " submitted: yes; Philadelphia chromosome is known; Given together with: nothing, or mini hyper cvd, or mini"
        " hyper cvd and blinatumomab; Exclusion to the therapy: no; Off-label support submitted: no; Conflict with plan"
        " documents: no; Total cycles is 7 or 8"
    )


def test_without_time_nothing_is_said_to_be_the_same() -> None:
    found = compare(POLICY.vocabulary, SHIPPED, edited(value("frontline.cycle_cap", 7)), limit=0)
    assert not found.equivalent
    assert len(found.open) == 9
    assert (found.transitions, found.reasons) == ((), ())


def test_what_is_written_alike_needs_no_time() -> None:
    other = edited(lambda document: document["pathways"][1]["criteria"].reverse())
    assert compare(POLICY.vocabulary, SHIPPED, other, limit=0).equivalent


def adults(document: Json) -> None:
    test = {"name": "age_years", "operator": "greater_than_or_equal_to", "value": 18}
    document["review_flags"][6]["conditions"]["all"] = [test]


def test_an_age_is_shown_on_the_birthday_that_matters() -> None:
    found = compare(POLICY.vocabulary, SHIPPED, edited(adults))
    births = {change.before: change.witness.request["birth_date"] for change in found.reasons}
    assert set(births.values()) == {"2025-04-03"}  # younger than 1: one day before the birthday
    found = compare(POLICY.vocabulary, edited(dropped("below_labeled_age")), edited(adults))
    births = {change.before: change.witness.request["birth_date"] for change in found.reasons}
    assert set(births.values()) == {"2008-04-02"}  # 18 on the day of service


def test_a_fact_that_does_not_matter_is_not_given() -> None:
    found = compare(POLICY.vocabulary, SHIPPED, edited(value("relapsed_refractory.cycle_cap", 8)))
    for change in (*found.transitions, *found.reasons):
        assert change.witness.facts["total_cycles"] in (7, 8)
        assert "birth_date" not in change.witness.request
        assert change.witness.facts["cycles_requested"] <= 8
