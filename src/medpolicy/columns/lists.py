"""Lists of coded words, one for each of many rows."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa

Codes = npt.NDArray[np.int32]


class Lists(NamedTuple):
    """How many words the list of each row has, and the codes of all of them, one list after the other."""

    counts: Codes
    codes: Codes

    def take(self, rows: Codes, where: npt.NDArray[np.bool_] | None = None) -> Lists:
        """The lists of some rows, in this order; an empty one for a row that is not marked."""
        counts = self.counts.take(rows)
        if where is not None:
            counts *= where
        places = _ends(self.counts)[:-1].take(rows)
        places -= _ends(counts)[:-1]
        places = np.repeat(places, counts)
        places += np.arange(len(places), dtype=np.int32)
        return Lists(counts, self.codes.take(places, out=empty(len(places)), mode="clip"))

    def arrow(self, vocabulary: pa.Array) -> pa.ListArray:
        """The lists as a column."""
        coded = pa.DictionaryArray.from_arrays(pa.array(self.codes), vocabulary, safe=False)
        return pa.ListArray.from_arrays(pa.array(_ends(self.counts)), coded)


def empty(count: int) -> Codes:
    """Room for codes, from Arrow's pool, which keeps the memory that it gets back."""
    return np.frombuffer(pa.allocate_buffer(count * 4), dtype=np.int32)


def _ends(counts: Codes) -> Codes:
    """Where each list begins, and where the last one ends."""
    ends = np.zeros(len(counts) + 1, dtype=np.int32)
    np.cumsum(counts, out=ends[1:])
    return ends
