"""A request that meets several conditions at once, or the proof that there is none."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from medpolicy.fields import CompletedYears, Sum
from medpolicy.revision import All, Condition, Test
from medpolicy.status import Status, all_of, any_of
from medpolicy.tables import Table, tables
from medpolicy.vocabulary import Vocabulary


def witness(conditions: tuple[Condition, ...], words: Vocabulary) -> dict[str, Any] | None:
    """Facts with which all of the conditions are met (a class representative for each variable they read), or None.

    Derived variables are exact as long as each is worked out from parts of its own.
    """
    known = tables(conditions, words)
    names = sorted(known, key=lambda name: len(known[name]))
    return _search(conditions, known, names, {})


def _search(
    conditions: tuple[Condition, ...], known: Mapping[str, Table], names: list[str], chosen: dict[str, int]
) -> dict[str, Any] | None:
    statuses = [_status(condition, known, chosen) for condition in conditions]
    if Status.NOT_MET in statuses or not _possible(known, chosen):
        return None
    if all(status is Status.MET for status in statuses):
        return {name: known[name].classes[code - 1].representative for name, code in chosen.items()}
    name = next(name for name in names if name not in chosen)
    for code in range(1, len(known[name])):
        found = _search(conditions, known, names, {**chosen, name: code})
        if found is not None:
            return found
    return None


def _status(condition: Condition, known: Mapping[str, Table], chosen: dict[str, int]) -> Status:
    if isinstance(condition, Test):
        return known[condition.name].statuses(condition)[chosen.get(condition.name, 0)]
    parts = (_status(part, known, chosen) for part in condition.parts)
    return all_of(parts) if isinstance(condition, All) else any_of(parts)


def _possible(known: Mapping[str, Table], chosen: dict[str, int]) -> bool:
    """Whether the classes chosen for derived variables can come about with those chosen for their parts."""
    for name, code in chosen.items():
        derived = known[name].variable.derived
        if derived is None or not all(part in chosen for part in derived.parts):
            continue
        each = known[name].classes[code - 1]
        first, second = (known[part].classes[chosen[part] - 1] for part in derived.parts)
        if isinstance(derived, Sum):
            lowest, highest = first.first + second.first, first.last + second.last
        elif isinstance(derived, CompletedYears):
            lowest, highest = derived.value(first.last, second.first), derived.value(first.first, second.last)
        else:
            continue
        if highest < each.first or each.last < lowest:
            return False
    return True
