"""What one revision makes of a request, as formulas: the ruling for the solver."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cached_property
from typing import cast

from medpolicy.evaluate.decide import Decider
from medpolicy.evaluate.ruling import DECISIONS, Ruling
from medpolicy.language.determination import Decision, Terms
from medpolicy.language.revision import Condition, Pathway, ReviewFlag, Revision
from medpolicy.policy import Policy
from medpolicy.solve.formula import FALSE, Formula, some
from medpolicy.solve.space import Space
from medpolicy.solve.three import FORMULAS, KleeneFormula

Statements = Mapping[tuple[object, ...], Formula]
"""What an answer says, each by what it is about."""


class RevisionFormulas:
    """One revision, pinned: it decides every request of the space, whatever the date of service.

    `status` of an id that the revision does not have raises `KeyError`; the lists of an answer (`lists_not_met`,
    `denied_for`, `acts`, `waits_for`) never have such an id. Two pathways may have criteria of one id.
    """

    def __init__(self, space: Space, revision: Revision) -> None:
        self.space = space
        self.revision = revision
        self.ruling = Ruling(revision, lambda rule: space.three(rule.condition), FORMULAS)
        """All that an answer says, as formulas."""
        self.conditions: Mapping[str, Condition] = dict(revision.conditions())
        self.flags: Mapping[str, ReviewFlag] = {flag.id: flag for flag in revision.review_flags}
        self.criteria: tuple[str, ...] = tuple(
            dict.fromkeys(criterion.id for pathway in revision.pathways for criterion in pathway.criteria)
        )
        """The ids of all criteria, in the order of the file."""

    @cached_property
    def policy(self) -> Policy:
        """The revision as a policy of its own."""
        return Policy(self.space.vocabulary, (self._decider,))

    @cached_property
    def _decider(self) -> Decider:
        return Decider(self.revision, "", self.space.vocabulary)

    def status(self, id: str) -> KleeneFormula:
        """Whether the condition of a pathway (*applies*), criterion or flag is met."""
        return self.space.three(self.conditions[id])

    def whole(self, pathway: str) -> KleeneFormula:
        """Whether a pathway applies with all its criteria met."""
        return self.ruling.whole[pathway]

    @property
    def coverage(self) -> KleeneFormula:
        """Whether some pathway applies with all its criteria met."""
        return self.ruling.coverage

    def covered(self, decision: Decision) -> Formula:
        """The decision before gates and holds."""
        return self.ruling.covered[decision]

    def decided(self, decision: Decision) -> Formula:
        """The decision."""
        return self.ruling.decided[decision]

    def acts(self, flag: str) -> Formula:
        """That a review flag acts, and so is listed."""
        return self.ruling.acts.get(flag, FALSE)

    def lists_not_met(self, criterion: str) -> Formula:
        """That a criterion is listed as not met: its pathway is not ruled out."""
        return self.ruling.not_met.get(criterion, FALSE)

    def denied_for(self, reason: str) -> Formula:
        """That the request is denied for a reason: a criterion, or that no pathway applies."""
        return self.ruling.denied_for.get(reason, FALSE)

    def waits_for(self, name: str) -> Formula:
        """That a given fact is listed as missing."""
        return self.ruling.missing(lambda rule: self.space.keeps_open(rule.condition, name))

    def on_pathway(self, pathway: str) -> Formula:
        """That a pathway applies for certain, and none does that stands before it in the file."""
        return self.ruling.on_pathway.get(pathway, FALSE)

    def approved_by(self, pathway: str) -> Formula:
        """That the request is approved on the terms of a pathway."""
        return self.ruling.approved_by.get(pathway, FALSE)

    def approved_with(self, terms: Terms) -> Formula:
        """That the request is approved on these terms."""
        return some(self.approved_by(pathway.id) for pathway in self.revision.pathways if self.terms(pathway) == terms)

    def terms(self, pathway: Pathway) -> Terms:
        """What a pathway approves."""
        return cast(Terms, self._decider.recorded[pathway.id])

    @property
    def in_effect(self) -> Formula:
        """That the service starts while the revision is in effect."""
        return self.space.in_effect(self.revision)

    @property
    def reasons(self) -> Iterable[str]:
        """The ids of all reasons that a denial can have."""
        return [*self.criteria, self.revision.unlisted.id]

    @cached_property
    def statements(self) -> Statements:
        """All that an answer says: two answers are the same where the same of these are true."""
        found: dict[tuple[object, ...], Formula] = {("decision", id): self.decided(id) for id in DECISIONS}
        found |= {("coverage", "met"): self.coverage.met, ("coverage", "possible"): self.coverage.possible}
        found |= {("pathway", id): first for id, first in self.ruling.on_pathway.items()}
        found |= {("not met", id): not_met for id, not_met in self.ruling.not_met.items()}
        found |= {("missing", fact.name): self.waits_for(fact.name) for fact in self.space.given}
        found |= {("reason", id): denied for id, denied in self.ruling.denied_for.items()}
        found |= {("flag", flag.id, flag.kind): self.acts(flag.id) for flag in self.revision.review_flags}
        terms = map(self.terms, self.revision.pathways)
        return found | {("terms", approved): self.approved_with(approved) for approved in terms}
