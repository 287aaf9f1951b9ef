"""From conditions to the answer.

Conditions are SQL truth values, in which null is *unknown*: `AND`, `OR` and `NOT` of SQL are Kleene's.
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
    for each in plan.compiled:
        for id, (as_name, said) in _asked(each).items():
            condition = regions.condition(each.conditions[id], each.tables)
            found.setdefault(as_name, {})[each.decider.revision.revision] = condition
            asks[as_name] = said
    columns = [above(named(plan.by_revision(each), as_name), asks[as_name]) for as_name, each in found.items()]
    return exp.select(column(ID), column(plan.columns.fault), column(plan.columns.revision), *columns)


def outcome(plan: Plan) -> exp.Select:
    """What the conditions come to: coverage, gates and holds."""
    gates: ByRevision = {}
    covered: ByRevision = {}
    held: Mapping[str, ByRevision] = {"approved": {}, "denied": {}}
    for each in plan.revisions:
        covered[each.revision] = exp.or_(*(_whole(pathway) for pathway in each.pathways))
        gates[each.revision] = _acts([flag for flag in each.review_flags if flag.kind == "gate"])
        for what, holds in held.items():
            holds[each.revision] = _acts([flag for flag in each.review_flags if flag.holds == what])
    columns = [
        above(named(plan.by_revision(covered), plan.columns.covered), "a pathway applies with all its criteria met"),
        above(named(plan.by_revision(gates), plan.columns.gated), "a gate acts unless it is ruled out"),
    ]
    for what, holds in held.items():
        says = f"a hold of what would be {what} acts unless it is ruled out"
        columns.append(above(named(plan.by_revision(holds), plan.columns.held[what]), says))
    return exp.select(exp.Star(), *columns)


def answer(plan: Plan) -> exp.Select:
    """The answer in words, null where the row has a fault."""
    fault, covered, gated = (column(each) for each in (plan.columns.fault, plan.columns.covered, plan.columns.gated))
    approved, denied = (exp.not_(column(plan.columns.held[what])) for what in ("approved", "denied"))
    decision = exp.case().when(plan.faulty, exp.null())
    decision = decision.when(exp.or_(plan.without_revision, gated), text("pended"))
    decision = decision.when(exp.and_(covered, approved), text("approved"))
    decision = decision.when(exp.and_(exp.not_(covered), denied), text("denied")).else_(text("pended"))
    coverage = exp.case().when(plan.faulty, exp.null()).when(plan.without_revision, text("unknown"))
    return exp.select(
        column(ID),
        named(decision, "decision"),
        named(_in_words(coverage, covered), "coverage"),
        named(plan.by_revision({each.revision: _pathway(plan, each) for each in plan.revisions}), "pathway"),
        *(named(plan.by_revision(each), id) for id, each in _statuses(plan).items()),
        fault if plan.columns.fault == "fault" else named(fault, "fault"),
    )


def _asked(compiled: Compiled) -> dict[str, tuple[str, str]]:
    """For the id of each condition that bears on the answer the name of its column, and what it asks."""
    revision, recorded = compiled.decider.revision, compiled.decider.recorded
    found = {}
    for pathway in revision.pathways:
        found[pathway.id] = applies(pathway.id), _short(pathway.title)
        for each in pathway.criteria:
            found[each.id] = each.id, _short(revision.text(each.cites))
    for flag in revision.review_flags:
        says = recorded[flag.id]
        if flag.kind != "note" and isinstance(says, Flag):
            found[flag.id] = flag.id, _short(f"{flag.kind}: {says.text}")
    return found


def _statuses(plan: Plan) -> dict[str, ByRevision]:
    """For each criterion its status in words, null where its pathway is ruled out or nothing was evaluated."""
    found: dict[str, ByRevision] = {}
    for revision in plan.revisions:
        for pathway in revision.pathways:
            ruled_out = exp.or_(plan.without_revision, exp.not_(column(applies(pathway.id))))
            for each in pathway.criteria:
                status = _in_words(exp.case().when(ruled_out, exp.null()), column(each.id))
                found.setdefault(each.id, {})[revision.revision] = status
    return found


def _pathway(plan: Plan, revision: Revision) -> Expression:
    found = exp.case().when(plan.without_revision, exp.null())
    for each in revision.pathways:
        found = found.when(column(applies(each.id)), text(each.id))
    return found


def _whole(pathway: Pathway) -> Expression:
    return exp.and_(column(applies(pathway.id)), *(column(each.id) for each in pathway.criteria))


def _acts(flags: list[ReviewFlag]) -> Expression:
    """Whether a flag acts: whether one is not ruled out."""
    return called("COALESCE", exp.or_(*(column(each.id) for each in flags)), exp.true()) if flags else exp.false()


def _in_words(case: exp.Case, condition: Expression) -> Expression:
    met = case.when(condition, text("met")).when(exp.not_(condition), text("not_met"))
    return met.else_(text("unknown"))


def _short(sentences: str) -> str:
    return shorten(sentences, SHORT, placeholder=" ...", break_on_hyphens=False)
