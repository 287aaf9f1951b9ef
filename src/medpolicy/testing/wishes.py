"""Wishes for the values of a request, with which a pathway is met or a flag acts."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from hypothesis import strategies as st

from medpolicy.language.condition import All, Condition, Test
from medpolicy.language.revision import Pathway
from medpolicy.testing.candidates import Candidates, KnownFacts

Draw = Callable[[st.SearchStrategy[Any]], Any]
Wish = Callable[[Any], bool]
Wishes = dict[str, list[Wish]]


def wishes_for(draw: Draw, candidates: Candidates, failing: bool) -> Wishes:
    """Wishes with which a pathway is met, sometimes except for one criterion; sometimes a flag acts as well."""
    revision = draw(st.sampled_from(candidates.revisions))
    pathway: Pathway = draw(st.sampled_from(revision.pathways))
    flags = [flag for flag in revision.review_flags if flag.kind != "note"]
    acting = draw(st.sampled_from([None, *(None for _ in flags), *flags]))
    failed = draw(st.sampled_from(pathway.criteria)) if failing and draw(st.integers(0, 2)) == 2 else None
    wishes: Wishes = {candidates.service_day: [revision.in_effect]}
    _wish(draw, candidates, pathway.applies, True, wishes)
    if acting is not None:
        _wish(draw, candidates, acting.conditions, True, wishes)
    if failed is not None:
        _wish(draw, candidates, failed.conditions, False, wishes)
    for criterion in pathway.criteria:
        _wish(draw, candidates, criterion.conditions, True, wishes)
    for flag in flags:
        _wish(draw, candidates, flag.conditions, False, wishes)
    return wishes


def _wish(draw: Draw, candidates: Candidates, condition: Condition, outcome: bool, wishes: Wishes) -> bool:
    """Wish for an outcome of a condition; where that contradicts earlier wishes, leave them as they are."""
    if isinstance(condition, Test):
        wished = [*wishes.get(condition.name, ()), lambda value: candidates.holds(condition, value) is outcome]
        if not any(_granted(wished, value) for value in candidates.values[condition.name]):
            return False
        wishes[condition.name] = wished
        return True
    if isinstance(condition, All) is not outcome:
        start = draw(st.integers(0, len(condition.parts) - 1))
        parts = condition.parts[start:] + condition.parts[:start]
        return any(_wish(draw, candidates, part, outcome, wishes) for part in parts)
    tried = dict(wishes)
    if not all(_wish(draw, candidates, part, outcome, tried) for part in condition.parts):
        return False
    wishes.update(tried)
    return True


def facts_for(draw: Draw, candidates: Candidates, wishes: Wishes) -> KnownFacts:
    """A value for each given variable, none missing: as wished where there is such a value."""
    facts: KnownFacts = {}
    for name in candidates.names:
        options = candidates.options(name, facts)
        pleasing = [value for value in options if _pleases(candidates, name, value, facts, wishes)]
        if len(pleasing) == 1:
            [facts[name]] = pleasing
        else:
            facts[name] = draw(st.sampled_from(pleasing) if pleasing else candidates.anywhere(name, facts))
    return facts


def _pleases(candidates: Candidates, name: str, value: Any, facts: KnownFacts, wishes: Wishes) -> bool:
    """Whether a value is as wished, and leaves the derived variables a chance to be as wished."""
    if not _granted(wishes.get(name, []), value):
        return False
    with_value = {**facts, name: value}
    for derived_name, derived in candidates.derived.items():
        if derived_name not in wishes or name not in derived.parts:
            continue
        chances = [with_value]
        for part in derived.parts:
            if part not in with_value:
                chances = [
                    {**with_value, part: option}
                    for option in candidates.options(part, with_value)
                    if _granted(wishes.get(part, []), option)
                ]
        if not any(_granted(wishes[derived_name], derived.of(chance)) for chance in chances):
            return False
    return True


def _granted(wished: list[Wish], value: Any) -> bool:
    return all(wish(value) for wish in wished)
