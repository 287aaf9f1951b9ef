"""The parts of an answer that a rule decides, from formulas at one request and from a determination."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from medpolicy.evaluate.ruling import DECISIONS
from medpolicy.evaluate.status import Status
from medpolicy.language.determination import Decision, Determination, Terms
from medpolicy.solve.formula import FALSE, Formula, Point, differ, some
from medpolicy.solve.found import Disagreement
from medpolicy.solve.revision_formulas import RevisionFormulas, Statements


@dataclass(frozen=True, slots=True)
class Answer:
    """Decision, coverage and every list of ids; no text."""

    decision: Decision
    coverage: str
    pathway: str | None
    not_met: tuple[str, ...]
    missing: tuple[str, ...]
    denial_reasons: tuple[str, ...]
    review_flags: tuple[tuple[str, str], ...]
    terms: Terms | None


def answer_at(side: RevisionFormulas, point: Point) -> Answer:
    """What formulas say of one request."""
    revision = side.revision
    pathways = [each.id for each in revision.pathways]
    coverage = Status(point.holds(side.coverage.met) + point.holds(side.coverage.possible))
    criteria = [each.id for pathway in revision.pathways for each in pathway.criteria]
    return Answer(
        decision=_only(decision for decision in DECISIONS if point.holds(side.decided(decision))),
        coverage=coverage.word,
        pathway=next((each for each in pathways if point.holds(side.on_pathway(each))), None),
        not_met=tuple(sorted(each for each in criteria if point.holds(side.lists_not_met(each)))),
        missing=tuple(sorted(each.name for each in side.space.given if point.holds(side.waits_for(each.name)))),
        denial_reasons=tuple(sorted(each for each in side.reasons if point.holds(side.denied_for(each)))),
        review_flags=tuple((each.id, each.kind) for each in revision.review_flags if point.holds(side.acts(each.id))),
        terms=next((side.terms(each) for each in revision.pathways if point.holds(side.approved_by(each.id))), None),
    )


def answer_of(determination: Determination) -> Answer:
    """What a determination says."""
    verdict = determination.verdict
    return Answer(
        decision=verdict.decision,
        coverage=verdict.coverage,
        pathway=verdict.pathway,
        not_met=verdict.not_met,
        missing=verdict.missing,
        denial_reasons=tuple(sorted(each.id for each in verdict.denial_reasons)),
        review_flags=tuple((each.id, each.kind) for each in verdict.review_flags),
        terms=verdict.terms,
    )


def answers_differ(one: RevisionFormulas, other: RevisionFormulas) -> Formula:
    """That two revisions answer a request differently: in the decision, or in any of its lists and terms."""
    return statements_differ(one.statements, other.statements)


def statements_differ(one: Statements, other: Statements) -> Formula:
    """That one of several statements about an answer is true under one revision and not under another."""
    return some(differ(one.get(each, FALSE), other.get(each, FALSE)) for each in {**one, **other})


def _only(decisions: Iterable[Decision]) -> Decision:
    found = tuple(decisions)
    if len(found) != 1:
        raise Disagreement(f"the formulas give a request {len(found)} decisions")
    return found[0]
