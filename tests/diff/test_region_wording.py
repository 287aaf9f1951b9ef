"""Regions in words: what a variable's classes have in common."""

from __future__ import annotations

from itertools import combinations
from typing import Any

import pytest
from drawing import asks
from small import WORDS, criterion, pathway, revision_of

from medpolicy.diff.region_wording import facts_in_words, region_in_words
from medpolicy.evaluate.tables import MISSING
from medpolicy.language.condition import All, Any_, Test
from medpolicy.solve import Region, Space

NUMBERS = tuple(Test(name="total", operator="equal_to", value=value) for value in range(1, 7))
SETS = (
    Test(name="tools", operator="contains", value="x"),
    Test(name="tools", operator="is_exactly", value=()),
)
CHOICES = tuple(
    Test(name=name, operator="equal_to", value=option)
    for name, option in (("kind", "a"), ("kind", "b"), ("color", "red"))
)
OTHERS = (Test(name="urgent", operator="is_true", value=True), Test(name="smoker", operator="is_true", value=True))
DAYS = tuple(Test(name="service_start_date", operator="before", value=f"2026-01-0{day}") for day in (1, 2, 5))


@pytest.fixture(scope="module")
def space() -> Space:
    one = revision_of(
        [pathway("p", asks("kind", "equal_to", "a"), [criterion("c", asks("urgent", "is_true", True))])], []
    )
    return Space(WORDS, [one], [All(all=(*NUMBERS, *SETS, *CHOICES, *OTHERS, *DAYS))])


@pytest.mark.parametrize(
    ("name", "values", "said"),
    [
        ("kind", ["a"], "Kind is a"),
        ("kind", ["a", "b"], "Kind is a or b"),
        ("color", ["red"], "Color is red"),
        ("color", ["red", None], "Color is red, or is missing"),
        ("color", [None], "Color is missing"),
        ("color", ["red", "green"], "Color is known"),
        ("urgent", [False], "Urgent: no"),
        ("smoker", [True, None], "Smoker: yes, or is missing"),
        ("total", [2], "Total is 2"),
        ("total", [2, 3], "Total is 2 or 3"),
        ("total", [2, 3, 4], "Total is from 2 to 4"),
        ("total", [1, 2, 3], "Total is at most 3"),
        ("total", [4, 5, 6], "Total is at least 4"),
        ("total", [1, 3], "Total is 1 or 3"),
        ("tools", [frozenset()], "Tools: nothing"),
        ("tools", [frozenset("x"), frozenset("xy")], "Tools: x, or x and y"),
    ],
)
def test_the_classes_of_a_variable(space: Space, name: str, values: list[Any], said: str) -> None:
    codes = {MISSING if value is None else space.tables[name].code(value) for value in values}
    assert facts_in_words(space, name, codes) == said


@pytest.mark.parametrize(
    ("codes", "said"),
    [
        ({1}, "Service is on or before 2025-12-31"),
        ({2}, "Service is 2026-01-01"),
        ({3}, "Service is from 2026-01-02 to 2026-01-04"),
        ({3, 4}, "Service is on or after 2026-01-02"),
    ],
)
def test_days(space: Space, codes: set[int], said: str) -> None:
    label = space.vocabulary.variables["service_start_date"].fact.label
    assert facts_in_words(space, "service_start_date", codes) == said.replace("Service", label)


ALL = frozenset({"mini_hyper_cvd", "blinatumomab", "imatinib", "dasatinib", "nilotinib", "bosutinib", "ponatinib"})


@pytest.mark.parametrize(
    ("of", "said"),
    [
        (lambda options: "other_tki" in options, "includes other tki"),
        (lambda options: "other_tki" not in options, "anything without other tki"),
        (lambda options: len(options) > 0, "anything, except nothing"),
        (lambda options: {"imatinib", "dasatinib"} <= options, "anything with imatinib and dasatinib"),
        (
            lambda options: "imatinib" in options and "other_tki" not in options and len(options) > 1,
            "anything with imatinib and without other tki, except exactly imatinib",
        ),
        (lambda options: bool(options & {"imatinib", "dasatinib"}), "anything with imatinib or dasatinib"),
        (
            lambda options: not options & {"other", "other_tki"} and len(options) < 7,
            "anything without other tki or other, except exactly mini hyper cvd, blinatumomab, imatinib, dasatinib,"
            " nilotinib, bosutinib and ponatinib",
        ),
        (
            lambda options: "imatinib" not in options or len(options) == 1,
            "anything without imatinib, or exactly imatinib",
        ),
        (
            lambda options: (
                bool(options & {"imatinib", "dasatinib"}) and "other_tki" not in options and len(options) > 1
            ),
            "anything with imatinib or dasatinib and without other tki, except exactly dasatinib, or exactly imatinib",
        ),
        (lambda options: len(options) == 2, "one of 36 combinations, such as blinatumomab and bosutinib"),
    ],
)
def test_many_sets_are_said_as_what_they_have_and_lack(policy: Any, of: Any, said: str) -> None:
    every = frozenset({*ALL, "other_tki", "other"})
    sets = [frozenset(some) for size in range(10) for some in combinations(sorted(every), size)]
    tests = [
        Test(name="combination_regimen", operator="is_exactly", value=tuple(options)) for options in sets if options
    ]
    space = Space(policy.vocabulary, policy.revisions, [Any_(any=tuple(tests))])
    table = space.tables["combination_regimen"]
    codes = {code for code, group in enumerate(table.classes, 1) if all(map(of, group.members))}
    assert facts_in_words(space, table.variable.name, codes) == f"Given together with: {said}"


def test_a_region_without_bounds_is_every_request(space: Space) -> None:
    assert region_in_words(Region({}), space) == "every request"
    both = Region({"kind": frozenset({space.tables["kind"].code("a")}), "color": frozenset({MISSING})})
    assert region_in_words(both, space) == "every request where Kind is a; Color is missing"
