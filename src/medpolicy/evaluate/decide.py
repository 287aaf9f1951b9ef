"""From statuses to a verdict: pathways, gates, holds and notes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Protocol, cast

from medpolicy._version import __version__
from medpolicy.evaluate.status import Status, all_of, any_of
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
from medpolicy.language.revision import Condition, Criterion, Fallback, ReviewFlag, Revision, variables_in
from medpolicy.language.vocabulary import Vocabulary

DECISION_OF: Mapping[Status, Decision] = {Status.MET: "approved", Status.NOT_MET: "denied", Status.UNKNOWN: "pended"}


class Statuses(Protocol):
    """What an evaluator says of one request."""

    def status(self, id: str) -> Status:
        """Whether the condition of a pathway (*applies*), criterion or flag is met, not met, or open."""

    def missing(self, id: str) -> frozenset[str]:
        """The given facts that are missing and stand in a test that keeps that condition open."""


@dataclass(frozen=True)
class Decider:
    """One revision with what its actions record, ready to turn statuses into verdicts."""

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
        parts = [(each.id, each.actions) for each in revision.pathways]
        parts += [(each.id, each.otherwise) for pathway in revision.pathways for each in pathway.criteria]
        parts += [(each.id, each.actions) for each in revision.review_flags]
        parts += [(each.id, each.actions) for each in (revision.unlisted, revision.not_in_effect)]
        return {id: self.vocabulary.record([action.rule() for action in actions])[0] for id, actions in parts}

    def verdict(self, statuses: Statuses) -> Verdict:
        """The verdict for one request's statuses."""
        revision = self.revision
        applies = {pathway.id: statuses.status(pathway.id) for pathway in revision.pathways}
        criteria = {
            criterion.id: statuses.status(criterion.id)
            for pathway in revision.pathways
            for criterion in pathway.criteria
        }
        whole = {
            pathway.id: all_of([applies[pathway.id], *(criteria[each.id] for each in pathway.criteria)])
            for pathway in revision.pathways
        }
        coverage = any_of(whole.values())
        at_first = DECISION_OF[coverage]
        acting = [flag for flag in revision.review_flags if acts(flag, statuses.status(flag.id), at_first)]
        decision: Decision = "pended" if any(flag.kind != "note" for flag in acting) else at_first
        left = [pathway for pathway in revision.pathways if applies[pathway.id] is not Status.NOT_MET]
        not_met = sorted(
            each.id for pathway in left for each in pathway.criteria if criteria[each.id] is Status.NOT_MET
        )
        opened = [flag.id for flag in acting if flag.kind != "note"]
        if coverage is Status.UNKNOWN:
            for pathway in revision.pathways:
                if whole[pathway.id] is not Status.NOT_MET:
                    opened += [pathway.id, *(each.id for each in pathway.criteria)]
        return Verdict(
            policy=revision.policy,
            revision=revision.revision,
            rules_digest=self.digest,
            engine_version=__version__,
            decision=decision,
            coverage=cast(Coverage, coverage.word),
            pathway=next((each.id for each in revision.pathways if applies[each.id] is Status.MET), None),
            criteria=tuple(self._criteria[each.id, criteria[each.id]] for pathway in left for each in pathway.criteria),
            not_met=tuple(not_met),
            missing=tuple(sorted({name for each in opened for name in statuses.missing(each)})),
            denial_reasons=self._reasons(not_met) if decision == "denied" else (),
            review_flags=tuple(self._flags[flag.id] for flag in acting),
            terms=self._terms(whole) if decision == "approved" else None,
        )

    @cached_property
    def without_revision(self) -> Verdict:
        """The verdict where no revision of the policy is in effect: this revision's own words say so."""
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

    def _terms(self, whole: Mapping[str, Status]) -> Terms:
        approving = next(id for id, status in whole.items() if status is Status.MET)
        return cast(Terms, self.recorded[approving])

    @cached_property
    def _criteria(self) -> Mapping[tuple[str, Status], CriterionVerdict]:
        text, citation = self.revision.text, self.revision.citation
        return {
            (each.id, status): CriterionVerdict(
                each.id,
                cast(Coverage, status.word),
                text(each.cites),
                citation(each.cites),
                variables_in(each.conditions),
            )
            for pathway in self.revision.pathways
            for each in pathway.criteria
            for status in Status
        }

    @cached_property
    def _stated(self) -> Mapping[str, DenialReason]:
        stating: list[Criterion | Fallback] = [self.revision.unlisted]
        stating += [each for pathway in self.revision.pathways for each in pathway.criteria]
        return {
            each.id: DenialReason(
                each.id, cast(Denial, self.recorded[each.id]).reason, self.revision.citation(each.cites)
            )
            for each in stating
        }

    @cached_property
    def _flags(self) -> Mapping[str, RaisedFlag]:
        return {each.id: self._raised(each, each.kind) for each in self.revision.review_flags}

    def _reasons(self, not_met: Iterable[str]) -> tuple[DenialReason, ...]:
        """The reasons of a denial: each criterion that is not met, or that no pathway applies."""
        return tuple(self._stated[id] for id in not_met) or (self._stated[self.revision.unlisted.id],)

    def _raised(self, flag: ReviewFlag | Fallback, kind: FlagKind) -> RaisedFlag:
        text = cast(Flag, self.recorded[flag.id]).text
        return RaisedFlag(flag.id, kind, text, self.revision.citation(flag.cites))


def acts(flag: ReviewFlag, status: Status, at_first: Decision) -> bool:
    """A note acts when known true; a gate unless ruled out; a hold likewise, on its kind of decision."""
    if flag.kind == "note":
        return status is Status.MET
    return status is not Status.NOT_MET and (flag.kind == "gate" or flag.holds == at_first)
