"""Lists of coded ids, one for each of many rows: a binary value holds the codes of a list, so that Arrow moves it as a whole."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pyarrow as pa

Codes = npt.NDArray[np.int32]
_SIZE = 4
"""Bytes of a code."""


def lists_of(counts: Codes, codes: pa.Int32Array) -> pa.BinaryArray:
    """Lists of so many codes each, from the codes of all of them, one list after the other."""
    ends = np.zeros(len(counts) + 1, dtype=np.int32)
    np.cumsum(counts, out=ends[1:])
    buffers = [None, pa.py_buffer(ends * np.int32(_SIZE)), codes.buffers()[1]]
    return pa.Array.from_buffers(pa.binary(), len(counts), buffers)


def list_column(lists: pa.BinaryArray, vocabulary: pa.StringArray) -> pa.ListArray:
    """Lists as a column; what is null is an empty list."""
    _, ends, codes = lists.buffers()
    ends = np.frombuffer(ends, dtype=np.int32)[lists.offset : lists.offset + len(lists) + 1] // _SIZE
    coded = pa.Array.from_buffers(pa.int32(), ends[-1], [None, codes])
    ids = pa.DictionaryArray.from_arrays(coded, vocabulary, safe=False)
    return pa.ListArray.from_arrays(pa.array(ends), ids)
