"""Variables that are worked out from given ones."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from medpolicy.language.fields.day import Day
from medpolicy.language.fields.kind import Kind
from medpolicy.language.fields.whole_number import WholeNumber


class Derived(ABC):
    """A variable worked out from given ones; it is missing where one of its `parts` is."""

    __slots__ = ()

    @property
    @abstractmethod
    def parts(self) -> tuple[str, str]:
        """The names of the given variables that it is worked out from."""

    @abstractmethod
    def kind(self, kinds: Mapping[str, Kind]) -> WholeNumber:
        """Its domain, from the domains of its parts."""

    @abstractmethod
    def value(self, first: Any, second: Any) -> int:
        """Its value, from known values of its two parts."""

    @abstractmethod
    def of(self, facts: Mapping[str, Any]) -> int | None:
        """Its value in a request, or None where a part is missing."""


@dataclass(frozen=True, slots=True)
class Sum(Derived):
    """The sum of two whole numbers."""

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

    def of(self, facts: Mapping[str, Any]) -> int | None:
        first, second = facts[self.first], facts[self.second]
        return None if first is None or second is None else first + second


@dataclass(frozen=True, slots=True)
class CompletedYears(Derived):
    """Full years from one day to a later one; a 29 February recurs on 1 March in years without it."""

    start: str
    end: str

    @property
    def parts(self) -> tuple[str, str]:
        return self.start, self.end

    def kind(self, kinds: Mapping[str, Kind]) -> WholeNumber:
        start, end = kinds[self.start], kinds[self.end]
        if not (isinstance(start, Day) and isinstance(end, Day)):
            raise TypeError("completed years need two days")
        return WholeNumber(0, self.value(start.earliest, end.latest))

    def value(self, first: date, second: date) -> int:
        years = second.year - first.year
        if second.month != first.month:
            return years - (second.month < first.month)
        return years - (second.day < first.day)

    def of(self, facts: Mapping[str, Any]) -> int | None:
        start, end = facts[self.start], facts[self.end]
        return None if start is None or end is None else self.value(start, end)
