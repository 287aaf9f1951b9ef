"""Conditions that differ in form alone are one to the solver; conditions that differ in what they say are not."""

from __future__ import annotations

import pytest
from drawing import asks
from hypothesis import given
from hypothesis import strategies as st
from small import TESTED, WORDS, Json, conditions, criterion, every_request, pathway, revision_of

from medpolicy.evaluate.engine import StockEngine
from medpolicy.evaluate.status import Status
from medpolicy.language.revision import Revision
from medpolicy.solve import Space

RED, GREEN = (asks("color", "equal_to", option) for option in ("red", "green"))
SMOKER, URGENT = asks("smoker", "is_true", True), asks("urgent", "is_true", True)


def of(condition: Json) -> Revision:
    return revision_of([pathway("p", condition, [criterion("c", condition)])], [])


def are_one(one: Json, other: Json) -> bool:
    revisions = [of(one), of(other)]
    space = Space(WORDS, revisions)
    first, second = (space.status(revision.pathways[0].applies) for revision in revisions)
    return first == second


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ({"all": [RED, SMOKER]}, {"all": [SMOKER, RED]}),
        ({"all": [RED, SMOKER, URGENT]}, {"all": [RED, {"all": [URGENT, SMOKER]}]}),
        ({"any": [RED, SMOKER]}, {"any": [{"all": [RED]}, {"any": [SMOKER, RED]}]}),
        ({"any": [RED, GREEN]}, asks("color", "is_one_of", ["red", "green"])),
        (RED, asks("color", "is_none_of", ["green"])),
        (asks("total", "less_than", 3), asks("total", "less_than_or_equal_to", 2)),
    ],
    ids=["order", "nesting", "repetition", "an option at a time", "the other option", "the number before"],
)
def test_the_form_does_not_count(one: Json, other: Json) -> None:
    assert are_one(one, other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ({"all": [RED, SMOKER]}, {"any": [RED, SMOKER]}),
        ({"all": [RED, {"any": [SMOKER, URGENT]}]}, {"any": [{"all": [RED, SMOKER]}, URGENT]}),
        (RED, {"any": [RED, {"all": [RED, SMOKER]}]}),
        (asks("total", "less_than", 3), asks("total", "less_than", 4)),
    ],
    ids=["all for any", "other brackets", "a part that only asks for a fact", "another number"],
)
def test_what_is_said_counts(one: Json, other: Json) -> None:
    assert not are_one(one, other)


@given(st.data())
def test_status_and_missing_facts_are_those_of_the_condition_as_written(data: st.DataObject) -> None:
    condition = data.draw(conditions(data.draw(st.lists(st.sampled_from(TESTED), min_size=2, max_size=3, unique=True))))
    revision = of(condition)
    space = Space(WORDS, [revision])
    written = revision.pathways[0].applies
    status = space.status(written)
    for facts in every_request([revision]):
        point = space.point(facts)
        engine = StockEngine(WORDS, {"c": written}, facts)
        assert Status(point.holds(status.met) + point.holds(status.possible)) is engine.status("c")
        waits = {name for name in space.asks_for(written) if point.holds(space.keeps_open(written, name))}
        assert waits == (engine.missing("c") if engine.status("c") is Status.UNKNOWN else frozenset())
