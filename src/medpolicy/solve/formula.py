"""Statements about one request, as immutable trees that can be evaluated at a request and read by the solver."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any
from weakref import WeakValueDictionary


class Formula:
    """A statement about one request; `&`, `|` and `~` combine them.

    Two are equal only where they are the same object; the functions of this module give the same object for the same parts.
    """

    __slots__ = ()

    def __and__(self, other: Formula) -> Formula:
        return every((self, other))

    def __or__(self, other: Formula) -> Formula:
        return some((self, other))

    def __invert__(self) -> Formula:
        return negated(self)

    def at(self, point: Point) -> bool:
        """Whether it holds at a point; callers use `Point.holds`, which caches."""
        raise NotImplementedError


@dataclass(frozen=True)
class Point:
    """One request as formulas see it: class codes (of the tables of a space), and values (None where missing)."""

    codes: Mapping[str, int]
    facts: Mapping[str, Any]
    _known: dict[Formula, bool] = field(default_factory=dict, repr=False, compare=False)

    def holds(self, formula: Formula) -> bool:
        """Whether a formula is true of this request."""
        found = self._known.get(formula)
        if found is None:
            found = self._known[formula] = formula.at(self)
        return found


@dataclass(frozen=True, slots=True, eq=False)
class Always(Formula):
    """True of every request, or false of every request."""

    value: bool

    def at(self, point: Point) -> bool:
        return self.value


@dataclass(frozen=True, slots=True, eq=False)
class In(Formula):
    """The class of a variable is one of some, by their codes (0 is *missing*)."""

    name: str
    codes: frozenset[int]

    def at(self, point: Point) -> bool:
        return point.codes[self.name] in self.codes


@dataclass(frozen=True, slots=True, eq=False)
class Within(Formula):
    """A whole number or a day is known and lies between two values, both included."""

    name: str
    first: Any
    last: Any

    def at(self, point: Point) -> bool:
        value = point.facts[self.name]
        return value is not None and bool(self.first <= value <= self.last)


@dataclass(frozen=True, slots=True, eq=False, weakref_slot=True)
class Every(Formula):
    """Each of several statements."""

    parts: tuple[Formula, ...]

    def at(self, point: Point) -> bool:
        return all(point.holds(part) for part in self.parts)


@dataclass(frozen=True, slots=True, eq=False, weakref_slot=True)
class Some(Formula):
    """At least one of several statements."""

    parts: tuple[Formula, ...]

    def at(self, point: Point) -> bool:
        return any(point.holds(part) for part in self.parts)


@dataclass(frozen=True, slots=True, eq=False, weakref_slot=True)
class Not(Formula):
    """The opposite of a statement."""

    part: Formula

    def at(self, point: Point) -> bool:
        return not point.holds(self.part)


@dataclass(frozen=True, slots=True, eq=False, weakref_slot=True)
class Differ(Formula):
    """Exactly one of two statements."""

    first: Formula
    second: Formula

    def at(self, point: Point) -> bool:
        return point.holds(self.first) is not point.holds(self.second)


TRUE = Always(True)
FALSE = Always(False)

_made: WeakValueDictionary[tuple[object, ...], Formula] = WeakValueDictionary()


def every(parts: Iterable[Formula]) -> Formula:
    """The statement that each part is true; `TRUE` where there is none."""
    return _joined(Every, TRUE, FALSE, parts)


def some(parts: Iterable[Formula]) -> Formula:
    """The statement that a part is true; `FALSE` where there is none."""
    return _joined(Some, FALSE, TRUE, parts)


def negated(part: Formula) -> Formula:
    """The statement that a part is false."""
    if part is TRUE or part is FALSE:
        return FALSE if part is TRUE else TRUE
    return part.part if isinstance(part, Not) else _once(Not, part)


def differ(first: Formula, second: Formula) -> Formula:
    """The statement that exactly one of two is true."""
    if first is second:
        return FALSE
    for constant, formula in ((first, second), (second, first)):
        if constant is TRUE or constant is FALSE:
            return negated(formula) if constant is TRUE else formula
    return _once(Differ, first, second, key=frozenset((first, second)))


def _joined(make: type[Every] | type[Some], neutral: Formula, deciding: Formula, parts: Iterable[Formula]) -> Formula:
    joined = dict.fromkeys(part for part in parts if part is not neutral)
    if deciding in joined:
        return deciding
    if len(joined) > 1:
        return _once(make, tuple(joined), key=frozenset(joined))
    return next(iter(joined), neutral)


def _once(make: Callable[..., Formula], *parts: object, key: object = None) -> Formula:
    """The only formula of these parts; `key` stands for them where their order does not matter."""
    key = (make, *parts) if key is None else (make, key)
    found = _made.get(key)
    if found is None:
        found = _made[key] = make(*parts)
    return found


def mapped(formula: Formula, atom: Callable[[In | Within], Formula]) -> Formula:
    """The formula with another one in the place of each statement about one variable."""

    @cache
    def changed(part: Formula) -> Formula:
        match part:
            case In() | Within():
                return atom(part)
            case Every():
                return every(map(changed, part.parts))
            case Some():
                return some(map(changed, part.parts))
            case Not():
                return negated(changed(part.part))
            case Differ():
                return differ(changed(part.first), changed(part.second))
            case Always():
                return part
        raise TypeError("no such formula")

    return changed(formula)


def restricted_to(name: str, formula: Formula, point: Point) -> Formula:
    """What a formula demands of one variable's class if everything else is as at a point."""

    def atom(statement: In | Within) -> Formula:
        if isinstance(statement, In) and statement.name == name:
            return statement
        return TRUE if point.holds(statement) else FALSE

    return mapped(formula, atom)
