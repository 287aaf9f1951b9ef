"""Statements about one request, as immutable trees that can be evaluated at a request and read by the solver."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
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
        """Whether it holds at a point; callers use `Point.holds`, which remembers."""
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

    one: Formula
    other: Formula

    def at(self, point: Point) -> bool:
        return point.holds(self.one) is not point.holds(self.other)


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


def differ(one: Formula, other: Formula) -> Formula:
    """The statement that exactly one of two is true."""
    if one is other:
        return FALSE
    for constant, left in ((one, other), (other, one)):
        if constant is TRUE or constant is FALSE:
            return negated(left) if constant is TRUE else left
    return _once(Differ, one, other, key=frozenset((one, other)))


def _joined(make: type[Every] | type[Some], neutral: Formula, deciding: Formula, parts: Iterable[Formula]) -> Formula:
    left: dict[Formula, None] = {}
    for part in parts:
        if part is deciding:
            return deciding
        if part is not neutral:
            left[part] = None
    if not left:
        return neutral
    return next(iter(left)) if len(left) == 1 else _once(make, tuple(left), key=frozenset(left))


def _once(make: Callable[..., Formula], *parts: object, key: object = None) -> Formula:
    """A formula of these parts: the one that there is, or a new one; `key` stands for the parts where their order is free."""
    key = (make, *parts) if key is None else (make, key)
    found = _made.get(key)
    if found is None:
        found = _made[key] = make(*parts)
    return found


def mapped(formula: Formula, atom: Callable[[In | Within], Formula]) -> Formula:
    """The formula with another one in the place of each statement about one variable."""
    known: dict[Formula, Formula] = {}

    def changed(each: Formula) -> Formula:
        if each not in known:
            known[each] = _changed(each)
        return known[each]

    def _changed(each: Formula) -> Formula:
        match each:
            case In() | Within():
                return atom(each)
            case Every():
                return every(map(changed, each.parts))
            case Some():
                return some(map(changed, each.parts))
            case Not():
                return negated(changed(each.part))
            case Differ():
                return differ(changed(each.one), changed(each.other))
            case Always():
                return each
        raise TypeError("no such formula")

    return changed(formula)


def left_of(formula: Formula, point: Point, name: str) -> Formula:
    """What a formula still asks of one variable's class when all else is as at a point."""

    def atom(each: In | Within) -> Formula:
        if isinstance(each, In) and each.name == name:
            return each
        return TRUE if point.holds(each) else FALSE

    return mapped(formula, atom)
