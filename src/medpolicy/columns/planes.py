"""Bit planes: one bit of each of many rows, packed into bytes, so that `&`, `|` and `~` rule on all of them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from medpolicy.columns.clause_words import WORD, Words
from medpolicy.columns.lists import Codes, Lists

Plane = npt.NDArray[np.uint8]
NEVER: Plane = np.uint8(0)  # type: ignore[assignment]  # one byte stands for all
_MOST_BITS = 1 << 18

# Three steps transpose the 8 by 8 bits of a word: blocks of 1, 2 and 4 bits change places. Three more transpose the 8 by 8
# bytes of eight words.
_BIT_STEPS = ((7, 0x00AA00AA00AA00AA), (14, 0x0000CCCC0000CCCC), (28, 0x00000000F0F0F0F0))
_BYTE_STEPS = ((4, 0x00000000FFFFFFFF), (2, 0x0000FFFF0000FFFF), (1, 0x00FF00FF00FF00FF))


class Planes:
    """The planes of the bits in words of rows."""

    def __init__(self, words: Words) -> None:
        count, rows = words.shape
        bytes_of_rows = words.astype("<u8", copy=False).view(np.uint8).reshape(count, rows, 8)
        self._bytes = np.ascontiguousarray(bytes_of_rows.transpose(0, 2, 1)).reshape(count * 8, rows)

    def plane(self, bit: int) -> Plane:
        """The plane of one bit."""
        number = bit.bit_length() - 1
        return np.packbits(self._bytes[number // 8] & np.uint8(1 << number % 8), bitorder="little")


def marks_of(plane: Plane, rows: int) -> npt.NDArray[np.bool_]:
    """The rows that a plane marks."""
    if plane.ndim == 0:
        return np.full(rows, bool(plane & 1))
    return np.unpackbits(plane, count=rows, bitorder="little").view(np.bool_)


def numbers_of(planes: Sequence[Plane], rows: int) -> Codes:
    """For each row the index of the one plane that marks it; the number of planes if none does."""
    numbers = np.full(rows, len(planes), dtype=np.int32)
    for index, plane in enumerate(planes):
        np.copyto(numbers, index, where=marks_of(plane, rows))
    return numbers


class Listing:
    """Makes lists of words, each of which has a plane: for each row the codes of those that mark it."""

    def __init__(self, codes: Sequence[int], in_order: bool = False) -> None:
        self._order = np.argsort(codes).tolist() if in_order else list(range(len(codes)))
        self._words = -(-len(codes) // WORD)
        self._at_once = max(_MOST_BITS // (self._words * WORD or 1), 1)
        padded = np.zeros(self._words * WORD, dtype=np.int32)
        padded[: len(codes)] = [codes[index] for index in self._order]
        self._codes = pa.array(np.tile(padded, self._at_once))

    def lists(self, planes: Sequence[Plane], rows: int) -> Lists:
        """The lists of some rows."""
        words = _row_words([planes[index] for index in self._order if index < len(planes)], self._words, rows)
        found = [np.zeros(0, dtype=np.int32)]
        for first in range(0, rows if self._words else 0, self._at_once):
            some = words[first : first + self._at_once]
            marks = pa.Array.from_buffers(pa.bool_(), some.size * WORD, [None, pa.py_buffer(some)])
            found.append(self._codes[: len(marks)].filter(marks).to_numpy())
        return Lists(np.bitwise_count(words).sum(axis=1, dtype=np.int32), np.concatenate(found))


def _row_words(planes: Sequence[Plane], count: int, rows: int) -> Words:
    """A matrix of rows and words, in which each plane is a bit of each row."""
    size = -(-rows // 8)
    stacked = np.zeros((count * 8, 8, size), dtype=np.uint8)
    for number, plane in enumerate(planes):
        stacked[number // 8, number % 8] = plane
    words = np.ascontiguousarray(stacked.transpose(0, 2, 1)).view("<u8")[..., 0]
    for shift, changed in _BIT_STEPS:
        swapped = (words ^ (words >> np.uint64(shift))) & np.uint64(changed)
        words ^= swapped ^ (swapped << np.uint64(shift))
    for distance, kept in _BYTE_STEPS:
        pairs, shift = words.reshape(count * 4 // distance, 2, distance, size), np.uint64(8 * distance)
        swapped = ((pairs[:, 0] >> shift) ^ pairs[:, 1]) & np.uint64(kept)
        pairs[:, 1] ^= swapped
        pairs[:, 0] ^= swapped << shift
    return np.ascontiguousarray(words.reshape(count, 8, size).transpose(2, 1, 0)).reshape(size * 8, count)[:rows]
