"""A whole request that has given facts, and ordinary values for the rest of what every request must have."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from medpolicy.language.fields import Choice, ChoiceSet, Day, Kind, Text, WholeNumber
from medpolicy.language.request import InvalidRequest, facts_of, read_request
from medpolicy.language.vocabulary import Vocabulary

REQUEST_ID = "EXAMPLE-1"


def example(vocabulary: Vocabulary, facts: Mapping[str, Any], day: date) -> dict[str, Any] | None:
    """The request in its JSON form; None where no request has these facts.

    `day` is the day of service, unless the facts have one.
    """
    record: dict[str, Any] = {}
    for name, variable in vocabulary.variables.items():
        if variable.derived is None and (name in facts or variable.required):
            value = (
                facts[name]
                if name in facts
                else ordinary_value(variable.kind, max([day, *_earlier(vocabulary, name, facts)]))
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


def ordinary_value(kind: Kind, day: date) -> Any:
    """A value that raises no question; of days the one nearest to `day`."""
    if isinstance(kind, Text):
        return REQUEST_ID
    if isinstance(kind, Choice):
        return kind.options[0]
    if isinstance(kind, WholeNumber):
        return kind.lowest
    if isinstance(kind, Day):
        return min(max(day, kind.earliest), kind.latest)
    return frozenset() if isinstance(kind, ChoiceSet) else False
