"""What one revision makes of a request, as formulas: the ruling for the solver, and answers as claims."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import cast

from medpolicy.evaluate.decide import Decider
from medpolicy.evaluate.ruling import Ruling
from medpolicy.language.condition import Condition
from medpolicy.language.determination import Determination, Terms
from medpolicy.language.revision import Pathway, ReviewFlag, Revision
from medpolicy.policy import Policy
from medpolicy.solve.formula import FALSE, FORMULAS, Formula, KleeneFormula, Point, differ, some
from medpolicy.solve.space import Space

Claim = tuple[object, ...]
"""Something that an answer may say, such as `("decision", "approved")` or `("missing", "age")`."""
Claims = Mapping[Claim, Formula]
"""The formula of each claim: an answer makes it of exactly the requests of which the formula is true."""

_COVERAGE = {"met": ("met", "possible"), "unknown": ("possible",), "not_met": ()}


class RevisionFormulas(Ruling[Formula]):
    """The ruling of one revision, pinned: it decides every request of the space, whatever the date of service.

    `status` of an id that the revision does not have raises `KeyError`. Two pathways may have criteria of one id.
    """

    def __init__(self, space: Space, revision: Revision) -> None:
        super().__init__(revision, lambda rule: space.status(rule.condition), FORMULAS)
        self.space = space
        self.conditions: Mapping[str, Condition] = dict(revision.conditions())
        self.flags: Mapping[str, ReviewFlag] = {flag.id: flag for flag in revision.review_flags}

    @cached_property
    def policy(self) -> Policy:
        """The revision as a policy of its own."""
        return Policy(self.space.vocabulary, (self._decider,))

    @cached_property
    def _decider(self) -> Decider:
        return Decider(self.revision, "", self.space.vocabulary)

    def status(self, id: str) -> KleeneFormula:
        """Whether the condition of a pathway (*applies*), criterion or flag is met."""
        return self.space.status(self.conditions[id])

    def waits_for(self, name: str) -> Formula:
        """That a given fact is listed as missing."""
        return self.missing(lambda rule: self.space.keeps_open(rule.condition, name))

    @property
    def in_effect(self) -> Formula:
        """That the service starts while the revision is in effect."""
        return self.space.in_effect(self.revision)

    @cached_property
    def claims(self) -> Claims:
        """All that an answer may say: two answers are the same if they make the same claims."""
        found: dict[Claim, Formula] = {("decision", decision): formula for decision, formula in self.decided.items()}
        found |= {("coverage", "met"): self.coverage.met, ("coverage", "possible"): self.coverage.possible}
        found |= {("pathway", id): formula for id, formula in self.on_pathway.items()}
        found |= {("not met", id): formula for id, formula in self.not_met.items()}
        found |= {("missing", fact.name): self.waits_for(fact.name) for fact in self.space.given}
        found |= {("reason", id): formula for id, formula in self.denied_for.items()}
        found |= {("flag", flag.id, flag.kind): self.acts[flag.id] for flag in self.revision.review_flags}
        return found | {
            ("terms", terms): self._approved_with(terms) for terms in map(self._terms, self.revision.pathways)
        }

    def _approved_with(self, terms: Terms) -> Formula:
        pathways = self.revision.pathways
        return some(self.approved_by[pathway.id] for pathway in pathways if self._terms(pathway) == terms)

    def _terms(self, pathway: Pathway) -> Terms:
        return cast(Terms, self._decider.recorded[pathway.id])


def answer_at(formulas: RevisionFormulas, point: Point) -> frozenset[Claim]:
    """The claims that are true of the answer to one request."""
    return frozenset(claim for claim, formula in formulas.claims.items() if point.holds(formula))


def answer_of(determination: Determination) -> frozenset[Claim]:
    """The claims that a determination makes: decision, coverage, every list of ids, and terms, but no text."""
    verdict = determination.verdict
    optional = {"pathway": verdict.pathway, "terms": verdict.terms}
    return frozenset(
        [
            ("decision", verdict.decision),
            *(("coverage", bound) for bound in _COVERAGE[verdict.coverage]),
            *(("not met", id) for id in verdict.not_met),
            *(("missing", name) for name in verdict.missing),
            *(("reason", reason.id) for reason in verdict.denial_reasons),
            *(("flag", flag.id, flag.kind) for flag in verdict.review_flags),
            *((subject, value) for subject, value in optional.items() if value is not None),
        ]
    )


def answers_differ(first: RevisionFormulas, second: RevisionFormulas) -> Formula:
    """That two revisions answer a request differently: in the decision, or in any of its lists and terms."""
    return claims_differ(first.claims, second.claims)


def claims_differ(first: Claims, second: Claims) -> Formula:
    """That a claim about an answer is true under one revision and not under the other."""
    return some(differ(first.get(key, FALSE), second.get(key, FALSE)) for key in {**first, **second})
