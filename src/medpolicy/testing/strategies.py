"""The strategies that users draw requests with."""

from __future__ import annotations

from functools import partial
from operator import eq
from typing import Any

from hypothesis import reject
from hypothesis import strategies as st

from medpolicy.language.fields import Storage
from medpolicy.policy import Policy
from medpolicy.testing.candidates import Candidates
from medpolicy.testing.values import Facts
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
    candidates = _candidates(policy, revision)

    @st.composite
    def request(draw: Draw) -> Request:
        free = draw(st.integers(0, 7)) == 7
        facts = facts_for(draw, candidates, {} if free else wishes_for(draw, candidates, failing=True))
        if free or draw(st.booleans()):
            _change(draw, candidates, facts, len(candidates.names) if free else 3)
        if not complete:
            _leave_out(draw, candidates, facts)
        return _json_form(draw, candidates, facts, complete)

    return request()


def near_boundaries(policy: Policy, *, revision: str | None = None) -> st.SearchStrategy[Request]:
    """Valid requests that meet a pathway but for one to three variables, which stand at or next to a constant of a test.

    The parts of a derived variable are drawn so that it has such a value: the two terms of a capped sum, a birthday.
    The service may also start at, the day before or the day after an end of a revision. No fact is missing.
    `revision` draws for one revision alone. Raises `InvalidPolicy` where there is none of that id.
    """
    candidates = _candidates(policy, revision)

    @st.composite
    def request(draw: Draw) -> Request:
        wishes = wishes_for(draw, candidates, failing=False)
        for name in _one_to_three(draw, candidates):
            value = draw(st.sampled_from(candidates.boundaries[name]))
            wishes[name] = [partial(eq, value)]
        return _json_form(draw, candidates, facts_for(draw, candidates, wishes), complete=True)

    return request()


def _candidates(policy: Policy, revision: str | None) -> Candidates:
    return Candidates(policy.vocabulary, policy.revisions if revision is None else (policy.revision(revision),))


def _leave_out(draw: Draw, candidates: Candidates, facts: Facts) -> None:
    """Leave some facts out, so that they are missing or have their defaults.

    Each has a draw of its own, whose simplest outcome leaves it out, so that examples shrink fact by fact.
    """
    left_out = draw(_LEFT_OUT)
    for name in candidates.names:
        variable = candidates.variables[name]
        if draw(_OF_64) < left_out and not variable.required:
            facts[name] = variable.default


def _one_to_three(draw: Draw, candidates: Candidates) -> list[str]:
    """Names of variables to set to a boundary: mostly one that has an order, and up to two of any kind."""
    ordered = [name for name in candidates.boundaries if candidates.variables[name].kind.ordered]
    first = draw(st.sampled_from(ordered or list(candidates.boundaries)))
    return [first, *draw(st.lists(st.sampled_from(list(candidates.boundaries)), max_size=2))]


def _change(draw: Draw, candidates: Candidates, facts: Facts, most: int) -> None:
    """Give up to so many facts a value worth a try, or any other value of the domain."""
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


def _json_form(draw: Draw, candidates: Candidates, facts: Facts, complete: bool) -> Request:
    """Facts as a record: a missing fact, or a default, is at times left out, at times written."""
    written = complete or draw(st.booleans())
    record: Request = {}
    for name, variable in candidates.variables.items():
        if variable.derived is not None:
            continue
        value = facts[name]
        if not written and not variable.required and value == variable.default:
            continue
        plain = None if value is None else variable.kind.plain(value)
        if variable.kind.storage is Storage.TEXT_LIST and plain:
            start = draw(st.integers(0, len(plain) - 1))
            repeated = plain[:1] if draw(st.integers(0, 9)) == 9 else []
            plain = plain[start:] + plain[:start] + repeated
        record[name] = plain
    return record
