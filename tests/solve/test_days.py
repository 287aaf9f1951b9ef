"""Days and completed years in the solver are those of the calendar, also where two ages share a day."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from pathlib import Path
from typing import Annotated, ClassVar

import pytest
from drawing import asks
from hypothesis import given
from hypothesis import strategies as st
from medpolicy.actions.coverage import CoverageActions
from small import EXAMPLES, DrugRequest, criterion, fact, pathway, revision_of

from medpolicy.language.condition import All, Test
from medpolicy.language.fields import CompletedYears, Derived
from medpolicy.language.forms import Date
from medpolicy.language.request import Fact
from medpolicy.language.vocabulary import Vocabulary
from medpolicy.solve import Impossible, Solver, Space, Witness, every, some

FIRST, LAST = date(1900, 1, 1), date(2199, 12, 31)


class Family(DrugRequest):
    """Parent and child, born one after the other, and both before the same start of service."""

    parent: Annotated[Date | None, fact("Parent")] = None
    child: Annotated[Date | None, fact("Child")] = None

    earlier: ClassVar[tuple[tuple[str, str], ...]] = (
        ("parent", "service_start_date"),
        ("child", "service_start_date"),
        ("parent", "child"),
    )
    derived: ClassVar[Mapping[str, tuple[Derived, Fact]]] = {
        "parents_age": (CompletedYears("parent", "service_start_date"), fact("Age of parent")),
        "childs_age": (CompletedYears("child", "service_start_date"), fact("Age of child")),
        "parents_age_at_birth": (CompletedYears("parent", "child"), fact("Age of parent at birth")),
    }


WORDS = Vocabulary("family", Family, CoverageActions, Path())
AGES = tuple(Test(name=name, operator="equal_to", value=age) for name in Family.derived for age in (*range(5), 40))


@pytest.fixture(scope="module")
def space() -> Space:
    conditions = [criterion("c", asks("service_start_date", "on_or_after", "2000-01-01"))]
    applies = asks("parent", "on_or_after", "1900-01-01")
    return Space(WORDS, [revision_of([pathway("p", applies, conditions)], [])], [All(all=AGES)])


def days() -> st.SearchStrategy[date]:
    """Days anywhere, and more often around the ends of February."""
    ends = st.builds(lambda year, days: date(year, 3, 1) + timedelta(days), st.integers(1900, 2199), st.integers(-3, 2))
    return st.one_of(ends, st.dates(FIRST, LAST))


@EXAMPLES
@given(st.lists(days(), min_size=3, max_size=3).map(sorted))
def test_each_age_is_the_one_that_the_calendar_gives(space: Space, in_order: list[date]) -> None:
    facts = dict(zip(("parent", "child", "service_start_date"), in_order, strict=True))
    exactly = every(space.within(name, day, day) for name, day in facts.items())
    assert isinstance(Solver(space).find(exactly, decided_under=()), Witness)
    for name, (derived, _) in Family.derived.items():
        code = space.tables[name].code(derived.of(facts))
        assert Solver(space).find(exactly & ~space.is_in(name, {code}), decided_under=()) == Impossible()


@given(days(), days())
def test_nobody_is_born_after_the_start_of_service(space: Space, one: date, other: date) -> None:
    born, service = max(one, other), min(one, other)
    if born != service:
        exactly = space.within("child", born, born) & space.within("service_start_date", service, service)
        assert Solver(space).find(exactly, decided_under=()) == Impossible()


@pytest.mark.parametrize("year", [1900, 1999, 2000, 2024, 2025, 2100, 2199])
@pytest.mark.parametrize("month", range(1, 12))
def test_the_days_of_a_month_are_those_of_the_calendar(space: Space, year: int, month: int) -> None:
    name, last, next_month = "service_start_date", date(year, month, 28), date(year, month + 1, 1)
    rest = (next_month - last).days
    days = [space.within(name, day, day) for day in (last + timedelta(step) for step in range(rest + 1))]
    assert Solver(space).find(space.within(name, last, next_month) & ~some(days), decided_under=()) == Impossible()
    assert all(isinstance(Solver(space).find(day, decided_under=()), Witness) for day in days)


def test_a_birthday_on_29_february_is_reached_on_1_march(space: Space) -> None:
    one = space.tables["childs_age"].code(1)
    born = space.within("child", date(2024, 2, 29), date(2024, 2, 29)) & space.is_in("childs_age", {one})
    found = Solver(space).find(born & space.within("service_start_date", FIRST, date(2025, 3, 1)), decided_under=())
    assert isinstance(found, Witness)
    assert found.request["service_start_date"] == "2025-03-01"
    assert (
        Solver(space).find(born & space.within("service_start_date", FIRST, date(2025, 2, 28)), decided_under=())
        == Impossible()
    )


def test_ages_that_share_days_hang_together(space: Space) -> None:
    """A parent of 1 year cannot have a child of 2, however the three days are chosen."""
    ages = {name: space.tables[name].code for name in Family.derived}
    both = space.is_in("parents_age", {ages["parents_age"](4)}) & space.is_in("childs_age", {ages["childs_age"](2)})
    assert (
        Solver(space).find(
            both & space.is_in("parents_age_at_birth", {ages["parents_age_at_birth"](3)}), decided_under=()
        )
        == Impossible()
    )
    assert isinstance(
        Solver(space).find(
            both & space.is_in("parents_age_at_birth", {ages["parents_age_at_birth"](1)}), decided_under=()
        ),
        Witness,
    )
