"""Statements about one request, as immutable trees that can be evaluated at a request and read by the solver."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cache, cached_property
from operator import is_not, not_
from typing import Any, TypeVar
from weakref import WeakValueDictionary

from medpolicy.evaluate.kleene import Algebra, Kleene

Value = TypeVar("Value")


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


@dataclass(frozen=True, slots=True, eq=False)
class Always(Formula):
    """True of every request, or false of every request."""

    value: bool


@dataclass(frozen=True, slots=True, eq=False)
class In(Formula):
    """The class of a variable is one of some, by their codes (0 is *missing*)."""

    name: str
    codes: frozenset[int]


@dataclass(frozen=True, slots=True, eq=False)
class Within(Formula):
    """A whole number or a day is known and lies between two values, both included."""

    name: str
    first: Any
    last: Any


@dataclass(frozen=True, slots=True, eq=False, weakref_slot=True)
class Every(Formula):
    """Each of several statements."""

    parts: tuple[Formula, ...]


@dataclass(frozen=True, slots=True, eq=False, weakref_slot=True)
class Some(Formula):
    """At least one of several statements."""

    parts: tuple[Formula, ...]


@dataclass(frozen=True, slots=True, eq=False, weakref_slot=True)
class Not(Formula):
    """The opposite of a statement."""

    part: Formula


@dataclass(frozen=True, slots=True, eq=False, weakref_slot=True)
class Differ(Formula):
    """Exactly one of two statements."""

    first: Formula
    second: Formula


TRUE = Always(True)
FALSE = Always(False)

_known_formulas: WeakValueDictionary[tuple[object, ...], Formula] = WeakValueDictionary()


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
    return part.part if isinstance(part, Not) else _interned(Not, part)


def differ(first: Formula, second: Formula) -> Formula:
    """The statement that exactly one of two is true."""
    if first is second:
        return FALSE
    for constant, formula in ((first, second), (second, first)):
        if constant is TRUE or constant is FALSE:
            return negated(formula) if constant is TRUE else formula
    return _interned(Differ, first, second, key=frozenset((first, second)))


def _joined(make: type[Every] | type[Some], neutral: Formula, deciding: Formula, parts: Iterable[Formula]) -> Formula:
    joined = dict.fromkeys(part for part in parts if part is not neutral)
    if deciding in joined:
        return deciding
    if len(joined) > 1:
        return _interned(make, tuple(joined), key=frozenset(joined))
    return next(iter(joined), neutral)


def _interned(make: Callable[..., Formula], *parts: object, key: object = None) -> Formula:
    """The only formula of these parts; `key` stands for them where their order does not matter."""
    key = (make, *parts) if key is None else (make, key)
    found = _known_formulas.get(key)
    if found is None:
        found = _known_formulas[key] = make(*parts)
    return found


KleeneFormula = Kleene[Formula]
"""A status as two formulas: whether it is *met*, and whether it may be."""

FORMULAS: Algebra[Formula] = Algebra(every, some)
MET: KleeneFormula = Kleene(TRUE, TRUE)
NOT_MET: KleeneFormula = Kleene(FALSE, FALSE)


def reader(
    atom: Callable[[In | Within], Value],
    always: Callable[[bool], Value],
    every: Callable[[Iterable[Value]], Value],
    some: Callable[[Iterable[Value]], Value],
    negated: Callable[[Value], Value],
    differ: Callable[[Value, Value], Value],
) -> Callable[[Formula], Value]:
    """A way to read formulas: what each comes to, from what its parts come to. The parts are read as they are asked for."""

    @cache
    def read(formula: Formula) -> Value:
        match formula:
            case Every():
                return every(map(read, formula.parts))
            case Some():
                return some(map(read, formula.parts))
            case In() | Within():
                return atom(formula)
            case Not():
                return negated(read(formula.part))
            case Differ():
                return differ(read(formula.first), read(formula.second))
            case Always():
                return always(formula.value)
        raise TypeError("no such formula")

    return read


@dataclass(frozen=True)
class Point:
    """One request as formulas see it: class codes (of the tables of a space), and values (None where missing)."""

    codes: Mapping[str, int]
    facts: Mapping[str, Any]

    @cached_property
    def holds(self) -> Callable[[Formula], bool]:
        """Whether a formula is true of this request."""
        return reader(self._holds, bool, all, any, not_, is_not)

    def _holds(self, statement: In | Within) -> bool:
        if isinstance(statement, In):
            return self.codes[statement.name] in statement.codes
        value = self.facts[statement.name]
        return value is not None and bool(statement.first <= value <= statement.last)


def mapped(formula: Formula, atom: Callable[[In | Within], Formula]) -> Formula:
    """The formula with another one in the place of each statement about one variable."""
    return reader(atom, lambda value: TRUE if value else FALSE, every, some, negated, differ)(formula)


def restricted_to(name: str, formula: Formula, point: Point) -> Formula:
    """What a formula demands of one variable's class if everything else is as at a point."""

    def atom(statement: In | Within) -> Formula:
        if isinstance(statement, In) and statement.name == name:
            return statement
        return TRUE if point.holds(statement) else FALSE

    return mapped(formula, atom)
