"""One revision under examination: questions about every request in its time, and findings about its parts."""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Mapping
from contextlib import contextmanager
from functools import cached_property
from time import monotonic
from typing import TypeVar

from medpolicy.check.questions import Asker, Time
from medpolicy.language.revision import Condition, Revision
from medpolicy.language.vocabulary import Vocabulary
from medpolicy.load.shown import Shown
from medpolicy.solve import LIMIT, TRUE, Formula, Solver, Space, Witness
from medpolicy.text.findings import Finding, Path, Severity

Key = TypeVar("Key", bound=Hashable)

NOT_PROVEN = "not-proven"
WHOLE = 2.3
"""How often the limit of one question the examination of one revision may take."""


class Subject:
    """A revision in a space of its own.

    `limit` is in seconds for one question. All proofs of invariants take no longer either, nor do all questions for
    findings (what the proofs leave is theirs too), and all searches for requests to show take half as long; all of it
    together takes no more than `WHOLE` times as long.
    """

    def __init__(self, revision: Revision, vocabulary: Vocabulary, limit: float = LIMIT) -> None:
        self.revision = revision
        self._limit = limit
        self._until = monotonic() + WHOLE * limit
        self.proofs = Time(limit, limit, self._until)
        """For the proofs of invariants."""
        self._examples = Time(limit / 2, limit, self._until)
        self.space = Space(vocabulary, [revision], [each.when for each in revision.invariants])
        self.solver = Solver(self.space)
        self.side = self.solver.revisions[0]

    @cached_property
    def now(self) -> Formula:
        """That the revision is in effect; of a revision that no service day can meet, nothing."""
        with self._asker.given():
            return TRUE if self._asker.possible(self.side.in_effect) is False else self.side.in_effect

    def which(self, statements: Mapping[Key, Formula], given: Formula = TRUE) -> tuple[frozenset[Key], frozenset[Key]]:
        """Which statements can be true of a request in the revision's time, and of which that could not be told."""
        with self.given(given) as ask:
            can_be = {key: ask.possible(each) for key, each in statements.items()}
        found = frozenset(key for key, answer in can_be.items() if answer)
        return found, frozenset(key for key, answer in can_be.items() if answer is None)

    def possible(self, statement: Formula) -> bool | None:
        """Whether a statement can be true of a request in the revision's time; None where that could not be told."""
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
        return Asker(self.solver, Time(seconds, self._limit, self._until), sample=self._limit > 0)

    @cached_property
    def applying(self) -> frozenset[str]:
        """The pathways that can apply for certain (or of which that could not be told)."""
        can_be, untold = self.which({each.id: self.side.status(each.id).met for each in self.revision.pathways})
        return can_be | untold

    @cached_property
    def never_met(self) -> frozenset[str]:
        """The pathways, criteria and flags whose condition no request meets."""
        met = {id: self.space.three(condition).met for id, condition, _ in self.conditions()}
        can_be, untold = self.which(met)
        return frozenset(met) - can_be - untold

    def shown(
        self, code: str, message: str, path: Path, help: str | None, severity: Severity, *examples: Formula
    ) -> Finding:
        """A finding with a smallest request of which the first of some statements is true that can be.

        Without one where there are more findings than requests can be found for in a reasonable time.
        """
        for each in examples:
            with self._examples.question() as seconds:
                found = self.solver.find(self.now & each, seconds)
            if isinstance(found, Witness):
                request, decision = found.request, found.determinations[0].decision
                return Shown(code, message, path, help, severity, request=request, decision=decision)
        return Shown(code, message, path, help, severity)

    def not_proven(self, what: str, path: Path) -> Finding:
        """The finding that a question was given up: `what` says which, as the subject of a sentence."""
        message = f"{what} was not worked out in the time that there is"
        return Finding(
            NOT_PROVEN,
            message,
            path,
            "give it more time with `--limit`; simpler conditions are worked out sooner",
            "warning",
        )

    def criteria(self) -> Iterator[tuple[str, str, Path]]:
        """Pathway, id and path of each criterion whose pathway can apply, in the order of the file."""
        for place, pathway in enumerate(self.revision.pathways):
            if pathway.id in self.applying:
                for inner, criterion in enumerate(pathway.criteria):
                    yield pathway.id, criterion.id, ("pathways", place, "criteria", inner, "conditions")

    def flags(self) -> Iterator[tuple[str, Path]]:
        """Id and path of each review flag."""
        for place, flag in enumerate(self.revision.review_flags):
            yield flag.id, ("review_flags", place, "conditions")

    def conditions(self) -> Iterator[tuple[str, Condition, Path]]:
        """Every condition with the id of what it belongs to, and its path, in the order of the file."""
        for place, pathway in enumerate(self.revision.pathways):
            yield pathway.id, pathway.applies, ("pathways", place, "applies")
            for inner, criterion in enumerate(pathway.criteria):
                yield criterion.id, criterion.conditions, ("pathways", place, "criteria", inner, "conditions")
        for place, flag in enumerate(self.revision.review_flags):
            yield flag.id, flag.conditions, ("review_flags", place, "conditions")
