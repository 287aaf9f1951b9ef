"""A rule file as models: one revision of a policy, frozen once read."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Annotated, Any, ClassVar, Literal, NamedTuple, NoReturn, TypeVar, cast

from pydantic import AfterValidator, Field

from medpolicy.language.condition import Condition, Noted, Scalar
from medpolicy.language.forms import Date

ID = "^[a-z0-9]+([._-][a-z0-9]+)*$"
RESERVED = ("request_id", "decision", "coverage", "pathway", "fault")
"""Ids that no rule has: the SELECT of a policy answers in these columns, beside one for each criterion."""
Id = Annotated[str, Field(pattern=ID, description="lower case, digits, `.`, `_`, `-`")]
RuleId = Annotated[Id, Field(json_schema_extra={"not": {"enum": [*RESERVED]}})]
Sentence = Annotated[str, Field(min_length=1, pattern=r"\S")]
Cites = Annotated[tuple[str, ...], Field(min_length=1, description="ids of the passages that this embodies")]
Key = TypeVar("Key")
Value = TypeVar("Value")


class Fixed(dict[Key, Value]):
    """A dictionary that refuses changes and so has a hash; it is written as JSON and pickled like any other."""

    def _refuse(self, *_: Any, **__: Any) -> NoReturn:
        raise TypeError("a rule file does not change once it is read")

    __setitem__ = __delitem__ = __ior__ = _refuse
    clear = pop = popitem = setdefault = update = _refuse

    def __hash__(self) -> int:  # type: ignore[override]
        return hash(frozenset(self.items()))

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (dict(self),)


class Action(Noted):
    """One call of an action with its parameters."""

    name: str
    params: Annotated[dict[str, Scalar], AfterValidator(Fixed)]

    def for_engine(self) -> dict[str, Any]:
        """The action as `business-rules` takes it."""
        return {"name": self.name, "params": dict(self.params)}


OneAction = Annotated[tuple[Action, ...], Field(min_length=1, max_length=1)]


class Source(Noted):
    """The document that the policy restates."""

    publisher: Sentence
    document: Sentence
    status: Sentence


class Passage(Noted):
    """A paragraph or list item of the document: where it stands, what it says in our words, the hash of the original."""

    where: Sentence
    says: Sentence
    sha256: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$", description="SHA-256 of the normalized original")]


class Acting(Noted):
    """A part that has one action."""

    action_key: ClassVar = "actions"

    @property
    def action(self) -> Action:
        """What it records where it comes to that."""
        [action] = getattr(self, self.action_key)
        return cast(Action, action)


class Conditional(Acting):
    """A part that has a condition as well."""

    condition_key: ClassVar = "conditions"

    @property
    def condition(self) -> Condition:
        """What decides its status; of a pathway, whether it applies."""
        return cast(Condition, getattr(self, self.condition_key))


class Criterion(Conditional):
    """What a pathway asks, and the denial that follows where it is not met."""

    kind: ClassVar = "criterion"
    action_key = "otherwise"
    id: RuleId
    cites: Cites
    conditions: Condition
    otherwise: OneAction


class Pathway(Conditional):
    """A way to approval: whom it applies to, what it asks, what it approves."""

    kind: ClassVar = "pathway"
    condition_key = "applies"
    id: RuleId
    title: Sentence
    cites: Cites
    applies: Condition
    criteria: Annotated[tuple[Criterion, ...], Field(min_length=1)]
    actions: OneAction


class ReviewFlag(Conditional):
    """A gate pends any decision, a hold one kind of decision, a note none."""

    id: RuleId
    kind: Literal["gate", "hold", "note"]
    holds: Annotated[Literal["approved", "denied"] | None, Field(description="for a hold: what it holds")] = None
    cites: Cites
    conditions: Condition
    actions: OneAction


Rule = Pathway | Criterion | ReviewFlag
"""A part of a revision that has a condition."""


class PlacedRule(NamedTuple):
    """A rule with the path of its condition in the file, and its pathway (a pathway's own is itself; flags have none)."""

    rule: Rule
    path: tuple[str | int, ...]
    pathway: Pathway | None

    @property
    def id(self) -> str:
        """The id of the rule."""
        return self.rule.id


def days_in_effect(first: date, last: date | None) -> str:
    """`from 2026-04-02 on`, or to a last day."""
    return f"from {first} {'on' if last is None else f'to {last}'}"


class Fallback(Acting):
    """What is recorded where no pathway applies, or where no revision is in effect."""

    id: RuleId
    cites: Cites
    actions: OneAction


class Invariant(Noted):
    """A decision that no request may get of which a condition is certainly true; `medpolicy check` proves it."""

    id: Id
    text: Annotated[Sentence, Field(description="what must never be, as a sentence")]
    cites: Cites
    when: Annotated[Condition, Field(description="over the variables; met where it is certainly true")]
    never: Annotated[Literal["approved", "denied", "pended"], Field(description="the decision that must not be")]


class Revision(Noted):
    """One revision of a policy, in effect from `effective_from` to `effective_to`, both days included."""

    schema_: Annotated[str | None, Field(alias="$schema")] = None
    policy: Id
    title: Sentence
    revision: Id
    effective_from: Date
    effective_to: Date | None
    source: Source
    passages: Annotated[dict[Id, Passage], Field(min_length=1), AfterValidator(Fixed)]
    informative: tuple[str, ...]
    pathways: Annotated[tuple[Pathway, ...], Field(min_length=1)]
    unlisted: Fallback
    review_flags: tuple[ReviewFlag, ...]
    not_in_effect: Fallback
    invariants: tuple[Invariant, ...] = ()

    def in_effect(self, day: date) -> bool:
        """Whether this revision is in effect on a day."""
        return self.effective_from <= day and (self.effective_to is None or day <= self.effective_to)

    def placed_rules(self) -> Iterator[PlacedRule]:
        """Every part that has a condition, in the order of the file, with the path of the condition."""
        for index, pathway in enumerate(self.pathways):
            yield PlacedRule(pathway, ("pathways", index, "applies"), pathway)
            for inner, criterion in enumerate(pathway.criteria):
                yield PlacedRule(criterion, ("pathways", index, "criteria", inner, "conditions"), pathway)
        for index, flag in enumerate(self.review_flags):
            yield PlacedRule(flag, ("review_flags", index, "conditions"), None)

    def rules(self) -> Iterator[Rule]:
        """Every part that has a condition, in the order of the file."""
        return (placed.rule for placed in self.placed_rules())

    def criteria(self) -> Iterator[Criterion]:
        """The criteria of all pathways, in the order of the file."""
        return (criterion for pathway in self.pathways for criterion in pathway.criteria)

    def conditions(self) -> Iterator[tuple[str, Condition]]:
        """The condition of every rule with the id of the rule."""
        return ((rule.id, rule.condition) for rule in self.rules())

    def citation(self, cites: tuple[str, ...]) -> str:
        """Where the cited passages stand, a line each."""
        return "\n".join(self.passages[cite].where for cite in cites)

    def text(self, cites: tuple[str, ...]) -> str:
        """What the cited passages say, a line each."""
        return "\n".join(self.passages[cite].says for cite in cites)
