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

    def take(self, rows: Codes) -> Lists:
        """The lists of some rows, in this order."""
        counts = self.counts.take(rows)
        places = (_ends(self.counts)[:-1]).take(rows)
        places -= _ends(counts)[:-1]
        places = np.repeat(places, counts)
        places += np.arange(len(places), dtype=np.int32)
        return Lists(counts, self.codes.take(places))

    def and_these(self, *words: int | None) -> Lists:
        """With a list more for each of some words: that word alone, or nothing for None."""
        counts = [int(word is not None) for word in words]
        codes = [word for word in words if word is not None]
        return Lists(
            np.append(self.counts, np.array(counts, dtype=np.int32)),
            np.append(self.codes, np.array(codes, dtype=np.int32)),
        )

    def arrow(self, vocabulary: pa.Array) -> pa.ListArray:
        """The lists as a column."""
        coded = pa.DictionaryArray.from_arrays(pa.array(self.codes), vocabulary, safe=False)
        return pa.ListArray.from_arrays(pa.array(_ends(self.counts)), coded)


def _ends(counts: Codes) -> Codes:
    """Where each list begins, and where the last one ends."""
    ends = np.zeros(len(counts) + 1, dtype=np.int32)
    np.cumsum(counts, out=ends[1:])
    return ends
