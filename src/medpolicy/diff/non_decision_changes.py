"""What changed between two rule files without changing any decision: texts, citations, passages, dates, golden cases."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from medpolicy.diff.days import days_in_words
from medpolicy.diff.parts import Part
from medpolicy.language.revision import (
    Action,
    All,
    Any_,
    Condition,
    Criterion,
    Fallback,
    Pathway,
    ReviewFlag,
    Revision,
    Test,
)

Ruled = Pathway | Criterion | ReviewFlag | Fallback

_BESIDES = {
    "schema_",
    "policy",
    "pathways",
    "review_flags",
    "unlisted",
    "not_in_effect",
    "passages",
    "source",
    "invariants",
    "effective_from",
    "effective_to",
}
"""What is compared part by part, or is no content."""


@dataclass(frozen=True, slots=True)
class Apart:
    """One thing that changed: what it is, whose it is, and both states (None where there is none)."""

    what: str
    id: str
    old: str | None
    new: str | None


def changed_apart(
    old: Revision, new: Revision, alike: tuple[Part, ...], idle: tuple[Part, ...] = ()
) -> Iterator[Apart]:
    """Whatever differs and changes no answer.

    `alike` are parts that are written otherwise and mean the same, `idle` those that mean something else, and show in no
    answer.
    """
    for part in alike:
        yield Apart("condition, with the same meaning", part.id, None, None)
    for part in idle:
        yield Apart("rule, without effect on any answer", part.id, None, None)
    yield from _days(old, new)
    yield from _fields(old, new)
    yield from _passages(old, new)
    yield from _invariants(old, new)
    before, after = _ruled(old), _ruled(new)
    for place, ruled in after.items():
        if place in before:
            yield from _texts(ruled.id, before[place], ruled)
    if old.not_in_effect.id != new.not_in_effect.id:
        yield Apart("id of what is said where no revision is in effect", "", old.not_in_effect.id, new.not_in_effect.id)
    if _order(old) != _order(new) and set(_order(old)) == set(_order(new)):
        yield Apart("order of the rules", "", None, None)


def cases_apart(old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[Apart]:
    """Golden cases, by the ids of their requests, that are new, gone, or not the same."""
    for id in dict.fromkeys((*new, *old)):
        before, after = old.get(id), new.get(id)
        if before is None or after is None:
            yield Apart("golden case", id, before and str(before.get("shows")), after and str(after.get("shows")))
        elif before != after:
            for name in (name for name in dict.fromkeys((*before, *after)) if before.get(name) != after.get(name)):
                yield Apart(f"golden case, {name}", id, *_apart_in(before.get(name), after.get(name)))


def _apart_in(old: Any, new: Any) -> tuple[str, str]:
    """Two values as text; of two objects only what differs."""
    if isinstance(old, dict) and isinstance(new, dict):
        names = [name for name in dict.fromkeys((*old, *new)) if old.get(name) != new.get(name)]
        old, new = ({name: each[name] for name in names if name in each} for each in (old, new))
    return json.dumps(old, ensure_ascii=False), json.dumps(new, ensure_ascii=False)


def _days(old: Revision, new: Revision) -> Iterator[Apart]:
    before, after = days_in_words(old), days_in_words(new)
    if before != after:
        yield Apart("days in effect", "", before, after)


def _fields(old: Revision, new: Revision) -> Iterator[Apart]:
    for name in type(new).model_fields:
        before, after = getattr(old, name), getattr(new, name)
        if name not in _BESIDES and before != after:
            yield Apart(name.replace("_", " "), "", _said(before), _said(after))
    for name in type(new.source).model_fields:
        before, after = getattr(old.source, name), getattr(new.source, name)
        if before != after:
            yield Apart(f"source, {name}", "", _said(before), _said(after))


def _invariants(old: Revision, new: Revision) -> Iterator[Apart]:
    before, after = ({each.id: each for each in revision.invariants} for revision in (old, new))
    for id in dict.fromkeys((*after, *before)):
        one, other = before.get(id), after.get(id)
        if one is None or other is None:
            yield Apart("invariant", id, one.text if one else None, other.text if other else None)
        elif one != other:
            said, now = (each.model_dump(mode="json", exclude_none=True) for each in (one, other))
            yield Apart("invariant", id, *_apart_in(said, now))


def _passages(old: Revision, new: Revision) -> Iterator[Apart]:
    for id in dict.fromkeys((*new.passages, *old.passages)):
        before, after = old.passages.get(id), new.passages.get(id)
        if before is None or after is None:
            yield Apart("passage", id, before.says if before else None, after.says if after else None)
            continue
        for name, what in (("says", "passage"), ("where", "place of the passage"), ("note", "note on the passage")):
            if getattr(before, name) != getattr(after, name):
                yield Apart(what, id, getattr(before, name), getattr(after, name))
        if before.sha256 != after.sha256 and before.says == after.says:
            yield Apart("original of the passage", id, before.sha256[:12], after.sha256[:12])


def _texts(id: str, old: Ruled, new: Ruled) -> Iterator[Apart]:
    if old.cites != new.cites:
        yield Apart("citation", id, ", ".join(old.cites), ", ".join(new.cites))
    before, after = ("; ".join(_notes(each)) or None for each in (old, new))
    if before != after:
        yield Apart("note", id, before, after)
    if isinstance(old, Pathway) or isinstance(new, Pathway):
        titles = [each.title if isinstance(each, Pathway) else None for each in (old, new)]
        if titles[0] != titles[1]:
            yield Apart("title", id, *titles)
        return
    before, after = _text(old), _text(new)
    if before != after:
        yield Apart("text", id, before, after)


def _text(part: Ruled) -> str:
    """What a part tells the reader of an answer."""
    actions = part.otherwise if isinstance(part, Criterion) else part.actions
    return "; ".join(str(value) for each in actions for value in each.params.values())


def _notes(part: Ruled | Condition | Action) -> Iterator[str]:
    """The notes of a part and of what it holds, but for those of a pathway's criteria."""
    if not isinstance(part, Test) and part.note is not None:
        yield part.note
    inside: list[Condition | Action] = []
    if isinstance(part, All | Any_):
        inside += part.parts
    elif isinstance(part, Pathway):
        inside += [part.applies, *part.actions]
    elif isinstance(part, Criterion):
        inside += [part.conditions, *part.otherwise]
    elif isinstance(part, ReviewFlag):
        inside += [part.conditions, *part.actions]
    elif isinstance(part, Fallback):
        inside += part.actions
    for each in inside:
        yield from _notes(each)


def _ruled(revision: Revision) -> dict[tuple[str, ...], Ruled]:
    """The parts of a revision by their kind and id, those that have no id of their own by their kind."""
    parts: dict[tuple[str, ...], Ruled] = {("pathway", each.id): each for each in revision.pathways}
    parts |= {(pathway.id, each.id): each for pathway in revision.pathways for each in pathway.criteria}
    parts |= {("flag", each.id): each for each in revision.review_flags}
    return parts | {("unlisted",): revision.unlisted, ("not in effect",): revision.not_in_effect}


def _order(revision: Revision) -> list[tuple[str, ...]]:
    return [*_ruled(revision), *(("invariant", each.id) for each in revision.invariants)]


def _said(value: object) -> str | None:
    if isinstance(value, tuple) and all(isinstance(each, str) for each in value):
        return ", ".join(value)
    return None if value is None else str(value)
