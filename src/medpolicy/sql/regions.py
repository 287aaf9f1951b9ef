"""Conditions over class codes as SQL: true where they are met, false where not, null where they are open."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from sqlglot import exp

from medpolicy.evaluate.conditions import Leaf, Node
from medpolicy.evaluate.status import Status
from medpolicy.evaluate.tables import Class, Table
from medpolicy.language.fields import Kind, Storage
from medpolicy.sql.constants import compares_by_size, constants
from medpolicy.sql.covers import Product, products
from medpolicy.sql.dialects import Dialect, Expression, column, text

BETWEEN_OPTIONS = " + "
FEW_OPTIONS = 8


@dataclass(frozen=True)
class Regions:
    """Writes conditions; `as_text` names the column that holds a set as text, and each variable read is noted."""

    dialect: Dialect
    as_text: Mapping[str, str]
    read: dict[str, None] = field(default_factory=dict)
    read_as_text: dict[str, None] = field(default_factory=dict)

    def condition(self, part: Node, tables: Mapping[str, Table]) -> Expression:
        """A condition: SQL's own `AND` and `OR` follow the same three-valued logic, with null for unknown."""
        if isinstance(part, Leaf):
            return self._leaf(part, tables[part.name])
        parts = [self.condition(inner, tables) for inner in part.parts]
        return exp.and_(*parts) if part.holds_when_all else exp.or_(*parts)

    def _leaf(self, leaf: Leaf, table: Table) -> Expression:
        kind = table.variable.kind
        inside: list[Class] = []
        outside: list[Class] = []
        for known, status in zip(table.classes, leaf.statuses[1:], strict=True):
            (inside if status is Status.MET else outside).append(known)
        if kind.storage is Storage.TEXT_LIST:
            return self._set(leaf.name, kind, inside, outside)
        self.read[leaf.name] = None
        value = column(leaf.name)
        if compares_by_size(kind):
            return _ranges(value, kind, inside, outside)
        if kind.storage is Storage.BOOLEAN:
            return _yes_or_no(value, _members(kind, inside))
        return _options(value, constants(kind, _members(kind, inside)), constants(kind, _members(kind, outside)))

    def _set(self, name: str, kind: Kind, inside: list[Class], outside: list[Class]) -> Expression:
        """In the fewest words: which sets it is or is not, or which options it has and lacks."""
        ways: list[tuple[int, bool, list[frozenset[str]], list[Product] | None]] = []
        for classes, holds in ((inside, True), (outside, False)):
            members = [member for known in classes for member in known.members]
            if len(members) == kind.size:
                return self._any_or_none(name, kind.choices[0], holds)
            found = products(kind.choices, members)
            ways.append((sum(map(len, found)), holds, members, found))
            if _can_be_text(kind):
                ways.append((len(members), holds, members, None))
        _, holds, members, by_options = min(ways, key=lambda way: (way[0], way[3] is not None))
        if by_options is not None:
            either = exp.or_(*(self._product(name, product) for product in by_options))
            return either if holds else exp.not_(either)
        self.read_as_text[name] = None
        written = [text(BETWEEN_OPTIONS.join(kind.plain(member))) for member in members]
        return _among(column(self.as_text[name]), written, holds)

    def _product(self, name: str, product: Product) -> Expression:
        has = [self._has(name, option) for option in product.has]
        return exp.and_(*has, *(exp.not_(self._has(name, option)) for option in product.lacks))

    def _has(self, name: str, option: str) -> Expression:
        self.read[name] = None
        return self.dialect.has(column(name), option)

    def _any_or_none(self, name: str, option: str, holds: bool) -> Expression:
        either = exp.or_(self._has(name, option), exp.not_(self._has(name, option)))
        return either if holds else exp.not_(either)


def _can_be_text(kind: Kind) -> bool:
    """Whether no two sets have the same text."""
    return all(option and BETWEEN_OPTIONS.strip() not in option for option in kind.choices)


def _members(kind: Kind, classes: list[Class]) -> list[object]:
    """All values of some classes, in the order of the variable."""
    indexes: list[int] = []
    for known in classes:
        if known.members:
            indexes += map(kind.index, known.members)
        else:
            indexes += range(kind.index(known.first), kind.index(known.last) + 1)
    return [kind.value(index) for index in sorted(indexes)]


def _options(value: Expression, inside: list[Expression], outside: list[Expression]) -> Expression:
    holds = bool(inside) and (not outside or len(inside) <= max(len(outside), FEW_OPTIONS))
    return _among(value, inside if holds else outside, holds)


def _yes_or_no(value: Expression, inside: list[object]) -> Expression:
    if len(inside) == 1:
        return value if inside[0] else exp.not_(value)
    either = exp.or_(value, exp.not_(value.copy()))
    return either if inside else exp.not_(either)


def _ranges(value: Expression, kind: Kind, inside: list[Class], outside: list[Class]) -> Expression:
    """Few comparisons that separate the values inside from those outside."""
    ranges, others = _joined(kind, inside), _joined(kind, outside)
    holds = bool(ranges) and (not others or len(ranges) <= len(others))
    single: list[Expression] = []
    parts: list[Expression] = []
    for first, last in ranges if holds else others:
        low, high = constants(kind, (kind.value(first), kind.value(last)))
        if first == last:
            single.append(low)
        elif first == 0 and last != kind.size - 1:
            parts.append(exp.LTE(this=value.copy(), expression=high))
        elif last == kind.size - 1 and first != 0:
            parts.append(exp.GTE(this=value.copy(), expression=low))
        else:
            parts.append(exp.Between(this=value.copy(), low=low, high=high))
    if not holds and not parts:
        return _among(value, single, False)
    either = exp.or_(*([_among(value, single, True)] if single else []), *parts)
    return either if holds else exp.not_(either)


def _joined(kind: Kind, classes: list[Class]) -> list[tuple[int, int]]:
    """The first and last index of each run of neighbouring classes."""
    found: list[tuple[int, int]] = []
    for known in classes:
        first, last = kind.index(known.first), kind.index(known.last)
        if found and found[-1][1] + 1 == first:
            first, _ = found.pop()
        found.append((first, last))
    return found


def _among(value: Expression, options: list[Expression], holds: bool) -> Expression:
    """Whether a value is one of some constants, or none of them."""
    if len(options) == 1:
        return (exp.EQ if holds else exp.NEQ)(this=value.copy(), expression=options[0])
    among = exp.In(this=value.copy(), expressions=options)
    return among if holds else exp.not_(among)
