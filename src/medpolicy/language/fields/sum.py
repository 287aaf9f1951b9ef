"""The sum of two whole numbers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import ModuleType
from typing import Any

from medpolicy.language.fields.bits import SolverNumber, unsigned_at_least, widened
from medpolicy.language.fields.derived import Derived
from medpolicy.language.fields.kind import GivenNumber, Kind
from medpolicy.language.fields.whole_number import WholeNumber


@dataclass(frozen=True, slots=True)
class Sum(Derived):
    """The sum of two whole numbers."""

    rises_with = (True, True)
    in_c = 1
    first: str
    second: str

    @property
    def parts(self) -> tuple[str, str]:
        return self.first, self.second

    def kind(self, kinds: Mapping[str, Kind]) -> WholeNumber:
        first, second = kinds[self.first], kinds[self.second]
        if not (isinstance(first, WholeNumber) and isinstance(second, WholeNumber)):
            raise TypeError("a sum needs two whole numbers")
        return WholeNumber(first.lowest + second.lowest, first.highest + second.highest)

    def value(self, first: int, second: int) -> int:
        return first + second

    def column(self, np: ModuleType, kinds: Mapping[str, Kind], first: Any, second: Any) -> Any:
        return first + second

    def sql(self, exp: Any, first: Any, second: Any) -> Any:
        return exp.Add(this=first, expression=second)

    def solver(self, z3: Any, first: GivenNumber, second: GivenNumber) -> Total:
        return Total(z3, first, second)


class Total(SolverNumber):
    """The sum of two whole numbers in the solver."""

    def __init__(self, z3: Any, first: GivenNumber, second: GivenNumber) -> None:
        self.z3 = z3
        width = max(first.bits.size(), second.bits.size()) + 1
        self._lowest = first.kind.lowest + second.kind.lowest
        self._bits = widened(z3, first.bits, width) + widened(z3, second.bits, width)

    def at_least(self, value: int) -> Any:
        return unsigned_at_least(self.z3, self._bits, value - self._lowest)
