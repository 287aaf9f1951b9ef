"""What must hold of every policy, as statements that no request may make true."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import partial

from medpolicy.check.changed import never_gains, one_more, without
from medpolicy.language.determination import AuthorizedQuantity, Decision
from medpolicy.load.shown import Request
from medpolicy.solve import DECISIONS, Formula, RevisionFormulas, differ, every, some


def _with_less(request: Request) -> Iterable[tuple[str, Request]]:
    """A request with each of its facts left out in turn."""
    return [(f"without `{each}`", {name: request[name] for name in request if name != each}) for each in request]


def _with_more(quantity: AuthorizedQuantity, request: Request) -> Iterable[tuple[str, Request]]:
    more = request[quantity.variable] + 1
    return [(f"with {quantity.counted(more)} requested", {**request, quantity.variable: more})]


@dataclass(frozen=True, slots=True)
class Invariant:
    """What must hold, by the statements of which a request that breaks it makes one true."""

    id: str
    text: str
    statements: tuple[Formula, ...]
    others: Callable[[Request], Iterable[tuple[str, Request]]] | None = None
    """For a statement about two requests: those that a request may be one of, each with what tells it apart."""


def of_every_policy(formulas: RevisionFormulas) -> Iterator[Invariant]:
    """The invariants of the machine, for requests of any day: with the revision pinned it decides them all."""
    approved, denied = formulas.decided("approved"), formulas.decided("denied")
    decisions = [formulas.decided(each) for each in DECISIONS]
    exactly_one = some(every(each if one is each else ~each for each in decisions) for one in decisions)
    yield Invariant("exactly-one-decision", "every request gets exactly one decision", (~exactly_one,))
    listed = some(formulas.lists_not_met(each) for each in formulas.criteria)
    yield Invariant(
        "no-approval-with-a-not-met-criterion", "no request is approved with a criterion not met", (approved & listed,)
    )
    may_apply = some(formulas.status(each.id).possible for each in formulas.revision.pathways)
    unreasoned = denied & ~some(formulas.denied_for(each) for each in formulas.reasons)
    yield Invariant(
        "no-denial-without-a-reason",
        "no request is denied without a reason: a criterion not met, or that no pathway applies",
        (unreasoned, denied & may_apply & ~listed),
    )
    yield Invariant(
        "a-missing-fact-never-helps",
        "a missing fact never makes an approval or a denial",
        tuple(_missing_helps(formulas)),
        _with_less,
    )
    quantity = formulas.space.vocabulary.quantity
    if quantity is not None:
        yield Invariant(
            f"more-{quantity.name.replace('_', '-')}-never-help",
            f"asking for more {quantity.units} never makes an approval",
            (_more_helps(formulas, quantity.variable),),
            partial(_with_more, quantity),
        )


def _missing_helps(formulas: RevisionFormulas) -> Iterator[Formula]:
    """For each fact and decision, that a request gets the decision once the fact is left out, and not before.

    Where the form of the rules rules that out, there is nothing to ask but whether they have that form.
    """
    space = formulas.space
    decisions: tuple[Decision, ...] = ("approved", "denied")
    for decision in decisions:
        decided, plainly = formulas.decided(decision), _plainly(formulas, decision)
        yield differ(decided, plainly)
        for each in space.given:
            if each.may_be_missing and not never_gains(plainly, each.name, space):
                yield without(decided, each.name, space) & ~decided


def _plainly(formulas: RevisionFormulas, decision: Decision) -> Formula:
    """A decision once more: before gates and holds it is this one, and no gate may act, nor a hold of this decision."""
    flags = formulas.revision.review_flags
    stops = [each.id for each in flags if each.kind == "gate" or (each.kind == "hold" and each.holds == decision)]
    return formulas.covered(decision) & ~some(formulas.status(each).possible for each in stops)


def _more_helps(formulas: RevisionFormulas, name: str) -> Formula:
    """That a request would be approved with a number raised by one, and is not approved as it is."""
    space = formulas.space
    if name not in space.tables:
        return some(())
    classes = space.tables[name].classes
    can_rise = space.within(name, classes[0].first, classes[-1].last - 1)
    approved = formulas.decided("approved")
    return can_rise & one_more(approved, name, space) & ~approved
