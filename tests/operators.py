"""What each operator means, written down once more, apart from the engine."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

OPERATORS: Mapping[str, Callable[[Any, Any], bool]] = {
    "equal_to": lambda value, constant: value == constant,
    "not_equal_to": lambda value, constant: value != constant,
    "is_one_of": lambda value, constant: value in constant,
    "is_none_of": lambda value, constant: value not in constant,
    "is_true": lambda value, constant: value is True,
    "is_false": lambda value, constant: value is False,
    "less_than": lambda value, constant: value < constant,
    "less_than_or_equal_to": lambda value, constant: value <= constant,
    "greater_than": lambda value, constant: value > constant,
    "greater_than_or_equal_to": lambda value, constant: value >= constant,
    "before": lambda value, constant: value < constant,
    "on_or_before": lambda value, constant: value <= constant,
    "after": lambda value, constant: value > constant,
    "on_or_after": lambda value, constant: value >= constant,
    "is_exactly": lambda value, constant: value == set(constant),
    "contains": lambda value, constant: constant in value,
    "does_not_contain": lambda value, constant: constant not in value,
    "contains_all": lambda value, constant: set(constant) <= value,
    "is_contained_by": lambda value, constant: value <= set(constant),
    "shares_at_least_one_element_with": lambda value, constant: bool(value & set(constant)),
    "shares_exactly_one_element_with": lambda value, constant: len(value & set(constant)) == 1,
    "shares_no_elements_with": lambda value, constant: not value & set(constant),
}
