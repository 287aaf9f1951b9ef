"""The one walk over a condition, and the one fold."""

from __future__ import annotations

from functools import reduce
from typing import Any

from drawing import asks
from hypothesis import given
from small import Json, conditions, criterion, pathway, revision_of

from medpolicy.language.condition import Condition, Test
from medpolicy.language.walk import fold, variables_in, walk
from medpolicy.language.walk import tests_in as every_test_in

RED, SMOKER, URGENT = (
    asks("color", "equal_to", "red"),
    asks("smoker", "is_true", True),
    asks("urgent", "is_true", True),
)


def condition_of(content: Json) -> Condition:
    return revision_of([pathway("p", content, [criterion("p.c", RED)])], []).pathways[0].applies


NESTED = {"all": [RED, {"any": [SMOKER, {"all": [URGENT]}]}]}


def test_every_group_and_test_comes_with_its_path_and_steps_in_the_order_of_the_file() -> None:
    found = [(part.for_engine(), path, steps) for part, path, steps in walk(condition_of(NESTED))]
    assert found == [
        (NESTED, (), ()),
        (RED, ("all", 0), (0,)),
        (NESTED["all"][1], ("all", 1), (1,)),
        (SMOKER, ("all", 1, "any", 0), (1, 0)),
        ({"all": [URGENT]}, ("all", 1, "any", 1), (1, 1)),
        (URGENT, ("all", 1, "any", 1, "all", 0), (1, 1, 0)),
    ]


def test_a_single_test_is_walked_as_itself() -> None:
    assert [(part.for_engine(), path, steps) for part, path, steps in walk(condition_of(RED))] == [(RED, (), ())]


@given(conditions())
def test_a_path_leads_to_its_part_in_the_file_and_steps_to_it_in_the_model(content: Json) -> None:
    condition = condition_of(content)
    for part, path, steps in walk(condition):
        at_path: Any = reduce(lambda inner, key: inner[key], path, content)
        at_steps = reduce(lambda group, index: group.parts[index], steps, condition)
        assert part.for_engine() == at_path
        assert at_steps is part


@given(conditions())
def test_tests_and_variables_are_those_of_the_walk(content: Json) -> None:
    condition = condition_of(content)
    tests = [part for part, _, _ in walk(condition) if isinstance(part, Test)]
    assert list(every_test_in(condition)) == tests
    assert variables_in(condition) == tuple(dict.fromkeys(test.name for test in tests))


@given(conditions())
def test_a_fold_goes_from_the_inside_out(content: Json) -> None:
    written = fold(
        condition_of(content), lambda test: test.for_engine(), lambda is_all, parts: {"all" if is_all else "any": parts}
    )
    assert written == content
