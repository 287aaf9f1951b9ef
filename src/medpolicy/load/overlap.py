"""Pathways that can apply together, and revisions in effect at once."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from datetime import date, timedelta
from itertools import combinations
from typing import Any

from medpolicy.evaluate.witness import Search, TooMuchWork
from medpolicy.language.condition import All, Any_, Condition, Test
from medpolicy.language.forms import EARLIEST
from medpolicy.language.request import InvalidRequest, facts_of, read_request
from medpolicy.language.revision import Revision
from medpolicy.language.vocabulary import InvalidPolicy, Vocabulary, find_vocabulary
from medpolicy.load.parts import day_at, entry, parts_of
from medpolicy.load.shown import Shown
from medpolicy.text.findings import Finding, Path, quoted


def pathways_overlap(document: Any, faults: Iterable[Finding], vocabulary: Vocabulary) -> Iterator[Finding]:
    """A finding for each pair of pathways that can apply to one request, with the facts that matter and such a request.

    Pathways with a fault in the condition are left out; where a search gives up, a warning says so.
    """
    sound = list(_sound(document, {finding.path for finding in faults}))
    try:
        search = Search((condition for _, _, condition in sound), vocabulary)
        for (index, (_, first, _)), (other_index, (path, second, _)) in combinations(enumerate(sound), 2):
            facts = search.witness(index, other_index)
            if facts is None:
                continue
            request = example(vocabulary, facts, day_at(document, "effective_from") or EARLIEST)
            if request is None:
                raise TooMuchWork  # no request has these facts after all
            shown = ", ".join(f"{name} {_shown(value)}" for name, value in sorted(facts.items()))
            message = f"the pathways {quoted(first)} and {quoted(second)} can apply to one request"
            advice = f"both apply with {shown}" if shown else None
            yield Shown("pathways-overlap", message, path, advice, request=request)
    except TooMuchWork:
        message = "whether two pathways can apply to one request is undecided: their conditions are too many"
        advice = "let their `applies` differ in one plain variable"
        yield Finding("overlap-not-proven", message, ("pathways",), advice, "warning")


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
            request = None
            with suppress(InvalidPolicy):  # where no vocabulary of the policy is installed
                request = example(find_vocabulary(later.policy), {}, later.effective_from)
            yield file, Shown("revisions-overlap", message, ("effective_from",), advice, request=request)


def example(vocabulary: Vocabulary, facts: Mapping[str, Any], day: date) -> dict[str, Any] | None:
    """A whole request in its JSON form that has the facts, and ordinary values for what every request must have.

    None where no request has these facts. `day` is the day of service, unless the facts have one.
    """
    record: dict[str, Any] = {}
    for name, variable in vocabulary.given.items():
        if name in facts or variable.required:
            earlier = [facts[first] for first, last in vocabulary.request.earlier if last == name and first in facts]
            value = facts[name] if name in facts else variable.kind.ordinary(max([day, *earlier]))
            record[name] = variable.kind.plain(value)
    try:
        known = facts_of(read_request(vocabulary.request, record))
    except InvalidRequest:
        return None
    return record if all(known[name] == value for name, value in facts.items()) else None


def _sound(document: Any, faulty: set[Path]) -> Iterator[tuple[Path, str, Condition]]:
    """Path, id and condition of the pathways whose condition has no fault."""
    for part in parts_of(document):
        path, id = (*part.path, "applies"), entry(part.content, "id", str)
        if part.what != "pathway" or "applies" not in part.content or id is None:
            continue
        if not any(fault[: len(path)] == path for fault in faulty):
            yield path, id, _condition(part.content["applies"])


def _condition(sound: dict[str, Any]) -> Condition:
    """The condition as a model, without validation: it has no fault."""
    if "all" in sound:
        return All.model_construct(all=tuple(map(_condition, sound["all"])))
    if "any" in sound:
        return Any_.model_construct(any=tuple(map(_condition, sound["any"])))
    value = sound["value"]
    constant = tuple(value) if isinstance(value, list) else value
    return Test.model_construct(name=sound["name"], operator=sound["operator"], value=constant)


def _shown(value: object) -> str:
    return quoted(" ".join(sorted(value)) if isinstance(value, frozenset) else str(value).lower())
