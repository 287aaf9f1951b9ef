"""A review flag that acts on every request of its kind."""

from __future__ import annotations

from collections.abc import Iterator

from medpolicy.check.subject import Subject
from medpolicy.solve import TRUE
from medpolicy.text.findings import Finding, quoted

CODE = "flag-always-acts"


def find(subject: Subject) -> Iterator[Finding]:
    """A finding for each such flag; a hold is held against the decisions that it holds."""
    side = subject.side
    kind = {id: TRUE if (holds := side.flags[id].holds) is None else side.covered(holds) for id, _ in subject.flags()}
    acts, _ = subject.which({id: side.acts(id) for id in kind})
    rests, untold = subject.which({id: each & ~side.acts(id) for id, each in kind.items()})
    for id, path in subject.flags():
        flag = side.flags[id]
        if id in untold:
            yield subject.not_proven(f"whether the {flag.kind} {quoted(id)} always acts", path)
        elif id in acts and id not in rests:
            on = "every request" if flag.holds is None else f"every request that would be {flag.holds}"
            message = f"the {flag.kind} {quoted(id)} acts on {on}"
            advice = "look for a wrong constant; a gate or hold acts also where a fact that it asks for is missing"
            yield subject.shown(CODE, message, path, advice, "warning", side.acts(id))
