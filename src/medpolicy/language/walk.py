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


def walk(condition: Condition) -> Iterator[PlacedPart]:
    """Every test and group of a condition, itself first, in the order of the file."""
    return _walk(condition, (), ())


def _walk(part: Condition, path: tuple[str | int, ...], steps: Steps) -> Iterator[PlacedPart]:
    yield PlacedPart(part, path, steps)
    if not isinstance(part, Test):
        for index, inner in enumerate(part.parts):
            yield from _walk(inner, (*path, part.key, index), (*steps, index))


def fold(
    condition: Condition,
    leaf: Callable[[Test], Result],
    all_: Callable[[list[Result]], Result],
    any_: Callable[[list[Result]], Result],
) -> Result:
    """A condition from the inside out: what each test gives, joined at each group."""
    if isinstance(condition, Test):
        return leaf(condition)
    parts = [fold(part, leaf, all_, any_) for part in condition.parts]
    return all_(parts) if isinstance(condition, All) else any_(parts)


def tests_in(condition: Condition) -> Iterator[Test]:
    """Every test of a condition, in the order of the file."""
    return (place.part for place in walk(condition) if isinstance(place.part, Test))


def variables_in(condition: Condition) -> tuple[str, ...]:
    """The names of the variables that a condition reads, each once, in the order of the file."""
    return tuple(dict.fromkeys(test.name for test in tests_in(condition)))
