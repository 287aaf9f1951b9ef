"""From indices to class codes."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from medpolicy.columns.indices import Indices
from medpolicy.evaluate.tables import MISSING, Table

MOST_DENSE = 1 << 20


def coding(table: Table) -> Callable[[Indices], Indices]:
    """A function from indices to class codes."""
    kind = table.variable.kind
    if kind.ordered:
        starts = np.array([kind.index(among.first) for among in table.classes])
        if kind.size > MOST_DENSE:
            return lambda indices: np.where(
                indices == kind.size, MISSING, np.searchsorted(starts, indices, side="right")
            )
        codes = np.append(np.searchsorted(starts, np.arange(kind.size), side="right"), MISSING)
    else:
        codes = np.full(kind.size + 1, MISSING)
        for code, among in enumerate(table.classes, 1):
            codes[[kind.index(member) for member in among.members]] = code
    return lambda indices: np.take(codes, indices)
