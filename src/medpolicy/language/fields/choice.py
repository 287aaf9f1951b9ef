"""One of a closed list of options."""

from __future__ import annotations

from dataclasses import dataclass
from operator import eq, ne
from typing import Any

from business_rules.fields import FIELD_SELECT, FIELD_SELECT_MULTIPLE

from medpolicy.language.fields.facts import FactType, comparison
from medpolicy.language.fields.helps import general_help
from medpolicy.language.fields.kind import Kind, Problem, Storage
from medpolicy.text.findings import did_you_mean, listed


class ChoiceType(FactType):
    """One of a closed list of options."""

    name = "choice"

    equal_to = comparison(FIELD_SELECT, eq)
    not_equal_to = comparison(FIELD_SELECT, ne)
    is_one_of = comparison(FIELD_SELECT_MULTIPLE, lambda value, options: value in options)
    is_none_of = comparison(FIELD_SELECT_MULTIPLE, lambda value, options: value not in options)


@dataclass(frozen=True, slots=True)
class Choice(Kind):
    """One of `options`."""

    type = ChoiceType
    storage = Storage.TEXT
    options: tuple[str, ...]

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

    @property
    def choices(self) -> tuple[str, ...]:
        return self.options

    def constant_schema(self, operator: str) -> dict[str, Any]:
        return options_schema(self, operator)

    def constant_problems(self, operator: str, constant: Any) -> list[Problem]:
        return constant_options(self.operators()[operator], constant, self.options, may_be_empty=False)


def options_schema(kind: Kind, operator: str) -> dict[str, Any]:
    """The constants of an operator that takes one option, or a list of options, as a JSON Schema."""
    options: dict[str, Any] = {"enum": list(kind.choices)}
    if kind.operators()[operator] == FIELD_SELECT:
        return options
    several: dict[str, Any] = {"type": "array", "items": options}
    return several if not kind.constant_problems(operator, []) else several | {"minItems": 1}


def constant_options(input_type: str, constant: Any, options: tuple[str, ...], may_be_empty: bool) -> list[Problem]:
    """What is wrong with a constant that is one option, or a list of options."""
    if input_type == FIELD_SELECT:
        if isinstance(constant, str) and constant in options:
            return []
        advice = (
            "this operator takes one option, not a list"
            if isinstance(constant, list)
            else did_you_mean(constant, options)
        )
        return [Problem(f"must be {listed(options)}", advice)]
    if not isinstance(constant, list):
        return [Problem(f"must be a list of {listed(options, last='and')}", "write a list, also of one option")]
    if not constant and not may_be_empty:
        return [Problem("must be a list with at least one option")]
    return [
        Problem(f"must be {listed(options)}", did_you_mean(option, options), (place,))
        for place, option in enumerate(constant)
        if not (isinstance(option, str) and option in options)
    ]
