"""Pathways that can apply together, and revisions in effect at once."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from itertools import combinations
from typing import Any

from medpolicy.evaluate.witness import GaveUp, Search
from medpolicy.language.condition import All, Any_, Condition, Test
from medpolicy.language.forms import EARLIEST
from medpolicy.language.revision import Revision
from medpolicy.language.vocabulary import InvalidPolicy, Vocabulary, find_vocabulary
from medpolicy.load.example import example
from medpolicy.load.parts import day_at, parts_of
from medpolicy.load.shown import Shown
from medpolicy.text.findings import Finding, Path, quoted


def pathways_overlap(document: Any, faults: Iterable[Finding], vocabulary: Vocabulary) -> Iterator[Finding]:
    """A finding for each pair of pathways that can apply to one request, with the facts that matter and such a request.

    Pathways with a fault in the condition are left out; where a search gives up, a warning says so.
    """
    sound = list(_sound(document, {finding.path for finding in faults}))
    try:
        search = Search((condition for _, _, condition in sound), vocabulary)
    except GaveUp:
        yield from _not_proven(sound)
        return
    for (index, (_, first, _)), (other_index, (path, second, _)) in combinations(enumerate(sound), 2):
        try:
            facts = search.witness(index, other_index)
        except GaveUp:
            yield from _not_proven(sound)
            return
        if facts is not None:
            shown = ", ".join(f"{name} {_shown(value)}" for name, value in sorted(facts.items()))
            message = f"the pathways {quoted(first)} and {quoted(second)} can apply to one request"
            advice = f"both apply with {shown}" if shown else None
            request = example(vocabulary, facts, day_at(document, "effective_from") or EARLIEST)
            if request is None:  # no request has these facts after all
                yield from _not_proven(sound)
                return
            yield Shown("pathways-overlap", message, path, advice, request=request)


def revisions_overlap(revisions: Iterable[tuple[str, Revision]]) -> Iterator[tuple[str, Finding]]:
    """A finding, with its file, for each revision in effect together with an earlier one, and for each repeated id."""
    in_order = sorted(revisions, key=lambda named: named[1].effective_from)
    for (earlier_file, earlier), (file, later) in combinations(in_order, 2):
        if earlier.revision == later.revision:
            message = f"the revision id {quoted(later.revision)} is also that of {earlier_file}"
            yield file, Finding("repeated-id", message, ("revision",), "each revision has an id of its own")
        if later.effective_from <= (earlier.effective_to or date.max):
            message = f"revisions {quoted(earlier.revision)} and {quoted(later.revision)} are both in effect on {later.effective_from}"
            eve = later.effective_from - timedelta(1)
            advice = f"let the earlier one end on {eve} (`effective_to` in {earlier_file})"
            if eve < earlier.effective_from:
                advice = f"one of them must begin on another day ({earlier_file} is the other file)"
            yield file, Shown("revisions-overlap", message, ("effective_from",), advice, request=_on_the_day(later))


def _on_the_day(revision: Revision) -> dict[str, Any] | None:
    """A request of the first day of a revision."""
    try:
        return example(find_vocabulary(revision.policy), {}, revision.effective_from)
    except InvalidPolicy:
        return None


def _sound(document: Any, faulty: set[Path]) -> Iterator[tuple[Path, str, Condition]]:
    """Path, id and condition of the pathways whose condition has no fault."""
    for part in parts_of(document):
        path = (*part.path, "applies")
        id = part.content.get("id")
        if part.what != "pathway" or "applies" not in part.content or not isinstance(id, str):
            continue
        if not any(fault[: len(path)] == path for fault in faulty):
            yield path, id, _condition(part.content["applies"])


def _condition(sound: dict[str, Any]) -> Condition:
    """The condition as a model, without validation: it has no fault."""
    if "all" in sound:
        return All.model_construct(all=tuple(_condition(part) for part in sound["all"]))
    if "any" in sound:
        return Any_.model_construct(any=tuple(_condition(part) for part in sound["any"]))
    value = sound["value"]
    constant = tuple(value) if isinstance(value, list) else value
    return Test.model_construct(name=sound["name"], operator=sound["operator"], value=constant)


def _not_proven(sound: list[tuple[Path, str, Condition]]) -> Iterator[Finding]:
    message = "whether two pathways can apply to one request was not worked out: their conditions are too many"
    advice = "let their `applies` differ in one plain variable"
    yield Finding("overlap-not-proven", message, sound[0][0][:1], advice, "warning")


def _shown(value: object) -> str:
    return quoted(" ".join(sorted(value)) if isinstance(value, frozenset) else str(value).lower())
