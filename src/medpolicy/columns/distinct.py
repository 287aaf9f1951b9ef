"""Rows that some tables cannot tell apart: one of them stands for all."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from medpolicy.columns.frame import Placements, coding
from medpolicy.columns.lookup import Ids
from medpolicy.evaluate.tables import Table

_MOST_KEYS = 1 << 62


def distinct_rows(tables: Mapping[str, Table], placed: Placements) -> tuple[Ids, Ids]:
    """One row of each group of rows that no test of the tables tells apart, and for each row the number of its group."""
    keys, size = np.zeros(placed.rows, dtype=np.int64), 1
    for name, table in tables.items():
        if size * len(table) > _MOST_KEYS:
            keys, size = np.unique(keys, return_inverse=True)[1], placed.rows
        keys = keys * len(table) + coding(table)(placed.places[name])
        size *= len(table)
    _, rows, groups = np.unique(keys, return_index=True, return_inverse=True)
    return rows, groups
