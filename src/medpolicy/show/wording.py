"""Conditions and values in words, for people who read a policy or an answer."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
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
    phrase = PHRASES.get(variable.kind.type.name, {}).get(test.operator)
    if phrase is not None and test.value == ():
        return f"{variable.fact.label}: {NOTHING}"
    options = test.value if isinstance(test.value, tuple) and test.value else (test.value,)
    words = [value_in_words(variable, option) for option in options]
    phrase = phrase or f" {test.operator.replace('_', ' ')} {{all}}"
    return variable.fact.label + phrase.format(all=joined(words, "and"), any=joined(words, "or"))


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


PHRASES: Mapping[str, Mapping[str, str]] = {
    "choice": {
        "equal_to": " is {all}",
        "not_equal_to": " is not {all}",
        "is_one_of": " is {any}",
        "is_none_of": " is not {any}",
    },
    "yes_no": {"is_true": ": yes", "is_false": ": no"},
    "whole_number": {
        "equal_to": " is {all}",
        "not_equal_to": " is not {all}",
        "less_than": " is less than {all}",
        "less_than_or_equal_to": " is at most {all}",
        "greater_than": " is more than {all}",
        "greater_than_or_equal_to": " is at least {all}",
    },
    "date": {
        "equal_to": " is {all}",
        "before": " is before {all}",
        "on_or_before": " is on or before {all}",
        "after": " is after {all}",
        "on_or_after": " is on or after {all}",
    },
    "choice_set": {
        "is_exactly": ": exactly {all}",
        "contains": ": includes {all}",
        "does_not_contain": ": does not include {all}",
        "contains_all": ": includes {all}",
        "is_contained_by": ": nothing besides {any}",
        "shares_at_least_one_element_with": ": includes at least one of {all}",
        "shares_exactly_one_element_with": ": includes exactly one of {all}",
        "shares_no_elements_with": ": includes none of {all}",
    },
}
"""For each field type and operator, how a test goes on after the variable's label.

`{all}` are the options of its value joined by "and", `{any}` those joined by "or"; another operator reads as it is named.
"""
