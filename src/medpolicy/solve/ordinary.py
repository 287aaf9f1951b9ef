"""Which of several requests a person would call ordinary: which facts are given, which classes and values come first."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from medpolicy.evaluate.tables import MISSING, Class, Table
from medpolicy.language.request import Variable
from medpolicy.solve.formula import Formula
from medpolicy.solve.space import Space

_YEARS_BEFORE = 40


class Ordinary:
    """The ordinary values of a space's variables."""

    def __init__(self, space: Space) -> None:
        self._space = space
        self._births = {before for before, _ in space.vocabulary.request.earlier}

    def given(self, name: str) -> Formula:
        """That a request names a fact: it is neither missing nor at its default."""
        table = self._space.tables[name]
        return ~self._space.is_in(name, {_code_if_not_named(table)})

    def order(self, name: str) -> list[int]:
        """The class codes of a variable, the most ordinary first: not given, then as the domain has them."""
        table, codes = self._space.tables[name], self._space.codes(name)
        not_named = _code_if_not_named(table)
        plain = table.variable.kind.ordinary(self.plain_day(name))
        return sorted(codes, key=lambda code: (code != not_named, _distance(table, code, plain), code))

    def plain_day(self, name: str) -> date:
        """A day that raises no question; a day that comes before another is that of an adult's birth."""
        day = self._space.plain_day
        return date(day.year - _YEARS_BEFORE, 1, 1) if name in self._births else day

    def plain(self, name: str, among: Class) -> Any:
        """The most ordinary number or day of a class."""
        kind = self._space.vocabulary.variables[name].kind
        plain, first, last = map(kind.index, (kind.ordinary(self.plain_day(name)), among.first, among.last))
        return kind.value(min(max(plain, first), last))

    def member(self, name: str, code: int) -> Any:
        """The most ordinary value of a class without an order."""
        table = self._space.tables[name]
        default = table.variable.default
        if default is not None and table.code(default) == code:
            return default
        return None if code == MISSING else table.classes[code - 1].representative

    def unread(self, variable: Variable) -> Any:
        """The value of a variable that no rule reads."""
        if not variable.required:
            return variable.default
        return variable.kind.ordinary(self.plain_day(variable.name))

    def record(self, facts: Mapping[str, Any]) -> dict[str, Any]:
        """The request in its JSON form: what is required, and what is given besides."""
        return {
            name: variable.kind.plain(facts[name])
            for name, variable in self._space.vocabulary.given.items()
            if variable.required or facts[name] != variable.default
        }


def _code_if_not_named(table: Table) -> int:
    """The class of a variable that a request does not name; a required one has none."""
    variable = table.variable
    if variable.required:
        return -1
    return table.code(variable.default)


def _distance(table: Table, code: int, plain: Any) -> int:
    """How far the values of a class are from an ordinary one; 0 where they have no order."""
    kind = table.variable.kind
    if code == MISSING or not kind.ordered:
        return 0
    among, index = table.classes[code - 1], kind.index(plain)
    return max(kind.index(among.first) - index, index - kind.index(among.last), 0)
