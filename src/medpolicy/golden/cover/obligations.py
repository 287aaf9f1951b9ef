"""What golden cases have to show of a revision: `docs/coverage.md` defines it.

A test *decides alone* in a request when its condition would follow it: with all other tests as they are, the condition is
met if the test is met, and not met if it is not. Such a request counts only where the condition is looked at.
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Literal

from medpolicy.evaluate.tables import MISSING, Table
from medpolicy.golden.cover.places import Occurrence, Rule, occurrences, rules
from medpolicy.language.request import Variable
from medpolicy.language.revision import Revision
from medpolicy.solve import MET, NOT_MET, TRUE, Formula, RevisionFormulas, Space, every

What = Literal["met", "not_met", "missing", "boundary"]
HALVES = ("met", "not_met")
"""What the two cases of a pair show of a test."""


@dataclass(frozen=True, slots=True, eq=False)
class Obligation:
    """One thing to show: that a test decides alone while `met` or `not_met`, or at a value next to its *boundary*;
    or that a fact which is *missing* alone keeps a condition open.

    `shown` is the statement that a request shows it.
    """

    what: What
    shown: Formula
    rule: Rule | None
    """None for the first and last days of the revision itself."""
    occurrence: Occurrence | None = None
    """For `met`, `not_met` and `boundary` of a rule."""
    name: str = ""
    """The variable of a `boundary`, or the given fact that is `missing`."""
    value: Any = None
    """For a `boundary`: the value next to it."""
    above: bool = False
    """For a `boundary`: whether it is the first value after it, not the last one before it."""


def obligations(space: Space, side: RevisionFormulas) -> tuple[Obligation, ...]:
    """All that there is to show of a revision, in the order of its file."""
    found = [each for rule in rules(side.revision) for each in _of_rule(rule, space, side)]
    return (*found, *_of_dates(side.revision, space))


def _of_rule(rule: Rule, space: Space, side: RevisionFormulas) -> Iterator[Obligation]:
    looked_at = _looked_at(rule, space, side)
    tests = list(occurrences(rule.condition, rule.path))
    for each in tests:
        status = space.status(each.test)
        decides = _follows(rule, [each], space) & looked_at
        yield Obligation("met", status.met & decides, rule, each)
        yield Obligation("not_met", status.not_met & decides, rule, each)
        for value, above in _beside_boundaries(space.tables[each.test.name], each):
            shown = space.within(each.test.name, value, value) & decides
            yield Obligation("boundary", shown, rule, each, each.test.name, value, above)
    for name in _given(tests, space):
        reading = [each for each in tests if name in space.vocabulary.variables[each.test.name].parts]
        others = {part for each in reading for part in space.vocabulary.variables[each.test.name].parts} - {name}
        known = every(~space.missing(part) for part in sorted(others))
        shown = every((space.missing(name), known, _follows(rule, reading, space), looked_at))
        yield Obligation("missing", shown, rule, name=name)


def _looked_at(rule: Rule, space: Space, side: RevisionFormulas) -> Formula:
    """That the answer depends on a rule: a criterion's pathway is not ruled out, the decision is one that a hold holds."""
    if rule.kind == "criterion" and rule.pathway is not None:
        return space.status(side.conditions[rule.pathway]).possible
    if rule.kind == "hold":
        holds = side.flags[rule.id].holds
        return TRUE if holds is None else side.covered[holds]
    return TRUE


def _follows(rule: Rule, tests: list[Occurrence], space: Space) -> Formula:
    """That a condition follows some of its tests together, whatever they are."""
    failing = space.status(rule.condition, {each.steps: NOT_MET for each in tests})
    holding = space.status(rule.condition, {each.steps: MET for each in tests})
    return failing.not_met & holding.met


def _given(tests: list[Occurrence], space: Space) -> Iterator[str]:
    """The given facts that tests read and that may be missing, each once."""
    variables: Mapping[str, Variable] = space.vocabulary.variables
    names = dict.fromkeys(part for each in tests for part in variables[each.test.name].parts)
    yield from (name for name in names if variables[name].may_be_missing)


def _beside_boundaries(table: Table, occurrence: Occurrence) -> Iterator[tuple[Any, bool]]:
    """The last value before and the first one after each place where the answer of a test changes."""
    answers = table.statuses(occurrence.test)[MISSING + 1 :]
    found: dict[Any, bool] = {}
    for before, after, was, becomes in zip(table.classes, table.classes[1:], answers, answers[1:], strict=False):
        if was is not becomes and before.last is not None:
            found.setdefault(before.last, False)
            found.setdefault(after.first, True)
    yield from found.items()


def _of_dates(revision: Revision, space: Space) -> Iterator[Obligation]:
    """The days on which a revision begins and ends to be in effect, and those next to them."""
    name = space.vocabulary.service_day
    kind: Any = space.vocabulary.variables[name].kind
    ends: list[tuple[date, bool]] = []
    if revision.effective_from > kind.lowest:
        ends += [(revision.effective_from - timedelta(1), False), (revision.effective_from, True)]
    if revision.effective_to is not None and revision.effective_to < kind.highest:
        ends += [(revision.effective_to, False), (revision.effective_to + timedelta(1), True)]
    for day, above in ends:
        yield Obligation("boundary", space.within(name, day, day), None, None, name, day, above)


def of_possible_pairs(wanted: Iterable[Obligation], impossible: Container[Obligation]) -> tuple[Obligation, ...]:
    """The obligations but those of a pair of which no request can show one half: the other half shows nothing."""
    wanted = list(wanted)
    broken = {each.occurrence for each in wanted if each.what in HALVES and each in impossible}
    return tuple(each for each in wanted if each.what not in HALVES or each.occurrence not in broken)


def counts(obligation: Obligation, side: RevisionFormulas) -> Formula:
    """That a request shows an obligation by an answer of the revision: it is in effect, but for what shows its dates."""
    return obligation.shown if obligation.rule is None else obligation.shown & side.in_effect
