"""Arrow columns as indices: the number of each row's value in the domain of its variable.

The size of the domain stands for *missing*. A value outside the domain is a fault of its row; rows with faults are
reread one by one, for the same messages as a single request gets.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache, partial
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from medpolicy.columns.arrow import is_text
from medpolicy.language.fields import Derived, Kind, Storage
from medpolicy.language.request import Variable

Indices = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]
Rows = Indices | slice
MOST_CELLS = 1 << 17


class IndexedColumn(NamedTuple):
    """The index of each row's value, and the rows whose value has none; `faulty` is None if there are no such rows."""

    indices: Indices
    faulty: Mask | None = None


@dataclass(frozen=True, slots=True)
class IndexedFrame:
    """The indices of a frame's rows for each testable variable, and the rows that have a fault, None if none has.

    `outside` is None if a revision is in effect on the day of each row; otherwise it has the number of the flag that says so
    where none is, and -1 elsewhere.
    """

    rows: int
    indices: Mapping[str, Indices]
    faulty: Mask | None = None
    outside: Indices | None = None

    def only(self, rows: Rows) -> IndexedFrame:
        """Some of the rows, those without a fault."""
        count = rows.stop - rows.start if isinstance(rows, slice) else len(rows)
        outside = None if self.outside is None else self.outside[rows]
        return IndexedFrame(count, {name: indices[rows] for name, indices in self.indices.items()}, outside=outside)


def index_column(variable: Variable, column: pa.Array, text: bool = False) -> IndexedColumn:
    """The indices of a column; with `text` its cells are written as in CSV."""
    kind = variable.kind
    missing = kind.size if variable.default is None else kind.index(variable.default)
    if pa.types.is_null(column.type):
        found = IndexedColumn(np.full(len(column), missing))
    elif text or is_text(column.type):
        days = _days(column) if kind.storage is Storage.DATE else None
        if days is None:
            found = _by_value(column, missing, partial(_index_of_text, kind, text))
        else:
            found = _by_number(days, kind, missing)
    else:
        found = (_by_options if kind.storage is Storage.TEXT_LIST else _by_number)(column, kind, missing)
    return found._replace(faulty=either(found.faulty, found.indices == missing)) if variable.required else found


def index_derived(derived: Derived, kinds: Mapping[str, Kind], indices: Mapping[str, Indices]) -> Indices:
    """The indices of a derived variable, from those of its parts; rows with a fault get any index."""
    size, parts = derived.kind(kinds).size, derived.parts
    missing = np.logical_or(*(indices[part] == kinds[part].size for part in parts))
    known = (np.minimum(indices[part], kinds[part].size - 1) for part in parts)
    found = derived.column(np, kinds, *known)
    return np.where(missing | (found < 0) | (found >= size), size, found)


def either(first: Mask | None, second: Mask | None) -> Mask | None:
    """The rows of either mask, or None if there are none."""
    if first is not None and second is not None:
        return np.logical_or(first, second)
    mask = second if first is None else first
    return mask if mask is not None and mask.any() else None


@lru_cache(MOST_CELLS)
def _index_of_text(kind: Kind, is_cell: bool, text: str) -> int | None:
    """The index of a value, None outside the domain; the chunks of a file repeat nearly all of their days and numbers."""
    value = kind.from_text(text) if is_cell else text
    return None if kind.problems(value) else kind.index(kind.typed(value))


def forget_texts() -> None:
    """Keep none of the texts that were looked up: they are a member's data, and their frames are decided."""
    _index_of_text.cache_clear()


def _days(column: pa.Array) -> pa.Array | None:
    """Written days as days, which takes a tenth of the time of looking up each; None where one is not `YYYY-MM-DD`."""
    try:
        return column.cast(pa.date32())
    except pa.ArrowException:
        return None


def _by_value(column: pa.Array, missing: int, index: Callable[[Any], int | None]) -> IndexedColumn:
    """Look up each distinct value once."""
    coded = column if pa.types.is_dictionary(column.type) else pc.dictionary_encode(column)
    found = [missing if value is None else index(value) for value in coded.dictionary.to_pylist()]
    rows = _with_nulls(coded.indices, _numbers_above(coded.indices, 0), len(found))
    indices = np.take(np.array([-1 if known is None else known for known in found] + [missing], dtype=np.int64), rows)
    return IndexedColumn(indices, either(None, indices < 0) if None in found else None)


def _by_number(column: pa.Array, kind: Kind, missing: int) -> IndexedColumn:
    """Count steps from the number of the first value."""
    if pa.types.is_date64(column.type):  # milliseconds, which may have a time of day
        days = pc.divide(column.cast(pa.int64()).cast(pa.float64(), safe=False), 86_400_000.0)
        column = pc.floor(days).cast(pa.int64())
    elif pa.types.is_date32(column.type):
        column = column.cast(pa.int32())
    elif pa.types.is_uint64(column.type):
        column = pc.min_element_wise(column, pa.scalar((1 << 63) - 1, pa.uint64()), skip_nulls=False)
    if not pa.types.is_boolean(column.type):
        column = column.cast(pa.int64())
    indices = _numbers_above(column, kind.origin)
    wrong: Mask = np.zeros(len(column), dtype=np.bool_)
    if kind.step > 1:
        indices, rest = np.divmod(indices, kind.step)
        wrong = rest > 0
    wrong |= indices.view(np.uint64) >= kind.size  # what is negative is very large
    faulty = either(wrong & _known(column) if column.null_count else wrong, None)
    if faulty is not None:
        indices = np.where(faulty, 0, indices)
    return IndexedColumn(_with_nulls(column, indices, missing), faulty)


def _by_options(column: pa.Array, kind: Kind, missing: int) -> IndexedColumn:
    """Set the bit of each option in a row's list."""
    bits = {option: 1 << bit for bit, option in enumerate(kind.choices)}
    options = _by_value(column.flatten(), kind.size, lambda option: bits.get(option, kind.size)).indices
    lengths = pc.list_value_length(column).fill_null(0).to_numpy(zero_copy_only=False)
    filled = np.flatnonzero(lengths)
    indices = np.zeros(len(column), dtype=np.int64)
    if len(filled):
        starts = np.cumsum(lengths[filled]) - lengths[filled]
        indices[filled] = np.bitwise_or.reduceat(options, starts)
    faulty = either(None, indices >= kind.size)
    return IndexedColumn(np.minimum(_with_nulls(column, indices, missing), kind.size), faulty)


def _numbers_above(column: pa.Array, origin: int) -> Indices:
    """The numbers or booleans in the memory of a column, counted from an origin; any number where it is null."""
    _, data = column.buffers()
    if pa.types.is_boolean(column.type):
        numbers = _marks(data, column.offset, len(column)).view(np.uint8)
    else:
        numbers = pa.Array.from_buffers(column.type, len(column), [None, data], offset=column.offset).to_numpy()
    return np.subtract(numbers, origin, dtype=np.int64)


def _with_nulls(column: pa.Array, indices: Indices, missing: int) -> Indices:
    """Some indices, changed to another one where a column is null. As arithmetic this takes the same time for any nulls."""
    if column.null_count:
        indices -= missing
        indices *= _known(column)
        indices += missing
    return indices


def _known(column: pa.Array) -> Mask:
    """The rows that are not null, of a column with nulls."""
    return _marks(column.buffers()[0], column.offset, len(column))


def _marks(bits: pa.Buffer, first: int, count: int) -> Mask:
    """Some bits of a buffer."""
    start, before = divmod(first, 8)
    bytes_of_bits = np.frombuffer(bits, dtype=np.uint8)[start:]
    return np.unpackbits(bytes_of_bits, count=before + count, bitorder="little")[before:].view(np.bool_)
