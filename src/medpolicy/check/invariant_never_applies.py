"""An author's invariant that says nothing, since no request meets its condition."""

from __future__ import annotations

from collections.abc import Iterator

from medpolicy.check.analysis import CONTRADICTION, Analysis
from medpolicy.text.findings import Finding, quoted

CODE = "invariant-never-applies"


def find(analysis: Analysis) -> Iterator[Finding]:
    """A finding for each such invariant."""
    own = analysis.revision.invariants
    can_be, undecided = analysis.which({invariant.id: analysis.space.status(invariant.when).met for invariant in own})
    for position, invariant in enumerate(own):
        path = ("invariants", position, "when")
        if invariant.id in undecided:
            yield analysis.not_proven(
                f"whether a request meets the condition of the invariant {quoted(invariant.id)}", path
            )
        elif invariant.id not in can_be:
            message = f"the invariant {quoted(invariant.id)} says nothing: no request meets its condition"
            yield analysis.shown(CODE, message, path, CONTRADICTION, "warning", analysis.now)
