"""The verdict on each mutant: refused, killed by a case, proven equivalent, or surviving with a request that would kill it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any, Literal

from medpolicy.evaluate.decide import Decider
from medpolicy.golden import GoldenCase, RevisionCases, answer, failing
from medpolicy.golden.mutate.case_runner import Bench, space_of
from medpolicy.golden.mutate.load_mutant import fault_of, revision_of
from medpolicy.golden.mutate.mutants import Document, Mutant, mutants
from medpolicy.language.revision import Revision
from medpolicy.policy import Policy
from medpolicy.solve import (
    LIMIT,
    Disagreement,
    Impossible,
    RevisionFormulas,
    Solver,
    Space,
    Statements,
    Witness,
    some,
    statements_differ,
)
from medpolicy.text.findings import Finding, Unusable
from medpolicy.text.json_text import parse_json

Outcome = Literal["refused", "killed", "equivalent", "surviving", "undecided"]


@dataclass(frozen=True)
class Verdict:
    """What became of a mutant."""

    mutant: Mutant
    outcome: Outcome
    fault: Finding | None = None
    """For one that the loader refuses: its first fault."""
    killers: tuple[GoldenCase, ...] = ()
    request: Mapping[str, Any] | None = None
    """For a surviving one: a request that would kill it, and its answers under the revision and under the mutant."""
    answer: Mapping[str, Any] | None = None
    under_mutant: Mapping[str, Any] | None = None


@dataclass(frozen=True)
class Mutated:
    """The verdicts on all mutants of a revision, in the order of the file."""

    of: RevisionCases
    verdicts: tuple[Verdict, ...]

    def count(self, outcome: Outcome) -> int:
        """How many mutants came to an outcome."""
        return sum(each.outcome == outcome for each in self.verdicts)

    @cached_property
    def essential(self) -> Mapping[GoldenCase, int]:
        """The cases that alone kill a mutant, with the number of these, in the order of the file."""
        alone = [each.killers[0] for each in self.verdicts if len(each.killers) == 1]
        return {case: alone.count(case) for case in self.of.cases if case in alone}


def mutated(of: RevisionCases) -> Mutated:
    """Make every mutant of a revision and settle what becomes of each.

    Raises `Unusable` where a case does not pass as it is, or where a proof needs the solver and it is not installed.
    """
    _all_pass(of)
    document: Document = parse_json(of.rules.text or b"")
    made = list(mutants(document, of.vocabulary))
    faults = {each: fault_of(each, of.vocabulary) for each in made}
    revisions = {each: revision_of(each, of.revision) for each, fault in faults.items() if fault is None}
    space = space_of(of, revisions.values())
    bench = Bench(of, space)
    prosecutor = _Prosecutor(of, space)
    verdicts: list[Verdict] = []
    for each in made:
        if each not in revisions:
            verdicts.append(Verdict(each, "refused", faults[each]))
            continue
        killers = bench.killers(each, revisions[each])
        verdicts.append(
            Verdict(each, "killed", killers=killers) if killers else prosecutor.verdict(each, revisions[each])
        )
    return Mutated(of, tuple(verdicts))


class _Prosecutor:
    """Settles mutants that no case kills."""

    def __init__(self, of: RevisionCases, space: Space) -> None:
        self._of = of
        self._space = space
        self._solver = Solver(space)
        self._side = self._solver.revisions[0]
        self._seen = _visible(self._side)

    def verdict(self, mutant: Mutant, revision: Revision) -> Verdict:
        """Equivalent, surviving, or undecided where the time ran out."""
        side = RevisionFormulas(self._space, revision)
        if mutant.kind == "date":
            name = self._of.vocabulary.service_day
            formula = some(self._space.within(name, day, day) for day in _between(self._of.revision, revision))
        else:
            formula = self._side.in_effect & statements_differ(self._seen, _visible(side))
        found = self._solver.find(formula, LIMIT, decided_under=())
        if isinstance(found, Impossible):
            return Verdict(mutant, "equivalent")
        if not isinstance(found, Witness):
            return Verdict(mutant, "undecided")
        policy = Policy(self._of.vocabulary, (Decider(revision, "", self._of.vocabulary),))
        both = (self._of.policy, policy)
        today, then = (answer(each.decide(found.request, engine="business-rules")) for each in both)
        if today == then:
            raise Disagreement(f"the answer to a request that would notice {mutant} is the same")
        return Verdict(mutant, "surviving", request=found.request, answer=today, under_mutant=then)


def _visible(side: RevisionFormulas) -> Statements:
    """All that golden cases say of an answer, as statements; of a review flag they name the id and not the kind."""
    return {key[:2] if key[0] == "flag" else key: each for key, each in side.statements.items()}


def _between(one: Revision, other: Revision) -> list[date]:
    """The day on which one of two revisions is in effect and the other is not."""
    if one.effective_from != other.effective_from:
        return [min(one.effective_from, other.effective_from)]
    ends = [each.effective_to for each in (one, other) if each.effective_to is not None]
    return [max(ends)]


def _all_pass(of: RevisionCases) -> None:
    failed = failing(of)
    if failed:
        count = "1 golden case fails" if len(failed) == 1 else f"{len(failed)} golden cases fail"
        help = "`medpolicy cases` shows the differences; mutants tell something once every case passes"
        raise Unusable([Finding("cases-fail", count, help=help, file=str(of.path), line=failed[0].line)])
