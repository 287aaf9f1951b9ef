"""Requests drawn once for all questions; a formula's truth values are the bits of one number, a bit for each request.

Most statements that can be true are true of one of them, which saves a question to the solver.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import reduce
from operator import and_, or_, xor
from random import Random
from typing import Any

from medpolicy.evaluate.tables import Class
from medpolicy.language.fields import Derived, Kind
from medpolicy.solve.formula import Formula, In, Point, Within, reader
from medpolicy.solve.space import Space

DRAWN = 2048
_SEED = 20260402
_MOST_FOUND = 64
"""How many requests found by the solver are kept one by one; then they replace drawn ones."""
_LEFT_OUT = 0.1
_ATTEMPTS = 4
_TOGETHER = 0.5
"""How often the parts of a derived variable are drawn for a class of it, rather than each for a class of its own."""


class Sample:
    """Requests of a space: drawn ones, and those that the solver finds."""

    def __init__(self, space: Space, drawn: int = DRAWN) -> None:
        self._space = space
        draw = Draw(space)
        self._block = _Block(space, [draw.point() for _ in range(drawn)])
        self._found: list[Point] = []

    def shows(self, *statements: Formula) -> bool:
        """Whether all statements are true of one of the requests."""
        if self._block.where(statements):
            return True
        return any(all(map(point.holds, statements)) for point in self._found)

    def add(self, point: Point) -> None:
        """Add a request that the solver found."""
        self._found.append(point)
        if len(self._found) > _MOST_FOUND:
            self._block = _Block(self._space, [*self._block.points[len(self._found) :], *self._found])
            self._found = []


class _Block:
    """A fixed list of requests; the bits of each formula are computed once."""

    def __init__(self, space: Space, points: list[Point]) -> None:
        self.points = points
        self._all = (1 << len(points)) - 1
        self._bits = reader(
            self._of_atom,
            lambda value: self._all if value else 0,
            lambda parts: reduce(and_, parts, self._all),
            lambda parts: reduce(or_, parts, 0),
            lambda bits: self._all & ~bits,
            xor,
        )
        self._codes = {name: _by_code([point.codes[name] for point in points]) for name in space.tables}

    def where(self, statements: Iterable[Formula]) -> int:
        """The requests of which all statements are true."""
        found = self._all
        for statement in statements:
            found &= self._bits(statement)
            if not found:
                break
        return found

    def _of_atom(self, statement: In | Within) -> int:
        if isinstance(statement, In):
            codes = self._codes[statement.name]
            return reduce(or_, (codes[code] for code in statement.codes if code in codes), 0)
        return _packed(point.holds(statement) for point in self.points)


def _by_code(codes: list[int]) -> dict[int, int]:
    return {code: _packed(known == code for known in codes) for code in set(codes)}


def _packed(bits: Iterable[bool]) -> int:
    return int("".join("1" if bit else "0" for bit in bits)[::-1] or "0", 2)


class Draw:
    """Draws requests: every class of every variable, its first and last value more often than those between."""

    def __init__(self, space: Space) -> None:
        self._space = space
        self._random = Random(_SEED)
        derived = space.vocabulary.derived
        self._derived = [(name, derived[name]) for name in derived if name in space.tables]

    def point(self) -> Point:
        """One request that can be."""
        space = self._space
        facts: dict[str, Any] = {variable.name: self._value(variable.name) for variable in space.given}
        self._settle_service_day(facts)
        for name, derived in self._derived:
            if self._random.random() < _TOGETHER:
                table = space.tables[name]
                wanted = self._of_class(table.variable.kind, self._random.choice(table.classes))
                facts |= self._parts(derived, wanted, facts)
        for before, after in space.vocabulary.request.earlier:
            first, second = facts.get(before), facts.get(after)
            if first is not None and second is not None and first > second:
                facts[before] = second
        facts |= {name: derived.of(facts) for name, derived in self._derived}
        return Point({name: table.code(facts[name]) for name, table in space.tables.items()}, facts)

    def _settle_service_day(self, facts: dict[str, Any]) -> None:
        """Most requests are of the revision's own time, and many of its first day."""
        name, plain = self._space.vocabulary.service_day, self._space.plain_day
        kind = self._space.vocabulary.variables[name].kind
        if not kind.lowest <= plain <= kind.highest:
            return
        if self._random.random() < _TOGETHER or facts[name] < plain:
            facts[name] = plain

    def _value(self, name: str) -> Any:
        table, draw = self._space.tables[name], self._random
        if self._space.may_be_missing(name) and draw.random() < _LEFT_OUT:
            return None
        return self._of_class(table.variable.kind, draw.choice(table.classes))

    def _of_class(self, kind: Kind, among: Class) -> Any:
        return self._between(kind, among.first, among.last) if kind.ordered else among.representative

    def _parts(self, derived: Derived, wanted: int, facts: Mapping[str, Any]) -> dict[str, Any]:
        """Values of the parts of a derived variable that give it a value, if a few attempts find some."""
        kinds = {name: self._space.vocabulary.variables[name].kind for name in derived.parts}
        first, second = derived.parts
        value, kind = facts[second], kinds[second]
        for _ in range(_ATTEMPTS):
            if value is not None:
                found = derived.part_for(kinds, first, value, wanted)
                if found is not None:
                    return {first: self._between(kinds[first], *found), second: value}
            value = self._between(kind, kind.lowest, kind.highest)
        return {}

    def _between(self, kind: Kind, first: Any, last: Any) -> Any:
        """A value of a range, often one at or near its ends."""
        start, draw = kind.index(first), self._random
        steps = kind.index(last) - start
        return kind.value(start + draw.choice((0, steps, draw.randint(0, min(steps, 8)), draw.randint(0, steps))))
