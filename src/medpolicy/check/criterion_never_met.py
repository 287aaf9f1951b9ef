"""A criterion that no request can meet to which its pathway applies."""

from __future__ import annotations

from collections.abc import Iterator

from medpolicy.check.subject import Subject
from medpolicy.text.findings import Finding, quoted

CODE = "criterion-never-met"


def find(subject: Subject) -> Iterator[Finding]:
    """A finding for each such criterion."""
    side = subject.side
    met = {id: side.status(pathway).met & side.status(id).met for pathway, id, _ in subject.criteria()}
    can_be, untold = subject.which(met)
    for pathway, id, path in subject.criteria():
        if id in untold:
            yield subject.not_proven(f"whether the criterion {quoted(id)} can be met", path)
        elif id not in can_be:
            applies, status = side.status(pathway).met, side.status(id)
            message = f"the criterion {quoted(id)} can never be met where {quoted(pathway)} applies"
            advice = "look for a wrong constant, or tests that rule each other out"
            yield subject.shown(CODE, message, path, advice, "error", applies & status.not_met, applies)
