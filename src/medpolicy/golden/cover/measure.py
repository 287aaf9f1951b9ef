"""Which case shows which obligation, and which obligations no request can show."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

from medpolicy.golden import GoldenCase, RevisionCases
from medpolicy.golden.cover.essential import essential_cases
from medpolicy.golden.cover.obligations import HALVES, Obligation, counts, obligations
from medpolicy.golden.cover.proof import feasible
from medpolicy.language.request import facts_of
from medpolicy.solve import Solver, Space

State = Literal["covered", "infeasible", "not_covered"]


@dataclass(frozen=True)
class Measured:
    """The obligations of a revision, each with the cases that show it."""

    golden: RevisionCases
    shown_by: Mapping[Obligation, tuple[GoldenCase, ...]]
    feasible: Mapping[Obligation, bool | None]
    """For each obligation that no case shows, whether some request could; None where that is undecided."""

    def state(self, obligation: Obligation) -> State:
        """Whether an obligation is covered, and if not, whether it could be."""
        if self.shown_by[obligation]:
            return "covered"
        return "infeasible" if self.feasible[obligation] is False else "not_covered"

    @cached_property
    def essential(self) -> Mapping[GoldenCase, int]:
        """The cases without which a figure falls, with the number of obligations that they alone show."""
        shown = {obligation: cases for obligation, cases in self.shown_by.items() if cases}
        met, not_met = ({shows.occurrence for shows in shown if shows.what == half} for half in HALVES)
        pairs = met & not_met
        return essential_cases(
            self.golden,
            (cases for shows, cases in shown.items() if shows.what not in HALVES or shows.occurrence in pairs),
        )


def measured(golden: RevisionCases) -> Measured:
    """Measure the golden cases of a revision. Raises `Unusable` where a proof needs the solver and it is not installed."""
    solver = Solver(Space(golden.vocabulary, [golden.revision]))
    formulas = solver.revisions[0]
    wanted = {obligation: counts(obligation, formulas) for obligation in obligations(formulas)}
    points = {case: solver.space.point(facts_of(case.request)) for case in golden.cases}
    shown_by = {
        obligation: tuple(case for case, point in points.items() if point.holds(formula))
        for obligation, formula in wanted.items()
    }
    lacking = [obligation for obligation, cases in shown_by.items() if not cases]
    return Measured(golden, shown_by, feasible(lacking, solver))
