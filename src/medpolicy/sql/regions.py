"""Conditions over class codes as SQL: true where they are met, false where not, null where they are open."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlglot import exp

from medpolicy.evaluate.conditions import Leaf, Node
from medpolicy.evaluate.status import Status
from medpolicy.evaluate.tables import Class, Table
from medpolicy.language.fields import Kind, Storage
from medpolicy.sql.covers import Product, products
from medpolicy.sql.dialects import Dialect, Expression, column, constants
from medpolicy.sql.plan import as_text

BETWEEN_OPTIONS = " + "
FEW_OPTIONS = 8


@dataclass(frozen=True)
class Regions:
    """Writes conditions; `names` has the column that holds a set as text, and each variable read is noted."""

    dialect: Dialect
    names: Mapping[str, str]
    read: set[str] = field(default_factory=set)
    read_as_text: set[str] = field(default_factory=set)

    def condition(self, part: Node, tables: Mapping[str, Table]) -> Expression:
        """A condition: SQL's own `AND` and `OR` follow the same three-valued logic, with null for unknown."""
        if isinstance(part, Leaf):
            return self._leaf(part, tables[part.name])
        parts = [self.condition(inner, tables) for inner in part.parts]
        return exp.and_(*parts) if part.holds_when_all else exp.or_(*parts)

    def _leaf(self, leaf: Leaf, table: Table) -> Expression:
        kind, value = table.variable.kind, column(leaf.name)
        inside: list[Class] = []
        outside: list[Class] = []
        for known, status in zip(table.classes, leaf.statuses[1:], strict=True):
            (inside if status is Status.MET else outside).append(known)
        if kind.is_set:
            return self._set(leaf.name, kind, inside, outside)
        self.read.add(leaf.name)
        if kind.sorted_when_stored:
            return _ranges(value, kind, inside, outside)
        members = _members(kind, inside)
        if kind.storage is not Storage.BOOLEAN:
            among, holds = _shorter(members, _members(kind, outside), FEW_OPTIONS)
            return _among(value, constants(kind, among), holds)
        if len(members) == 1:
            return _held(value, members[0])
        return _known(value, bool(members))

    def _set(self, name: str, kind: Kind, inside: list[Class], outside: list[Class]) -> Expression:
        """In the fewest words: which sets it is or is not, or which options it has and lacks."""
        ways: list[tuple[int, bool, list[frozenset[str]], list[Product] | None]] = []
        for classes, holds in ((inside, True), (outside, False)):
            members = [member for known in classes for member in known.members]
            if len(members) == kind.size:
                return _known(self._has(name, kind.choices[0]), holds)
            found = products(kind.choices, members)
            ways.append((sum(map(len, found)), holds, members, found))
            if all(option and BETWEEN_OPTIONS.strip() not in option for option in kind.choices):  # no two as one text
                ways.append((len(members), holds, members, None))
        _, holds, members, by_options = min(ways, key=lambda way: (way[0], way[3] is not None))
        if by_options is not None:
            return _held(exp.or_(*(self._product(name, product) for product in by_options)), holds)
        self.read_as_text.add(name)
        written = [exp.convert(BETWEEN_OPTIONS.join(kind.plain(member))) for member in members]
        return _among(column(self.names[as_text(name)]), written, holds)

    def _product(self, name: str, product: Product) -> Expression:
        has = [self._has(name, option) for option in product.has]
        return exp.and_(*has, *(exp.not_(self._has(name, option)) for option in product.lacks))

    def _has(self, name: str, option: str) -> Expression:
        self.read.add(name)
        return self.dialect.has(column(name), option)


def _members(kind: Kind, classes: list[Class]) -> list[Any]:
    """All values of some classes, in the order of the variable."""
    indexes: list[int] = []
    for known in classes:
        indexes += map(kind.index, known.members or ())
        indexes += () if known.members else range(kind.index(known.first), kind.index(known.last) + 1)
    return [kind.value(index) for index in sorted(indexes)]


def _ranges(value: exp.Column, kind: Kind, inside: list[Class], outside: list[Class]) -> Expression:
    """Few comparisons that separate the values inside from those outside."""
    ranges, holds = _shorter(_joined(kind, inside), _joined(kind, outside))
    single: list[Expression] = []
    parts: list[Expression] = []
    for first, last in ranges:
        low, high = constants(kind, (kind.value(first), kind.value(last)))
        if first == last:
            single.append(low)
        elif first == 0 and last != kind.size - 1:
            parts.append(exp.LTE(this=value.copy(), expression=high))
        elif last == kind.size - 1 and first != 0:
            parts.append(exp.GTE(this=value.copy(), expression=low))
        else:
            parts.append(value.between(low, high))
    if not parts:
        return _among(value, single, holds)
    return _held(exp.or_(*([_among(value, single, True)] if single else []), *parts), holds)


def _joined(kind: Kind, classes: list[Class]) -> list[tuple[int, int]]:
    """The first and last index of each run of neighbouring classes."""
    found: list[tuple[int, int]] = []
    for known in classes:
        first, last = kind.index(known.first), kind.index(known.last)
        if found and found[-1][1] + 1 == first:
            first, _ = found.pop()
        found.append((first, last))
    return found


def _shorter(inside: Sequence[Any], outside: Sequence[Any], few: int = 0) -> tuple[Sequence[Any], bool]:
    """What is inside, if that is few or no more than what is outside, otherwise what is outside; and which it is."""
    holds = bool(inside) and (not outside or len(inside) <= max(len(outside), few))
    return (inside if holds else outside), holds


def _among(value: exp.Column, options: list[Expression], holds: bool) -> Expression:
    """Whether a value is one of some constants, or none of them."""
    if len(options) == 1:
        return (exp.EQ if holds else exp.NEQ)(this=value.copy(), expression=options[0])
    return _held(value.isin(*options), holds)


def _known(condition: Expression, holds: bool) -> Expression:
    """True, or false, where a condition is not null."""
    return _held(exp.or_(condition, exp.not_(condition)), holds)


def _held(condition: Expression, holds: bool) -> Expression:
    return condition if holds else exp.not_(condition)
