"""What one revision makes of a request, as formulas: the rules of `decide` for the solver."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cached_property
from typing import TYPE_CHECKING, cast

from medpolicy.evaluate.decide import Decider
from medpolicy.language.determination import Decision, Terms
from medpolicy.language.revision import Condition, Pathway, ReviewFlag, Revision
from medpolicy.policy import Policy
from medpolicy.solve.formula import FALSE, Formula, every, some
from medpolicy.solve.three import KleeneFormula, all_of, any_of

if TYPE_CHECKING:
    from medpolicy.solve.space import Space

DECISIONS: tuple[Decision, ...] = ("approved", "denied", "pended")

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
        self.conditions: Mapping[str, Condition] = dict(revision.conditions())
        self.flags: Mapping[str, ReviewFlag] = {each.id: each for each in revision.review_flags}
        self.criteria: tuple[str, ...] = tuple(
            dict.fromkeys(each.id for pathway in revision.pathways for each in pathway.criteria)
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
        return self._wholes[pathway]

    @cached_property
    def coverage(self) -> KleeneFormula:
        """Whether some pathway applies with all its criteria met."""
        return any_of(list(self._wholes.values()))

    def covered(self, decision: Decision) -> Formula:
        """The decision before gates and holds."""
        coverage = self.coverage
        return {"approved": coverage.met, "denied": coverage.not_met, "pended": self._open_coverage}[decision]

    @cached_property
    def _stopped(self) -> Formula:
        """That a gate or a hold acts."""
        return some(self.acts(each.id) for each in self.revision.review_flags if each.kind != "note")

    def decided(self, decision: Decision) -> Formula:
        """The decision."""
        return self._decided[decision]

    def acts(self, flag: str) -> Formula:
        """That a review flag acts, and so is listed."""
        return self._acts.get(flag, FALSE)

    def lists_not_met(self, criterion: str) -> Formula:
        """That a criterion is listed as not met: its pathway is not ruled out."""
        return self._lists_not_met.get(criterion, FALSE)

    def denied_for(self, reason: str) -> Formula:
        """That the request is denied for a reason: a criterion, or that no pathway applies."""
        if reason == self.revision.unlisted.id:
            return self.decided("denied") & ~some(self._lists_not_met.values())
        return self.decided("denied") & self.lists_not_met(reason)

    def waits_for(self, name: str) -> Formula:
        """That a given fact is listed as missing."""
        opened: list[Formula] = [
            every((self.acts(each.id), self.space.keeps_open(each.conditions, name)))
            for each in self.revision.review_flags
            if each.kind != "note"
        ]
        for pathway, inside in self._open_inside:
            if name in inside:
                opened.append(every((self._open_coverage, self.whole(pathway).possible, some(inside[name]))))
        return some(opened)

    def on_pathway(self, pathway: str) -> Formula:
        """That a pathway applies for certain, and none does that stands before it in the file."""
        return _first({each.id: self.space.three(each.applies).met for each in self.revision.pathways}, pathway)

    def approved_by(self, pathway: str) -> Formula:
        """That the request is approved on the terms of a pathway."""
        return self.decided("approved") & _first({id: whole.met for id, whole in self._wholes.items()}, pathway)

    def approved_with(self, terms: Terms) -> Formula:
        """That the request is approved on these terms."""
        return some(self.approved_by(each.id) for each in self.revision.pathways if self.terms(each) == terms)

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
    def _decided(self) -> Mapping[Decision, Formula]:
        return {
            "approved": self.covered("approved") & ~self._stopped,
            "denied": self.covered("denied") & ~self._stopped,
            "pended": self.covered("pended") | self._stopped,
        }

    @cached_property
    def statements(self) -> Statements:
        """All that an answer says: two answers are the same where the same of these are true."""
        said: dict[tuple[object, ...], Formula] = {("decision", each): self.decided(each) for each in DECISIONS}
        said |= {("coverage", "met"): self.coverage.met, ("coverage", "possible"): self.coverage.possible}
        said |= {("pathway", each.id): self.on_pathway(each.id) for each in self.revision.pathways}
        said |= {("not met", each): self.lists_not_met(each) for each in self.criteria}
        said |= {("missing", each.name): self.waits_for(each.name) for each in self.space.given}
        said |= {("reason", each): self.denied_for(each) for each in self.reasons}
        said |= {("flag", each.id, each.kind): self.acts(each.id) for each in self.revision.review_flags}
        return said | {("terms", each): self.approved_with(each) for each in map(self.terms, self.revision.pathways)}

    @cached_property
    def _open_coverage(self) -> Formula:
        return self.coverage.unknown

    @cached_property
    def _wholes(self) -> Mapping[str, KleeneFormula]:
        return {
            pathway.id: all_of([self.space.three(each) for each in _conditions(pathway)])
            for pathway in self.revision.pathways
        }

    @cached_property
    def _open_inside(self) -> list[tuple[str, Mapping[str, list[Formula]]]]:
        """For each pathway and each fact that it asks for, the statements that the fact keeps a condition open."""
        found: list[tuple[str, Mapping[str, list[Formula]]]] = []
        for pathway in self.revision.pathways:
            inside: dict[str, list[Formula]] = {}
            for condition in _conditions(pathway):
                for name in self.space.asks_for(condition):
                    inside.setdefault(name, []).append(self.space.keeps_open(condition, name))
            found.append((pathway.id, inside))
        return found

    @cached_property
    def _lists_not_met(self) -> Mapping[str, Formula]:
        listed: dict[str, list[Formula]] = {id: [] for id in self.criteria}
        for pathway in self.revision.pathways:
            left = self.space.three(pathway.applies).possible
            for each in pathway.criteria:
                listed[each.id].append(left & self.space.three(each.conditions).not_met)
        return {id: some(statements) for id, statements in listed.items()}

    @cached_property
    def _acts(self) -> Mapping[str, Formula]:
        return {id: self._acting(flag) for id, flag in self.flags.items()}

    def _acting(self, flag: ReviewFlag) -> Formula:
        status = self.space.three(flag.conditions)
        if flag.kind == "note":
            return status.met
        return status.possible if flag.holds is None else status.possible & self.covered(flag.holds)


def _conditions(pathway: Pathway) -> list[Condition]:
    return [pathway.applies, *(each.conditions for each in pathway.criteria)]


def _first(statements: Mapping[str, Formula], id: str) -> Formula:
    """That the statement of an id is true, and none before it."""
    if id not in statements:
        return FALSE
    before = [statements[each] for each in list(statements)[: list(statements).index(id)]]
    return statements[id] & ~some(before)
