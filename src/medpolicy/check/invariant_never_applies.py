"""An author's invariant that says nothing, since no request meets its condition."""

from __future__ import annotations

from collections.abc import Iterator

from medpolicy.check.subject import Subject
from medpolicy.text.findings import Finding, quoted

CODE = "invariant-never-applies"


def find(subject: Subject) -> Iterator[Finding]:
    """A finding for each such invariant."""
    own = subject.revision.invariants
    can_be, undecided = subject.which({invariant.id: subject.space.status(invariant.when).met for invariant in own})
    for position, invariant in enumerate(own):
        path = ("invariants", position, "when")
        if invariant.id in undecided:
            yield subject.not_proven(
                f"whether a request meets the condition of the invariant {quoted(invariant.id)}", path
            )
        elif invariant.id not in can_be:
            message = f"the invariant {quoted(invariant.id)} says nothing: no request meets its condition"
            advice = "look for a wrong constant, or tests that rule each other out"
            yield subject.shown(CODE, message, path, advice, "warning", subject.now)
