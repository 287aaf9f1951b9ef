"""The solver room: what revisions of a policy make of every possible request (the extra `prove` brings z3).

    space = Space(vocabulary, [revision])             # or several: they share one space of requests
    solver = Solver(space)
    formulas = solver.revisions[0]                    # what the first revision makes of a request
    found = solver.find(formulas.decided["approved"] & formulas.status("frontline.ph_negative").not_met)

`find` answers with a `Witness` (a smallest request, confirmed by both engines), with `Impossible` (a proof), or with
`GaveUp` (the time limit was reached). Statements about a request are `Formula`s, joined by `&`, `|`, `~`, `every`, `some`
and `differ`. They come from the `RevisionFormulas` of a revision and from the space (`is_in`, `missing`, `within`, `status`
of any condition whose tests the space has, `keeps_open`).

Conditions beyond those of the revisions (an invariant, a changed condition) are given to `Space` too, so that its classes
distinguish their tests. `RevisionFormulas(space, revision)` encodes another revision that uses no other tests, such as a mutant;
`solver.find(formula, decided_under=[formulas])` says under which revisions a witness is decided and confirmed. A revision
is *pinned*: it decides whatever the date; `& formulas.in_effect` asks about its own time alone. `space.status(condition,
instead={steps: MET})` is a condition with another status in the place of a part. `solver.region(formula, witness)` is a
region around a witness where the formula is proven to be true; `solver.which(formula, statements)` tells which of many
statements can be true together with a formula. `answers_differ(formulas, others)` is the statement that two revisions
answer a request differently in any way. `Sample`, in its own file, holds requests drawn once, which show most of what is
possible before the solver is asked.
"""

from medpolicy.evaluate.ruling import DECISIONS
from medpolicy.language.walk import Steps
from medpolicy.solve.formula import FALSE, MET, NOT_MET, TRUE, Formula, KleeneFormula, Point, differ, every, some
from medpolicy.solve.found import Disagreement, Found, GaveUp, Impossible, Witness
from medpolicy.solve.region import Region
from medpolicy.solve.revision_formulas import (
    Claims,
    RevisionFormulas,
    answer_at,
    answer_of,
    answers_differ,
    claims_differ,
)
from medpolicy.solve.solver import LIMIT, Solver
from medpolicy.solve.space import Space

__all__ = [
    "DECISIONS",
    "FALSE",
    "LIMIT",
    "MET",
    "NOT_MET",
    "TRUE",
    "Claims",
    "Disagreement",
    "Formula",
    "Found",
    "GaveUp",
    "Impossible",
    "KleeneFormula",
    "Point",
    "Region",
    "RevisionFormulas",
    "Solver",
    "Space",
    "Steps",
    "Witness",
    "answer_at",
    "answer_of",
    "answers_differ",
    "claims_differ",
    "differ",
    "every",
    "some",
]
