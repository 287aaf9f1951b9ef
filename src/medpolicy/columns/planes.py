"""Bit planes: one bit of each of many rows, in words of 64 rows, so that `&`, `|` and `~` rule on all of them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from medpolicy.columns.clause_words import WORD, Words
from medpolicy.columns.lists import Codes, lists_of

Plane = npt.NDArray[np.uint64]
NEVER: Plane = np.zeros((), dtype=np.uint64)
"""The plane of no row; it broadcasts."""
_MOST_BITS = 1 << 18
_STEPS = tuple((distance, ((1 << WORD) - 1) // ((1 << distance) + 1)) for distance in (32, 16, 8, 4, 2, 1))
"""Blocks of so many bits change places, and the lower one of each two blocks of a word."""


class Planes:
    """The planes of the bits of rows."""

    def __init__(self, words: Words) -> None:
        count, rows = words.shape
        padded = np.zeros((count, _size(rows) * WORD), dtype=np.uint64)
        padded[:, :rows] = words
        self._planes = _transposed(padded.reshape(count, _size(rows), WORD).transpose(0, 2, 1))

    def plane(self, bit: int) -> Plane:
        """The plane of one bit."""
        plane: Plane = self._planes[bit.bit_length() - 1]
        return plane


def marks_of(plane: Plane, rows: int) -> npt.NDArray[np.bool_]:
    """The rows that a plane marks."""
    words = np.broadcast_to(plane, _size(rows)).astype("<u8")
    return np.unpackbits(words.view(np.uint8), count=rows, bitorder="little").view(np.bool_)


def numbers_of(planes: Sequence[Plane], rows: int) -> Codes:
    """For each row the index of the one plane that marks it; the number of planes if none does."""
    numbers = np.full(rows, len(planes), dtype=np.int32)
    for index, plane in enumerate(planes):
        np.copyto(numbers, index, where=marks_of(plane, rows))
    return numbers


class Listing:
    """Makes lists of ids, each of which has a plane: for each row the codes of those whose plane marks it."""

    def __init__(self, codes: Sequence[int], in_order: bool = False) -> None:
        self._order = np.argsort(codes).tolist() if in_order else list(range(len(codes)))
        self._words = -(-len(codes) // WORD)
        self._at_once = max(_MOST_BITS // (self._words * WORD or 1), 1)
        padded = np.zeros(self._words * WORD, dtype=np.int32)
        padded[: len(codes)] = [codes[index] for index in self._order]
        self._codes = pa.array(np.tile(padded, self._at_once))

    def lists(self, planes: Sequence[Plane], rows: int, *more: int) -> pa.BinaryArray:
        """The lists of some rows, and behind them one for each of some more codes, which holds nothing else."""
        words = _row_words([planes[index] for index in self._order if index < len(planes)], self._words, rows)
        counts = np.append(np.bitwise_count(words).sum(axis=1, dtype=np.int32), np.ones_like(more, dtype=np.int32))
        found = []
        for first in range(0, rows if self._words else 0, self._at_once):
            some = words[first : first + self._at_once]
            marks = pa.Array.from_buffers(pa.bool_(), some.size * WORD, [None, pa.py_buffer(some)])
            found.append(self._codes[: len(marks)].filter(marks))
        return lists_of(counts, pa.concat_arrays([*found, pa.array(more, pa.int32())]))


def _row_words(planes: Sequence[Plane], count: int, rows: int) -> Words:
    """A matrix of rows and words, in which each plane is a bit of each row."""
    stacked = np.zeros((count * WORD, _size(rows)), dtype=np.uint64)
    for index, plane in enumerate(planes):
        stacked[index] = plane
    words = _transposed(stacked.reshape(count, WORD, _size(rows))).reshape(count, WORD, _size(rows))
    return np.ascontiguousarray(words.transpose(2, 1, 0)).reshape(_size(rows) * WORD, count)[:rows]


def _transposed(words: Words) -> Words:
    """A column of 64 words is 64 by 64 bits: they change places, so that what were bits of a word are words."""
    count, _, size = words.shape
    words = np.ascontiguousarray(words)
    for distance, lower in _STEPS:
        blocks, shift = words.reshape(count * WORD // 2 // distance, 2, distance, size), np.uint64(distance)
        swapped = (blocks[:, 0] >> shift) ^ blocks[:, 1]
        swapped &= np.uint64(lower)
        blocks[:, 1] ^= swapped
        swapped <<= shift
        blocks[:, 0] ^= swapped
    return words.reshape(count * WORD, size)


def _size(rows: int) -> int:
    """How many words a plane has."""
    return -(-rows // WORD)
