"""Which case shows which obligation, and which obligations no request can show."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

from medpolicy.golden import GoldenCase, RevisionCases
from medpolicy.golden.cover.obligations import HALVES, Obligation, counts, obligations
from medpolicy.golden.cover.proof import feasible
from medpolicy.language.request import facts_of
from medpolicy.solve import RevisionFormulas, Space

State = Literal["covered", "infeasible", "not_covered"]


@dataclass(frozen=True)
class Measured:
    """The obligations of a revision, the cases that show each, and what became of those that none shows."""

    of: RevisionCases
    shown_by: Mapping[Obligation, tuple[GoldenCase, ...]]
    feasible: Mapping[Obligation, bool | None]
    """For each obligation that no case shows, whether any request could; None where that was not proven in time."""

    def state(self, obligation: Obligation) -> State:
        """What became of an obligation."""
        if self.shown_by[obligation]:
            return "covered"
        return "infeasible" if self.feasible[obligation] is False else "not_covered"

    @cached_property
    def essential(self) -> Mapping[GoldenCase, int]:
        """The cases without which a figure falls, with the number of things that they alone show, in the order of the file."""
        shown = [each for each, cases in self.shown_by.items() if cases]
        met, not_met = ({each.occurrence for each in shown if each.what == half} for half in HALVES)
        counted = [each for each in shown if each.what not in HALVES or each.occurrence in met & not_met]
        alone = [self.shown_by[each][0] for each in counted if len(self.shown_by[each]) == 1]
        return {case: alone.count(case) for case in self.of.cases if case in alone}


def measured(of: RevisionCases) -> Measured:
    """Measure the golden cases of a revision. Raises `Unusable` where a proof needs the solver and it is not installed."""
    space = Space(of.vocabulary, [of.revision])
    side = RevisionFormulas(space, of.revision)
    wanted = {each: counts(each, side) for each in obligations(space, side)}
    shown_by: dict[Obligation, list[GoldenCase]] = {each: [] for each in wanted}
    for case in of.cases:
        point = space.point(facts_of(case.request))
        for each, formula in wanted.items():
            if point.holds(formula):
                shown_by[each].append(case)
    lacking = [each for each, cases in shown_by.items() if not cases]
    shown = {each: tuple(cases) for each, cases in shown_by.items()}
    return Measured(of, shown, feasible(lacking, space, side))
