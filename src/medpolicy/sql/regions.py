"""A part of a condition that reads one variable as SQL: true where it is met, null where the fact is missing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from sqlglot import exp

from medpolicy.evaluate.compiled import Group, Leaf
from medpolicy.evaluate.status import Status
from medpolicy.evaluate.tables import Class, Table
from medpolicy.language.fields import Choice, ChoiceSet, Day, WholeNumber, YesNo
from medpolicy.sql.covers import Product, products
from medpolicy.sql.dialects import Dialect, Expression, column, text, texts

BETWEEN_OPTIONS = " + "
FEW_OPTIONS = 8


@dataclass(frozen=True)
class Regions:
    """Turns leaves into SQL; `as_text` names the column that holds a set as text, and every column asked for is noted."""

    dialect: Dialect
    as_text: Mapping[str, str]
    read: dict[str, None] = field(default_factory=dict)
    read_as_text: dict[str, None] = field(default_factory=dict)

    def condition(self, part: Leaf | Group, tables: Mapping[str, Table]) -> Expression:
        """A condition: SQL's own `AND` and `OR` follow the same three-valued logic, with null for unknown."""
        if isinstance(part, Leaf):
            return self._leaf(part, tables[part.name])
        parts = [self.condition(each, tables) for each in part.parts]
        return exp.and_(*parts) if part.holds_when_all else exp.or_(*parts)

    def _leaf(self, leaf: Leaf, table: Table) -> Expression:
        kind = table.variable.kind
        answered = list(zip(table.classes, leaf.statuses[1:], strict=True))
        inside = [each for each, status in answered if status is Status.MET]
        outside = [each for each, status in answered if status is not Status.MET]
        if isinstance(kind, ChoiceSet):
            return self._set(leaf.name, kind, inside, outside)
        self.read[leaf.name] = None
        value = column(leaf.name)
        if isinstance(kind, Choice):
            return _options(value, _members(kind.options, inside), _members(kind.options, outside))
        if isinstance(kind, YesNo):
            return _yes_or_no(value, [each for known in inside for each in known.members])
        if isinstance(kind, WholeNumber):
            return _ranges(value, inside, outside, kind.lowest, kind.highest)
        if isinstance(kind, Day):
            return _ranges(value, inside, outside, kind.lowest, kind.highest)
        raise TypeError(f"{leaf.name} has no SQL form")

    def _set(self, name: str, kind: ChoiceSet, inside: list[Class], outside: list[Class]) -> Expression:
        """In the fewest words: which sets it is or is not, or which options it has and lacks."""
        ways: list[tuple[int, bool, list[frozenset[str]], list[Product] | None]] = []
        for classes, holds in ((inside, True), (outside, False)):
            members = [member for each in classes for member in each.members]
            if len(members) == 1 << len(kind.options):
                return self._any_or_none(name, kind.options[0], holds)
            found = products(kind.options, members)
            ways.append((sum(map(len, found)), holds, members, found))
            if can_be_text(kind):
                ways.append((len(members), holds, members, None))
        _, holds, members, by_options = min(ways, key=lambda way: (way[0], way[3] is not None))
        if by_options is not None:
            said = exp.or_(*(self._product(name, each) for each in by_options))
            return said if holds else exp.not_(said)
        self.read_as_text[name] = None
        return _among(column(self.as_text[name]), [text(set_as_text(kind, each)) for each in members], holds)

    def _product(self, name: str, product: Product) -> Expression:
        has = [self._has(name, option) for option in product.has]
        return exp.and_(*has, *(exp.not_(self._has(name, option)) for option in product.lacks))

    def _has(self, name: str, option: str) -> Expression:
        self.read[name] = None
        return self.dialect.has(column(name), option)

    def _any_or_none(self, name: str, option: str, holds: bool) -> Expression:
        either = exp.or_(self._has(name, option), exp.not_(self._has(name, option)))
        return either if holds else exp.not_(either)


def can_be_text(kind: ChoiceSet) -> bool:
    """Whether no two sets have the same text."""
    return all(option and BETWEEN_OPTIONS.strip() not in option for option in kind.options)


def set_as_text(kind: ChoiceSet, members: frozenset[str]) -> str:
    """A set as its column of text holds it: its options in the order of the variable."""
    return BETWEEN_OPTIONS.join(kind.plain(members))


def constant(value: Any) -> Expression:
    """A whole number or a day."""
    return exp.cast(text(value.isoformat()), "date") if isinstance(value, date) else exp.convert(value)


def _members(options: Sequence[str], classes: list[Class]) -> list[str]:
    known = {member for each in classes for member in each.members}
    return [option for option in options if option in known]


def _options(value: Expression, inside: list[str], outside: list[str]) -> Expression:
    holds = bool(inside) and (not outside or len(inside) <= max(len(outside), FEW_OPTIONS))
    return _among(value, texts(inside if holds else outside), holds)


def _yes_or_no(value: Expression, inside: list[bool]) -> Expression:
    if len(inside) == 1:
        return value if inside[0] else exp.not_(value)
    either = exp.or_(value, exp.not_(value.copy()))
    return either if inside else exp.not_(either)


def _ranges(value: Expression, inside: list[Class], outside: list[Class], lowest: Any, highest: Any) -> Expression:
    """Few comparisons that tell the values inside from those outside."""
    ranges, others = _joined(inside), _joined(outside)
    holds = bool(ranges) and (not others or len(ranges) <= len(others))
    chosen = ranges if holds else others
    single = [constant(first) for first, last in chosen if first == last]
    parts = [_among(value, single, True)] if single else []
    for first, last in chosen:
        if first == last:
            continue
        if first == lowest and last != highest:
            parts.append(exp.LTE(this=value.copy(), expression=constant(last)))
        elif last == highest and first != lowest:
            parts.append(exp.GTE(this=value.copy(), expression=constant(first)))
        else:
            parts.append(exp.Between(this=value.copy(), low=constant(first), high=constant(last)))
    if not holds and len(chosen) == len(single):
        return _among(value, single, False)
    return exp.or_(*parts) if holds else exp.not_(exp.or_(*parts))


def _joined(classes: list[Class]) -> list[tuple[Any, Any]]:
    """The first and last value of each run of neighbouring classes."""
    found: list[tuple[Any, Any]] = []
    for each in classes:
        step = timedelta(1) if isinstance(each.first, date) else 1
        if found and found[-1][1] + step == each.first:
            found[-1] = found[-1][0], each.last
        else:
            found.append((each.first, each.last))
    return found


def _among(value: Expression, constants: list[Expression], holds: bool) -> Expression:
    """Whether a value is one of some constants, or none of them."""
    if len(constants) == 1:
        return (exp.EQ if holds else exp.NEQ)(this=value.copy(), expression=constants[0])
    said = exp.In(this=value.copy(), expressions=constants)
    return said if holds else exp.not_(said)
