"""From indices to class codes or to what they stand for, and rows reduced to those that differ in a code."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

import numpy as np
import numpy.typing as npt

from medpolicy.columns.indices import IndexedFrame, Indices
from medpolicy.evaluate.tables import MISSING, Table

Values = npt.NDArray[Any]
MOST_DENSE = 1 << 20
_MOST_KEYS = 1 << 62


def looked_up(table: Table, *of_codes: Values) -> list[Callable[[Indices], Values]]:
    """Functions from indices to what their class codes stand for, one for each array of what that is."""
    kind = table.variable.kind
    if kind.ordered:
        starts = np.array([kind.index(among.first) for among in table.classes])
        if kind.size > MOST_DENSE:
            return [partial(_searched, starts, kind.size, values) for values in of_codes]
        codes = np.append(np.searchsorted(starts, np.arange(kind.size), side="right"), MISSING)
    else:
        codes = np.full(kind.size + 1, MISSING)
        for code, among in enumerate(table.classes, 1):
            codes[[kind.index(member) for member in among.members]] = code
    return [values[codes].take for values in of_codes]


def _searched(starts: Indices, size: int, values: Values, indices: Indices) -> Values:
    return values[np.where(indices == size, MISSING, np.searchsorted(starts, indices, side="right"))]


def coding(table: Table) -> Callable[[Indices], Indices]:
    """A function from indices to class codes."""
    return looked_up(table, np.arange(len(table)))[0]


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
