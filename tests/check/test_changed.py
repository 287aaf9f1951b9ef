from __future__ import annotations

from hypothesis import given
from small import EXAMPLES, Json, revision

from check.enumerated import Enumerated, cases, with_derived
from medpolicy.check.changed import never_gains, without
from medpolicy.solve import Formula, RevisionFormulas, Space


def formulas(space: Space) -> list[Formula]:
    side = RevisionFormulas(space, space.revisions[0])
    found = [formula for id in side.conditions for formula in (side.status(id).met, side.status(id).possible)]
    return [*found, *(~formula for formula in found), *side.claims.values()]


@EXAMPLES
@given(cases())
def test_a_formula_without_a_fact_is_true_of_the_requests_that_lose_it(of: Enumerated) -> None:
    space = Space(of.vocabulary, [revision(of.document)])
    some: list[Json] = of.requests[:: max(1, len(of.requests) // 40)]
    for name in [variable.name for variable in space.given if variable.may_be_missing]:
        changed = [(facts, with_derived({**facts, name: None}, of.vocabulary)) for facts in some]
        points = [(space.point(before), space.point(after)) for before, after in changed]
        for formula in formulas(space):
            less = without(formula, name, space)
            assert all(before.holds(less) == after.holds(formula) for before, after in points)
            if never_gains(formula, name, space):
                assert all(before.holds(formula) for before, after in points if after.holds(formula))


@EXAMPLES
@given(cases())
def test_a_condition_is_never_met_because_a_fact_is_missing(of: Enumerated) -> None:
    space = Space(of.vocabulary, [revision(of.document)])
    for id in RevisionFormulas(space, space.revisions[0]).conditions:
        status = RevisionFormulas(space, space.revisions[0]).status(id)
        for variable in [variable for variable in space.given if variable.may_be_missing]:
            assert never_gains(status.met, variable.name, space)
            assert never_gains(status.not_met, variable.name, space)
