"""Whole numbers."""

from __future__ import annotations

import re
from dataclasses import dataclass
from operator import eq, ge, gt, le, lt, ne
from typing import Any

from business_rules.fields import FIELD_NUMERIC

from medpolicy.language.fields.facts import FactType, comparison
from medpolicy.language.fields.helps import general_help
from medpolicy.language.fields.kind import Kind, Problem
from medpolicy.language.fields.storage import Storage

_WRITTEN_LOOSELY = re.compile(r"\s*([+-]?[0-9]{1,18})(?:\.0*)?\s*")
_NOT_AROUND_DIGITS = "no quotes, blanks, plus sign, leading zeros or decimal point"
_WRITTEN_NUMBER = re.compile(r"-?(0|[1-9][0-9]{0,17})")


class WholeNumberType(FactType):
    """A whole number, compared exactly."""

    name = "whole_number"

    equal_to = comparison(FIELD_NUMERIC, eq, " is {all}")
    not_equal_to = comparison(FIELD_NUMERIC, ne, " is not {all}")
    less_than = comparison(FIELD_NUMERIC, lt, " is less than {all}")
    less_than_or_equal_to = comparison(FIELD_NUMERIC, le, " is at most {all}")
    greater_than = comparison(FIELD_NUMERIC, gt, " is more than {all}")
    greater_than_or_equal_to = comparison(FIELD_NUMERIC, ge, " is at least {all}")


@dataclass(frozen=True, slots=True)
class WholeNumber(Kind):
    """A whole number from `lowest` to `highest`, both included."""

    type = WholeNumberType
    storage = Storage.INTEGER
    is_plain = True
    ordered = True
    lowest: int
    highest: int

    @property
    def domain(self) -> str:
        return f"a whole number from {self.lowest} to {self.highest}"

    def problems(self, value: Any) -> list[Problem]:
        if isinstance(value, int) and not isinstance(value, bool):
            return [] if self.lowest <= value <= self.highest else self._refuse()
        if isinstance(value, float) and value.is_integer():
            return self._refuse("write it without a decimal point")
        if isinstance(value, str) and (written := _WRITTEN_LOOSELY.fullmatch(value)):
            within = self.lowest <= int(written[1]) <= self.highest
            return self._refuse("write the digits alone: " + _NOT_AROUND_DIGITS if within else None)
        return self._refuse(general_help(value))

    @property
    def size(self) -> int:
        return self.highest - self.lowest + 1

    def index(self, value: Any) -> int:
        return int(value) - self.lowest

    def value(self, index: int) -> int:
        return self.lowest + index

    @property
    def origin(self) -> int:
        return self.lowest

    def edges(self) -> list[Any]:
        return [self.lowest, self.lowest + 1, self.highest]

    def simplicity(self, value: Any) -> Any:
        """Small numbers first."""
        return abs(value), value < 0

    def constant_schema(self, operator: str) -> dict[str, Any]:
        return {"type": "integer", "minimum": self.lowest, "maximum": self.highest}

    def from_text(self, cell: str) -> Any:
        return int(cell) if _WRITTEN_NUMBER.fullmatch(cell) else cell
