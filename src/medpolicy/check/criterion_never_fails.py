"""A criterion that no request fails to which its pathway may apply."""

from __future__ import annotations

from collections.abc import Iterator

from medpolicy.check.subject import Subject
from medpolicy.source import Finding, listed, quoted

CODE = "criterion-never-fails"


def never_failing(subject: Subject) -> tuple[frozenset[str], frozenset[str]]:
    """The criteria that never fail, and those of which that could not be told."""
    side = subject.side
    fails = {id: side.status(pathway).possible & side.status(id).not_met for pathway, id, _ in subject.criteria()}
    can_be, untold = subject.which(fails)
    return frozenset(fails) - can_be - untold, untold


def find(subject: Subject) -> Iterator[Finding]:
    """A finding for each such criterion: for information where it still asks that a fact be known."""
    side = subject.side
    never, untold = never_failing(subject)
    for pathway, id, path in subject.criteria():
        if id in untold:
            yield subject.not_proven(f"whether the criterion {quoted(id)} can fail", path)
        if id not in never:
            continue
        applies, status = side.status(pathway).met, side.status(id)
        opened = applies & status.unknown
        if subject.possible(opened):
            facts = listed(sorted(subject.space.asks_for(side.conditions[id])), last="and")
            message = f"the criterion {quoted(id)} can never fail; it only demands that {facts} be known"
            yield subject.shown(CODE, message, path, "nothing is to do if that is meant", "info", opened)
        else:
            message = f"the criterion {quoted(id)} can never fail: it is met wherever {quoted(pathway)} applies"
            advice = "look for an option or a constant too many, or remove it"
            yield subject.shown(CODE, message, path, advice, "warning", applies)
