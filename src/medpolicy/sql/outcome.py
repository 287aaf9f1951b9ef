"""From conditions to the answer.

Conditions are SQL truth values, in which null is *unknown*: `AND`, `OR` and `NOT` of SQL are Kleene's. So a column is both
truths of a status, and `evaluate.ruling` says what is covered; it would write gates and holds in a form that no one reads.
"""

from __future__ import annotations

from collections.abc import Mapping
from textwrap import shorten
from typing import Any, cast

from sqlglot import exp

from medpolicy.evaluate.compiled import Compiled
from medpolicy.evaluate.kleene import Algebra, Kleene
from medpolicy.evaluate.ruling import Ruling
from medpolicy.language.determination import Flag
from medpolicy.language.revision import Revision, Rule
from medpolicy.sql.checks import ID
from medpolicy.sql.dialects import Expression, called, column, named, text
from medpolicy.sql.names import applies
from medpolicy.sql.plan import Plan, asked
from medpolicy.sql.regions import Regions

ALGEBRA: Algebra[Any] = Algebra(lambda parts: exp.and_(*parts), lambda parts: exp.or_(*parts))
SHORT = 160


def conditions(plan: Plan, regions: Regions) -> exp.Select:
    """Each condition that bears on the answer: true where met, false where not met, null where open."""
    found: dict[str, dict[str, Expression]] = {}
    questions: dict[str, str] = {}
    for compiled in plan.compiled:
        revision = compiled.decider.revision
        for id, name in asked(revision).items():
            condition = regions.condition(compiled.conditions[id], compiled.tables)
            found.setdefault(name, {})[revision.revision] = condition
        questions |= _questions(compiled)
    columns = [named(plan.by_revision(of_name), name, questions[name]) for name, of_name in found.items()]
    return exp.select(column(ID), plan.column("fault"), plan.column("revision"), *columns)


def _questions(compiled: Compiled) -> Mapping[str, str]:
    """What each condition asks, by the name of its column."""
    revision, recorded = compiled.decider.revision, compiled.decider.recorded
    asks = {applies(pathway.id): pathway.title for pathway in revision.pathways}
    asks |= {
        criterion.id: revision.text(criterion.cites) for pathway in revision.pathways for criterion in pathway.criteria
    }
    asks |= {flag.id: f"{flag.kind}: {cast(Flag, recorded[flag.id]).text}" for flag in revision.review_flags}
    return {
        name: shorten(sentences, SHORT, placeholder=" ...", break_on_hyphens=False) for name, sentences in asks.items()
    }


def outcome(plan: Plan) -> exp.Select:
    """What the conditions come to: coverage, gates and holds."""
    found = {
        "covered": ("a pathway applies with all its criteria met", [_covered(revision) for revision in plan.revisions]),
        "gated": ("a gate acts unless it is ruled out", [_acts(revision, None) for revision in plan.revisions]),
    }
    for step, decision in (("approval_held", "approved"), ("denial_held", "denied")):
        holds = [_acts(revision, decision) for revision in plan.revisions]
        found[step] = f"a hold of what would be {decision} acts unless it is ruled out", holds
    ids = [revision.revision for revision in plan.revisions]
    columns = [
        named(plan.by_revision(dict(zip(ids, values, strict=True))), plan.names[step], comment)
        for step, (comment, values) in found.items()
    ]
    return exp.select(exp.Star(), *columns)


def _covered(revision: Revision) -> Expression:
    columns = asked(revision)

    def status(rule: Rule) -> Kleene[Any]:
        return Kleene(column(columns[rule.id]), column(columns[rule.id]))

    covered: Expression = Ruling(revision, status, ALGEBRA).coverage.met
    return covered


def _acts(revision: Revision, holds: str | None) -> Expression:
    """Whether some hold of a decision, or some gate, acts, which it does unless it is ruled out."""
    flags = [column(flag.id) for flag in revision.review_flags if flag.kind != "note" and flag.holds == holds]
    return called("COALESCE", exp.or_(*flags), exp.true()) if flags else exp.false()


def answer(plan: Plan) -> exp.Select:
    """The answer in words, null where the row has a fault."""
    fault, covered, gated = map(plan.column, ("fault", "covered", "gated"))
    approved, denied = (exp.not_(plan.column(step)) for step in ("approval_held", "denial_held"))
    faulty = exp.case().when(exp.not_(plan.sound), exp.null())
    decision = faulty.when(exp.or_(plan.without_revision, gated), text("pended"))
    decision = decision.when(exp.and_(covered, approved), text("approved"))
    decision = decision.when(exp.and_(exp.not_(covered), denied), text("denied")).else_(text("pended"))
    coverage = _in_words(faulty.when(plan.without_revision, text("unknown")), covered)
    pathways = {revision.revision: _pathway(plan, revision) for revision in plan.revisions}
    return exp.select(
        column(ID),
        named(decision, "decision"),
        named(coverage, "coverage"),
        named(plan.by_revision(pathways), "pathway"),
        *(named(plan.by_revision(status), id) for id, status in _statuses(plan).items()),
        fault if plan.names["fault"] == "fault" else named(fault, "fault"),
    )


def _statuses(plan: Plan) -> dict[str, dict[str, Expression]]:
    """For each criterion its status in words, null where its pathway is ruled out or nothing was evaluated."""
    found: dict[str, dict[str, Expression]] = {}
    for revision in plan.revisions:
        for pathway in revision.pathways:
            ruled_out = exp.or_(plan.without_revision, exp.not_(column(applies(pathway.id))))
            for criterion in pathway.criteria:
                status = _in_words(exp.case().when(ruled_out, exp.null()), column(criterion.id))
                found.setdefault(criterion.id, {})[revision.revision] = status
    return found


def _pathway(plan: Plan, revision: Revision) -> Expression:
    found = exp.case().when(plan.without_revision, exp.null())
    for pathway in revision.pathways:
        found = found.when(column(applies(pathway.id)), text(pathway.id))
    return found


def _in_words(case: exp.Case, condition: Expression) -> Expression:
    met = case.when(condition, text("met")).when(exp.not_(condition), text("not_met"))
    return met.else_(text("unknown"))
