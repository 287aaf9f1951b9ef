"""Masks turned into a key for each row, and the distinct keys."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from medpolicy.columns.indices import Indices
from medpolicy.columns.masks import Bits

Marks = npt.NDArray[np.bool_]
"""A matrix of rows and what they have."""

# Three steps transpose the 8 by 8 bits of a 64-bit word: blocks of 1, 2 and 4 bits change places.
_STEPS = ((7, 0x00AA00AA00AA00AA), (14, 0x0000CCCC0000CCCC), (28, 0x00000000F0F0F0F0))


def keys_of(masks: Sequence[Bits], rows: int) -> Bits:
    """For each row its bit of every mask, in bytes."""
    size = -(-rows // 8)
    stacked = np.zeros((-(-len(masks) // 8), 8, size), dtype=np.uint8)
    for number, mask in enumerate(masks):
        stacked[number // 8, number % 8] = mask
    words = np.ascontiguousarray(stacked.transpose(0, 2, 1)).view("<u8")[..., 0]
    for shift, changed in _STEPS:
        swapped = (words ^ (words >> np.uint64(shift))) & np.uint64(changed)
        words ^= swapped ^ (swapped << np.uint64(shift))
    return np.ascontiguousarray(words.view(np.uint8).T[:rows])


def distinct_keys(keys: Bits) -> tuple[Bits, Indices]:
    """The distinct keys, and for each row the number of its own."""
    rows, width = keys.shape
    coded = pa.FixedSizeBinaryArray.from_buffers(pa.binary(width), rows, [None, pa.py_buffer(keys)]).dictionary_encode()
    known = np.frombuffer(coded.dictionary.buffers()[1], dtype=np.uint8)[: len(coded.dictionary) * width]
    return known.reshape(-1, width), coded.indices.to_numpy()


def marks_of(keys: Bits, count: int) -> Marks:
    """For each key its bits of `count` masks."""
    return np.unpackbits(keys, axis=1, count=count, bitorder="little").view(np.bool_)
