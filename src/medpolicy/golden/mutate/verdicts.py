"""What becomes of each mutant: refused, killed by a case, proven equivalent, or surviving with a request that would kill it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any, Literal

from medpolicy.golden import GoldenCase, RevisionCases, answer, failing
from medpolicy.golden.cover.essential import essential_cases
from medpolicy.golden.mutate.case_runner import CaseRunner, space_of
from medpolicy.golden.mutate.load_mutant import fault_of, revision_of
from medpolicy.golden.mutate.mutants import JsonObject, Mutant, mutants
from medpolicy.language.revision import Revision
from medpolicy.solve import (
    LIMIT,
    Claims,
    Disagreement,
    GaveUp,
    Impossible,
    RevisionFormulas,
    Solver,
    Space,
    claims_differ,
)
from medpolicy.text.findings import Finding, Unusable
from medpolicy.text.json_text import parse_json

Outcome = Literal["refused", "killed", "equivalent", "surviving", "undecided"]


@dataclass(frozen=True)
class MutantVerdict:
    """What became of a mutant."""

    mutant: Mutant
    outcome: Outcome
    fault: Finding | None = None
    """For a refused mutant: its first fault."""
    killers: tuple[GoldenCase, ...] = ()
    request: Mapping[str, Any] | None = None
    """For a surviving mutant: a request that would kill it, and the answers of the revision and of the mutant."""
    answer: Mapping[str, Any] | None = None
    under_mutant: Mapping[str, Any] | None = None


@dataclass(frozen=True)
class Mutated:
    """The verdicts on all mutants of a revision, in the order of the file."""

    golden: RevisionCases
    verdicts: tuple[MutantVerdict, ...]

    @cached_property
    def essential(self) -> Mapping[GoldenCase, int]:
        """The cases that alone kill a mutant, with the number of mutants, in the order of the file."""
        return essential_cases(self.golden, (verdict.killers for verdict in self.verdicts))


def mutated(golden: RevisionCases) -> Mutated:
    """Make every mutant of a revision and settle what becomes of it.

    Raises `Unusable` where a case fails under the revision itself, or where a proof needs the solver and it is not
    installed.
    """
    _require_passing(golden)
    document: JsonObject = parse_json(golden.rules.text or b"")
    faults = {mutant: fault_of(mutant, golden.vocabulary) for mutant in mutants(document, golden.vocabulary)}
    revisions = {mutant: revision_of(mutant, golden.revision) for mutant, fault in faults.items() if fault is None}
    space = space_of(golden, revisions.values())
    runner = CaseRunner(golden, space)
    prover = _EquivalenceProver(golden, space)
    verdicts: list[MutantVerdict] = []
    for mutant, fault in faults.items():
        if fault is not None:
            verdicts.append(MutantVerdict(mutant, "refused", fault))
        elif killers := runner.killers(mutant, revisions[mutant]):
            verdicts.append(MutantVerdict(mutant, "killed", killers=killers))
        else:
            verdicts.append(prover.verdict(mutant, revisions[mutant]))
    return Mutated(golden, tuple(verdicts))


class _EquivalenceProver:
    """Settles mutants that no case kills."""

    def __init__(self, golden: RevisionCases, space: Space) -> None:
        self._golden = golden
        self._solver = Solver(space)
        self._original = self._solver.revisions[0]
        self._visible = _visible(self._original)

    def verdict(self, mutant: Mutant, revision: Revision) -> MutantVerdict:
        """Equivalent, surviving, or undecided where the time limit was reached."""
        formulas = RevisionFormulas(self._solver.space, revision)
        if mutant.kind == "date":
            changed = _changed_day(self._golden.revision, revision)
            formula = self._solver.space.within(self._golden.vocabulary.service_day, changed, changed)
        else:
            formula = self._original.in_effect & claims_differ(self._visible, _visible(formulas))
        found = self._solver.find(formula, LIMIT, decided_under=())
        if isinstance(found, Impossible):
            return MutantVerdict(mutant, "equivalent")
        if isinstance(found, GaveUp):
            return MutantVerdict(mutant, "undecided")
        today, under_mutant = (
            answer(policy.decide(found.request, engine="business-rules"))
            for policy in (self._golden.policy, formulas.policy)
        )
        if today == under_mutant:
            raise Disagreement(f"the answer to a request that would notice {mutant} is the same")
        return MutantVerdict(mutant, "surviving", request=found.request, answer=today, under_mutant=under_mutant)


def _visible(formulas: RevisionFormulas) -> Claims:
    """All that golden cases say of an answer, as claims; of a review flag they name the id and not the kind."""
    return {key[:2] if key[0] == "flag" else key: formula for key, formula in formulas.claims.items()}


def _changed_day(original: Revision, mutant: Revision) -> date:
    """The day on which only one of two revisions is in effect, whose first or last days are neighbours."""
    if original.effective_from != mutant.effective_from:
        return min(original.effective_from, mutant.effective_from)
    return max(revision.effective_to for revision in (original, mutant) if revision.effective_to is not None)


def _require_passing(golden: RevisionCases) -> None:
    failed = failing(golden)
    if failed:
        count = "1 golden case fails" if len(failed) == 1 else f"{len(failed)} golden cases fail"
        help = "`medpolicy cases` shows the differences; mutants tell something once every case passes"
        raise Unusable([Finding("cases-fail", count, help=help, file=str(golden.path), line=failed[0].line)])
