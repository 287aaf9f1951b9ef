"""The parts of two revisions that decide and differ, and a revision with one of them exchanged."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal, TypeVar

from medpolicy.language.condition import All, Any_, Condition, Test
from medpolicy.language.revision import Action, Criterion, Fallback, Invariant, Pathway, ReviewFlag, Revision
from medpolicy.language.walk import tests_in

PartKind = Literal["pathway", "applies", "terms", "criterion", "flag", "unlisted"]
Content = Pathway | Condition | tuple[Action, ...] | Criterion | ReviewFlag | Fallback

_LISTS: Mapping[PartKind, str] = {"pathway": "pathways", "criterion": "criteria", "flag": "review_flags"}
"""The lists whose items are parts."""
_FIELDS: Mapping[PartKind, str] = {"applies": "applies", "terms": "actions", "unlisted": "unlisted"}
"""The fields that are parts as they are."""

Item = TypeVar("Item")
Named = TypeVar("Named", Pathway, Criterion, ReviewFlag, Invariant)
Holder = TypeVar("Holder", Revision, Pathway)


@dataclass(frozen=True, slots=True, eq=False)
class Part:
    """A part that decides: its content in each revision, None where the revision has no such part."""

    id: str
    kind: PartKind
    pathway: str | None
    """The id of the pathway that it belongs to, or is."""
    old: Content | None
    new: Content | None


def changed_parts(old: Revision, new: Revision) -> tuple[Part, ...]:
    """Each part that decides and is written differently; order, notes, texts and citations do not count."""
    return tuple(
        part for part in _parts(old, new) if None in (part.old, part.new) or _rule(part.old) != _rule(part.new)
    )


def changed_variables(part: Part) -> set[str]:
    """The variables of the tests that only one of the two revisions has in a part."""
    conditions = (condition_of(part.old), condition_of(part.new))
    old, new = (set() if condition is None else set(tests_in(condition)) for condition in conditions)
    return {test.name for test in old ^ new}


def condition_of(content: Content | None) -> Condition | None:
    """The condition that a part is or has, None where it has none."""
    if isinstance(content, Pathway | Criterion | ReviewFlag):
        return content.condition
    return content if isinstance(content, All | Any_ | Test) else None


def flag_effect(content: Content | None) -> tuple[str, str | None] | None:
    """The kind of a review flag and what it holds, None for other parts."""
    return (content.kind, content.holds) if isinstance(content, ReviewFlag) else None


def exchanged(old: Revision, new: Revision, part: Part) -> tuple[Revision, Revision]:
    """The new revision without the change of a part, and the old one with that change alone."""
    return with_part(new, part, part.old), with_part(old, part, part.new)


def with_part(revision: Revision, part: Part, content: Content | None) -> Revision:
    """A revision with other content of one part, or without it. It may be one that no file could hold."""
    if part.kind in ("pathway", "flag", "unlisted"):
        return _with(revision, part, content)
    pathways = (
        _with(pathway, part, content) if pathway.id == part.pathway else pathway for pathway in revision.pathways
    )
    return revision.model_copy(update={"pathways": tuple(pathways)})


def by_id(items: Iterable[Named]) -> dict[str, Named]:
    """The items of a list by their ids."""
    return {item.id: item for item in items}


def paired(old: Mapping[Any, Item], new: Mapping[Any, Item]) -> Iterator[tuple[Any, Item | None, Item | None]]:
    """The items of both revisions by key, in the order of the new one, then those that are gone."""
    for key in dict.fromkeys((*new, *old)):
        yield key, old.get(key), new.get(key)


def _parts(old: Revision, new: Revision) -> Iterator[Part]:
    """Every part of two revisions, in the order of the new one; of a pathway that only one of them has, only itself."""
    for id, before, after in paired(by_id(old.pathways), by_id(new.pathways)):
        if before is None or after is None:
            yield Part(id, "pathway", id, before, after)
            continue
        yield Part(id, "applies", id, before.applies, after.applies)
        for criterion_id, *criteria in paired(by_id(before.criteria), by_id(after.criteria)):
            yield Part(criterion_id, "criterion", id, *criteria)
        yield Part(id, "terms", id, before.actions, after.actions)
    for id, *flags in paired(by_id(old.review_flags), by_id(new.review_flags)):
        yield Part(id, "flag", None, *flags)
    yield Part(new.unlisted.id, "unlisted", None, old.unlisted, new.unlisted)


def _rule(content: Content | None) -> object:
    if isinstance(content, Fallback):
        return content.id
    if isinstance(content, tuple):
        return [action.for_engine() for action in content]
    condition = condition_of(content)
    return flag_effect(content), condition and condition.for_engine()


def _with(holder: Holder, part: Part, content: Content | None) -> Holder:
    if part.kind in _FIELDS:
        return holder.model_copy(update={_FIELDS[part.kind]: content})
    items = by_id(getattr(holder, _LISTS[part.kind])) | {part.id: content}
    return holder.model_copy(update={_LISTS[part.kind]: tuple(item for item in items.values() if item is not None)})
