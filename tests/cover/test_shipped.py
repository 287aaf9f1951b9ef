"""The shipped cases show all there is to show, notice every slip that changes an answer, and lose by each essential one."""

from __future__ import annotations

from pathlib import Path
from time import process_time

import pytest

from medpolicy.coverage.complete import completing
from medpolicy.coverage.measure import measured
from medpolicy.coverage.mutation import mutated
from medpolicy.coverage.report import complete, described
from medpolicy.coverage.verdicts import described as verdicts
from medpolicy.golden import RevisionCases, compared, golden_cases

RULES = Path(__file__).parents[2] / "rules" / "inotuzumab-ozogamicin"
[SHIPPED] = golden_cases("inotuzumab-ozogamicin", RULES)


def without(*ids: str) -> RevisionCases:
    cases = tuple(case for case in SHIPPED.cases if case.id not in ids)
    return RevisionCases(SHIPPED.rules, SHIPPED.decider, SHIPPED.path, cases)


@pytest.fixture(scope="module")
def covered():
    return measured(SHIPPED)


def test_every_case_passes():
    assert [case.id for case in SHIPPED.cases if not compared(SHIPPED, case).passed] == []


def test_everything_is_covered_or_proven_infeasible(covered):
    told = described(covered)
    assert complete(told["figures"])
    assert {name: each["percent"] for name, each in told["figures"].items()} == dict.fromkeys(told["figures"], 100)


def test_three_things_are_infeasible(covered):
    infeasible = [each for each in covered.shown_by if covered.state(each) == "infeasible"]
    assert [(each.rule.id, each.what) for each in infeasible] == [
        ("relapsed_refractory.ph_status_known", "not_met"),
        ("relapsed_refractory.ph_status_known", "not_met"),
        ("unlisted_tki", "missing"),
    ]


def test_without_an_essential_case_something_is_not_covered(covered):
    assert len(covered.essential) >= 20
    for case, number in list(covered.essential.items())[::4]:
        left = described(measured(without(case.id)))["figures"]
        assert sum(each["not_covered"] for each in left.values()) == number


def test_the_essential_cases_are_those_that_show_something_alone(covered):
    for case in SHIPPED.cases:
        alone = sum(cases == (case,) for cases in covered.shown_by.values())
        assert covered.essential.get(case, 0) == alone


def test_no_slip_goes_unnoticed_but_without_an_essential_case_one_does():
    began = process_time()
    found = mutated(SHIPPED)
    assert process_time() - began < 60
    assert len(found.verdicts) > 500
    assert [str(each.mutant) for each in found.verdicts if each.outcome in ("surviving", "undecided")] == []
    equivalent = [each.mutant for each in found.verdicts if each.outcome == "equivalent"]
    assert {each.now["operator"] for each in equivalent} == {"is_contained_by", "less_than_or_equal_to"}

    essential = list(found.essential)
    assert len(essential) >= 15
    lost = [case.id for case in essential[::6]]
    figures = verdicts(mutated(without(*lost)))["figures"]
    assert figures["surviving"] >= len(lost)
    assert figures["percent"] < 100


def test_the_smallest_set_has_26_cases_and_is_always_the_same():
    made = completing(SHIPPED)
    assert len(made) == 26  # 26 things to show exclude each other
    assert all(each.alone for each in made)
    assert [each.record for each in completing(SHIPPED)] == [each.record for each in made]
