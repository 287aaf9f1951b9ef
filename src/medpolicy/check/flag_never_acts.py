"""A review flag that acts on no request."""

from __future__ import annotations

from collections.abc import Iterator

from medpolicy.check.subject import Subject
from medpolicy.text.findings import Finding, quoted

CODE = "flag-never-acts"


def find(subject: Subject) -> Iterator[Finding]:
    """A finding for each such flag."""
    formulas = subject.formulas
    can_be, undecided = subject.which(formulas.acts)
    knowing, _ = subject.which({id: formulas.acts[id] & formulas.status(id).met for id in can_be})
    for flag, path in subject.flags():
        id, status = flag.id, formulas.status(flag.id)
        if id in undecided:
            yield subject.not_proven(f"whether the {flag.kind} {quoted(id)} can act", path)
        elif id not in can_be:
            message = f"the {flag.kind} {quoted(id)} can never act"
            advice = "look for a wrong constant, or tests that rule each other out"
            of_its_kind = subject.now if flag.holds is None else formulas.covered[flag.holds]
            if flag.holds is not None and subject.possible(status.possible):
                message += f": no request that would be {flag.holds} meets its condition"
            yield subject.shown(CODE, message, path, advice, "error", of_its_kind, subject.now)
        elif id not in knowing and subject.possible(formulas.acts[id] & status.met) is False:
            message = f"the {flag.kind} {quoted(id)} acts only while facts are missing, and never once they are known"
            yield subject.shown(CODE, message, path, "nothing is to do if that is meant", "info", formulas.acts[id])
