"""The shipped cases show all there is to show, notice every slip that changes an answer, and lose by each essential one."""

from __future__ import annotations

from time import process_time

import pytest
from project import RULE_FILE

from medpolicy.golden import GoldenCase, RevisionCases, compared, golden_cases
from medpolicy.golden.cover.complete import completing_requests
from medpolicy.golden.cover.measure import Measured, measured
from medpolicy.golden.cover.report import all_covered, described
from medpolicy.golden.mutate.report import described as verdicts
from medpolicy.golden.mutate.verdicts import mutated

RULES = RULE_FILE.parent
[SHIPPED] = golden_cases("inotuzumab-ozogamicin", RULES)


def without(*ids: str) -> RevisionCases:
    cases = tuple(case for case in SHIPPED.cases if case.id not in ids)
    return RevisionCases(SHIPPED.rules, SHIPPED.decider, SHIPPED.path, cases)


@pytest.fixture(scope="module")
def covered():
    return measured(SHIPPED)


@pytest.fixture(scope="module")
def found():
    began = process_time()
    found = mutated(SHIPPED)
    assert process_time() - began < 60
    return found


def test_every_case_passes():
    assert [case.id for case in SHIPPED.cases if not compared(SHIPPED, case).passed] == []


def test_everything_is_covered_or_proven_infeasible(covered):
    told = described(covered)
    assert all_covered(told["figures"])
    assert {name: figure["percent"] for name, figure in told["figures"].items()} == dict.fromkeys(told["figures"], 100)


def test_three_things_are_infeasible(covered):
    infeasible = [obligation for obligation in covered.shown_by if covered.state(obligation) == "infeasible"]
    assert [(obligation.rule.id, obligation.what) for obligation in infeasible] == [
        ("relapsed_refractory.ph_status_known", "not_met"),
        ("relapsed_refractory.ph_status_known", "not_met"),
        ("unlisted_tki", "missing"),
    ]


def test_a_figure_falls_by_each_essential_case_and_by_no_other(covered):
    figures = described(covered)["figures"]
    assert len(covered.essential) >= 20
    for case in {*covered.essential, *SHIPPED.cases[::6]}:
        left = described(less(covered, case))["figures"]
        assert sum(figure["not_covered"] for figure in left.values()) == covered.essential.get(case, 0)
        assert (
            (left != figures) is any(figure["percent"] < 100 for figure in left.values()) is (case in covered.essential)
        )


def less(covered: Measured, case: GoldenCase) -> Measured:
    """What the other cases show; what a case showed is possible."""
    shown_by = {
        obligation: tuple(one for one in cases if one is not case) for obligation, cases in covered.shown_by.items()
    }
    feasible = {
        obligation: covered.feasible.get(obligation, True) for obligation, cases in shown_by.items() if not cases
    }
    return Measured(without(case.id), shown_by, feasible)


def test_what_the_other_cases_show_is_what_is_measured_of_them(covered):
    for case in list(covered.essential)[::5]:
        assert described(less(covered, case)) == described(measured(without(case.id)))


def test_no_slip_goes_unnoticed(found):
    assert len(found.verdicts) > 500
    assert [str(verdict.mutant) for verdict in found.verdicts if verdict.outcome in ("surviving", "undecided")] == []
    equivalent = [verdict.mutant for verdict in found.verdicts if verdict.outcome == "equivalent"]
    assert {mutant.now["operator"] for mutant in equivalent} == {"is_contained_by", "less_than_or_equal_to"}


def test_a_slip_goes_unnoticed_without_each_essential_case_and_without_no_other(found):
    assert len(found.essential) >= 15
    for case in SHIPPED.cases:
        unnoticed = sum(verdict.killers == (case,) for verdict in found.verdicts)
        assert found.essential.get(case, 0) == unnoticed

    lost = [case.id for case in found.essential][::6]
    figures = verdicts(mutated(without(*lost)))["figures"]
    assert figures["surviving"] >= len(lost)
    assert figures["percent"] < 100


def test_the_smallest_set_has_26_cases_and_is_always_the_same():
    made = completing_requests(SHIPPED)
    assert len(made) == 26  # 26 things to show exclude each other
    assert all(request.alone for request in made)
    assert [request.record for request in completing_requests(SHIPPED)] == [request.record for request in made]
