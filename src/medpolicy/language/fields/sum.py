"""The sum of two whole numbers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from medpolicy.language.fields.derived import Derived
from medpolicy.language.fields.kind import Kind
from medpolicy.language.fields.whole_number import WholeNumber


@dataclass(frozen=True, slots=True)
class Sum(Derived):
    """The sum of two whole numbers."""

    rises_with = (True, True)
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

    def sql(self, exp: Any, first: Any, second: Any) -> Any:
        return exp.Add(this=first, expression=second)
