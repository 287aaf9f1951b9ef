"""Conditions and values in words, for people who read a policy or an answer."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from medpolicy.language.condition import Condition, Test
from medpolicy.language.request import Variable
from medpolicy.language.vocabulary import Vocabulary
from medpolicy.language.walk import fold, indented
from medpolicy.text.findings import joined

NOTHING = "nothing"

IndentedLine = tuple[int, str]
"""How deep a line is indented, and its text."""


def value_in_words(variable: Variable, value: Any) -> str:
    """A variable's value, or one option of it, plain or typed, in words: `missing`, `7 visits`, `a and b`."""
    if value is None:
        return "missing"
    words, unit = variable.kind.in_words(value), variable.fact.unit
    if unit is None or unit in variable.fact.label.casefold():
        return words
    return f"{words} {unit.removesuffix('s') if value == 1 else unit}"


def test_in_words(test: Test, vocabulary: Vocabulary) -> str:
    """One test as half a sentence: the variable's label and what is asked of it."""
    variable = vocabulary.variables[test.name]
    phrase = variable.kind.phrase(test.operator)
    if test.value == () and phrase.startswith(":"):
        phrase = ": {all}"
    options = test.value if isinstance(test.value, tuple) else (test.value,)
    words = [value_in_words(variable, option) for option in options] or [NOTHING]
    return variable.fact.label + phrase.format(all=joined(words, "and"), any=joined(words, "or"))


def condition_lines(condition: Condition, vocabulary: Vocabulary) -> Iterator[IndentedLine]:
    """A condition as indented lines; a group of one part reads as that part."""
    for depth, part in indented(condition):
        yield depth, test_in_words(part, vocabulary) if isinstance(part, Test) else f"{part.key} of:"


def condition_in_words(condition: Condition, vocabulary: Vocabulary) -> str:
    """A condition on one line; a group of one part reads as that part."""

    def group(is_all: bool, parts: list[str]) -> str:
        return parts[0] if len(parts) == 1 else f"{'all' if is_all else 'any'} of [{'; '.join(parts)}]"

    return fold(condition, lambda test: test_in_words(test, vocabulary), group)
