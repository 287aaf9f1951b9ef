"""A region of requests in words: what the classes of each variable have in common."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from medpolicy.diff.set_wording import sets_in_words
from medpolicy.evaluate.tables import MISSING, Table
from medpolicy.language.fields import Storage
from medpolicy.language.vocabulary import Vocabulary
from medpolicy.show.wording import joined, value_in_words
from medpolicy.solve import Region, Space
from medpolicy.solve.runs import runs


def region_in_words(region: Region, space: Space, first: Collection[str] = ()) -> str:
    """The region as a phrase for its requests: `every request where …; …`, the variables named in `first` first."""
    names = sorted((name for name in space.tables if name in region.classes), key=lambda name: name not in first)
    facts = [facts_in_words(space, name, region.classes[name]) for name in names]
    return f"every request where {'; '.join(facts)}" if facts else "every request"


def facts_in_words(space: Space, name: str, codes: Collection[int]) -> str:
    """What some classes of a variable have in common, as half a sentence."""
    table = space.tables[name]
    label = table.variable.fact.label
    known = sorted(code for code in codes if code != MISSING)
    if not known:
        return f"{label} is missing"
    if len(known) == len(table.classes):
        return f"{label} is known"
    return _known_in_words(table, known, space.vocabulary) + (", or is missing" if MISSING in codes else "")


def _known_in_words(table: Table, codes: Sequence[int], vocabulary: Vocabulary) -> str:
    kind, label = table.variable.kind, table.variable.fact.label
    if kind.storage is Storage.TEXT_LIST:
        return sets_in_words(table, codes, vocabulary)
    if kind.ordered:
        return f"{label} is {joined([_range_in_words(table, *run) for run in runs(codes)], 'or')}"
    members = {member for code in codes for member in table.classes[code - 1].members}
    among = [value_in_words(table.variable, value) for value in kind.values() if value in members]
    others = [value_in_words(table.variable, value) for value in kind.values() if value not in members]
    if kind.storage is Storage.BOOLEAN:
        return f"{label}: {among[0]}"
    if len(among) <= len(others) + 1:
        return f"{label} is {joined(among, 'or')}"
    return f"{label} is not {joined(others, 'or')}"


def _range_in_words(table: Table, first_code: int, last_code: int) -> str:
    kind, first, last = table.variable.kind, table.classes[first_code - 1].first, table.classes[last_code - 1].last
    is_date = kind.storage is Storage.DATE
    at_most, at_least = ("on or before", "on or after") if is_date else ("at most", "at least")
    if first == last:
        return str(first)
    if not is_date and kind.index(last) == kind.index(first) + 1:
        return f"{first} or {last}"
    if first_code == 1:
        return f"{at_most} {last}"
    return f"{at_least} {first}" if last_code == len(table.classes) else f"from {first} to {last}"
