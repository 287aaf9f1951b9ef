"""Each changed rule of two revisions side by side: its condition in words, its action, the passages that it embodies."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from medpolicy.diff.compare import Comparison
from medpolicy.diff.parts import Part, PartKind
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
            effects = dict.fromkeys((_flag_effect(old, part.id), _flag_effect(new, part.id)))
            what += ", " + " \N{RIGHTWARDS ARROW} ".join(effects)
        yield ChangedRule(part.id, what, tuple(_rows(old, part)), tuple(_rows(new, part)))


def _flag_effect(revision: Outline, id: str) -> str:
    flag = next((flag for flag in revision.review_flags if flag.rule.id == id), None)
    if flag is None:
        return "none"
    return flag.kind if flag.holds is None else f"{flag.kind} of what would be {flag.holds}"


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
