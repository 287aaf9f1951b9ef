"""Answers as the statements that they make, from formulas at one request and from a determination."""

from __future__ import annotations

from medpolicy.language.determination import Determination
from medpolicy.solve.formula import FALSE, Formula, Point, differ, some
from medpolicy.solve.revision_formulas import RevisionFormulas, Statement, Statements

_COVERAGE = {"met": ("met", "possible"), "unknown": ("possible",), "not_met": ()}


def answer_at(formulas: RevisionFormulas, point: Point) -> frozenset[Statement]:
    """The statements that are true of one request."""
    return frozenset(statement for statement, formula in formulas.statements.items() if point.holds(formula))


def answer_of(determination: Determination) -> frozenset[Statement]:
    """The statements that a determination makes: decision, coverage, every list of ids, and terms, but no text."""
    verdict = determination.verdict
    optional = {"pathway": verdict.pathway, "terms": verdict.terms}
    return frozenset(
        [
            ("decision", verdict.decision),
            *(("coverage", bound) for bound in _COVERAGE[verdict.coverage]),
            *(("not met", id) for id in verdict.not_met),
            *(("missing", name) for name in verdict.missing),
            *(("reason", reason.id) for reason in verdict.denial_reasons),
            *(("flag", flag.id, flag.kind) for flag in verdict.review_flags),
            *((subject, value) for subject, value in optional.items() if value is not None),
        ]
    )


def answers_differ(first: RevisionFormulas, second: RevisionFormulas) -> Formula:
    """That two revisions answer a request differently: in the decision, or in any of its lists and terms."""
    return statements_differ(first.statements, second.statements)


def statements_differ(first: Statements, second: Statements) -> Formula:
    """That a statement about an answer is true under one revision and not under the other."""
    return some(differ(first.get(key, FALSE), second.get(key, FALSE)) for key in {**first, **second})
