"""A review flag that acts on every request of its kind."""

from __future__ import annotations

from collections.abc import Iterator

from medpolicy.check.subject import Subject
from medpolicy.solve import TRUE
from medpolicy.text.findings import Finding, quoted

CODE = "flag-always-acts"


def find(subject: Subject) -> Iterator[Finding]:
    """A finding for each such flag; of a hold, among requests with the decision that it holds."""
    formulas = subject.formulas
    rests_on = {
        flag.id: (TRUE if flag.holds is None else formulas.covered[flag.holds]) & ~formulas.acts[flag.id]
        for flag, _ in subject.flags()
    }
    acts, _ = subject.which(formulas.acts)
    rests, undecided = subject.which(rests_on)
    for flag, path in subject.flags():
        id = flag.id
        if id in undecided:
            yield subject.not_proven(f"whether the {flag.kind} {quoted(id)} always acts", path)
        elif id in acts and id not in rests:
            on = "every request" if flag.holds is None else f"every request that would be {flag.holds}"
            message = f"the {flag.kind} {quoted(id)} acts on {on}"
            advice = "look for a wrong constant; a gate or hold acts also where a fact that it asks for is missing"
            yield subject.shown(CODE, message, path, advice, "warning", formulas.acts[id])
