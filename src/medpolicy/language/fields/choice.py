"""One of a closed list of options."""

from __future__ import annotations

from dataclasses import dataclass
from operator import eq, ne
from typing import Any, ClassVar

from business_rules.fields import FIELD_SELECT, FIELD_SELECT_MULTIPLE

from medpolicy.language.fields.facts import FactType, comparison
from medpolicy.language.fields.helps import general_help
from medpolicy.language.fields.kind import Kind, Problem
from medpolicy.language.fields.storage import Storage
from medpolicy.text.findings import did_you_mean, listed


class ChoiceType(FactType):
    """One of a closed list of options."""

    name = "choice"

    equal_to = comparison(FIELD_SELECT, eq, " is {all}")
    not_equal_to = comparison(FIELD_SELECT, ne, " is not {all}")
    is_one_of = comparison(FIELD_SELECT_MULTIPLE, lambda value, options: value in options, " is {any}")
    is_none_of = comparison(FIELD_SELECT_MULTIPLE, lambda value, options: value not in options, " is not {any}")


@dataclass(frozen=True, slots=True)
class OptionKind(Kind):
    """A kind whose values are made of `options`; an operator takes one of them, or a list."""

    takes_empty: ClassVar[tuple[str, ...]] = ()
    """The operators that also take the empty list."""
    options: tuple[str, ...]

    @property
    def choices(self) -> tuple[str, ...]:
        return self.options

    def in_words(self, value: Any) -> str:
        """A value, or one of the options that it is made of."""
        return str(value).replace("_", " ")

    def constant_schema(self, operator: str) -> dict[str, Any]:
        options: dict[str, Any] = {"enum": list(self.options)}
        if self.operators()[operator] == FIELD_SELECT:
            return options
        several: dict[str, Any] = {"type": "array", "items": options}
        return several if operator in self.takes_empty else several | {"minItems": 1}

    def constant_problems(self, operator: str, constant: Any) -> list[Problem]:
        message = f"must be {listed(self.options)}"
        if self.operators()[operator] == FIELD_SELECT:
            if isinstance(constant, str) and constant in self.options:
                return []
            several = isinstance(constant, list)
            advice = "this operator takes one option, not a list" if several else did_you_mean(constant, self.options)
            return [Problem(message, advice)]
        if not isinstance(constant, list):
            message = f"must be a list of {listed(self.options, last='and')}"
            return [Problem(message, "write a list, also of one option")]
        if not constant and operator not in self.takes_empty:
            return [Problem("must be a list with at least one option")]
        return [
            Problem(message, did_you_mean(option, self.options), (position,))
            for position, option in enumerate(constant)
            if not (isinstance(option, str) and option in self.options)
        ]


@dataclass(frozen=True, slots=True)
class Choice(OptionKind):
    """One of `options`."""

    type = ChoiceType
    storage = Storage.TEXT

    @property
    def domain(self) -> str:
        return listed(self.options)

    def problems(self, value: Any) -> list[Problem]:
        if isinstance(value, str) and value in self.options:
            return []
        return self._refuse(did_you_mean(value, self.options) or general_help(value))

    @property
    def size(self) -> int:
        return len(self.options)

    def index(self, value: Any) -> int:
        return self.options.index(value)

    def value(self, index: int) -> Any:
        return self.options[index]
