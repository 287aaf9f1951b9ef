"""Text: identifiers."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from medpolicy.language.fields.facts import FactType
from medpolicy.language.fields.helps import general_help
from medpolicy.language.fields.kind import Kind, Problem
from medpolicy.language.fields.storage import Storage


@dataclass(frozen=True, slots=True)
class Text(Kind):
    """Text that no rule may test, such as an identifier."""

    type = FactType
    storage = Storage.TEXT
    domain = "text of at least one character"
    size = 0

    def problems(self, value: Any) -> list[Problem]:
        if isinstance(value, int | float) and not isinstance(value, bool):
            return self._refuse("write it in quotes")
        if not isinstance(value, str):
            return self._refuse(general_help(value))
        try:
            value.encode("utf-8")
        except UnicodeEncodeError:
            return self._refuse("it holds half a character (a lone surrogate)")
        return [] if value else self._refuse()

    def index(self, value: Any) -> int:
        raise TypeError("text has no number")

    def value(self, index: int) -> Any:
        raise TypeError("text has no number")

    def ordinary(self, day: date) -> Any:
        return "EXAMPLE-1"

    def edges(self) -> list[Any]:
        return ["R-1", "R-2"]
