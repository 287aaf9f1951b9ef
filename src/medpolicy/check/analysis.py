"""One revision under examination: questions about every request in its time, and findings about its parts."""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Mapping
from contextlib import contextmanager
from functools import cached_property
from time import monotonic
from typing import TypeVar

from medpolicy.check.questions import Asker, TimeBudget
from medpolicy.language.revision import ReviewFlag, Revision
from medpolicy.language.vocabulary import Vocabulary
from medpolicy.load.shown import Shown
from medpolicy.solve import LIMIT, TRUE, Formula, Solver, Space, Witness
from medpolicy.text.findings import Finding, Path, Severity

Key = TypeVar("Key", bound=Hashable)

NOT_PROVEN = "not-proven"
AS_MEANT = "if that is meant, there is nothing to do"
CONTRADICTION = "look for a wrong constant, or tests that rule each other out"
TOTAL = 2.3
"""The examination of one revision may take this many times the time limit of one question."""


class Analysis:
    """A revision in a space of its own.

    `limit` is the time limit of one question, in seconds. All proofs of invariants together have the same limit; so have
    all questions for findings, which may also use what the proofs leave; all searches for requests to show have half of
    it; and everything together has `TOTAL` times the limit.
    """

    def __init__(self, revision: Revision, vocabulary: Vocabulary, limit: float = LIMIT) -> None:
        self.revision = revision
        self._limit = limit
        self._until = monotonic() + TOTAL * limit
        self.proofs = TimeBudget(limit, limit, self._until)
        """The time for proofs of invariants."""
        self._examples = TimeBudget(limit / 2, limit, self._until)
        self.space = Space(vocabulary, [revision], [invariant.when for invariant in revision.invariants])
        self.solver = Solver(self.space)
        self.formulas = self.solver.revisions[0]

    @cached_property
    def now(self) -> Formula:
        """That the revision is in effect; always true if no service day can meet the revision."""
        with self._asker.given():
            return TRUE if self._asker.possible(self.formulas.in_effect) is False else self.formulas.in_effect

    def which(self, statements: Mapping[Key, Formula], given: Formula = TRUE) -> tuple[frozenset[Key], frozenset[Key]]:
        """Which statements can be true of a request in the revision's time, and which are undecided."""
        with self.given(given) as ask:
            can_be = {key: ask.possible(statement) for key, statement in statements.items()}
        found = frozenset(key for key, answer in can_be.items() if answer)
        return found, frozenset(key for key, answer in can_be.items() if answer is None)

    def possible(self, statement: Formula) -> bool | None:
        """Whether a statement can be true of a request in the revision's time; None if undecided."""
        with self.given(statement) as ask:
            return ask.possible()

    @contextmanager
    def given(self, statement: Formula) -> Iterator[Asker]:
        """Inside, questions are about requests in the revision's time of which a statement is true."""
        now = self.now
        with self._asker.given(now, statement):
            yield self._asker

    @cached_property
    def _asker(self) -> Asker:
        seconds = self._limit + max(0.0, self.proofs.left)
        return Asker(self.solver, TimeBudget(seconds, self._limit, self._until), sample=self._limit > 0)

    @cached_property
    def applying(self) -> frozenset[str]:
        """The pathways that can apply for certain, or for which that is undecided."""
        can_be, undecided = self.which(
            {pathway.id: self.formulas.status(pathway.id).met for pathway in self.revision.pathways}
        )
        return can_be | undecided

    @cached_property
    def never_met(self) -> frozenset[str]:
        """The pathways, criteria and flags whose condition no request meets."""
        met = {id: self.space.status(condition).met for id, condition in self.revision.conditions()}
        can_be, undecided = self.which(met)
        return frozenset(met) - can_be - undecided

    def shown(
        self, code: str, message: str, path: Path, help: str | None, severity: Severity, *examples: Formula
    ) -> Finding:
        """A finding with a smallest request that makes the first satisfiable of some statements true.

        It has no request if there are more findings than requests can be found for within the time limit.
        """
        for example in examples:
            with self._examples.question() as seconds:
                found = self.solver.find(self.now & example, seconds)
            if isinstance(found, Witness):
                request, decision = found.request, found.determinations[0].decision
                return Shown(code, message, path, help, severity, request=request, decision=decision)
        return Shown(code, message, path, help, severity)

    def not_proven(self, what: str, path: Path) -> Finding:
        """The finding that a question is undecided: `what` says which, as the subject of a sentence."""
        message = f"{what} is undecided: the time limit was reached"
        advice = "give it more time with `--limit`; simpler conditions are decided sooner"
        return Finding(NOT_PROVEN, message, path, advice, "warning")

    def criteria(self) -> Iterator[tuple[str, str, Path]]:
        """Pathway, id and path of each criterion whose pathway can apply, in the order of the file."""
        for rule, path, pathway in self.revision.placed_rules():
            if pathway is not None and rule is not pathway and pathway.id in self.applying:
                yield pathway.id, rule.id, path

    def flags(self) -> Iterator[tuple[ReviewFlag, Path]]:
        """Each review flag with its path."""
        for index, flag in enumerate(self.revision.review_flags):
            yield flag, ("review_flags", index, "conditions")
