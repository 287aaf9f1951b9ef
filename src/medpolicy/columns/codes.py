"""From indices to class codes or to what they stand for, and rows reduced to those that differ in a code."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from medpolicy.columns.indices import IndexedFrame, Indices
from medpolicy.evaluate.tables import MISSING, Table

MOST_DENSE = 1 << 20
_MOST_KEYS = 1 << 62


def looked_up(table: Table, of_codes: npt.NDArray[Any]) -> Callable[[Indices], npt.NDArray[Any]]:
    """A function from indices to what their class codes stand for."""
    kind = table.variable.kind
    if kind.ordered:
        starts = np.array([kind.index(among.first) for among in table.classes])
        if kind.size > MOST_DENSE:
            return lambda indices: of_codes[
                np.where(indices == kind.size, MISSING, np.searchsorted(starts, indices, side="right"))
            ]
        codes = np.append(np.searchsorted(starts, np.arange(kind.size), side="right"), MISSING)
    else:
        codes = np.full(kind.size + 1, MISSING)
        for code, among in enumerate(table.classes, 1):
            codes[[kind.index(member) for member in among.members]] = code
    return of_codes[codes].take


def coding(table: Table) -> Callable[[Indices], Indices]:
    """A function from indices to class codes."""
    return looked_up(table, np.arange(len(table)))


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
