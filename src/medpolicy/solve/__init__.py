"""The solver room: what revisions of a policy make of every possible request (the extra `prove` brings z3).

    space = Space(words, [revision])                  # or several: they share one space of requests
    side = space.side(0)                              # what the first revision makes of a request
    found = space.find(side.decided("approved") & side.status("frontline.ph_negative").not_met)

`find` answers with a `Witness` (a smallest request, confirmed by both engines), with `Impossible` (a proof), or with
`GaveUp` (the time ran out). Statements about a request are `Formula`s, joined by `&`, `|`, `~`, `every`, `some` and
`differ`. They come from a side (`status(id).met`, `.possible`, `.not_met`, `.unknown`; `whole`, `coverage`, `decided`,
`covered`, `acts`, `lists_not_met`, `denied_for`, `waits_for`, `on_pathway`, `approved_with`, `in_effect`) and from the
space (`is_in`, `missing`, `within`, `three` of any condition whose tests the space has, `keeps_open`).

Conditions beyond those of the revisions (an invariant, a changed condition) are given to `Space` too, so that its
classes tell them apart. `space.encode(revision)` is the side of another revision that uses no other tests, such as a
mutant; `space.find(formula, sides=[side])` says under which sides a witness is decided and confirmed. A revision is
*pinned*: it decides whatever the date; `& side.in_effect` asks about its own time alone. `space.three(condition,
instead={steps: MET})` is a condition with another status in the place of a part. `space.region(formula, witness)` is a
region around a witness where the formula is proven to be true of every request; `space.which(formula, statements)`
tells which of many statements can be true together with a formula. `answers_differ(side, other)` is the statement that
two revisions answer a request differently in any way. `Sample`, in its own file, has requests drawn once, which show most of
what is possible before the solver is asked.
"""

from medpolicy.solve.answer import answer_at, answer_of, answers_differ, statements_differ
from medpolicy.solve.formula import FALSE, TRUE, Formula, Point, differ, every, some
from medpolicy.solve.found import Disagreement, Found, GaveUp, Impossible, Witness
from medpolicy.solve.region import Region
from medpolicy.solve.side import DECISIONS, RevisionFormulas, Statements
from medpolicy.solve.space import LIMIT, Space, Steps
from medpolicy.solve.three import MET, NOT_MET, KleeneFormula

__all__ = [
    "DECISIONS",
    "FALSE",
    "LIMIT",
    "MET",
    "NOT_MET",
    "TRUE",
    "Disagreement",
    "Formula",
    "Found",
    "GaveUp",
    "Impossible",
    "KleeneFormula",
    "Point",
    "Region",
    "RevisionFormulas",
    "Space",
    "Statements",
    "Steps",
    "Witness",
    "answer_at",
    "answer_of",
    "answers_differ",
    "differ",
    "every",
    "some",
    "statements_differ",
]
