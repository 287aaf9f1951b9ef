"""Conditions over class codes as SQL: true where they are met, false where not, null where they are open."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlglot import exp

from medpolicy.evaluate.conditions import Leaf, Node
from medpolicy.evaluate.status import Status
from medpolicy.evaluate.tables import Table
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
        met = {code for code, status in enumerate(leaf.statuses) if status is Status.MET}
        inside, outside = met, set(range(1, len(table))) - met
        if kind.is_set:
            return self._set(leaf.name, table, inside, outside)
        self.read.add(leaf.name)
        if kind.sorted_when_stored:
            return _ranges(value, kind, *_shorter(table.ranges(inside), table.ranges(outside)))
        members = _members(table, inside)
        if kind.storage is not Storage.BOOLEAN:
            among, holds = _shorter(members, _members(table, outside), FEW_OPTIONS)
            return _among(value, constants(kind, among), holds)
        if len(members) == 1:
            return _held(value, members[0])
        return _known(value, bool(members))

    def _set(self, name: str, table: Table, inside: set[int], outside: set[int]) -> Expression:
        """In the fewest words: which sets it is or is not, or which options it has and lacks."""
        kind = table.variable.kind
        ways: list[tuple[int, bool, list[frozenset[str]], list[Product] | None]] = []
        for codes, holds in ((inside, True), (outside, False)):
            members = [member for code in sorted(codes) for member in table.classes[code - 1].members]
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


def _members(table: Table, codes: set[int]) -> list[Any]:
    """All values of some classes, in the order of the variable."""
    kind = table.variable.kind
    ranges = [(kind.index(first), kind.index(last)) for first, last in table.ranges(codes)] if kind.ordered else []
    indexes = [index for first, last in ranges for index in range(first, last + 1)]
    indexes += sorted(kind.index(member) for code in codes for member in table.classes[code - 1].members)
    return list(map(kind.value, indexes))


def _ranges(value: exp.Column, kind: Kind, ranges: Sequence[tuple[Any, Any]], holds: bool) -> Expression:
    """Whether a value is in one of some ranges, or in none of them."""
    single: list[Expression] = []
    parts: list[Expression] = []
    for first, last in ranges:
        low, high = constants(kind, (first, last))
        if first == last:
            single.append(low)
        elif first == kind.lowest and last != kind.highest:
            parts.append(exp.LTE(this=value.copy(), expression=high))
        elif last == kind.highest and first != kind.lowest:
            parts.append(exp.GTE(this=value.copy(), expression=low))
        else:
            parts.append(value.between(low, high))
    if not parts:
        return _among(value, single, holds)
    return _held(exp.or_(*([_among(value, single, True)] if single else []), *parts), holds)


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
