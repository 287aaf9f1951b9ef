"""What a person, or another program, may have meant by a value that is refused."""

from __future__ import annotations

import math
from collections.abc import Mapping
from datetime import date
from typing import Any

MISSING_HELP = "leave a missing fact out (in JSON also `null` without quotes, in CSV an empty cell)"
_PLACEHOLDERS = {"", "null", "none", "nil", "nan", "na", "n/a", "#n/a", "unknown", "missing", "undefined", "-", "?"}
_MISSING_ELSEWHERE = {"NaTType", "NAType"}
_OF_A_RECORD = (str, int, float, type(None), date, list, tuple, set, frozenset, Mapping)


def missing_help(value: Any) -> str | None:
    """The help for what people and other programs write in place of a missing fact, or None."""
    placeholder = isinstance(value, str) and value.strip().casefold() in _PLACEHOLDERS
    not_a_number = isinstance(value, float) and math.isnan(value)
    return MISSING_HELP if placeholder or not_a_number or type(value).__name__ in _MISSING_ELSEWHERE else None


def general_help(value: Any) -> str | None:
    """The help for a value that no kind of variable has, or None."""
    if missing_help(value) is None and not isinstance(value, _OF_A_RECORD):
        return "write it as JSON does, or as a date, set or tuple of Python"
    return missing_help(value)
