"""What the values of a request should be so that a pathway is met, or a flag acts."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from hypothesis import strategies as st

from medpolicy.language.revision import All, Condition, Pathway, Test
from medpolicy.testing.space import Space
from medpolicy.testing.values import Facts

Draw = Callable[[st.SearchStrategy[Any]], Any]
Wishes = dict[str, list[Callable[[Any], bool]]]


def wishes_for(draw: Draw, space: Space, failing: bool) -> Wishes:
    """What each variable should be so that a pathway is met, at times but for one criterion, and at times a flag acts."""
    revision = draw(st.sampled_from(space.revisions))
    pathway: Pathway = draw(st.sampled_from(revision.pathways))
    flags = [flag for flag in revision.review_flags if flag.kind != "note"]
    acting = draw(st.sampled_from([None, *(None for _ in flags), *flags]))
    failed = draw(st.sampled_from(pathway.criteria)) if failing and draw(st.integers(0, 2)) == 2 else None
    wishes: Wishes = {space.service_day: [revision.in_effect]}
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


def _wish(draw: Draw, space: Space, condition: Condition, outcome: bool, wishes: Wishes) -> bool:
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


def facts_for(draw: Draw, space: Space, wishes: Wishes) -> Facts:
    """A value for each given variable, as wished where that can be had; none is missing."""
    facts: Facts = {}
    for name in space.names:
        pleasing = [value for value in space.options(name, facts) if _pleases(space, name, value, facts, wishes)]
        if len(pleasing) == 1:
            [facts[name]] = pleasing
        else:
            facts[name] = draw(st.sampled_from(pleasing) if pleasing else space.anywhere(name, facts))
    return facts


def _pleases(space: Space, name: str, value: Any, facts: Facts, wishes: Wishes) -> bool:
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
