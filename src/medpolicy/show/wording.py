"""Conditions and values in words, for people who read a policy or an answer."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from medpolicy.language.condition import Any_, Condition, Test
from medpolicy.language.fields import Storage
from medpolicy.language.request import Variable
from medpolicy.language.vocabulary import Vocabulary

MISSING = "missing"
NOTHING = "nothing"

Line = tuple[int, str]
"""How deep a line is indented, and its text."""


def value_in_words(variable: Variable, value: Any) -> str:
    """A variable's value, or one option of it, plain or typed, in words: `missing`, `7 visits`, `a and b`."""
    kind, unit = variable.kind, variable.fact.unit
    if value is None:
        return MISSING
    if isinstance(value, bool):
        return "yes" if value else "no"
    if kind.choices and isinstance(value, str):
        return value.replace("_", " ")
    if kind.choices:
        return joined([option.replace("_", " ") for option in kind.plain(value)], "and") if value else NOTHING
    if kind.storage is Storage.INTEGER and unit and unit not in variable.fact.label.casefold():
        return f"{value} {unit.removesuffix('s') if value == 1 else unit}"
    return str(value)


def test_in_words(test: Test, vocabulary: Vocabulary) -> str:
    """One test as half a sentence: the variable's label and what is asked of it."""
    variable = vocabulary.variables[test.name]
    phrase = PHRASES.get(variable.kind.type.name, {}).get(test.operator) or _as_named(test.operator)
    return variable.fact.label + phrase(lambda value: value_in_words(variable, value), test.value)


def condition_lines(condition: Condition, vocabulary: Vocabulary, depth: int = 0) -> Iterator[Line]:
    """A condition as indented lines; a group of one part reads as that part."""
    if isinstance(condition, Test):
        yield depth, test_in_words(condition, vocabulary)
    elif len(condition.parts) == 1:
        yield from condition_lines(condition.parts[0], vocabulary, depth)
    else:
        yield depth, "any of:" if isinstance(condition, Any_) else "all of:"
        for part in condition.parts:
            yield from condition_lines(part, vocabulary, depth + 1)


def joined(items: Sequence[str], last: str) -> str:
    """`a, b and c`."""
    return items[0] if len(items) == 1 else f"{', '.join(items[:-1])} {last} {items[-1]}"


Say = Callable[[Any], str]
Phrase = Callable[[Say, Any], str]


def _one(before: str) -> Phrase:
    return lambda say, value: f"{before} {say(value)}"


def _several(before: str, last: str = "and") -> Phrase:
    return lambda say, value: f"{before} {joined([say(option) for option in value], last)}"


def _as_named(operator: str) -> Phrase:
    words = " " + operator.replace("_", " ")
    one, several = _one(words), _several(words)
    return lambda say, value: (several if value and isinstance(value, tuple) else one)(say, value)


def _or_nothing(phrase: Phrase) -> Phrase:
    return lambda say, value: phrase(say, value) if value else f": {NOTHING}"


PHRASES: Mapping[str, Mapping[str, Phrase]] = {
    "choice": {
        "equal_to": _one(" is"),
        "not_equal_to": _one(" is not"),
        "is_one_of": _several(" is", "or"),
        "is_none_of": _several(" is not", "or"),
    },
    "yes_no": {
        "is_true": lambda say, value: f": {say(True)}",
        "is_false": lambda say, value: f": {say(False)}",
    },
    "whole_number": {
        "equal_to": _one(" is"),
        "not_equal_to": _one(" is not"),
        "less_than": _one(" is less than"),
        "less_than_or_equal_to": _one(" is at most"),
        "greater_than": _one(" is more than"),
        "greater_than_or_equal_to": _one(" is at least"),
    },
    "date": {
        "equal_to": _one(" is"),
        "before": _one(" is before"),
        "on_or_before": _one(" is on or before"),
        "after": _one(" is after"),
        "on_or_after": _one(" is on or after"),
    },
    "choice_set": {
        "is_exactly": _or_nothing(_several(": exactly")),
        "contains": _one(": includes"),
        "does_not_contain": _one(": does not include"),
        "contains_all": _several(": includes"),
        "is_contained_by": _or_nothing(_several(": nothing besides", "or")),
        "shares_at_least_one_element_with": _several(": includes at least one of"),
        "shares_exactly_one_element_with": _several(": includes exactly one of"),
        "shares_no_elements_with": _several(": includes none of"),
    },
}
"""For each field type and operator, how a test goes on after the variable's label; another reads as it is named."""
