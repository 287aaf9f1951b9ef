"""Arrow types: which of them can hold a variable, and what a message calls them."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import pyarrow as pa

from medpolicy.language.fields import Storage
from medpolicy.language.request import Variable
from medpolicy.text.findings import Finding, quoted

Test = Callable[[pa.DataType], bool]


def is_text(type_: pa.DataType) -> bool:
    """Whether a type holds text, plain or dictionary-encoded."""
    if pa.types.is_dictionary(type_):
        type_ = type_.value_type
    return bool(pa.types.is_string(type_) or pa.types.is_large_string(type_) or pa.types.is_string_view(type_))


def is_list(type_: pa.DataType) -> bool:
    """Whether a type holds lists of any length."""
    return bool(pa.types.is_list(type_) or pa.types.is_large_list(type_) or pa.types.is_fixed_size_list(type_))


def plain_type(type_: pa.DataType) -> pa.DataType:
    """A type with words as plain text, since a dictionary may hold words that no row has."""
    if pa.types.is_dictionary(type_):
        return type_.value_type
    if pa.types.is_large_list(type_):
        return pa.large_list(plain_type(type_.value_type))
    return pa.list_(plain_type(type_.value_type)) if is_list(type_) else type_


def _is_list_of_text(type_: pa.DataType) -> bool:
    return is_list(type_) and (is_text(type_.value_type) or bool(pa.types.is_null(type_.value_type)))


_FITS: Mapping[Storage, Test] = {
    Storage.TEXT: is_text,
    Storage.BOOLEAN: pa.types.is_boolean,
    Storage.INTEGER: pa.types.is_integer,
    Storage.DATE: lambda type_: bool(pa.types.is_date(type_)) or is_text(type_),
    Storage.TEXT_LIST: _is_list_of_text,
}
_NAMES: tuple[tuple[Test, str], ...] = (
    (pa.types.is_boolean, "booleans"),
    (pa.types.is_integer, "whole numbers"),
    (pa.types.is_floating, "decimal numbers"),
    (pa.types.is_decimal, "decimal numbers"),
    (is_text, "text"),
    (pa.types.is_date, "dates"),
    (pa.types.is_timestamp, "times of day"),
    (is_list, "lists"),
)


def type_fault(variable: Variable, type_: pa.DataType) -> Finding | None:
    """The fault of a column whose Arrow type cannot hold the variable, or None."""
    storage = variable.kind.storage
    if pa.types.is_null(type_) or _FITS[storage](type_):
        return None
    held = next((name for test, name in _NAMES if test(type_)), "values of another type")
    message = f"the column {quoted(variable.name)} holds {held}; it must hold {storage.words}"
    return Finding("column-type", message, (variable.name,))
