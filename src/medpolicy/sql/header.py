"""The comment above a SELECT: which revisions it decides by, what it reads, what it yields."""

from __future__ import annotations

from collections.abc import Iterator

from sqlglot import exp

from medpolicy._version import __version__
from medpolicy.language.revision import days_in_effect
from medpolicy.sql.plan import Plan

_ANSWER = {
    "request_id": "as it came",
    "decision": "approved, denied or pended; a denial is a recommendation, which a clinician must review",
    "coverage": "met, not_met or unknown",
    "pathway": "the one that applies for certain, or null",
    "(criterion)": "met, not_met or unknown; null where its pathway is ruled out, or no revision in effect",
    "fault": "what is wrong with the row, which then has no answer; ids that come twice are a fault of each row",
}


def header(plan: Plan) -> str:
    """Lines of comment."""
    return "".join(f"{f'-- {line}'.rstrip()}\n" for line in _lines(plan))


def _lines(plan: Plan) -> Iterator[str]:
    yield f"{' '.join(plan.revisions[-1].title.split())}, for {plan.dialect}, written by medpolicy {__version__}"
    for compiled in plan.compiled:
        revision = compiled.decider.revision
        days = days_in_effect(revision.effective_from, revision.effective_to)
        when = "whatever the day of service" if plan.pinned else f"in effect {days}"
        yield f"revision {revision.revision}, {when}, rules {compiled.decider.digest}"
    yield ""
    yield f"reads {plan.table.sql(dialect=plan.dialect)}:"
    width = max(map(len, [*_ANSWER, *plan.vocabulary.given]))
    for variable in plan.vocabulary.given.values():
        type_of_column = exp.DataType.build(variable.kind.storage.sql).sql(dialect=plan.dialect)
        absent = "" if variable.default is None else f", null is {str(variable.default).lower()}"
        yield f"  {variable.name:<{width}}  {type_of_column}{', never null' if variable.required else absent}"
    yield ""
    yield "yields a row for each row:"
    for name, meaning in _ANSWER.items():
        yield f"  {name:<{width}}  {meaning}"
    yield ""
