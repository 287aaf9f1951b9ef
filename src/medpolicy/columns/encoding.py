"""Rows with text that is not UTF-8 are taken out, so that no other module has to expect such text."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from medpolicy.columns.arrow import is_text, plain_type
from medpolicy.columns.indices import Mask, either

_ASCII = 0x80


def without_bytes(table: pa.Table) -> tuple[pa.Table, Mask | None]:
    """The rows of a table whose text is UTF-8, and a mask of them; None if all rows are."""
    faulty: Mask | None = None
    for position, column in enumerate(table.columns):
        if _holds_text(column.type) and not _is_utf8(column):
            plain = column.cast(plain_type(column.type))
            table = table.set_column(position, table.field(position).with_type(plain.type), plain)
            faulty = either(faulty, np.array([not _can_be_read(scalar) for scalar in plain], dtype=np.bool_))
    if faulty is None:
        return table, None
    return taken(table, np.flatnonzero(~faulty)), ~faulty


def taken(table: pa.Table, rows: np.typing.NDArray[np.int64]) -> pa.Table:
    """Some rows of a table with columns of any type."""
    try:
        return table.take(pa.array(rows))
    except pa.ArrowNotImplementedError:
        return pa.concat_tables([table.slice(0, 0), *(table.slice(row, 1) for row in rows.tolist())])


def _is_utf8(column: pa.ChunkedArray) -> bool:
    try:
        for chunk in column.chunks:
            if not _is_ascii(chunk):
                chunk.validate(full=True)
    except pa.ArrowInvalid:
        return False
    return True


def _is_ascii(array: pa.Array) -> bool:
    """Whether plain text is ASCII, which is found out much faster than whether it is UTF-8."""
    if not (pa.types.is_string(array.type) or pa.types.is_large_string(array.type)) or not len(array):
        return False
    _, offsets, data = array.buffers()
    ends = np.frombuffer(offsets, dtype=np.int32 if pa.types.is_string(array.type) else np.int64)
    text = np.frombuffer(data or b"", dtype=np.uint8)[ends[array.offset] : ends[array.offset + len(array)]]
    return bool(text.max(initial=0) < _ASCII)


def _can_be_read(scalar: pa.Scalar) -> bool:
    try:
        scalar.as_py()
    except UnicodeDecodeError:
        return False
    return True


def _holds_text(type_: pa.DataType) -> bool:
    if pa.types.is_dictionary(type_):
        type_ = type_.value_type
    return is_text(type_) or any(_holds_text(type_.field(position).type) for position in range(type_.num_fields))
