"""A pathway under which no request is approved."""

from __future__ import annotations

from collections.abc import Iterator

from medpolicy.check.subject import Subject
from medpolicy.language.revision import Pathway
from medpolicy.solve import Formula
from medpolicy.text.findings import Finding, listed, quoted

CODE = "pathway-cannot-approve"
MOST_NAMED = 4
"""Criteria that a message may name."""


def find(subject: Subject) -> Iterator[Finding]:
    """A finding for each such pathway, with the reason."""
    formulas = subject.formulas
    can_be, undecided = subject.which(formulas.approved_by)
    for position, pathway in enumerate(subject.revision.pathways):
        id, path = pathway.id, ("pathways", position, "applies")
        if id in undecided:
            yield subject.not_proven(f"whether the pathway {quoted(id)} can approve a request", path)
        elif id not in can_be:
            applies, satisfied = formulas.status(id).met, formulas.satisfied[id].met
            if id not in subject.applying:
                why = "it applies to none"
            elif subject.possible(satisfied):
                why = f"{_stopping(subject, satisfied)} acts whenever its criteria are met"
            else:
                why = _clashing(subject, pathway)
            message = f"the pathway {quoted(id)} can approve no request: {why}"
            advice = "look for a wrong constant, or conditions that rule each other out"
            yield subject.shown(CODE, message, path, advice, "error", satisfied, applies, subject.now)


def _clashing(subject: Subject, pathway: Pathway) -> str:
    """Which of a pathway's criteria are never met together, if only a few are."""
    formulas = subject.formulas
    with subject.given(formulas.status(pathway.id).met) as ask:
        clash = ask.clash({criterion.id: formulas.status(criterion.id).met for criterion in pathway.criteria})
    if len(clash) > MOST_NAMED:
        return "its criteria are never all met"
    if len(clash) == 1:
        return f"its criterion {quoted(clash[0])} is never met"
    return f"its criteria {listed(clash, last='and')} are never met together"


def _stopping(subject: Subject, satisfied: Formula) -> str:
    """The gate or hold that pends every request of which a statement is true, if a single one does."""
    formulas = subject.formulas
    stops = [flag for flag in subject.revision.review_flags if flag.kind != "note"]
    rests, undecided = subject.which({flag.id: satisfied & ~formulas.acts[flag.id] for flag in stops})
    always = [flag for flag in stops if flag.id not in rests | undecided]
    return f"the {always[0].kind} {quoted(always[0].id)}" if always else "a gate or a hold"
