"""Each changed rule of two revisions side by side: its condition in words, its action, the passages that it embodies."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from medpolicy.diff.compare import Comparison
from medpolicy.diff.parts import Kind
from medpolicy.show.outline import Outline, Row, outline


@dataclass(frozen=True, slots=True)
class Beside:
    """A changed part: what it is, and the rows of it in each revision, none where the revision has no such part."""

    id: str
    what: str
    old: tuple[Row, ...]
    new: tuple[Row, ...]


NAMES: dict[Kind, str] = {
    "pathway": "pathway",
    "applies": "whom the pathway applies to",
    "terms": "what the pathway approves",
    "criterion": "criterion",
    "flag": "review flag",
    "unlisted": "where no pathway applies",
}


def changed_rules(comparison: Comparison) -> Iterator[Beside]:
    """Every part that does not mean the same in both revisions."""
    old, new = (outline(side.revision, comparison.space.vocabulary) for side in comparison.solver.revisions)
    for part in comparison.parts:
        rows = [_rows(each, part.id, part.kind, part.pathway) for each in (old, new)]
        yield Beside(part.id, _what(part.kind, part.id, old, new), *map(tuple, rows))


def _what(kind: Kind, id: str, old: Outline, new: Outline) -> str:
    if kind != "flag":
        return NAMES[kind]
    kinds = [
        next((_kind(each.kind, each.holds) for each in side.review_flags if each.rule.id == id), "none")
        for side in (old, new)
    ]
    return (
        f"review flag, {kinds[0]}"
        if kinds[0] == kinds[1]
        else f"review flag, {kinds[0]} \N{RIGHTWARDS ARROW} {kinds[1]}"
    )


def _kind(kind: str, holds: str | None) -> str:
    return kind if holds is None else f"{kind} of what would be {holds}"


def _rows(side: Outline, id: str, kind: Kind, within: str | None) -> Iterator[Row]:
    if kind == "flag":
        yield from (each.rule for each in side.review_flags if each.rule.id == id)
    elif kind == "unlisted":
        yield side.unlisted
    for pathway in side.pathways:
        if pathway.applies.id == within:
            if kind != "criterion":
                yield pathway.applies
            yield from (
                each for each in pathway.criteria if kind == "pathway" or (kind == "criterion" and each.id == id)
            )
