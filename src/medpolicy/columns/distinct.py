"""Rows reduced to those that differ in a class code."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from medpolicy.columns.codes import coding
from medpolicy.columns.indices import IndexedFrame, Indices
from medpolicy.evaluate.tables import Table

_MOST_KEYS = 1 << 62


def distinct_rows(tables: Mapping[str, Table], frame: IndexedFrame) -> tuple[Indices, Indices]:
    """One row for each combination of class codes, and for each row of the frame the number of its combination."""
    keys, size = np.zeros(frame.rows, dtype=np.int64), 1
    for name, table in tables.items():
        if size * len(table) > _MOST_KEYS:
            keys, size = np.unique(keys, return_inverse=True)[1], frame.rows
        keys = keys * len(table) + coding(table)(frame.indices[name])
        size *= len(table)
    _, rows, numbers = np.unique(keys, return_index=True, return_inverse=True)
    return rows, numbers
