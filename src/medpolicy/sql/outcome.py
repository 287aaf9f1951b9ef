"""From conditions to the answer.

Conditions are SQL truth values, in which null is *unknown*: `AND`, `OR` and `NOT` of SQL are Kleene's. So one column stands
for both truths of a status, and `evaluate.ruling` says what is covered. Gates and holds are written here in a shorter form.
"""

from __future__ import annotations

from functools import partial
from textwrap import shorten
from typing import Any, cast

from sqlglot import exp

from medpolicy.evaluate.compiled import Compiled
from medpolicy.evaluate.kleene import Algebra, Kleene
from medpolicy.evaluate.ruling import Ruling
from medpolicy.language.determination import Flag
from medpolicy.language.revision import Pathway, ReviewFlag, Revision, Rule
from medpolicy.sql.checks import ID
from medpolicy.sql.dialects import Expression, called, column, named, text
from medpolicy.sql.plan import Plan, asked, name_of
from medpolicy.sql.regions import Regions

ALGEBRA: Algebra[Any] = Algebra(lambda parts: exp.and_(*parts), lambda parts: exp.or_(*parts))
SHORT = 160


def conditions(plan: Plan, regions: Regions) -> exp.Select:
    """Each condition that bears on the answer: true where met, false where not met, null where open."""
    found: dict[str, dict[str, Expression]] = {}
    questions: dict[str, str] = {}
    for compiled in plan.compiled:
        revision = compiled.decider.revision
        for rule in asked(revision):
            condition = regions.condition(compiled.conditions[rule.id], compiled.tables)
            found.setdefault(name_of(rule), {})[revision.revision] = condition
            questions[name_of(rule)] = _question(rule, compiled)
    columns = [named(plan.by_revision(of_name), name, questions[name]) for name, of_name in found.items()]
    return exp.select(column(ID), plan.column("fault"), plan.column("revision"), *columns)


def _question(rule: Rule, compiled: Compiled) -> str:
    if isinstance(rule, Pathway):
        sentences = rule.title
    elif isinstance(rule, ReviewFlag):
        sentences = f"{rule.kind}: {cast(Flag, compiled.decider.recorded[rule.id]).text}"
    else:
        sentences = compiled.decider.revision.text(rule.cites)
    return shorten(sentences, SHORT, placeholder=" ...", break_on_hyphens=False)


def outcome(plan: Plan) -> exp.Select:
    """What the conditions come to: coverage, gates and holds."""
    comment = "a pathway applies with all its criteria met"
    columns = [named(plan.in_each(_covered), plan.names["covered"], comment)]
    for step, holds, flag in (
        ("gated", None, "a gate"),
        ("approval_held", "approved", "a hold of what would be approved"),
        ("denial_held", "denied", "a hold of what would be denied"),
    ):
        acts = plan.in_each(partial(_acts, holds=holds))
        columns.append(named(acts, plan.names[step], f"{flag} acts unless it is ruled out"))
    return exp.select(exp.Star(), *columns)


def _covered(revision: Revision) -> Expression:
    def status(rule: Rule) -> Kleene[Any]:
        return Kleene(column(name_of(rule)), column(name_of(rule)))

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
    return exp.select(
        column(ID),
        named(decision, "decision"),
        named(coverage, "coverage"),
        named(plan.in_each(partial(_pathway, plan)), "pathway"),
        *(named(plan.by_revision(status), id) for id, status in _statuses(plan).items()),
        fault if plan.names["fault"] == "fault" else named(fault, "fault"),
    )


def _statuses(plan: Plan) -> dict[str, dict[str, Expression]]:
    """For each criterion its status in words, null where its pathway is ruled out or nothing was evaluated."""
    found: dict[str, dict[str, Expression]] = {}
    for revision in plan.revisions:
        for pathway in revision.pathways:
            ruled_out = exp.or_(plan.without_revision, exp.not_(column(name_of(pathway))))
            for criterion in pathway.criteria:
                status = _in_words(exp.case().when(ruled_out, exp.null()), column(criterion.id))
                found.setdefault(criterion.id, {})[revision.revision] = status
    return found


def _pathway(plan: Plan, revision: Revision) -> Expression:
    found = exp.case().when(plan.without_revision, exp.null())
    for pathway in revision.pathways:
        found = found.when(column(name_of(pathway)), text(pathway.id))
    return found


def _in_words(case: exp.Case, condition: Expression) -> Expression:
    met = case.when(condition, text("met")).when(exp.not_(condition), text("not_met"))
    return met.else_(text("unknown"))
