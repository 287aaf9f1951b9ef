"""Each changed rule of two revisions side by side: its condition in words, its action, the passages that it embodies."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from medpolicy.diff.compare import Comparison
from medpolicy.diff.parts import Content, Part, PartKind, flag_effect
from medpolicy.show.outline import Outline, Row, outline


@dataclass(frozen=True, slots=True)
class ChangedRule:
    """A changed part: what it is, and its rows in each revision, none where the revision has no such part."""

    id: str
    what: str
    old: tuple[Row, ...]
    new: tuple[Row, ...]


_NAMES: Mapping[PartKind, str] = {
    "pathway": "pathway",
    "applies": "whom the pathway applies to",
    "terms": "what the pathway approves",
    "criterion": "criterion",
    "flag": "review flag",
    "unlisted": "where no pathway applies",
}


def changed_rules(comparison: Comparison) -> Iterator[ChangedRule]:
    """Every part that does not mean the same in both revisions."""
    old, new = (outline(side.revision, comparison.space.vocabulary) for side in comparison.solver.revisions)
    for part in comparison.parts:
        what = _NAMES[part.kind]
        if part.kind == "flag":
            what += ", " + " \N{RIGHTWARDS ARROW} ".join(dict.fromkeys((_effect(part.old), _effect(part.new))))
        yield ChangedRule(part.id, what, tuple(_rows(old, part)), tuple(_rows(new, part)))


def _effect(flag: Content | None) -> str:
    kind, holds = flag_effect(flag) or ("none", None)
    return kind if holds is None else f"{kind} of what would be {holds}"


def _rows(revision: Outline, part: Part) -> Iterator[Row]:
    if part.kind == "flag":
        yield from (flag.rule for flag in revision.review_flags if flag.rule.id == part.id)
    elif part.kind == "unlisted":
        yield revision.unlisted
    for pathway in revision.pathways:
        if pathway.applies.id == part.pathway:
            if part.kind != "criterion":
                yield pathway.applies
            if part.kind in ("pathway", "criterion"):
                yield from (row for row in pathway.criteria if part.kind == "pathway" or row.id == part.id)
