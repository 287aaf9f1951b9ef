"""From the statuses of one request to a verdict: the ruling with texts, citations and terms."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from itertools import compress
from typing import Protocol, cast

from medpolicy._version import __version__
from medpolicy.evaluate.status import Status
from medpolicy.evaluate.written_out import Ruled, WrittenOut, of_statuses
from medpolicy.language.condition import Condition
from medpolicy.language.determination import (
    Coverage,
    CriterionVerdict,
    Decision,
    Denial,
    DenialReason,
    Effect,
    Flag,
    FlagKind,
    RaisedFlag,
    Terms,
    Verdict,
)
from medpolicy.language.revision import Fallback, ReviewFlag, Revision
from medpolicy.language.vocabulary import Vocabulary
from medpolicy.language.walk import variables_in

COVERAGE_OF: Mapping[Decision, Coverage] = {"approved": "met", "denied": "not_met", "pended": "unknown"}


class Statuses(Protocol):
    """The statuses of a revision's conditions for one request, as an evaluator gives them."""

    def status(self, id: str) -> Status:
        """Whether the condition of a pathway (*applies*), criterion or flag is met, not met or open."""

    def missing(self, id: str) -> frozenset[str]:
        """The given facts that are missing and keep that condition open."""


@dataclass(frozen=True)
class Decider:
    """One revision and what its actions record: turns statuses into verdicts."""

    revision: Revision
    digest: str
    vocabulary: Vocabulary

    @cached_property
    def conditions(self) -> Mapping[str, Condition]:
        """The condition of each pathway (*applies*), criterion and flag, by id."""
        return dict(self.revision.conditions())

    @cached_property
    def recorded(self) -> Mapping[str, Effect]:
        """What the action of each pathway, criterion, flag and fallback records, by id."""
        revision = self.revision
        parts = (*revision.rules(), revision.unlisted, revision.not_in_effect)
        return {part.id: self.vocabulary.record([part.action.for_engine()])[0] for part in parts}

    def verdict(self, statuses: Statuses) -> Verdict:
        """The verdict for one request's statuses."""
        known = {id: statuses.status(id) for id in self.conditions}
        about, truths = self._ruling.about, self._ruling.truths(tuple(known.values()))
        waiting = [rule.id for rules in compress(about.waits, truths.waits) for rule in rules]
        return self.ruled(about, truths, known, {name for id in waiting for name in statuses.missing(id)})

    def ruled(self, about: Ruled, truths: Ruled, known: Mapping[str, Status], missing: Iterable[str]) -> Verdict:
        """The verdict of a ruling, from what its lists are about and what is true, the statuses, and the missing facts."""
        revision = self.revision
        listed = {*compress(about.listed, truths.listed)}
        approved_by = next(compress(about.approved_by, truths.approved_by), None)
        return Verdict(
            policy=revision.policy,
            revision=revision.revision,
            rules_digest=self.digest,
            engine_version=__version__,
            decision=next(compress(about.decided, truths.decided)),
            coverage=COVERAGE_OF[next(compress(about.covered, truths.covered))],
            pathway=next(compress(about.on_pathway, truths.on_pathway), None),
            criteria=tuple(
                self._criteria[criterion.id, known[criterion.id]]
                for pathway in revision.pathways
                if pathway.id in listed
                for criterion in pathway.criteria
            ),
            not_met=tuple(sorted(compress(about.not_met, truths.not_met))),
            missing=tuple(sorted(missing)),
            denial_reasons=tuple(self._reasons[id] for id in sorted(compress(about.denied_for, truths.denied_for))),
            review_flags=tuple(self._flags[id] for id in compress(about.acts, truths.acts)),
            terms=None if approved_by is None else cast(Terms, self.recorded[approved_by]),
        )

    @cached_property
    def _ruling(self) -> WrittenOut:
        return of_statuses(self.revision, tuple(self.conditions))

    @cached_property
    def without_revision(self) -> Verdict:
        """The verdict if no revision of the policy is in effect, with the text of this one."""
        return Verdict(
            policy=self.revision.policy,
            revision=None,
            rules_digest=None,
            engine_version=__version__,
            decision="pended",
            coverage="unknown",
            pathway=None,
            criteria=(),
            not_met=(),
            missing=(),
            denial_reasons=(),
            review_flags=(self._raised(self.revision.not_in_effect, "gate"),),
            terms=None,
        )

    @cached_property
    def _criteria(self) -> Mapping[tuple[str, Status], CriterionVerdict]:
        text, citation = self.revision.text, self.revision.citation
        return {
            (criterion.id, status): CriterionVerdict(
                criterion.id,
                cast(Coverage, status.word),
                text(criterion.cites),
                citation(criterion.cites),
                variables_in(criterion.conditions),
            )
            for criterion in self.revision.criteria()
            for status in Status
        }

    @cached_property
    def _reasons(self) -> Mapping[str, DenialReason]:
        revision = self.revision
        cites = {revision.unlisted.id: revision.unlisted.cites}
        cites |= {criterion.id: criterion.cites for criterion in revision.criteria()}
        return {
            id: DenialReason(id, cast(Denial, self.recorded[id]).reason, revision.citation(passages))
            for id, passages in cites.items()
        }

    @cached_property
    def _flags(self) -> Mapping[str, RaisedFlag]:
        return {flag.id: self._raised(flag, flag.kind) for flag in self.revision.review_flags}

    def _raised(self, flag: ReviewFlag | Fallback, kind: FlagKind) -> RaisedFlag:
        text = cast(Flag, self.recorded[flag.id]).text
        return RaisedFlag(flag.id, kind, text, self.revision.citation(flag.cites))
