"""Some of a variable's sets of options in words: as a list, as a test of the policy, or as what they have and lack."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from medpolicy.evaluate.tables import Table
from medpolicy.language.fields import ChoiceSet
from medpolicy.language.vocabulary import Vocabulary
from medpolicy.show.wording import joined, test_in_words, value_in_words

_MOST_SETS = 6
_MOST_EXCEPTIONS = 10
_MOST_BESIDES = 3

Options = frozenset[str]


def sets_in_words(table: Table, kind: ChoiceSet, codes: Collection[int], vocabulary: Vocabulary) -> str:
    """The sets of some class codes, as half a sentence about the variable."""
    label = table.variable.fact.label
    sets = _ordered(kind, {member for code in codes for member in table.classes[code - 1].members})
    if len(sets) <= _MOST_SETS:
        return f"{label}: {_listed(table, sets)}"
    return (
        _as_test(table, codes, vocabulary)
        or _as_having(table, kind, sets, f"{label}: anything")
        or f"{label}: one of {len(sets)} combinations, such as {_listed(table, sets[:1])}"
    )


def _as_test(table: Table, codes: Collection[int], vocabulary: Vocabulary) -> str | None:
    """A test of the policy that is met exactly with some classes."""
    for test, answers in table.answers.items():
        if {code for code, answer in enumerate(answers, 1) if answer} == set(codes):
            return test_in_words(test, vocabulary)
    return None


def _as_having(table: Table, kind: ChoiceSet, sets: Sequence[Options], anything: str) -> str | None:
    """All sets with some options and without others, but for a few exceptions; None where it is not so."""
    having = frozenset(each for each in kind.options if sum(each not in one for one in sets) <= _MOST_BESIDES)
    lacking = frozenset(each for each in kind.options if sum(each in one for one in sets) <= _MOST_BESIDES)
    every = {member for each in table.classes for member in each.members}
    inside = {each for each in every if having <= each and not lacking & each}
    left = inside - set(sets)
    among: Options = frozenset()
    if len(left) > _MOST_EXCEPTIONS:
        rare = (each for each in kind.options if sum(each in one for one in left) <= _MOST_EXCEPTIONS)
        among = frozenset(rare) - having - lacking
        inside = {each for each in inside if among & each}
        left = inside - set(sets)
    besides = set(sets) - inside
    if len(left) > _MOST_EXCEPTIONS or len(besides) > _MOST_BESIDES:
        return None
    said = [f"with {_options(table, kind, having, 'and')}"] if having else []
    said += [f"with {_options(table, kind, among, 'or')}"] if among else []
    said += [f"without {_options(table, kind, lacking, 'or')}"] if lacking else []
    phrase = " ".join((anything, " and ".join(said))).rstrip()
    phrase += f", except {_exactly(table, _ordered(kind, left))}" if left else ""
    return phrase + (f", or {_exactly(table, _ordered(kind, besides))}" if besides else "")


def _exactly(table: Table, sets: Sequence[Options]) -> str:
    return ", or ".join(f"{'exactly ' if each else ''}{value_in_words(table.variable, each)}" for each in sets)


def _options(table: Table, kind: ChoiceSet, options: Options, last: str) -> str:
    return joined([value_in_words(table.variable, frozenset({each})) for each in kind.options if each in options], last)


def _ordered(kind: ChoiceSet, sets: Collection[Options]) -> list[Options]:
    """Smaller sets first, then by their options."""
    return sorted(sets, key=lambda each: (len(each), [str(option) for option in kind.plain(each)]))


def _listed(table: Table, sets: Sequence[Options]) -> str:
    return ", or ".join(value_in_words(table.variable, each) for each in sets)
