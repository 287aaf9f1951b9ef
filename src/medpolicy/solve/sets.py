"""Sets of options in the solver: a bit for each option, and any collection of sets as a decision about one bit after another."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from medpolicy.evaluate.tables import MISSING, Table


class OptionBits:
    """The set of options that a request gives."""

    def __init__(self, z3: Any, table: Table) -> None:
        kind = table.variable.kind
        self._z3 = z3
        self._options = kind.choices
        self._bits = [z3.Bool(f"{table.variable.name} {option}") for option in kind.choices]
        self._members: dict[int, int] = {}
        """For each class code its sets as bits: bit n is on if the set with index n is in the class."""
        for code, among in enumerate(table.classes, 1):
            self._members[code] = sum(1 << kind.index(member) for member in among.members)
        self._forms: dict[tuple[int, int], Any] = {}

    def in_classes(self, codes: Iterable[int]) -> Any:
        """That the set is of one of some classes."""
        among = 0
        for code in codes:
            among |= 0 if code == MISSING else self._members[code]
        return self._form(len(self._bits), among)

    def value(self, is_true: Any) -> frozenset[str]:
        """The set in a model."""
        return frozenset(option for option, bit in zip(self._options, self._bits, strict=True) if is_true(bit))

    def _form(self, options: int, among: int) -> Any:
        """That the set is one of `among`, which has a bit for each set of the first so many options."""
        if among == 0 or among == (1 << (1 << options)) - 1:
            return self._z3.BoolVal(among != 0)
        if (options, among) not in self._forms:
            half = 1 << (options - 1)
            without, having = among & ((1 << half) - 1), among >> half
            form = self._form(options - 1, without)
            if without != having:
                form = self._z3.If(self._bits[options - 1], self._form(options - 1, having), form)
            self._forms[options, among] = form
        return self._forms[options, among]
