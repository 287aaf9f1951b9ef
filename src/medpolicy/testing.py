"""Hypothesis strategies for the requests of any policy. This module alone imports hypothesis (the extra `test`).

The values come from the typed variables and from the constants that the policy's own tests name, so that a policy with
other variables or rules needs no strategies of its own.
"""

from __future__ import annotations

from calendar import isleap
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import date
from functools import partial
from operator import eq
from typing import Any

from hypothesis import reject
from hypothesis import strategies as st

from medpolicy.fields import Choice, ChoiceSet, CompletedYears, Day, Derived, Kind, Sum, Text, WholeNumber, YesNo
from medpolicy.policy import Policy
from medpolicy.request import Variable
from medpolicy.revision import All, Condition, Pathway, Revision, Test, tests_in

__all__ = ["near_boundaries", "requests"]

SERVICE_DAY = "service_start_date"

_CHANGED_AND_EMPTIED = [(False, False), (True, False), (False, True), (True, True)]

Facts = dict[str, Any]
Request = dict[str, Any]
Wishes = dict[str, list[Callable[[Any], bool]]]
Draw = Callable[[st.SearchStrategy[Any]], Any]


def requests(policy: Policy, complete: bool = False) -> st.SearchStrategy[Request]:
    """Valid requests in JSON form; with `complete` none has a missing fact.

    Most are drawn to meet a pathway of the policy and then changed in a few facts, so that approvals, denials and
    pends are all frequent; the rest is drawn freely from the domains. Days stand at effective dates, birthdays and 29
    February more often than elsewhere.
    """
    space = _Space(policy)

    @st.composite
    def request(draw: Draw) -> Request:
        free = draw(st.integers(0, 7)) == 7
        facts = _facts(draw, space, {} if free else _wishes_for(draw, space, failing=True))
        changed, emptied = (True, True) if free else draw(st.sampled_from(_CHANGED_AND_EMPTIED))
        if changed:
            _change(draw, space, facts, len(space.names) if free else 3)
        if emptied and not complete and space.may_be_missing:
            for name in draw(st.sets(st.sampled_from(space.may_be_missing), min_size=1, max_size=3)):
                facts[name] = None
        return _json_form(draw, space, facts, complete)

    return request()


def near_boundaries(policy: Policy) -> st.SearchStrategy[Request]:
    """Valid requests that meet a pathway but for one to three variables, which stand at or next to a constant of a test.

    For a derived variable its parts are drawn so that they come to such a value: the two terms of a capped sum, a
    birthday. The service may also start at, the day before or the day after an end of a revision. No fact is missing.
    """
    space = _Space(policy)

    @st.composite
    def request(draw: Draw) -> Request:
        wishes = _wishes_for(draw, space, failing=False)
        for name in _one_to_three(draw, space):
            value = draw(st.sampled_from(space.boundaries[name]))
            wishes[name] = [partial(eq, value)]
        return _json_form(draw, space, _facts(draw, space, wishes), complete=True)

    return request()


class _Space:
    """The variables of a policy, each with the values that are worth a try."""

    def __init__(self, policy: Policy) -> None:
        self.variables: Mapping[str, Variable] = policy.words.variables
        self.revisions: tuple[Revision, ...] = policy.revisions
        self.earlier = policy.words.request.earlier
        self.derived: dict[str, Derived] = {
            name: each.derived for name, each in self.variables.items() if each.derived is not None
        }
        self.names = self._latest_days_first()
        self.may_be_missing = [name for name in self.names if self.variables[name].may_be_missing]
        self._answers: dict[tuple[int, Any], bool] = {}
        self.boundaries = self._boundaries()
        self.values: dict[str, list[Any]] = {
            name: _distinct([*_ends(each.kind), *self.boundaries.get(name, ())], each.kind)
            for name, each in self.variables.items()
        }
        for name, derived in self.derived.items():
            for part in derived.parts:
                self._extend(part, self.values[name])
        for name, each in self.variables.items():
            if isinstance(each.kind, Day):
                self._extend(name, _leap_days([2000, *(revision.effective_from.year for revision in self.revisions)]))

    def holds(self, test: Test, value: Any) -> bool:
        """Whether a test holds of a known value."""
        answer = self._answers.get((id(test), value))
        if answer is None:
            compared = self.variables[test.name].kind.type(value)
            answer = self._answers[id(test), value] = getattr(compared, test.operator)(test.rule()["value"])
        return answer

    def options(self, name: str, facts: Facts) -> list[Any]:
        """The values of a given variable that are worth a try beside the facts chosen so far."""
        values = self.values[name]
        kind = self.variables[name].kind
        for whole, derived in self.derived.items():
            if name in derived.parts:
                values = _distinct([*values, *_completing(derived, name, facts, self.values[whole])], kind)
        if not isinstance(kind, Day):
            return values
        lowest, highest = self.bounds(name, facts)
        return [value for value in values if lowest <= value <= highest]

    def bounds(self, name: str, facts: Facts) -> tuple[date, date]:
        """The first and the last day that the order of days leaves to a variable."""
        lowest = [facts[first] for first, last in self.earlier if last == name and facts.get(first) is not None]
        highest = [facts[last] for first, last in self.earlier if first == name and facts.get(last) is not None]
        return max(lowest, default=date.min), min(highest, default=date.max)

    def anywhere(self, name: str, facts: Facts) -> st.SearchStrategy[Any]:
        """Any value of the domain of a given variable."""
        kind = self.variables[name].kind
        if isinstance(kind, WholeNumber):
            return st.integers(kind.lowest, kind.highest)
        if isinstance(kind, ChoiceSet):
            return st.frozensets(st.sampled_from(kind.options))
        if isinstance(kind, Day):
            lowest, highest = self.bounds(name, facts)
            lowest, highest = max(lowest, kind.earliest), min(highest, kind.latest)
            return st.dates(lowest, highest) if lowest <= highest else st.nothing()
        if isinstance(kind, Text):
            return st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=12)
        return st.sampled_from(self.values[name])

    def _boundaries(self) -> dict[str, list[Any]]:
        """For each variable that the rules look at, the constants of its tests and the values next to them."""
        found: dict[str, list[Any]] = {}
        for revision in self.revisions:
            for _, condition in revision.conditions():
                for test in tests_in(condition):
                    kind = self.variables[test.name].kind
                    found.setdefault(test.name, []).extend(_around(kind, test.rule()["value"]))
            for end in (revision.effective_from, revision.effective_to):
                if end is not None:
                    found.setdefault(SERVICE_DAY, []).extend(_neighbours(end))
        return {name: _distinct(values, self.variables[name].kind) for name, values in found.items()}

    def _extend(self, name: str, values: Iterable[Any]) -> None:
        self.values[name] = _distinct([*self.values[name], *values], self.variables[name].kind)

    def _latest_days_first(self) -> list[str]:
        """The given variables, each day after those that it may not be after."""
        names: dict[str, None] = {}

        def visit(name: str) -> None:
            for first, last in self.earlier:
                if first == name:
                    visit(last)
            names[name] = None

        for name, variable in self.variables.items():
            if variable.derived is None:
                visit(name)
        return list(names)


def _wishes_for(draw: Draw, space: _Space, failing: bool) -> Wishes:
    """What each variable should be so that a pathway is met, at times but for one criterion, and at times a flag acts."""
    revision = draw(st.sampled_from(space.revisions))
    pathway: Pathway = draw(st.sampled_from(revision.pathways))
    flags = [flag for flag in revision.review_flags if flag.kind != "note"]
    acting = draw(st.sampled_from([None, None, None, *flags]))
    failed = draw(st.sampled_from(pathway.criteria)) if failing and draw(st.integers(0, 2)) == 2 else None
    wishes: Wishes = {SERVICE_DAY: [revision.in_effect]}
    _wish(draw, space, pathway.applies, True, wishes)
    if acting is not None:
        _wish(draw, space, acting.conditions, True, wishes)
    if failed is not None:
        _wish(draw, space, failed.conditions, False, wishes)
    for criterion in pathway.criteria:
        _wish(draw, space, criterion.conditions, True, wishes)
    for flag in flags:
        _wish(draw, space, flag.conditions, False, wishes)
    return wishes


def _one_to_three(draw: Draw, space: _Space) -> list[str]:
    """Names of variables to set to a boundary: mostly one that has an order, and up to two of any kind."""
    ordered = [name for name in space.boundaries if isinstance(space.variables[name].kind, WholeNumber | Day)]
    first = draw(st.sampled_from(ordered or list(space.boundaries)))
    return [first, *draw(st.lists(st.sampled_from(list(space.boundaries)), max_size=2))]


def _wish(draw: Draw, space: _Space, condition: Condition, outcome: bool, wishes: Wishes) -> bool:
    """Wish for an outcome of a condition; where that contradicts earlier wishes, leave them as they are."""
    if isinstance(condition, Test):
        wanted = [*wishes.get(condition.name, ()), lambda value: space.holds(condition, value) is outcome]
        if not any(all(wish(value) for wish in wanted) for value in space.values[condition.name]):
            return False
        wishes[condition.name] = wanted
        return True
    if isinstance(condition, All) is not outcome:
        start = draw(st.integers(0, len(condition.parts) - 1))
        parts = condition.parts[start:] + condition.parts[:start]
        return any(_wish(draw, space, part, outcome, wishes) for part in parts)
    tried = dict(wishes)
    if not all(_wish(draw, space, part, outcome, tried) for part in condition.parts):
        return False
    wishes.update(tried)
    return True


def _facts(draw: Draw, space: _Space, wishes: Wishes) -> Facts:
    """A value for each given variable, as wished where that can be had; none is missing."""
    facts: Facts = {}
    for name in space.names:
        pleasing = [value for value in space.options(name, facts) if _pleases(space, name, value, facts, wishes)]
        facts[name] = draw(st.sampled_from(pleasing) if pleasing else space.anywhere(name, facts))
    return facts


def _pleases(space: _Space, name: str, value: Any, facts: Facts, wishes: Wishes) -> bool:
    """Whether a value is as wished, and leaves the derived variables a chance to be as wished."""
    if not all(wish(value) for wish in wishes.get(name, ())):
        return False
    with_value = {**facts, name: value}
    for whole, derived in space.derived.items():
        wanted = wishes.get(whole)
        if not wanted or name not in derived.parts:
            continue
        open_parts = [part for part in derived.parts if part not in with_value]
        if not open_parts:
            chances: list[Facts] = [with_value]
        else:
            chances = [
                {**with_value, open_parts[0]: other}
                for other in space.options(open_parts[0], with_value)
                if all(wish(other) for wish in wishes.get(open_parts[0], ()))
            ]
        outcomes = (derived.of({part: chance.get(part) for part in derived.parts}) for chance in chances)
        if not any(outcome is not None and all(wish(outcome) for wish in wanted) for outcome in outcomes):
            return False
    return True


def _change(draw: Draw, space: _Space, facts: Facts, most: int) -> None:
    """Give up to so many facts a value worth a try, or any other value of the domain."""
    changed = sorted(draw(st.sets(st.sampled_from(space.names), max_size=most)), key=space.names.index)
    for name in changed:
        facts.pop(name)
    for name in changed:
        options = space.options(name, facts)
        anywhere = space.anywhere(name, facts)
        strategy = st.sampled_from(options) | anywhere if options else anywhere
        if strategy.is_empty:
            reject()
        facts[name] = draw(strategy)


def _json_form(draw: Draw, space: _Space, facts: Facts, complete: bool) -> Request:
    """Facts as a record: a missing fact, or a default, is at times left out, at times written."""
    written = complete or draw(st.booleans())
    record: Request = {}
    for name, variable in space.variables.items():
        if variable.derived is not None:
            continue
        value = facts[name]
        if not written and not variable.required and value == variable.default:
            continue
        plain = None if value is None else variable.kind.plain(value)
        if isinstance(plain, list) and plain:
            start = draw(st.integers(0, len(plain) - 1))
            repeated = plain[:1] if draw(st.integers(0, 9)) == 9 else []
            plain = plain[start:] + plain[:start] + repeated
        record[name] = plain
    return record


def _ends(kind: Kind) -> list[Any]:
    """The values of a domain that are worth a try whatever the rules say."""
    if isinstance(kind, Choice):
        return list(kind.options)
    if isinstance(kind, YesNo):
        return [False, True]
    if isinstance(kind, WholeNumber):
        return [kind.lowest, kind.lowest + 1, kind.highest]
    if isinstance(kind, Day):
        return [kind.earliest, kind.latest]
    if isinstance(kind, ChoiceSet):
        return [frozenset(), *(frozenset({option}) for option in kind.options), frozenset(kind.options)]
    return ["R-1", "R-2"]


def _around(kind: Kind, constant: Any) -> Iterator[Any]:
    """A constant of a test and what is next to it: every option of a choice, one option more or less of a set."""
    if isinstance(kind, WholeNumber):
        yield from (constant - 1, constant, constant + 1)
    elif isinstance(kind, Day):
        yield from _neighbours(date.fromisoformat(constant))
    elif isinstance(kind, ChoiceSet):
        chosen = frozenset(constant if isinstance(constant, list) else [constant])
        yield chosen
        yield from (chosen ^ {option} for option in kind.options)
    else:
        yield from _ends(kind)


def _neighbours(day: date) -> Iterator[date]:
    for days in (-1, 0, 1):
        ordinal = day.toordinal() + days
        if date.min.toordinal() <= ordinal <= date.max.toordinal():
            yield date.fromordinal(ordinal)


def _completing(derived: Derived, name: str, facts: Facts, wholes: Iterable[Any]) -> Iterator[Any]:
    """The values of one part with which a derived variable comes to one of `wholes`, the other part being known."""
    first, second = derived.parts
    other = facts.get(second if name == first else first)
    if other is None:
        return
    for whole in wholes:
        if isinstance(derived, Sum):
            yield whole - other
        elif isinstance(derived, CompletedYears):
            yield from _birthdays(other, -whole if name == first else whole)


def _birthdays(day: date, years: int) -> Iterator[date]:
    """The day so many years away, and the days next to it."""
    year = day.year + years
    if date.min.year < year < date.max.year:
        same_day = date(year, 3, 1) if (day.month, day.day) == (2, 29) and not isleap(year) else day.replace(year=year)
        yield from _neighbours(same_day)


def _leap_days(years: Iterable[int]) -> Iterator[date]:
    """28 February, its next day and 1 March, in the next year that has a 29 February and in the one before it."""
    for year in years:
        leap = next(each for each in range(year, year + 9) if isleap(each))
        yield date(leap, 2, 29)
        for each in (leap - 1, leap):
            yield date(each, 2, 28)
            yield date(each, 3, 1)


def _distinct(values: Iterable[Any], kind: Kind) -> list[Any]:
    """The values that are in a domain, each once."""
    return list(dict.fromkeys(value for value in values if not kind.problems(value)))
