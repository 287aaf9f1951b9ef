"""The ways through a condition: from the outside in (`walk`), from the inside out (`fold`)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import NamedTuple, TypeVar

from medpolicy.language.condition import All, Condition, Test

Result = TypeVar("Result")
Steps = tuple[int, ...]
"""The way from a condition to a part of it: the index in each group, from the outside in."""


class PlacedPart(NamedTuple):
    """A test or group inside a condition, with its JSON path and its steps from there."""

    part: Condition
    path: tuple[str | int, ...]
    steps: Steps


def walk(condition: Condition, path: tuple[str | int, ...] = (), steps: Steps = ()) -> Iterator[PlacedPart]:
    """Every test and group of a condition, itself first, in the order of the file; `path` and `steps` lead to the condition."""
    yield PlacedPart(condition, path, steps)
    if not isinstance(condition, Test):
        for index, part in enumerate(condition.parts):
            yield from walk(part, (*path, condition.key, index), (*steps, index))


def indented(condition: Condition, depth: int = 0) -> Iterator[tuple[int, Condition]]:
    """Every test and group with how deep it stands, in the order of the file; a group of one part reads as that part."""
    if len(condition.parts) == 1:
        yield from indented(condition.parts[0], depth)
    else:
        yield depth, condition
        for part in condition.parts:
            yield from indented(part, depth + 1)


def fold(condition: Condition, leaf: Callable[[Test], Result], group: Callable[[bool, list[Result]], Result]) -> Result:
    """A condition from the inside out: what each test gives, joined at each group, `True` for one that asks for all."""
    if isinstance(condition, Test):
        return leaf(condition)
    return group(isinstance(condition, All), [fold(part, leaf, group) for part in condition.parts])


def tests_in(condition: Condition) -> Iterator[Test]:
    """Every test of a condition, in the order of the file."""
    return (place.part for place in walk(condition) if isinstance(place.part, Test))


def variables_in(condition: Condition) -> tuple[str, ...]:
    """The names of the variables that a condition reads, each once, in the order of the file."""
    return tuple(dict.fromkeys(test.name for test in tests_in(condition)))
