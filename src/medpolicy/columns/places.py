"""Arrow columns become places: where in its variable's domain each value stands.

A place counts from 0 in the order of the domain; the size of the domain is the place of *missing*. What stands in no
place is a fault of its row, and is worded row by row with the same messages as a single request.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import lru_cache, partial
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from medpolicy.language.fields import (
    Choice,
    ChoiceSet,
    CompletedYears,
    Day,
    Derived,
    Kind,
    Sum,
    Text,
    WholeNumber,
    YesNo,
)
from medpolicy.language.request import Variable
from medpolicy.text.findings import Finding, quoted

Places = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]
EPOCH = date(1970, 1, 1).toordinal()


@dataclass(frozen=True)
class Placed:
    """The places of one column, and the rows whose value has none (None where every value has one)."""

    places: Places
    faulty: Mask | None = None


def domain_size(kind: Kind) -> int:
    """How many values a domain has."""
    if isinstance(kind, Choice):
        return len(kind.options)
    if isinstance(kind, ChoiceSet):
        return int(1 << len(kind.options))
    if isinstance(kind, WholeNumber):
        return kind.highest - kind.lowest + 1
    if isinstance(kind, Day):
        return (kind.highest - kind.lowest).days + 1
    return 2


def place_of(kind: Kind, value: Any) -> int:
    """The place of one known value of the domain."""
    if isinstance(kind, Choice):
        return kind.options.index(value)
    if isinstance(kind, ChoiceSet):
        return sum(1 << kind.options.index(option) for option in set(value))
    if isinstance(kind, WholeNumber):
        return int(value) - kind.lowest
    if isinstance(kind, Day):
        known = date.fromisoformat(value) if isinstance(value, str) else value
        return int((known - kind.lowest).days)
    return int(bool(value))


def type_fault(variable: Variable, type_: pa.DataType) -> Finding | None:
    """The fault of a column whose Arrow type cannot hold the variable, or None."""
    if _fits(variable.kind, type_):
        return None
    message = f"the column {quoted(variable.name)} holds {_said(type_)}; it must hold {_WANTED[type(variable.kind)]}"
    return Finding("column-type", message, (variable.name,))


def place_column(variable: Variable, column: pa.Array, text: bool = False) -> Placed:
    """The places of a column; with `text` its cells are written as in CSV."""
    kind, size = variable.kind, domain_size(variable.kind)
    if pa.types.is_null(column.type):
        found = Placed(np.full(len(column), size))
    elif isinstance(kind, Day) and (text or _is_text(column.type)):
        found = _by_value(column, size, partial(_place_of_day, kind))
    elif text:
        found = _by_value(column, size, lambda cell: _place_or_none(kind, kind.from_text(cell)))
    elif isinstance(kind, Choice):
        found = _by_value(column, size, lambda value: _place_or_none(kind, value))
    elif isinstance(kind, YesNo):
        found = Placed(column.cast(pa.int64()).fill_null(2).to_numpy())
    elif isinstance(kind, WholeNumber):
        found = _numbers(column, kind.lowest, kind.highest)
    elif isinstance(kind, Day):
        found = _numbers(_days(column), kind.lowest.toordinal() - EPOCH, kind.highest.toordinal() - EPOCH)
    elif isinstance(kind, ChoiceSet):
        found = _sets(column, kind)
    else:
        raise TypeError(f"{variable.name} has no places")
    return _with_default(variable, found, size)


def place_derived(derived: Derived, kinds: Mapping[str, Kind], placed: Mapping[str, Placed]) -> Places:
    """The places of a derived variable, from those of its parts (rows with a fault get any place)."""
    first, second = derived.parts
    kind = derived.kind(kinds)
    ones, others = placed[first].places, placed[second].places
    missing = (ones == domain_size(kinds[first])) | (others == domain_size(kinds[second]))
    if isinstance(derived, Sum):
        places = ones + others
    elif isinstance(derived, CompletedYears):
        ones, others = (
            np.minimum(each, domain_size(kinds[part]) - 1)
            for part, each in zip(derived.parts, (ones, others), strict=True)
        )
        starts, ends = _calendar(kinds[first]), _calendar(kinds[second])
        years = np.take(ends[0], others) - np.take(starts[0], ones)
        places = years - (np.take(ends[1], others) < np.take(starts[1], ones)) - kind.lowest
    else:
        raise TypeError(f"{type(derived).__name__} has no column form")
    size = domain_size(kind)
    return np.where(missing | (places < 0) | (places >= size), size, places)


def either(first: Mask | None, second: Mask | None) -> Mask | None:
    """The rows of one or the other, where there are any."""
    if first is None or second is None:
        return second if first is None else first
    return np.logical_or(first, second)


def _calendar(kind: Kind) -> tuple[Places, Places]:
    """Year, and month and day as one number, of each place of a date variable."""
    if not isinstance(kind, Day):
        raise TypeError("completed years need two days")
    known = _CALENDARS.get(kind)
    if known is None:
        first = np.datetime64(kind.lowest)
        days = np.arange(first, first + np.timedelta64(domain_size(kind), "D"))
        months = days.astype("datetime64[M]")
        in_month = (days - months).astype(np.int64)
        years = days.astype("datetime64[Y]").astype(np.int64)
        known = _CALENDARS[kind] = years, months.astype(np.int64) % 12 * 32 + in_month
    return known


_CALENDARS: dict[Day, tuple[Places, Places]] = {}


def _place_or_none(kind: Kind, value: Any) -> int | None:
    return None if kind.problems(value) else place_of(kind, value)


def _with_default(variable: Variable, found: Placed, size: int) -> Placed:
    if variable.default is not None:
        default = place_of(variable.kind, variable.default)
        return Placed(np.where(found.places == size, default, found.places), found.faulty)
    if variable.required:
        absent = found.places == size
        return Placed(found.places, either(found.faulty, absent if absent.any() else None))
    return found


@lru_cache(maxsize=1 << 17)
def _place_of_day(kind: Day, written: str) -> int | None:
    """The place of a day in text; a file has few days, and each piece of it nearly all of them."""
    return _place_or_none(kind, written)


def _by_value(column: pa.Array, size: int, place: Callable[[Any], int | None]) -> Placed:
    """Work out the place of each distinct value once."""
    coded = column if pa.types.is_dictionary(column.type) else pc.dictionary_encode(column)
    values = coded.dictionary.to_pylist()
    found = [size if value is None else place(value) for value in values]
    look_up = np.array([-1 if each is None else each for each in found] + [size], dtype=np.int64)
    places = np.take(look_up, _indices(coded))
    faulty = places < 0 if -1 in look_up else None
    return Placed(places, faulty if faulty is not None and faulty.any() else None)


def _indices(coded: pa.DictionaryArray) -> Places:
    """The index of each row's value; the number of values where it is null."""
    indices = coded.indices.cast(pa.int64())
    filled: Places = (indices.fill_null(len(coded.dictionary)) if indices.null_count else indices).to_numpy()
    return filled


def _days(column: pa.Array) -> pa.Array:
    """Days since 1970, also of days held in milliseconds, which may have a time of day."""
    if not pa.types.is_date64(column.type):
        return column.cast(pa.int32())
    return pc.floor(pc.divide(column.cast(pa.int64()).cast(pa.float64(), safe=False), 86_400_000.0)).cast(pa.int64())


def _numbers(column: pa.Array, lowest: int, highest: int) -> Placed:
    size = highest - lowest + 1
    if pa.types.is_uint64(column.type):
        column = pc.min_element_wise(column, pa.scalar((1 << 63) - 1, pa.uint64()), skip_nulls=False)
    column = column.cast(pa.int64())
    values = (column.fill_null(lowest) if column.null_count else column).to_numpy(zero_copy_only=False)
    outside = (values < lowest) | (values > highest)
    faulty = outside if outside.any() else None
    if faulty is not None:
        values = np.where(outside, lowest, values)
    places = values - lowest
    if column.null_count:
        places = np.where(column.is_null().to_numpy(zero_copy_only=False), size, places)
    return Placed(places, faulty)


def _sets(column: pa.Array, kind: ChoiceSet) -> Placed:
    """Each row's options as bits."""
    size = domain_size(kind)
    lengths = pc.list_value_length(column).fill_null(0).to_numpy(zero_copy_only=False)
    options = _by_value(column.flatten(), -2, lambda value: _option(kind, value))
    flat = np.where(options.places < 0, size, np.left_shift(1, np.maximum(options.places, 0)))
    filled = np.flatnonzero(lengths)
    places = np.zeros(len(column), dtype=np.int64)
    if len(filled):
        starts = np.cumsum(lengths[filled]) - lengths[filled]
        places[filled] = np.bitwise_or.reduceat(flat, starts)
    faulty = places >= size
    if column.null_count:
        places = np.where(column.is_null().to_numpy(zero_copy_only=False), size, places)
    return Placed(np.minimum(places, size), faulty if faulty.any() else None)


def _option(kind: ChoiceSet, value: Any) -> int | None:
    return kind.options.index(value) if value in kind.options else None


def _is_text(type_: pa.DataType) -> bool:
    if pa.types.is_dictionary(type_):
        type_ = type_.value_type
    return bool(pa.types.is_string(type_) or pa.types.is_large_string(type_) or pa.types.is_string_view(type_))


def _is_list(type_: pa.DataType) -> bool:
    return bool(pa.types.is_list(type_) or pa.types.is_large_list(type_) or pa.types.is_fixed_size_list(type_))


def _fits(kind: Kind, type_: pa.DataType) -> bool:
    if pa.types.is_null(type_):
        return True
    if isinstance(kind, Text | Choice):
        return _is_text(type_)
    if isinstance(kind, YesNo):
        return bool(pa.types.is_boolean(type_))
    if isinstance(kind, WholeNumber):
        return bool(pa.types.is_integer(type_))
    if isinstance(kind, Day):
        return bool(pa.types.is_date(type_)) or _is_text(type_)
    return _is_list(type_) and (_is_text(type_.value_type) or pa.types.is_null(type_.value_type))


_WANTED: Mapping[type[Kind], str] = {
    Text: "text",
    Choice: "text",
    YesNo: "booleans",
    WholeNumber: "whole numbers",
    Day: "dates",
    ChoiceSet: "lists of text",
}


def _said(type_: pa.DataType) -> str:
    """An Arrow type in plain words."""
    words = (
        (pa.types.is_boolean, "booleans"),
        (pa.types.is_integer, "whole numbers"),
        (pa.types.is_floating, "decimal numbers"),
        (pa.types.is_decimal, "decimal numbers"),
        (_is_text, "text"),
        (pa.types.is_date, "dates"),
        (pa.types.is_timestamp, "times of day"),
        (_is_list, "lists"),
    )
    return next((word for holds, word in words if holds(type_)), "values of another type")
