"""What golden cases have to show of a revision: `docs/coverage.md` defines it.

A test *decides alone* in a request if its condition follows it: with all other tests as they are, the condition is met if
the test is met, and not met if it is not. Such a request counts only where the answer depends on the rule.
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise
from typing import Any, Literal

from medpolicy.evaluate.tables import MISSING, Table
from medpolicy.language.condition import Test
from medpolicy.language.revision import Criterion, PlacedRule, ReviewFlag
from medpolicy.language.walk import Steps, walk
from medpolicy.solve import MET, NOT_MET, TRUE, Formula, RevisionFormulas, Space, every
from medpolicy.text.findings import Path

What = Literal["met", "not_met", "missing", "boundary"]
HALVES = ("met", "not_met")
"""What the two cases of a pair show of a test."""


@dataclass(frozen=True, slots=True)
class Occurrence:
    """A test at one position in a condition."""

    test: Test
    steps: Steps
    path: Path


@dataclass(frozen=True, slots=True, eq=False)
class Obligation:
    """One thing to show: a test decides alone while `met`, while `not_met`, or at a value next to a `boundary`; or a
    fact is `missing` and alone keeps a condition open.
    """

    what: What
    shown: Formula
    """That a request shows it."""
    rule: PlacedRule | None
    """None for the first and last days in effect."""
    occurrence: Occurrence | None = None
    """For `met`, `not_met` and `boundary` of a rule."""
    name: str = ""
    """The variable of a `boundary`, or the given fact that is `missing`."""
    value: Any = None
    """For a `boundary`: the value next to it."""
    above: bool = False
    """For a `boundary`: whether `value` is the first one after it, not the last one before it."""


def occurrences(placed: PlacedRule) -> list[Occurrence]:
    """Every test of a rule, in the order of the file."""
    return [
        Occurrence(part, steps, (*placed.path, *path))
        for part, path, steps in walk(placed.rule.condition)
        if isinstance(part, Test)
    ]


def obligations(formulas: RevisionFormulas) -> tuple[Obligation, ...]:
    """All that there is to show of a revision, in the order of its file."""
    found = [obligation for rule in formulas.revision.placed_rules() for obligation in _of_rule(rule, formulas)]
    return (*found, *_of_dates(formulas))


def _of_rule(rule: PlacedRule, formulas: RevisionFormulas) -> Iterator[Obligation]:
    space = formulas.space
    looked_at = _looked_at(rule, formulas)
    tests = occurrences(rule)
    for occurrence in tests:
        test = occurrence.test
        status = space.status(test)
        decides = _follows(rule, [occurrence], space) & looked_at
        yield Obligation("met", status.met & decides, rule, occurrence)
        yield Obligation("not_met", status.not_met & decides, rule, occurrence)
        for value, above in _next_to_boundaries(space.tables[test.name], test):
            shown = space.within(test.name, value, value) & decides
            yield Obligation("boundary", shown, rule, occurrence, test.name, value, above)
    variables = space.vocabulary.variables
    parts = {occurrence: variables[occurrence.test.name].parts for occurrence in tests}
    for name in dict.fromkeys(part for names in parts.values() for part in names):
        if variables[name].may_be_missing:
            reading = [occurrence for occurrence in tests if name in parts[occurrence]]
            others = {part for occurrence in reading for part in parts[occurrence]} - {name}
            known = every(~space.missing(part) for part in sorted(others))
            shown = every((space.missing(name), known, _follows(rule, reading, space), looked_at))
            yield Obligation("missing", shown, rule, name=name)


def _looked_at(rule: PlacedRule, formulas: RevisionFormulas) -> Formula:
    """That the answer depends on a rule: a criterion's pathway is not ruled out, a hold has the decision that it holds."""
    match rule.rule:
        case Criterion():
            return formulas.listed[rule.pathway.id] if rule.pathway else TRUE
        case ReviewFlag(holds="approved" | "denied" as held):
            return formulas.covered[held]
    return TRUE


def _follows(rule: PlacedRule, tests: list[Occurrence], space: Space) -> Formula:
    """That a condition is met if all of some of its tests are, and not met if none of them is."""
    condition = rule.rule.condition
    failing = space.status(condition, {occurrence.steps: NOT_MET for occurrence in tests})
    holding = space.status(condition, {occurrence.steps: MET for occurrence in tests})
    return failing.not_met & holding.met


def _next_to_boundaries(table: Table, test: Test) -> Iterator[tuple[Any, bool]]:
    """The last value before and the first value after each change of a test's answer, with whether it comes after."""
    answers = table.statuses(test)[MISSING + 1 :]
    found: dict[Any, bool] = {}
    for (before, answer), (after, next_answer) in pairwise(zip(table.classes, answers, strict=True)):
        if answer is not next_answer and before.last is not None:
            found.setdefault(before.last, False)
            found.setdefault(after.first, True)
    yield from found.items()


def _of_dates(formulas: RevisionFormulas) -> Iterator[Obligation]:
    space, revision = formulas.space, formulas.revision
    name = space.vocabulary.service_day
    kind = space.vocabulary.variables[name].kind
    first, last = revision.effective_from, revision.effective_to
    days: list[tuple[date, bool]] = []
    if first > kind.lowest:
        days += [(first - timedelta(1), False), (first, True)]
    if last is not None and last < kind.highest:
        days += [(last, False), (last + timedelta(1), True)]
    for day, above in days:
        yield Obligation("boundary", space.within(name, day, day), None, None, name, day, above)


def of_possible_pairs(wanted: Iterable[Obligation], impossible: Container[Obligation]) -> tuple[Obligation, ...]:
    """The obligations without the pairs of which one half is impossible: the other half alone shows nothing."""
    wanted = list(wanted)
    halves = [obligation for obligation in wanted if obligation.what in HALVES]
    broken = {half.occurrence for half in halves if half in impossible}
    return tuple(
        obligation for obligation in wanted if obligation.what not in HALVES or obligation.occurrence not in broken
    )


def counts(obligation: Obligation, formulas: RevisionFormulas) -> Formula:
    """That a request shows an obligation while the revision is in effect; its first and last days need no more than the day."""
    return obligation.shown if obligation.rule is None else obligation.shown & formulas.in_effect
