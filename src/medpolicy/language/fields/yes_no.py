"""Yes or no."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from business_rules.fields import FIELD_NO_INPUT

from medpolicy.language.fields.facts import FactType, comparison
from medpolicy.language.fields.helps import general_help
from medpolicy.language.fields.kind import Kind, Problem
from medpolicy.language.fields.storage import Storage
from medpolicy.text.findings import listed


class YesNoType(FactType):
    """Yes or no."""

    name = "yes_no"

    is_true = comparison(FIELD_NO_INPUT, lambda value, _: value is True, ": yes")
    is_false = comparison(FIELD_NO_INPUT, lambda value, _: value is False, ": no")


@dataclass(frozen=True, slots=True)
class YesNo(Kind):
    """True or false."""

    type = YesNoType
    storage = Storage.BOOLEAN
    domain = "`true` or `false`"
    size = 2

    def problems(self, value: Any) -> list[Problem]:
        if isinstance(value, bool):
            return []
        if isinstance(value, str) and value.strip().casefold() in {"true", "false"}:
            return self._refuse("write it in lower case, without quotes or blanks")
        return self._refuse(general_help(value))

    def index(self, value: Any) -> int:
        return int(value)

    def value(self, index: int) -> bool:
        return bool(index)

    def in_words(self, value: Any) -> str:
        return "yes" if value else "no"

    def constant_schema(self, operator: str) -> dict[str, Any]:
        return {"const": True}

    def from_text(self, cell: str) -> Any:
        return {"true": True, "false": False}.get(cell, cell)

    def constant_problems(self, operator: str, constant: Any) -> list[Problem]:
        if constant is True:
            return []
        advice = f"the operator says which answer is meant: {listed(self.operators())}"
        return [Problem("must be `true`", advice)]
