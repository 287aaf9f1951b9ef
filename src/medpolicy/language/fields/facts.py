"""Field types of the stock engine whose value may be missing."""

from __future__ import annotations

from collections.abc import Callable
from enum import Enum
from functools import wraps
from typing import Any

from business_rules.operators import BaseType, type_operator
from business_rules.utils import fn_name_to_pretty_label


class Missing(Enum):
    """A missing fact, by how a run of the engine counts every test on it."""

    FAILS = False
    HOLDS = True


class FactType(BaseType):  # type: ignore[misc]  # business-rules has no type hints
    """A field type of the engine whose value may be missing."""

    def __init_subclass__(cls) -> None:
        for name, method in vars(cls).items():
            if getattr(method, "is_operator", False):
                method.label = fn_name_to_pretty_label(name)

    def _assert_valid_value_and_cast(self, value: Any) -> Any:
        return value


def operator(input_type: str, phrase: str | None = None) -> Callable[[Callable[[Any, Any], bool]], Any]:
    """Make a comparison an operator of `business_rules`: a missing value answers as the run wants it.

    `phrase` is how a test goes on after the variable's label: `{all}` are the options of its constant joined by "and",
    `{any}` those joined by "or". Without one the operator reads as it is named.
    """

    def declare(compare: Callable[[Any, Any], bool]) -> Any:
        @wraps(compare)
        def answer(self: FactType, constant: Any = True) -> bool:
            if isinstance(self.value, Missing):
                return bool(self.value.value)
            return compare(self, constant)

        declared = type_operator(input_type, assert_type_for_arguments=False)(answer)
        declared.phrase = phrase
        return declared

    return declare


def comparison(input_type: str, compare: Callable[[Any, Any], bool], phrase: str) -> Any:
    """An operator, named after its attribute, that compares a fact's value with the constant."""
    return operator(input_type, phrase)(lambda fact, constant: bool(compare(fact.value, constant)))
