"""From conditions to the answer.

Conditions are SQL truth values, in which null is *unknown*: `AND`, `OR` and `NOT` of SQL are Kleene's. `evaluate.ruling`
states the same rules over pairs of two-valued truths; written from those, each condition would stand in two forms.
"""

from __future__ import annotations

from collections.abc import Mapping
from textwrap import shorten

from sqlglot import exp

from medpolicy.evaluate.compiled import Compiled
from medpolicy.language.determination import Flag
from medpolicy.language.revision import Pathway, ReviewFlag, Revision
from medpolicy.sql.checks import ID
from medpolicy.sql.dialects import Expression, called, column, named, text
from medpolicy.sql.names import applies
from medpolicy.sql.plan import Plan
from medpolicy.sql.readable import above
from medpolicy.sql.regions import Regions

SHORT = 160

ByRevision = dict[str, Expression]


def conditions(plan: Plan, regions: Regions) -> exp.Select:
    """Each condition that bears on the answer: true where met, false where not met, null where open."""
    found: dict[str, ByRevision] = {}
    asks: dict[str, str] = {}
    for compiled in plan.compiled:
        for id, (name, question) in _asked(compiled).items():
            condition = regions.condition(compiled.conditions[id], compiled.tables)
            found.setdefault(name, {})[compiled.decider.revision.revision] = condition
            asks[name] = question
    columns = [above(named(plan.by_revision(of_name), name), asks[name]) for name, of_name in found.items()]
    return exp.select(column(ID), column(plan.columns.fault), column(plan.columns.revision), *columns)


def outcome(plan: Plan) -> exp.Select:
    """What the conditions come to: coverage, gates and holds."""
    gates: ByRevision = {}
    covered: ByRevision = {}
    held: Mapping[str, ByRevision] = {"approved": {}, "denied": {}}
    for revision in plan.revisions:
        covered[revision.revision] = exp.or_(*(_whole(pathway) for pathway in revision.pathways))
        gates[revision.revision] = _acts([flag for flag in revision.review_flags if flag.kind == "gate"])
        for decision, holds in held.items():
            holds[revision.revision] = _acts([flag for flag in revision.review_flags if flag.holds == decision])
    columns = [
        above(named(plan.by_revision(covered), plan.columns.covered), "a pathway applies with all its criteria met"),
        above(named(plan.by_revision(gates), plan.columns.gated), "a gate acts unless it is ruled out"),
    ]
    for decision, holds in held.items():
        comment = f"a hold of what would be {decision} acts unless it is ruled out"
        columns.append(above(named(plan.by_revision(holds), plan.columns.held[decision]), comment))
    return exp.select(exp.Star(), *columns)


def answer(plan: Plan) -> exp.Select:
    """The answer in words, null where the row has a fault."""
    fault, covered, gated = map(column, (plan.columns.fault, plan.columns.covered, plan.columns.gated))
    approved, denied = (exp.not_(column(plan.columns.held[decision])) for decision in ("approved", "denied"))
    decision = exp.case().when(plan.faulty, exp.null())
    decision = decision.when(exp.or_(plan.without_revision, gated), text("pended"))
    decision = decision.when(exp.and_(covered, approved), text("approved"))
    decision = decision.when(exp.and_(exp.not_(covered), denied), text("denied")).else_(text("pended"))
    coverage = exp.case().when(plan.faulty, exp.null()).when(plan.without_revision, text("unknown"))
    return exp.select(
        column(ID),
        named(decision, "decision"),
        named(_in_words(coverage, covered), "coverage"),
        named(
            plan.by_revision({revision.revision: _pathway(plan, revision) for revision in plan.revisions}), "pathway"
        ),
        *(named(plan.by_revision(status), id) for id, status in _statuses(plan).items()),
        fault if plan.columns.fault == "fault" else named(fault, "fault"),
    )


def _asked(compiled: Compiled) -> dict[str, tuple[str, str]]:
    """The name of the column, and the question, of each condition that bears on the answer, by id."""
    revision, recorded = compiled.decider.revision, compiled.decider.recorded
    found = {}
    for pathway in revision.pathways:
        found[pathway.id] = applies(pathway.id), _short(pathway.title)
        for criterion in pathway.criteria:
            found[criterion.id] = criterion.id, _short(revision.text(criterion.cites))
    for flag in revision.review_flags:
        raised = recorded[flag.id]
        if flag.kind != "note" and isinstance(raised, Flag):
            found[flag.id] = flag.id, _short(f"{flag.kind}: {raised.text}")
    return found


def _statuses(plan: Plan) -> dict[str, ByRevision]:
    """For each criterion its status in words, null where its pathway is ruled out or nothing was evaluated."""
    found: dict[str, ByRevision] = {}
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


def _whole(pathway: Pathway) -> Expression:
    return exp.and_(column(applies(pathway.id)), *(column(criterion.id) for criterion in pathway.criteria))


def _acts(flags: list[ReviewFlag]) -> Expression:
    """Whether some flag acts, which it does unless it is ruled out."""
    return called("COALESCE", exp.or_(*(column(flag.id) for flag in flags)), exp.true()) if flags else exp.false()


def _in_words(case: exp.Case, condition: Expression) -> Expression:
    met = case.when(condition, text("met")).when(exp.not_(condition), text("not_met"))
    return met.else_(text("unknown"))


def _short(sentences: str) -> str:
    return shorten(sentences, SHORT, placeholder=" ...", break_on_hyphens=False)
