"""Requests as golden cases with today's answers and a sentence each, for an author to read through."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import count
from typing import Any

from medpolicy.golden import RevisionCases, answer
from medpolicy.golden.cover.complete import Made
from medpolicy.language.determination import Determination
from medpolicy.show.wording import joined, value_in_words

Line = dict[str, Any]


def written(of: RevisionCases, made: Sequence[Made]) -> tuple[Line, ...]:
    """A case for each request, with an id that no case of the revision has."""
    taken = {case.id for case in of.cases}
    ids = (id for id in (f"{of.revision.revision}-{number:03}" for number in count(1)) if id not in taken)
    lines, sentences = [], set()
    for each, id in zip(made, ids, strict=False):
        determination = of.policy.decide({**each.record, "request_id": id})
        sentence = _sentence(of, each, determination)
        if sentence in sentences:
            others = [name for name in each.record if name not in _about(each)]
            sentence = f"{sentence[:-1]}; {', '.join(_said(of, others, determination))}."
        sentences.add(sentence)
        record = _request(of, {**each.record, "request_id": id}, determination)
        lines.append({"shows": sentence, "request": record, "expected": answer(determination)})
    return tuple(lines)


def as_lines(cases: Iterable[Line]) -> bytes:
    """Cases as a file holds them."""
    return "".join(json.dumps(each, ensure_ascii=False) + "\n" for each in cases).encode()


def _request(of: RevisionCases, record: Mapping[str, Any], determination: Determination) -> dict[str, Any]:
    """A request in the order of the variables; a missing fact that is asked for is written as missing."""
    missing = dict.fromkeys(determination.missing)
    return {name: {**missing, **record}[name] for name in of.vocabulary.variables if name in record or name in missing}


def _sentence(of: RevisionCases, made: Made, determination: Determination) -> str:
    """Where the request stands, what was decided, the facts that this case alone is about, and the reasons."""
    parts = [f"{_where(of, determination)}: {determination.decision}", *_facts(of, made, determination)]
    if determination.revision is not None:
        parts += _reasons(of, determination)
    return "; ".join(parts) + "."


def _where(of: RevisionCases, determination: Determination) -> str:
    if determination.revision is None:
        return "Before or after the days in effect"
    titles = {pathway.id: pathway.title for pathway in of.revision.pathways}
    if determination.pathway is not None:
        return titles[determination.pathway]
    return "No pathway is certain" if determination.criteria else "No pathway applies"


def _facts(of: RevisionCases, made: Made, determination: Determination) -> Iterator[str]:
    """The variables that what only this case shows is about, each with its value."""
    said = list(_said(of, _about(made), determination))
    if said:
        yield ", ".join(said)


def _about(made: Made) -> list[str]:
    """The variables that what only this case shows is about, each once."""
    names = (each.name if each.occurrence is None else each.occurrence.test.name for each in made.alone)
    return list(dict.fromkeys(names))


def _said(of: RevisionCases, names: Iterable[str], determination: Determination) -> Iterator[str]:
    """Each known fact of some with its value, in words."""
    for name in names:
        variable, value = of.vocabulary.variables[name], determination.facts[name]
        if value is not None and variable.kind.operators():
            yield f"{variable.fact.label}: {value_in_words(variable, value)}"


def _reasons(of: RevisionCases, determination: Determination) -> Iterator[str]:
    if determination.not_met:
        yield f"not met: {', '.join(determination.not_met)}"
    if determination.missing:
        labels = [of.vocabulary.variables[name].fact.label for name in determination.missing]
        yield f"missing: {joined(labels, 'and')}"
    if determination.review_flags:
        yield f"review flags: {', '.join(each.id for each in determination.review_flags)}"
