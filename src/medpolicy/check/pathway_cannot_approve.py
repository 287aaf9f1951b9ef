"""A pathway under which no request is approved."""

from __future__ import annotations

from collections.abc import Iterator

from medpolicy.check.analysis import Analysis
from medpolicy.language.revision import Pathway
from medpolicy.solve import Formula
from medpolicy.text.findings import Finding, listed, quoted

CODE = "pathway-cannot-approve"
MOST_NAMED = 4
"""Criteria that a message may name."""


def find(analysis: Analysis) -> Iterator[Finding]:
    """A finding for each such pathway, with the reason."""
    formulas = analysis.formulas
    can_be, undecided = analysis.which(formulas.approved_by)
    for position, pathway in enumerate(analysis.revision.pathways):
        id, path = pathway.id, ("pathways", position, "applies")
        if id in undecided:
            yield analysis.not_proven(f"whether the pathway {quoted(id)} can approve a request", path)
        elif id not in can_be:
            applies, satisfied = formulas.status(id).met, formulas.satisfied[id].met
            if id not in analysis.applying:
                why = "it applies to none"
            elif analysis.possible(satisfied):
                why = f"{_stopping(analysis, satisfied)} acts whenever its criteria are met"
            else:
                why = _clashing(analysis, pathway)
            message = f"the pathway {quoted(id)} can approve no request: {why}"
            advice = "look for a wrong constant, or conditions that rule each other out"
            yield analysis.shown(CODE, message, path, advice, "error", satisfied, applies, analysis.now)


def _clashing(analysis: Analysis, pathway: Pathway) -> str:
    """Which of a pathway's criteria are never met together, if only a few are."""
    formulas = analysis.formulas
    with analysis.given(formulas.status(pathway.id).met) as ask:
        clash = ask.clash({criterion.id: formulas.status(criterion.id).met for criterion in pathway.criteria})
    if len(clash) > MOST_NAMED:
        return "its criteria are never all met"
    if len(clash) == 1:
        return f"its criterion {quoted(clash[0])} is never met"
    return f"its criteria {listed(clash, last='and')} are never met together"


def _stopping(analysis: Analysis, satisfied: Formula) -> str:
    """The gate or hold that pends every request of which a statement is true, if a single one does."""
    formulas = analysis.formulas
    stops = [flag for flag in analysis.revision.review_flags if flag.kind != "note"]
    rests, undecided = analysis.which({flag.id: satisfied & ~formulas.acts[flag.id] for flag in stops})
    always = [flag for flag in stops if flag.id not in rests | undecided]
    return f"the {always[0].kind} {quoted(always[0].id)}" if always else "a gate or a hold"
