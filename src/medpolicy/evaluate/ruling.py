"""From statuses to a decision: pathways, gates, holds and notes.

This is written once, over truth values of any algebra: one request, many at once, formulas of the solver. SQL reads its
coverage alone (`sql/outcome.py` says why).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import cached_property
from typing import Generic

from medpolicy.evaluate.kleene import Algebra, Kleene, Truth, all_of, any_of
from medpolicy.language.determination import Decision
from medpolicy.language.revision import ReviewFlag, Revision, Rule

DECISIONS: tuple[Decision, ...] = ("approved", "denied", "pended")


class Ruling(Generic[Truth]):
    """What one revision makes of requests, from the statuses of its rules; each value is worked out when it is read.

    `status` gives the status of a rule: a pathway (its *applies*), a criterion or a review flag. Mappings by id are in
    the order of the file. The revision is *pinned*: whether it is in effect is not asked.
    """

    def __init__(self, revision: Revision, status: Callable[[Rule], Kleene[Truth]], algebra: Algebra[Truth]) -> None:
        self.revision = revision
        self.applies = {pathway.id: status(pathway) for pathway in revision.pathways}
        """Whether each pathway applies."""
        self._criteria = [[status(criterion) for criterion in pathway.criteria] for pathway in revision.pathways]
        self._status = status
        self._algebra = algebra

    @cached_property
    def satisfied(self) -> Mapping[str, Kleene[Truth]]:
        """Whether each pathway applies with all its criteria met."""
        parts = zip(self.applies.items(), self._criteria, strict=True)
        return {id: all_of([applies, *criteria], self._algebra) for (id, applies), criteria in parts}

    @cached_property
    def coverage(self) -> Kleene[Truth]:
        """Whether some pathway applies with all its criteria met."""
        return any_of(self.satisfied.values(), self._algebra)

    @cached_property
    def covered(self) -> Mapping[Decision, Truth]:
        """Each decision as it would be without gates and holds."""
        coverage = self.coverage
        return {"approved": coverage.met, "denied": coverage.not_met, "pended": coverage.unknown}

    @cached_property
    def acts(self) -> Mapping[str, Truth]:
        """That each review flag acts, and so is listed."""
        return {flag.id: self._acts(flag) for flag in self.revision.review_flags}

    def _acts(self, flag: ReviewFlag) -> Truth:
        """A note acts where known true, a gate unless ruled out; a hold likewise, on its kind of decision."""
        status = self._status(flag)
        if flag.kind == "note":
            return status.met
        return status.possible if flag.holds is None else status.possible & self.covered[flag.holds]

    @cached_property
    def stopped(self) -> Truth:
        """That a gate or a hold acts."""
        return self._algebra.some([self.acts[flag.id] for flag in self._stops])

    @cached_property
    def decided(self) -> Mapping[Decision, Truth]:
        """Each decision."""
        covered, stopped = self.covered, self.stopped
        return {
            "approved": covered["approved"] & ~stopped,
            "denied": covered["denied"] & ~stopped,
            "pended": covered["pended"] | stopped,
        }

    @cached_property
    def listed(self) -> Mapping[str, Truth]:
        """That the criteria of each pathway are listed: its *applies* does not rule it out."""
        return {id: applies.possible for id, applies in self.applies.items()}

    @cached_property
    def not_met(self) -> Mapping[str, Truth]:
        """That each criterion is listed as not met."""
        found: dict[str, Truth] = {}
        for pathway, statuses in zip(self.revision.pathways, self._criteria, strict=True):
            listed = self.listed[pathway.id]
            for criterion, status in zip(pathway.criteria, statuses, strict=True):
                not_met, id = listed & status.not_met, criterion.id
                found[id] = found[id] | not_met if id in found else not_met
        return found

    @cached_property
    def denied_for(self) -> Mapping[str, Truth]:
        """That the request is denied for each reason: a criterion that is not met, or that no pathway applies."""
        denied = self.decided["denied"]
        found = {id: denied & not_met for id, not_met in self.not_met.items()}
        return found | {self.revision.unlisted.id: denied & ~self._algebra.some(self.not_met.values())}

    @cached_property
    def on_pathway(self) -> Mapping[str, Truth]:
        """That each pathway applies for certain, and none before it in the file does."""
        return self._first({id: applies.met for id, applies in self.applies.items()})

    @cached_property
    def approved_by(self) -> Mapping[str, Truth]:
        """That the request is approved on the terms of each pathway."""
        approved = self.decided["approved"]
        first = self._first({id: satisfied.met for id, satisfied in self.satisfied.items()})
        return {id: approved & met for id, met in first.items()}

    @cached_property
    def waits(self) -> Sequence[tuple[Sequence[Rule], Truth]]:
        """Rules, and that the missing facts which keep one of them open are listed as missing."""
        flags: list[tuple[Sequence[Rule], Truth]] = [((flag,), self.acts[flag.id]) for flag in self._stops]
        unknown = self.covered["pended"]
        return flags + [
            ((pathway, *pathway.criteria), self._algebra.every((unknown, self.satisfied[pathway.id].possible)))
            for pathway in self.revision.pathways
        ]

    def missing(self, keeps_open: Callable[[Rule], Truth]) -> Truth:
        """That a given fact is listed as missing; `keeps_open` says that it keeps the condition of a rule open."""
        some = self._algebra.some
        return some([waits & some([keeps_open(rule) for rule in rules]) for rules, waits in self.waits])

    @property
    def _stops(self) -> list[ReviewFlag]:
        return [flag for flag in self.revision.review_flags if flag.kind != "note"]

    def _first(self, truths: Mapping[str, Truth]) -> Mapping[str, Truth]:
        """Each of several truths where none before it is true."""
        before: list[Truth] = []
        found: dict[str, Truth] = {}
        for id, truth in truths.items():
            found[id] = truth & ~self._algebra.some(before)
            before.append(truth)
        return found
