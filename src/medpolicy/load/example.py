"""A whole request that has given facts, and ordinary values for the rest of what every request must have."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from medpolicy.language.request import InvalidRequest, facts_of, read_request
from medpolicy.language.vocabulary import Vocabulary


def example(vocabulary: Vocabulary, facts: Mapping[str, Any], day: date) -> dict[str, Any] | None:
    """The request in its JSON form; None where no request has these facts.

    `day` is the day of service, unless the facts have one.
    """
    record: dict[str, Any] = {}
    for name, variable in vocabulary.variables.items():
        if variable.derived is None and (name in facts or variable.required):
            value = (
                facts[name] if name in facts else variable.kind.ordinary(max([day, *_earlier(vocabulary, name, facts)]))
            )
            record[name] = variable.kind.plain(value)
    try:
        known = facts_of(read_request(vocabulary.request, record))
    except InvalidRequest:
        return None
    return record if all(known[name] == value for name, value in facts.items()) else None


def _earlier(vocabulary: Vocabulary, name: str, facts: Mapping[str, Any]) -> list[date]:
    """The days that a day may not come before."""
    return [facts[before] for before, after in vocabulary.request.earlier if after == name and before in facts]
