"""An invariant that a request breaks: one of every policy, or one that the author wrote beside the rules."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from medpolicy.check.invariants import Invariant, of_every_policy
from medpolicy.check.subject import Subject
from medpolicy.check.verdict import Proof
from medpolicy.language.determination import Decision
from medpolicy.language.request import InvalidRequest
from medpolicy.load.shown import Request, Shown
from medpolicy.solve import Disagreement, Found, GaveUp, Impossible, Witness
from medpolicy.text.findings import Finding, Path, quoted

CODE = "invariant-broken"


def find(subject: Subject, file: str) -> tuple[list[Finding], list[Proof]]:
    """A finding for each invariant that is broken or not proven, and what became of each."""
    findings: list[Finding] = []
    proofs: list[Proof] = []
    for invariant, path in _invariants(subject):
        found = _broken(invariant, subject)
        if isinstance(found, Impossible):
            proofs.append(Proof(invariant.id, invariant.text, "proven", file))
        elif isinstance(found, Witness):
            broken = _finding(invariant, found, subject, path)
            findings.append(broken)
            proofs.append(Proof(invariant.id, invariant.text, "broken", file, broken))
        else:
            findings.append(subject.not_proven(f"whether the invariant {quoted(invariant.id)} holds", path))
            proofs.append(Proof(invariant.id, invariant.text, "not proven", file))
    return findings, proofs


def _broken(invariant: Invariant, subject: Subject) -> Found:
    """A request that breaks an invariant, the proof that there is none, or that a part of it stayed undecided."""
    outcome: Found = Impossible()
    for statement in invariant.statements:
        with subject.proofs.question() as seconds:
            found = subject.solver.find(statement, seconds)
        if isinstance(found, Witness):
            return found
        outcome = found if isinstance(found, GaveUp) else outcome
    return outcome


def _finding(invariant: Invariant, found: Witness, subject: Subject, path: Path) -> Shown:
    decision = found.determinations[0].decision
    message = f"the invariant {quoted(invariant.id)} does not hold: a request breaks it"
    advice = f"it says: {invariant.text.removesuffix('.')}"
    if invariant.others is None:
        return Shown(CODE, message, path, advice, request=found.request, decision=decision)
    message = f"the invariant {quoted(invariant.id)} does not hold: two requests break it"
    what, request, other = _other(invariant.others(found.request), decision, subject)
    return Shown(
        CODE,
        message,
        path,
        f"{advice}; {what} the decision is {other}",
        request=found.request,
        decision=decision,
        other_request=request,
        other_decision=other,
    )


def _other(
    others: Iterable[tuple[str, Request]], decision: Decision, subject: Subject
) -> tuple[str, Request, Decision]:
    """The request that breaks an invariant together with one that gets a decision, and how it differs."""
    for what, request in others:
        try:
            other = _decided(request, subject)
        except InvalidRequest:  # a fact that every request must have
            continue
        if other not in (decision, "pended"):
            return what, request, other
    raise Disagreement("no second request breaks an invariant that the solver holds for broken")


def _decided(request: Request, subject: Subject) -> Decision:
    """The decision on a request, by both engines."""
    policy, revision = subject.formulas.policy, subject.revision.revision
    found = policy.decide(request, revision=revision).decision
    if policy.decide(request, revision=revision, engine="business-rules").decision != found:
        raise Disagreement(f"two ways to decide a request under the revision {revision} do not agree")
    return found


def _invariants(subject: Subject) -> Iterator[tuple[Invariant, Path]]:
    formulas = subject.formulas
    for invariant in of_every_policy(formulas):
        yield invariant, ("pathways",)
    for position, own in enumerate(subject.revision.invariants):
        met = subject.space.status(own.when).met
        yield Invariant(own.id, own.text, (subject.now & met & formulas.decided[own.never],)), ("invariants", position)
