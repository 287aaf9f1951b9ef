"""A region of requests in words: what the classes of each variable have in common.

Sets of choices are written as a list, as a test of the policy, or as what they have and lack.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence

from medpolicy.evaluate.tables import MISSING, Table
from medpolicy.language.fields import Storage
from medpolicy.language.vocabulary import Vocabulary
from medpolicy.show.wording import test_in_words, value_in_words
from medpolicy.solve import Region, Space
from medpolicy.text.findings import joined

_MOST_SETS = 6
"""How many sets are listed."""
_MOST_LEFT_OUT = 10
"""How many sets with the options named may be excepted."""
_MOST_ADDED = 3
"""How many sets without the options named may be added."""

Options = frozenset[str]


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
    if kind.is_set:
        return _sets_in_words(table, codes, vocabulary)
    if kind.ordered:
        return f"{label} is {joined([kind.range_in_words(*ends) for ends in table.ranges(codes)], 'or')}"
    members = {member for code in codes for member in table.classes[code - 1].members}
    among = [value_in_words(table.variable, value) for value in kind.values() if value in members]
    others = [value_in_words(table.variable, value) for value in kind.values() if value not in members]
    if kind.storage is Storage.BOOLEAN:
        return f"{label}: {among[0]}"
    if len(among) <= len(others) + 1:
        return f"{label} is {joined(among, 'or')}"
    return f"{label} is not {joined(others, 'or')}"


def _sets_in_words(table: Table, codes: Collection[int], vocabulary: Vocabulary) -> str:
    label = table.variable.fact.label
    sets = _ordered(table, {member for code in codes for member in table.classes[code - 1].members})
    if len(sets) <= _MOST_SETS:
        return f"{label}: {_listed(table, sets)}"
    return (
        _as_test(table, codes, vocabulary)
        or _as_options(table, set(sets), f"{label}: anything")
        or f"{label}: one of {len(sets)} combinations, such as {_listed(table, sets[:1])}"
    )


def _as_test(table: Table, codes: Collection[int], vocabulary: Vocabulary) -> str | None:
    """A test of the policy that is met by exactly these classes."""
    for test, answers in table.answers.items():
        if {code for code, answer in enumerate(answers, 1) if answer} == set(codes):
            return test_in_words(test, vocabulary)
    return None


def _as_options(table: Table, sets: set[Options], anything: str) -> str | None:
    """All sets with some options and without others, but for a few exceptions; None if the sets are not of that form."""
    choices, count = table.variable.kind.choices, len(sets)
    having = frozenset(option for option in choices if count - _holding(option, sets) <= _MOST_ADDED)
    lacking = frozenset(option for option in choices if _holding(option, sets) <= _MOST_ADDED)
    every: set[Options] = {member for values in table.classes for member in values.members}
    described = {options for options in every if having <= options and not lacking & options}
    among: Options = frozenset()
    left_out = described - sets
    if len(left_out) > _MOST_LEFT_OUT:
        rare = (option for option in choices if _holding(option, left_out) <= _MOST_LEFT_OUT)
        among = frozenset(rare) - having - lacking
        described = {options for options in described if among & options}
        left_out = described - sets
    added = sets - described
    if len(left_out) > _MOST_LEFT_OUT or len(added) > _MOST_ADDED:
        return None
    clauses = (("with", having, "and"), ("with", among, "or"), ("without", lacking, "or"))
    words = " and ".join(f"{word} {_options(table, options, last)}" for word, options, last in clauses if options)
    phrase = f"{anything} {words}".rstrip()
    phrase += f", except {_listed(table, _ordered(table, left_out), 'exactly ')}" if left_out else ""
    return phrase + (f", or {_listed(table, _ordered(table, added), 'exactly ')}" if added else "")


def _holding(option: str, sets: Iterable[Options]) -> int:
    return sum(option in options for options in sets)


def _options(table: Table, options: Options, last: str) -> str:
    chosen = [option for option in table.variable.kind.choices if option in options]
    return joined([value_in_words(table.variable, option) for option in chosen], last)


def _ordered(table: Table, sets: Collection[Options]) -> list[Options]:
    """Smaller sets first, then by their options."""
    return sorted(sets, key=lambda options: (len(options), table.variable.kind.plain(options)))


def _listed(table: Table, sets: Sequence[Options], before: str = "") -> str:
    """The sets in words; `before` goes before each that is not empty."""
    return ", or ".join(f"{before if options else ''}{value_in_words(table.variable, options)}" for options in sets)
