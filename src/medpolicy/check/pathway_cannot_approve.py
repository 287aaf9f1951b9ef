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
    side = subject.side
    can_be, untold = subject.which({each.id: side.approved_by(each.id) for each in subject.revision.pathways})
    for place, pathway in enumerate(subject.revision.pathways):
        id, path = pathway.id, ("pathways", place, "applies")
        if id in untold:
            yield subject.not_proven(f"whether the pathway {quoted(id)} can approve a request", path)
        elif id not in can_be:
            applies, whole = side.status(id).met, side.whole(id).met
            if id not in subject.applying:
                why = "it applies to none"
            elif subject.possible(whole):
                why = f"{_stopping(subject, whole)} acts whenever its criteria are met"
            else:
                why = _clashing(subject, pathway)
            message = f"the pathway {quoted(id)} can approve no request: {why}"
            advice = "look for a wrong constant, or conditions that rule each other out"
            yield subject.shown(CODE, message, path, advice, "error", whole, applies, subject.now)


def _clashing(subject: Subject, pathway: Pathway) -> str:
    """Which of a pathway's criteria are never met together, if they are few."""
    side = subject.side
    with subject.given(side.status(pathway.id).met) as ask:
        clash = ask.clash({each.id: side.status(each.id).met for each in pathway.criteria})
    if len(clash) > MOST_NAMED:
        return "its criteria are never all met"
    if len(clash) == 1:
        return f"its criterion {quoted(clash[0])} is never met"
    return f"its criteria {listed(clash, last='and')} are never met together"


def _stopping(subject: Subject, whole: Formula) -> str:
    """The gate or hold that pends each request of which a statement is true, if it is one alone."""
    side = subject.side
    stops = [each for each in subject.revision.review_flags if each.kind != "note"]
    rests, untold = subject.which({each.id: whole & ~side.acts(each.id) for each in stops})
    always = [each for each in stops if each.id not in rests | untold]
    return f"the {always[0].kind} {quoted(always[0].id)}" if always else "a gate or a hold"
