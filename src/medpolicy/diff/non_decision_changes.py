"""What changed between two rule files without changing any answer: texts, citations, passages, dates, golden cases."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from medpolicy.diff.parts import Part, by_id, paired
from medpolicy.language.condition import Noted
from medpolicy.language.revision import Fallback, Pathway, Revision, Rule, days_in_effect

_OF_A_REVISION = ("note", "title", "revision", "informative")
"""The fields of a revision that are compared as text."""
_OF_A_PASSAGE = {"says": "passage", "where": "place of the passage", "note": "note on the passage"}


@dataclass(frozen=True, slots=True)
class NonDecisionChange:
    """One thing that changed: what it is, the id it belongs to, and both states (None where there is none)."""

    what: str
    id: str = ""
    old: str | None = None
    new: str | None = None


def non_decision_changes(
    old: Revision, new: Revision, alike: tuple[Part, ...], idle: tuple[Part, ...] = ()
) -> Iterator[NonDecisionChange]:
    """Whatever differs and changes no answer.

    `alike` are the parts that are written differently and mean the same; `idle` are those that mean something else and
    show in no answer.
    """
    yield from (NonDecisionChange("condition, with the same meaning", part.id) for part in alike)
    yield from (NonDecisionChange("rule, without effect on any answer", part.id) for part in idle)
    yield from _changed("days in effect", "", _days_in_words(old), _days_in_words(new))
    for name in _OF_A_REVISION:
        yield from _changed(name, "", _text_of(old, name), _text_of(new, name))
    for name in type(new.source).model_fields:
        yield from _changed(f"source, {name}", "", _text_of(old.source, name), _text_of(new.source, name))
    yield from _passages(old, new)
    yield from _invariants(old, new)
    before, after = _rules(old), _rules(new)
    for _, rule, replacement in paired(before, after):
        if rule is not None and replacement is not None:
            yield from _texts(replacement.id, rule, replacement)
    what = "id of what is said where no revision is in effect"
    yield from _changed(what, "", old.not_in_effect.id, new.not_in_effect.id)
    orders = [[*before, *by_id(old.invariants)], [*after, *by_id(new.invariants)]]
    if orders[0] != orders[1] and set(orders[0]) == set(orders[1]):
        yield NonDecisionChange("order of the rules")


def days_of_only_one(old: Revision, new: Revision) -> Iterator[str]:
    """A sentence for each of the two revisions that is in effect on days on which the other is not."""
    for name, revision, other_name, other in (("old", old, "new", new), ("new", new, "old", old)):
        spans = " and ".join(_days_without(other, revision))
        if spans:
            yield (
                f"Service {spans} falls under the {name} revision alone; with the {other_name} one in its place,"
                f" and no other, such a request is pended ({other.not_in_effect.id})."
            )


def golden_case_changes(old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[NonDecisionChange]:
    """Golden cases, by the ids of their requests, that are new, gone, or not the same."""
    for id, before, after in paired(old, new):
        if before is None or after is None:
            yield NonDecisionChange("golden case", id, *(case and str(case.get("shows")) for case in (before, after)))
            continue
        for name in _differing(before, after):
            yield NonDecisionChange(f"golden case, {name}", id, *_what_differs(before.get(name), after.get(name)))


def _changed(what: str, id: str, old: str | None, new: str | None) -> Iterator[NonDecisionChange]:
    if old != new:
        yield NonDecisionChange(what, id, old, new)


def _what_differs(old: Any, new: Any) -> tuple[str, str]:
    """Two values as JSON; of two objects only the entries that differ."""
    if isinstance(old, dict) and isinstance(new, dict):
        names = _differing(old, new)
        old, new = ({name: value[name] for name in names if name in value} for value in (old, new))
    return json.dumps(old, ensure_ascii=False), json.dumps(new, ensure_ascii=False)


def _differing(old: Mapping[str, Any], new: Mapping[str, Any]) -> list[str]:
    return [name for name in dict.fromkeys((*old, *new)) if old.get(name) != new.get(name)]


def _passages(old: Revision, new: Revision) -> Iterator[NonDecisionChange]:
    for id, before, after in paired(old.passages, new.passages):
        if before is None or after is None:
            yield NonDecisionChange("passage", id, _text_of(before, "says"), _text_of(after, "says"))
            continue
        for name, what in _OF_A_PASSAGE.items():
            yield from _changed(what, id, _text_of(before, name), _text_of(after, name))
        if before.says == after.says:
            yield from _changed("original of the passage", id, before.sha256[:12], after.sha256[:12])


def _invariants(old: Revision, new: Revision) -> Iterator[NonDecisionChange]:
    for id, before, after in paired(by_id(old.invariants), by_id(new.invariants)):
        if before is None or after is None:
            yield NonDecisionChange("invariant", id, _text_of(before, "text"), _text_of(after, "text"))
        elif before != after:
            written = (invariant.model_dump(mode="json", exclude_none=True) for invariant in (before, after))
            yield NonDecisionChange("invariant", id, *_what_differs(*written))


def _texts(id: str, old: Rule | Fallback, new: Rule | Fallback) -> Iterator[NonDecisionChange]:
    """The changed texts of a rule that both revisions have."""
    yield from _changed("citation", id, _text_of(old, "cites"), _text_of(new, "cites"))
    yield from _changed("note", id, *("; ".join(_notes(rule)) or None for rule in (old, new)))
    if isinstance(new, Pathway):
        yield from _changed("title", id, _text_of(old, "title"), new.title)
    else:
        yield from _changed("text", id, _message(old), _message(new))


def _message(rule: Rule | Fallback) -> str:
    return "; ".join(map(str, rule.action.params.values()))


def _notes(part: Noted) -> Iterator[str]:
    """The notes of a part and of what it holds; a pathway's criteria speak for themselves."""
    if part.note is not None:
        yield part.note
    for name in type(part).model_fields:
        value = getattr(part, name)
        if name != "criteria":
            for inner in value if isinstance(value, tuple) else (value,):
                if isinstance(inner, Noted):
                    yield from _notes(inner)


def _rules(revision: Revision) -> dict[tuple[str, ...], Rule | Fallback]:
    """The rules of a revision by their kind, their pathway and their id."""
    return {
        **{("pathway", pathway.id): pathway for pathway in revision.pathways},
        **{("criterion", pathway.id, rule.id): rule for pathway in revision.pathways for rule in pathway.criteria},
        **{("flag", flag.id): flag for flag in revision.review_flags},
        ("unlisted",): revision.unlisted,
        ("not in effect",): revision.not_in_effect,
    }


def _text_of(part: object, name: str) -> str | None:
    """A field of a part as text; None where there is no part, or the field has no value."""
    value = getattr(part, name, None)
    if isinstance(value, tuple) and all(isinstance(item, str) for item in value):
        return ", ".join(value)
    return None if value is None else str(value)


def _days_in_words(revision: Revision) -> str:
    return _span(revision.effective_from, revision.effective_to or date.max)


def _days_without(other: Revision, revision: Revision) -> Iterator[str]:
    """Each span of days on which a revision is in effect and the other is not."""
    first, last = revision.effective_from, revision.effective_to or date.max
    start, end = other.effective_from, other.effective_to or date.max
    if first < start:
        yield _span(first, min(last, start - timedelta(1)))
    if last > end:
        yield _span(max(first, end + timedelta(1)), last)


def _span(first: date, last: date) -> str:
    return f"on {first}" if first == last else days_in_effect(first, None if last == date.max else last)
