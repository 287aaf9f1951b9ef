"""The strategies that users draw requests with."""

from __future__ import annotations

from functools import partial
from operator import eq
from typing import Any

from hypothesis import reject
from hypothesis import strategies as st

from medpolicy.policy import Policy
from medpolicy.testing.candidates import Candidates, KnownFacts
from medpolicy.testing.wishes import Draw, facts_for, wishes_for

_OF_64 = st.integers(0, 63)
_LEFT_OUT = st.sampled_from((1, 1, 1, 12))
"""How many times in 64 an optional fact is left out: hardly any fact of most requests, several of others."""

Request = dict[str, Any]


def requests(policy: Policy, *, complete: bool = False, revision: str | None = None) -> st.SearchStrategy[Request]:
    """Valid requests in JSON form; with `complete` none has a missing fact.

    Most are drawn to meet a pathway of the policy and then changed in a few facts, so that approvals, denials and
    pends are all frequent; the rest is drawn freely from the domains. Effective dates, birthdays and 29 February are
    more frequent than other days. Examples shrink to the fewest facts and to ordinary values.
    `revision` draws for one revision alone. Raises `InvalidPolicy` where there is none of that id.
    """
    candidates = Candidates(policy, revision)

    @st.composite
    def request(draw: Draw) -> Request:
        free = draw(st.integers(0, 7)) == 7
        facts = facts_for(draw, candidates, {} if free else wishes_for(draw, candidates, failing=True))
        if free or draw(st.booleans()):
            _change(draw, candidates, facts, len(candidates.names) if free else 3)
        if not complete:
            left_out = draw(_LEFT_OUT)
            for name in candidates.names:  # each with a draw whose simplest outcome leaves it out, to shrink one by one
                if draw(_OF_64) < left_out and not candidates.variables[name].required:
                    facts[name] = candidates.variables[name].default
        return _json_form(draw, candidates, facts, complete)

    return request()


def near_boundaries(policy: Policy, *, revision: str | None = None) -> st.SearchStrategy[Request]:
    """Valid requests that meet a pathway but for one to three variables, which stand at or next to a constant of a test.

    The parts of a derived variable are drawn so that it has such a value: the two terms of a capped sum, a birthday.
    The service may also start at, the day before or the day after an end of a revision. No fact is missing.
    `revision` draws for one revision alone. Raises `InvalidPolicy` where there is none of that id.
    """
    candidates = Candidates(policy, revision)
    every = list(candidates.boundaries)
    ordered = [name for name in every if candidates.variables[name].kind.ordered]

    @st.composite
    def request(draw: Draw) -> Request:
        wishes = wishes_for(draw, candidates, failing=False)
        first = draw(st.sampled_from(ordered or every))
        for name in (first, *draw(st.lists(st.sampled_from(every), max_size=2))):
            wishes[name] = [partial(eq, draw(st.sampled_from(candidates.boundaries[name])))]
        return _json_form(draw, candidates, facts_for(draw, candidates, wishes), complete=True)

    return request()


def _change(draw: Draw, candidates: Candidates, facts: KnownFacts, most: int) -> None:
    """Give up to so many facts a value worth trying, or any other value of the domain."""
    changed = sorted(draw(st.sets(st.sampled_from(candidates.names), max_size=most)), key=candidates.names.index)
    for name in changed:
        facts.pop(name)
    for name in changed:
        options = candidates.options(name, facts)
        anywhere = candidates.anywhere(name, facts)
        strategy = st.sampled_from(options) | anywhere if options else anywhere
        if strategy.is_empty:
            reject()
        facts[name] = draw(strategy)


def _json_form(draw: Draw, candidates: Candidates, facts: KnownFacts, complete: bool) -> Request:
    """KnownFacts as a record: a missing fact, or a default, is at times left out, at times written."""
    written = complete or draw(st.booleans())
    record: Request = {}
    for name, variable in candidates.given.items():
        value = facts[name]
        if not written and not variable.required and value == variable.default:
            continue
        plain = None if value is None else variable.kind.plain(value)
        if plain and variable.kind.is_set:
            start = draw(st.integers(0, len(plain) - 1))
            repeated = plain[:1] if draw(st.integers(0, 9)) == 9 else []
            plain = plain[start:] + plain[:start] + repeated
        record[name] = plain
    return record
