"""An invariant that a request breaks: one of every policy, or one that the author wrote beside the rules."""

from __future__ import annotations

from collections.abc import Iterator

from medpolicy.check.invariants import Broken, of_every_policy
from medpolicy.check.shown import Shown
from medpolicy.check.subject import Subject
from medpolicy.check.verdict import Proof
from medpolicy.request import InvalidRequest
from medpolicy.solve import Impossible, Witness
from medpolicy.source import Finding, Path, quoted

CODE = "invariant-broken"


def find(subject: Subject, file: str) -> tuple[list[Finding], list[Proof]]:
    """A finding for each invariant that is broken or not proven, and what became of each."""
    findings: list[Finding] = []
    proofs: list[Proof] = []
    for each, path in _invariants(subject):
        found = subject.space.find(each.statement, subject.limit)
        if isinstance(found, Impossible):
            proofs.append(Proof(each.id, each.text, "proven", file))
        elif isinstance(found, Witness):
            decision = found.determinations[0].decision
            message = f"the invariant {quoted(each.id)} does not hold: a request breaks it"
            advice = f"it says: {each.text.removesuffix('.')}{_beside(each, found, subject)}"
            findings.append(Shown(CODE, message, path, advice, request=found.request, decision=decision))
            proofs.append(Proof(each.id, each.text, "broken", file, found.request))
        else:
            findings.append(subject.not_proven(f"whether the invariant {quoted(each.id)} holds", path))
            proofs.append(Proof(each.id, each.text, "not proven", file))
    return findings, proofs


def _beside(broken: Broken, found: Witness, subject: Subject) -> str:
    """What another request is decided, where it takes two to break an invariant."""
    policy, decision = subject.side.policy, found.determinations[0].decision
    for what, request in broken.others(found.request):
        try:
            other = policy.decide(request, revision=subject.revision.revision).decision
        except InvalidRequest:  # a fact that every request must have
            continue
        if other not in (decision, "pended"):
            return f"; {what} the request below is {other}"
    return ""


def _invariants(subject: Subject) -> Iterator[tuple[Broken, Path]]:
    side = subject.side
    for each in of_every_policy(side):
        yield each, ("pathways",)
    for place, own in enumerate(subject.revision.invariants):
        met = subject.space.three(own.when).met
        yield Broken(own.id, own.text, subject.now & met & side.decided(own.never)), ("invariants", place)
