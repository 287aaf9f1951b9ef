"""An invariant that a request breaks: one of every policy, or one that the author wrote beside the rules."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from medpolicy.check.analysis import Analysis
from medpolicy.check.invariants import Proof, Requirement, of_every_policy
from medpolicy.language.determination import Decision
from medpolicy.language.request import InvalidRequest
from medpolicy.load.shown import Request, Shown
from medpolicy.solve import Disagreement, Found, GaveUp, Impossible, Witness
from medpolicy.text.findings import Finding, Path, quoted

CODE = "invariant-broken"


def find(analysis: Analysis, file: str) -> tuple[list[Finding], list[Proof]]:
    """A finding for each invariant that is broken or not proven, and what became of each."""
    findings: list[Finding] = []
    proofs: list[Proof] = []
    for invariant, path in _invariants(analysis):
        found = _broken(invariant, analysis)
        if isinstance(found, Impossible):
            proofs.append(Proof(invariant.id, invariant.text, "proven", file))
        elif isinstance(found, Witness):
            broken = _finding(invariant, found, analysis, path)
            findings.append(broken)
            proofs.append(Proof(invariant.id, invariant.text, "broken", file, broken))
        else:
            findings.append(analysis.not_proven(f"whether the invariant {quoted(invariant.id)} holds", path))
            proofs.append(Proof(invariant.id, invariant.text, "not proven", file))
    return findings, proofs


def _broken(invariant: Requirement, analysis: Analysis) -> Found:
    """A request that breaks an invariant, the proof that there is none, or that a part of it stayed undecided."""
    outcome: Found = Impossible()
    for statement in invariant.statements:
        with analysis.proofs.question() as seconds:
            found = analysis.solver.find(statement, seconds)
        if isinstance(found, Witness):
            return found
        outcome = found if isinstance(found, GaveUp) else outcome
    return outcome


def _finding(invariant: Requirement, found: Witness, analysis: Analysis, path: Path) -> Shown:
    decision = found.determinations[0].decision
    message = f"the invariant {quoted(invariant.id)} does not hold: a request breaks it"
    advice = f"it says: {invariant.text.removesuffix('.')}"
    shown = Shown(CODE, message, path, advice, request=found.request, decision=decision)
    if invariant.others is None:
        return shown
    message = f"the invariant {quoted(invariant.id)} does not hold: two requests break it"
    what, request, other = _other(invariant.others(found.request), decision, analysis)
    advice = f"{advice}; {what} the decision is {other}"
    return replace(shown, message=message, help=advice, other_request=request, other_decision=other)


def _other(
    others: Iterable[tuple[str, Request]], decision: Decision, analysis: Analysis
) -> tuple[str, Request, Decision]:
    """The request that breaks an invariant together with one that gets a decision, and how it differs."""
    for what, request in others:
        try:
            other = _decided(request, analysis)
        except InvalidRequest:  # a fact that every request must have
            continue
        if other not in (decision, "pended"):
            return what, request, other
    raise Disagreement("the solver says that two requests break an invariant, and no second one is found")


def _decided(request: Request, analysis: Analysis) -> Decision:
    """The decision on a request, by both engines."""
    policy, revision = analysis.formulas.policy, analysis.revision.revision
    found = policy.decide(request, revision=revision).decision
    if policy.decide(request, revision=revision, engine="business-rules").decision != found:
        raise Disagreement(f"two ways to decide a request under the revision {revision} do not agree")
    return found


def _invariants(analysis: Analysis) -> Iterator[tuple[Requirement, Path]]:
    formulas = analysis.formulas
    for invariant in of_every_policy(formulas):
        yield invariant, ("pathways",)
    for position, own in enumerate(analysis.revision.invariants):
        met = analysis.space.status(own.when).met
        yield (
            Requirement(own.id, own.text, (analysis.now & met & formulas.decided[own.never],)),
            ("invariants", position),
        )
