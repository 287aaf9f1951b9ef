"""The parts of two revisions that decide and are not written alike, and a revision with one of them exchanged."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Literal, TypeVar

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
from medpolicy.language.walk import tests_in

Kind = Literal["pathway", "applies", "terms", "criterion", "flag", "unlisted"]
Content = Pathway | Condition | tuple[Action, ...] | Criterion | ReviewFlag | Fallback

Piece = TypeVar("Piece", Pathway, Criterion, ReviewFlag)


@dataclass(frozen=True, slots=True, eq=False)
class Part:
    """A part that decides: `old` and `new` are what each revision has of it, None where it has none."""

    id: str
    kind: Kind
    pathway: str | None
    old: Content | None
    new: Content | None


def changed_parts(old: Revision, new: Revision) -> tuple[Part, ...]:
    """Each part that decides and is written otherwise; order, notes, texts and citations do not count."""
    return tuple(_changed(old, new))


def changed_variables(part: Part) -> set[str]:
    """The variables of the tests that only one of the two revisions has in a part."""
    old, new = (set(_tests(content)) for content in (part.old, part.new))
    return {test.name for test in old ^ new}


def _tests(content: Content | None) -> Iterator[Test]:
    if isinstance(content, Criterion | ReviewFlag):
        yield from tests_in(content.conditions)
    elif isinstance(content, Pathway):
        yield from tests_in(content.applies)
    elif isinstance(content, All | Any_ | Test):
        yield from tests_in(content)


def with_part(revision: Revision, part: Part, content: Content | None) -> Revision:
    """A revision with other content of one part, or without it. It may be one that no file could hold."""
    if part.kind == "flag":
        flags = _exchanged(revision.review_flags, part.id, content)
        return revision.model_copy(update={"review_flags": flags})
    if part.kind == "unlisted":
        return revision.model_copy(update={"unlisted": content})
    if part.kind == "pathway":
        return revision.model_copy(update={"pathways": _exchanged(revision.pathways, part.id, content)})
    return revision.model_copy(update={"pathways": tuple(_within(each, part, content) for each in revision.pathways)})


def _within(pathway: Pathway, part: Part, content: Content | None) -> Pathway:
    if pathway.id != part.pathway:
        return pathway
    if part.kind == "applies":
        return pathway.model_copy(update={"applies": content})
    if part.kind == "terms":
        return pathway.model_copy(update={"actions": content})
    return pathway.model_copy(update={"criteria": _exchanged(pathway.criteria, part.id, content)})


def _exchanged(pieces: tuple[Piece, ...], id: str, content: Content | None) -> tuple[Content, ...]:
    """Pieces with another one in the place of an id, at the end where the id is new."""
    others: list[Content] = []
    placed = content is None
    for each in pieces:
        if each.id != id:
            others.append(each)
        elif content is not None:
            others.append(content)
            placed = True
    return (*others, content) if not placed and content is not None else tuple(others)


def _changed(old: Revision, new: Revision) -> Iterator[Part]:
    for id, before, after in _paired(old.pathways, new.pathways):
        if before is None or after is None:
            yield Part(id, "pathway", id, before, after)
            continue
        if before.applies.rule() != after.applies.rule():
            yield Part(id, "applies", id, before.applies, after.applies)
        yield from _paired_parts("criterion", before.criteria, after.criteria, lambda each: each.conditions.rule(), id)
        if _calls(before.actions) != _calls(after.actions):
            yield Part(id, "terms", id, before.actions, after.actions)
    yield from _paired_parts("flag", old.review_flags, new.review_flags, _of_flag)
    if old.unlisted.id != new.unlisted.id:
        yield Part(new.unlisted.id, "unlisted", None, old.unlisted, new.unlisted)


def _paired_parts(
    kind: Kind,
    old: tuple[Piece, ...],
    new: tuple[Piece, ...],
    decides: Callable[[Piece], object],
    pathway: str | None = None,
) -> Iterator[Part]:
    for id, before, after in _paired(old, new):
        if before is None or after is None or decides(before) != decides(after):
            yield Part(id, kind, pathway, before, after)


def _paired(old: tuple[Piece, ...], new: tuple[Piece, ...]) -> Iterator[tuple[str, Piece | None, Piece | None]]:
    """The pieces of both by id, in the order of the new revision, then those that are gone."""
    before: Mapping[str, Piece] = {each.id: each for each in old}
    after: Mapping[str, Piece] = {each.id: each for each in new}
    for id in dict.fromkeys((*after, *before)):
        yield id, before.get(id), after.get(id)


def _of_flag(flag: ReviewFlag) -> object:
    return flag.kind, flag.holds, flag.conditions.rule()


def _calls(actions: tuple[Action, ...]) -> list[dict[str, object]]:
    return [each.rule() for each in actions]
