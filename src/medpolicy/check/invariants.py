"""What must hold of every policy, as statements that no request may make true, and what became of an invariant."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any, Literal

from medpolicy.check.changed import never_gains, one_more, without
from medpolicy.language.determination import AuthorizedQuantity, Decision
from medpolicy.load.shown import Request, Shown
from medpolicy.solve import DECISIONS, Formula, RevisionFormulas, differ, every, some


def _with_less(request: Request) -> Iterable[tuple[str, Request]]:
    """A request with each of its facts left out in turn."""
    return [(f"without `{fact}`", {name: request[name] for name in request if name != fact}) for fact in request]


def _with_more(quantity: AuthorizedQuantity, request: Request) -> Iterable[tuple[str, Request]]:
    more = request[quantity.variable] + 1
    return [(f"with {quantity.counted(more)} requested", {**request, quantity.variable: more})]


@dataclass(frozen=True, slots=True)
class Requirement:
    """What must hold of every request; a request breaks it if one of `statements` is true of it."""

    id: str
    text: str
    statements: tuple[Formula, ...]
    others: Callable[[Request], Iterable[tuple[str, Request]]] | None = None
    """For a statement about two requests: the candidates for the second one, each with how it differs from the first."""


@dataclass(frozen=True, slots=True)
class Proof:
    """What became of an invariant, whether of every policy or of one author."""

    id: str
    text: str
    verdict: Literal["proven", "broken", "not proven"]
    file: str
    broken: Shown | None = None
    """The finding, with a request that breaks it or two that do."""

    def to_dict(self) -> dict[str, Any]:
        """For programs."""
        fields: dict[str, Any] = {"file": self.file, "id": self.id, "text": self.text, "verdict": self.verdict}
        return fields if self.broken is None else fields | self.broken.requests()


def of_every_policy(formulas: RevisionFormulas) -> Iterator[Requirement]:
    """The invariants of the engine, for requests of any day: a pinned revision decides them all."""
    approved, denied = formulas.decided["approved"], formulas.decided["denied"]
    one_alone = [
        every(formula if decision == chosen else ~formula for decision, formula in formulas.decided.items())
        for chosen in DECISIONS
    ]
    yield Requirement("exactly-one-decision", "every request gets exactly one decision", (~some(one_alone),))
    listed = some(formulas.not_met.values())
    yield Requirement(
        "no-approval-with-a-not-met-criterion", "no request is approved with a criterion not met", (approved & listed,)
    )
    may_apply = some(formulas.listed.values())
    yield Requirement(
        "no-denial-without-a-reason",
        "no request is denied without a reason: a criterion not met, or that no pathway applies",
        (denied & ~some(formulas.denied_for.values()), denied & may_apply & ~listed),
    )
    yield Requirement(
        "a-missing-fact-never-helps",
        "a missing fact never makes an approval or a denial",
        tuple(_missing_helps(formulas)),
        _with_less,
    )
    quantity = formulas.space.vocabulary.quantity
    if quantity is not None:
        yield Requirement(
            f"more-{quantity.name.replace('_', '-')}-never-help",
            f"asking for more {quantity.units} never makes an approval",
            (_more_helps(formulas, quantity.variable),),
            partial(_with_more, quantity),
        )


def _missing_helps(formulas: RevisionFormulas) -> Iterator[Formula]:
    """For each fact and decision, that a request gets the decision once the fact is left out, and not before.

    Often the form of the rules excludes that; then the only question is whether they have that form.
    """
    space = formulas.space
    decisions: tuple[Decision, ...] = ("approved", "denied")
    for decision in decisions:
        decided, plainly = formulas.decided[decision], _plainly(formulas, decision)
        yield differ(decided, plainly)
        for variable in space.given:
            if variable.may_be_missing and not never_gains(plainly, variable.name, space):
                yield without(decided, variable.name, space) & ~decided


def _plainly(formulas: RevisionFormulas, decision: Decision) -> Formula:
    """The same decision without negations: reached before gates and holds, with no gate, and no hold of it, possible."""
    stops = [flag for flag in formulas.revision.review_flags if flag.kind != "note" and flag.holds in (None, decision)]
    return formulas.covered[decision] & ~some(formulas.status(flag.id).possible for flag in stops)


def _more_helps(formulas: RevisionFormulas, name: str) -> Formula:
    """That a request would be approved with a number raised by one, and is not approved as it is."""
    space = formulas.space
    if name not in space.tables:
        return some(())
    classes = space.tables[name].classes
    can_rise = space.within(name, classes[0].first, classes[-1].last - 1)
    approved = formulas.decided["approved"]
    return can_rise & one_more(approved, name, space) & ~approved
