"""Rows reduced to those that differ in a class code."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pyarrow as pa

from medpolicy.columns.chunk import Chunk
from medpolicy.columns.codes import coding
from medpolicy.columns.frame import ColumnDecider
from medpolicy.columns.indices import IndexedFrame, Indices
from medpolicy.evaluate.tables import Table

_MOST_KEYS = 1 << 62


def distinct_rows(
    decider: ColumnDecider, tables: Mapping[str, Table], chunk: Chunk
) -> tuple[pa.Array, IndexedFrame, Indices]:
    """One row of a chunk for each combination of class codes: their ids and indices, and how many rows have each.

    The rows of the chunk have no fault.
    """
    chunk = chunk.readable()
    frame = decider.index(chunk.table, chunk.text)
    keys, size = np.zeros(frame.rows, dtype=np.int64), 1
    for name, table in tables.items():
        if size * len(table) > _MOST_KEYS:
            keys, size = np.unique(keys, return_inverse=True)[1], frame.rows
        keys = keys * len(table) + coding(table)(frame.indices[name])
        size *= len(table)
    _, rows, numbers = np.unique(keys, return_index=True, return_counts=True)
    return chunk.ids.view(pa.large_string()).take(pa.array(rows)), frame.only(rows), numbers
