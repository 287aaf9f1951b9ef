"""What is found is there, what is impossible is nowhere, and no request with fewer facts would do."""

from __future__ import annotations

from typing import Any

import pytest
from drawing import asks
from hypothesis import given
from hypothesis import strategies as st
from small import (
    EXAMPLES,
    WORDS,
    Json,
    criterion,
    documents,
    every_request,
    facts_given,
    flag,
    pathway,
    revision,
    revision_of,
    verdicts,
)

from medpolicy import Policy
from medpolicy.language.determination import Determination
from medpolicy.solve import (
    DECISIONS,
    FALSE,
    MET,
    NOT_MET,
    TRUE,
    Disagreement,
    Formula,
    GaveUp,
    Impossible,
    RevisionFormulas,
    Solver,
    Space,
    Witness,
    answer_at,
    answer_of,
    differ,
    every,
    some,
)


@st.composite
def statements(draw: st.DrawFn, side: RevisionFormulas) -> Formula:
    """A statement about what a revision makes of a request."""
    ids = sorted(side.conditions)

    def atom() -> Formula:
        kind = draw(st.integers(0, 5))
        id = draw(st.sampled_from(ids))
        if kind == 0:
            return side.decided[draw(st.sampled_from(DECISIONS))]
        if kind == 1:
            return draw(st.sampled_from([side.status(id).met, side.status(id).not_met, side.status(id).unknown]))
        if kind == 2:
            return side.not_met.get(id, FALSE) | side.acts.get(id, FALSE)
        if kind == 3:
            return side.waits_for(draw(st.sampled_from([variable.name for variable in side.space.given])))
        if kind == 4:
            return side.denied_for[draw(st.sampled_from(list(side.denied_for)))]
        return side.on_pathway.get(id, FALSE) | side.coverage.unknown

    parts = [atom() if draw(st.booleans()) else ~atom() for _ in range(draw(st.integers(1, 3)))]
    return draw(st.sampled_from([every, some, lambda some_of: differ(some_of[0], every(some_of[1:]))]))(parts)


@EXAMPLES
@given(documents(), st.data())
def test_what_is_found_is_what_there_is(drawn: Json, data: st.DataObject) -> None:
    one = revision(drawn)
    space = Space(WORDS, [one])
    statement = data.draw(statements(RevisionFormulas(space, space.revisions[0])))
    true_of = [facts for facts in every_request([one]) if space.point(facts).holds(statement)]
    found = Solver(space).find(statement, limit=60)
    if not true_of:
        assert found == Impossible()
        return
    assert isinstance(found, Witness)
    assert found.smallest
    assert facts_given(dict(found.facts)) == min(map(facts_given, true_of))
    assert found.determinations[0].verdict == verdicts(one)(dict(found.facts))


@EXAMPLES
@given(documents())
def test_formulas_say_what_the_tables_say(drawn: Json) -> None:
    one = revision(drawn)
    space = Space(WORDS, [one])
    decide = verdicts(one)
    seen: dict[tuple[int, ...], Json] = {}
    for facts in every_request([one]):
        seen.setdefault(tuple(space.point(facts).codes.values()), facts)
    for facts in seen.values():
        assert answer_at(RevisionFormulas(space, space.revisions[0]), space.point(facts)) == answer_of(
            Determination(decide(facts), facts)
        )


@EXAMPLES
@given(documents(), st.data())
def test_a_region_holds_no_exception(drawn: Json, data: st.DataObject) -> None:
    one = revision(drawn)
    space = Space(WORDS, [one])
    statement = data.draw(statements(RevisionFormulas(space, space.revisions[0])))
    found = Solver(space).find(statement, limit=60)
    if not isinstance(found, Witness):
        return
    region = Solver(space).region(statement, found, limit=60)
    assert all(found.codes[name] in among for name, among in region.classes.items())
    for facts in every_request([one]):
        point = space.point(facts)
        if all(point.codes[name] in among for name, among in region.classes.items()):
            assert point.holds(statement)


CAP = criterion("cap", asks("total", "less_than_or_equal_to", 4))
APPLIES = asks("kind", "equal_to", "b")


def only(criteria: list[Json], flags: list[Json] | None = None) -> tuple[Space, RevisionFormulas]:
    space = Space(WORDS, [revision_of([pathway("p", APPLIES, criteria)], flags or [])])
    return space, RevisionFormulas(space, space.revisions[0])


def witness(space: Space, formula: Formula) -> dict[str, Any]:
    found = Solver(space).find(formula)
    assert isinstance(found, Witness)
    return {name: value for name, value in found.request.items() if name not in ("request_id", "service_start_date")}


def test_a_witness_gives_no_more_facts_than_it_needs() -> None:
    space, side = only([CAP])
    assert witness(space, side.decided["pended"]) == {"kind": "b"}
    assert witness(space, side.decided["denied"]) == {"kind": "a"}


def test_a_number_stands_at_the_boundary_that_matters() -> None:
    space, side = only([CAP])
    assert witness(space, side.status("cap").met) == {"kind": "a", "cycles_requested": 1, "dose": 3}
    assert witness(space, side.status("cap").not_met) == {"kind": "a", "cycles_requested": 2, "dose": 3}


def test_a_fact_that_is_no_by_default_is_not_given() -> None:
    space, side = only([criterion("c", asks("urgent", "is_false", True))])
    assert witness(space, side.decided["approved"]) == {"kind": "b"}
    assert witness(space, side.decided["denied"] & side.status("p").met) == {"kind": "b", "urgent": True}


def test_the_service_starts_while_the_latest_revision_is_in_effect() -> None:
    space, side = only([CAP])
    found = Solver(space).find(TRUE)
    assert isinstance(found, Witness)
    assert found.request["service_start_date"] == "2026-01-01"
    outside = Solver(space).find(~side.in_effect)
    assert isinstance(outside, Witness)
    assert outside.request["service_start_date"] == "2025-12-31"


def test_a_part_of_a_condition_may_be_given_another_status() -> None:
    both = {"all": [asks("color", "equal_to", "red"), asks("smoker", "is_false", True)]}
    space, side = only([criterion("c", both)])
    condition = side.conditions["c"]
    without = space.status(condition, {(0,): MET})
    assert witness(space, differ(without.met, side.status("c").met)) == {"kind": "a", "smoker": False}
    assert Solver(space).find(space.status(condition, {(0,): NOT_MET}).possible) == Impossible()


def test_the_side_of_another_revision_shares_the_space() -> None:
    space, side = only([CAP])
    other = RevisionFormulas(space, revision_of([pathway("p", APPLIES, [CAP])], [flag("f", "gate", APPLIES)]))
    found = Solver(space).find(side.decided["approved"] & other.decided["pended"], decided_under=[side, other])
    assert isinstance(found, Witness)
    assert [determination.decision for determination in found.determinations] == ["approved", "pended"]


def test_a_search_without_time_says_that_it_gave_up() -> None:
    space, side = only([CAP])
    assert Solver(space).find(side.decided["approved"], limit=0) == GaveUp(0)


def test_a_request_that_the_engines_see_otherwise_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    space, side = only([CAP])
    monkeypatch.setattr(RevisionFormulas, "not_met", {"c": TRUE})
    with pytest.raises(Disagreement):
        Solver(space).find(side.decided["approved"])


def test_the_shipped_policy_approves_no_request_with_a_criterion_that_is_not_met(policy: Policy) -> None:
    space = Space(policy.vocabulary, policy.revisions)
    side = RevisionFormulas(space, space.revisions[0])
    for id in side.not_met:
        assert Solver(space).find(side.decided["approved"] & side.not_met[id]) == Impossible()
