"""An invariant of the author that says nothing: no request meets its condition."""

from __future__ import annotations

from collections.abc import Iterator

from medpolicy.check.subject import Subject
from medpolicy.text.findings import Finding, quoted

CODE = "invariant-never-applies"


def find(subject: Subject) -> Iterator[Finding]:
    """A finding for each such invariant."""
    own = subject.revision.invariants
    can_be, untold = subject.which({each.id: subject.space.three(each.when).met for each in own})
    for place, each in enumerate(own):
        path = ("invariants", place, "when")
        if each.id in untold:
            yield subject.not_proven(f"whether a request meets the condition of the invariant {quoted(each.id)}", path)
        elif each.id not in can_be:
            message = f"the invariant {quoted(each.id)} says nothing: no request meets its condition"
            advice = "look for a wrong constant, or tests that rule each other out"
            yield subject.shown(CODE, message, path, advice, "warning", subject.now)
