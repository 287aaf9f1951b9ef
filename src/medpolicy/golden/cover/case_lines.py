"""Requests as golden cases with today's answers and a sentence each, for an author to read through."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from itertools import count
from typing import Any

from medpolicy.golden import RevisionCases, answer
from medpolicy.golden.cover.complete import CompletingRequest
from medpolicy.language.determination import Determination
from medpolicy.show.wording import value_in_words
from medpolicy.text.findings import joined


def case_lines(golden: RevisionCases, requests: Sequence[CompletingRequest]) -> tuple[dict[str, Any], ...]:
    """A case for each request, with an id that no case of the revision has."""
    taken = {case.id for case in golden.cases}
    ids = (id for id in (f"{golden.revision.revision}-{number:03}" for number in count(1)) if id not in taken)
    lines, sentences = [], set()
    for request, id in zip(requests, ids, strict=False):
        record = {**request.record, "request_id": id}
        determination = golden.policy.decide(record)
        names = _names(request)
        sentence = _sentence(golden, _facts(golden, names, determination), determination)
        if sentence in sentences:
            others = _facts(golden, [name for name in request.record if name not in names], determination)
            sentence = f"{sentence[:-1]}; {', '.join(others)}."
        sentences.add(sentence)
        values = {
            **dict.fromkeys(determination.missing),
            **record,
        }  # a missing fact that is asked for is written as `null`
        written = {name: values[name] for name in golden.vocabulary.variables if name in values}
        lines.append({"shows": sentence, "request": written, "expected": answer(determination)})
    return tuple(lines)


def as_jsonl(cases: Iterable[dict[str, Any]]) -> bytes:
    """Cases as a file holds them."""
    return "".join(json.dumps(case, ensure_ascii=False) + "\n" for case in cases).encode()


def _sentence(golden: RevisionCases, facts: Sequence[str], determination: Determination) -> str:
    """The pathway, the decision, the facts that only this case is about, and the reasons."""
    parts = [f"{_pathway(golden, determination)}: {determination.decision}"]
    if facts:
        parts.append(", ".join(facts))
    if determination.revision is not None:
        parts += _reasons(golden, determination)
    return "; ".join(parts) + "."


def _pathway(golden: RevisionCases, determination: Determination) -> str:
    if determination.revision is None:
        return "Before or after the days in effect"
    titles = {pathway.id: pathway.title for pathway in golden.revision.pathways}
    if determination.pathway is not None:
        return titles[determination.pathway]
    return "No pathway is certain" if determination.criteria else "No pathway applies"


def _names(request: CompletingRequest) -> list[str]:
    """The variables in what only this request shows, each once."""
    names = (shows.name if shows.occurrence is None else shows.occurrence.test.name for shows in request.alone)
    return list(dict.fromkeys(names))


def _facts(golden: RevisionCases, names: Iterable[str], determination: Determination) -> list[str]:
    """The known values of some variables, in words."""
    known = ((golden.vocabulary.variables[name], determination.facts[name]) for name in names)
    return [
        f"{variable.fact.label}: {value_in_words(variable, value)}"
        for variable, value in known
        if value is not None and variable.kind.operators()
    ]


def _reasons(golden: RevisionCases, determination: Determination) -> list[str]:
    missing = [golden.vocabulary.variables[name].fact.label for name in determination.missing]
    reasons = {
        "not met": ", ".join(determination.not_met),
        "missing": joined(missing, "and"),
        "review flags": ", ".join(flag.id for flag in determination.review_flags),
    }
    return [f"{reason}: {listed}" for reason, listed in reasons.items() if listed]
