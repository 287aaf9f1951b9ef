"""Finding repeated ids in a batch, at eight bytes a record.

A first pass keeps a 64-bit hash of each id. If some hashes are equal, a second pass keeps the ids with those hashes, so
that the answer is exact.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pyarrow as pa

Hashes = npt.NDArray[np.uint64]
Mask = npt.NDArray[np.bool_]

_WORD = 8
_MOST_WORDS = 64
"""Only so many words of an id are hashed; the second pass compares whole ids."""
_MULTIPLIER = np.uint64(0x9E3779B97F4A7C15)
_SHIFT = np.uint64(29)


class SeenIds:
    """The ids so far: as hashes in the first pass, exact in the second for those with a suspected hash."""

    def __init__(self, suspected: Hashes | None = None) -> None:
        self._suspected = np.empty(0, dtype=np.uint64) if suspected is None else suspected
        self._hashes: list[Hashes] = []
        self._seen: set[bytes] = set()

    def note(self, hashes: Hashes) -> None:
        """Add the hashes of some ids, in any order."""
        self._hashes.append(hashes)

    def add(self, ids: pa.LargeBinaryArray) -> Mask:
        """Add ids in their order; the result marks those that came up before. Null and empty ids repeat nothing."""
        repeated = np.zeros(len(ids), dtype=np.bool_)
        for row in np.flatnonzero(np.isin(hash_ids(ids), self._suspected)).tolist():
            id = ids[row].as_py()
            if id:
                repeated[row] = id in self._seen
                self._seen.add(id)
        return repeated

    def suspected(self) -> Hashes:
        """The hashes that came up more than once."""
        if not self._hashes:
            return np.empty(0, dtype=np.uint64)
        every = np.concatenate(self._hashes)
        self._hashes.clear()
        every.sort()
        return np.unique(every[1:][every[1:] == every[:-1]])


def hashes_to_note(ids: pa.LargeBinaryArray) -> Hashes:
    """The hashes of all ids that are not null or empty."""
    lengths = np.diff(_offsets(ids))
    hashes = hash_ids(ids)
    return hashes if lengths.all() else hashes[lengths > 0]


def hash_ids(ids: pa.LargeBinaryArray) -> Hashes:
    """A 64-bit hash of each id, from its first words and its length."""
    offsets = _offsets(ids)
    starts, lengths = offsets[:-1], np.diff(offsets)
    padded = np.concatenate([np.frombuffer(ids.buffers()[2] or b"", dtype=np.uint8), np.zeros(_WORD, dtype=np.uint8)])
    words = np.ndarray((len(padded) - _WORD + 1,), dtype="<u8", buffer=padded.data, strides=(1,))
    hashes = lengths.astype(np.uint64) * _MULTIPLIER
    for word in range(min(-(-int(lengths.max(initial=0)) // _WORD), _MOST_WORDS)):
        rest = lengths - word * _WORD
        rows = slice(None) if rest.min(initial=1) > 0 else np.flatnonzero(rest > 0)
        kept = np.minimum(rest[rows], _WORD).astype(np.uint64)
        mask = np.where(
            kept == _WORD, ~np.uint64(0), (np.uint64(1) << (kept * np.uint64(8) % np.uint64(64))) - np.uint64(1)
        )
        mixed = (hashes[rows] ^ (words[starts[rows] + word * _WORD] & mask)) * _MULTIPLIER
        hashes[rows] = mixed ^ (mixed >> _SHIFT)
    return hashes


def _offsets(ids: pa.LargeBinaryArray) -> npt.NDArray[np.int64]:
    """Where each id begins in the data, and where the last one ends."""
    if not len(ids):
        return np.zeros(1, dtype=np.int64)
    return np.frombuffer(ids.buffers()[1], dtype=np.int64)[ids.offset : ids.offset + len(ids) + 1]
