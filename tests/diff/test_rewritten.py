"""Rules that are written otherwise and mean the same are proven equivalent."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

import pytest
from drawing import asks
from hypothesis import given
from hypothesis import strategies as st
from small import EXAMPLES, WORDS, Json, criterion, documents, flag, pathway, revision, revision_of

from medpolicy.diff.compare import compare
from medpolicy.language.fields import WholeNumber

LIMIT = 300.0


@st.composite
def rewritten(draw: st.DrawFn, of: Json) -> Json:
    """A rule file that says the same: parts in another order, nested, repeated, or with another operator."""
    other = deepcopy(of)
    for one in other["pathways"]:
        one["applies"] = condition(draw, one["applies"])
        one["criteria"] = draw(st.permutations(one["criteria"]))
        for inner in one["criteria"]:
            inner["conditions"] = condition(draw, inner["conditions"])
    other["review_flags"] = draw(st.permutations(other["review_flags"]))
    for raised in other["review_flags"]:
        raised["conditions"] = condition(draw, raised["conditions"])
    return other


def condition(draw: st.DrawFn, of: Json) -> Json:
    for key in ("all", "any"):
        if key in of:
            parts = draw(st.permutations([condition(draw, part) for part in of[key]]))
            again = [deepcopy(draw(st.sampled_from(parts)))] if draw(st.booleans()) else []
            of = {key: [*parts, *again]}
    if "operator" in of:
        of = same_test(of)
    return {draw(st.sampled_from(["all", "any"])): [of]} if draw(st.booleans()) else of


def same_test(of: Json) -> Json:
    """The same test by another operator, where there is one."""
    name, operator, value = of["name"], of["operator"], of["value"]
    kind = WORDS.variables[name].kind
    if isinstance(kind, WholeNumber):
        if operator == "less_than" and value > kind.lowest:
            return asks(name, "less_than_or_equal_to", value - 1)
        if operator == "greater_than_or_equal_to" and value > kind.lowest:
            return asks(name, "greater_than", value - 1)
        return of
    others: dict[str, tuple[str, Any]] = {"equal_to": ("is_one_of", [value]), "not_equal_to": ("is_none_of", [value])}
    others |= {"contains": ("contains_all", [value]), "does_not_contain": ("shares_no_elements_with", [value])}
    return asks(name, *others.get(operator, (operator, value)))


@EXAMPLES
@given(st.data())
def test_a_rewritten_policy_is_equivalent(data: st.DataObject) -> None:
    drawn = data.draw(documents())
    found = compare(WORDS, revision(drawn), revision(data.draw(rewritten(drawn))), LIMIT)
    assert found.equivalent
    assert found.parts == ()


RED, SMOKER = asks("color", "equal_to", "red"), asks("smoker", "is_true", True)
KINDS = asks("kind", "is_one_of", ["a", "b"])


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (KINDS, {"any": [asks("kind", "equal_to", "b"), asks("kind", "equal_to", "a")]}),
        (KINDS, asks("kind", "not_equal_to", "c")),
        ({"all": [RED, SMOKER]}, {"all": [SMOKER, {"any": [RED, RED]}]}),
        ({"any": [RED, {"all": [RED, RED]}]}, RED),
        (asks("total", "less_than", 3), {"any": [asks("total", "equal_to", number) for number in (1, 2)]}),
        (asks("tools", "is_exactly", []), asks("tools", "shares_no_elements_with", ["x", "y"])),
    ],
    ids=[
        "an option at a time",
        "all options but one",
        "in another order and twice",
        "a part that adds nothing",
        "a number at a time",
        "no tool",
    ],
)
def test_the_same_condition_in_other_words_is_equivalent(one: Json, other: Json) -> None:
    old, new = (
        revision_of([pathway("p", KINDS, [criterion("c", condition)])], [flag("f", "gate", condition)])
        for condition in (one, other)
    )
    found = compare(WORDS, old, new)
    assert found.equivalent
    assert [part.id for part in found.alike] == ["c", "f"]


def test_a_part_that_never_decides_but_is_asked_for_is_a_change_of_reasons() -> None:
    """`any` of x, and of x and y, is met as x is; but while x is missing, y is listed as missing too."""
    old, new = (
        revision_of([pathway("p", KINDS, [criterion("c", condition)])], [])
        for condition in (RED, {"any": [RED, {"all": [RED, SMOKER]}]})
    )
    found = compare(WORDS, old, new)
    assert found.transitions == ()
    (change,) = found.reasons
    assert (change.before, change.criteria) == ("pended", ("c",))
    assert [determination.missing for determination in change.witness.determinations] == [
        ("color",),
        ("color", "smoker"),
    ]
