"""Rows as clause bits, in words of 64: one look-up of a value gives the bits of all that it settles."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from medpolicy.columns.codes import looked_up
from medpolicy.columns.indices import IndexedFrame, Indices
from medpolicy.evaluate.compiled import Compiled

Words = npt.NDArray[np.uint64]
"""A matrix of words and rows."""

WORD = 64
MOST_APPLIES = 10
"""Up to so many bits that say which pathways are ruled out, the bits that matter are listed for each case."""


class ClauseWords:
    """The clause bits of one revision, ready to be read from frames. Threads may share it.

    Behind them stand `outside` bits for the rows on whose day no revision is in effect.
    """

    def __init__(self, compiled: Compiled, outside: int) -> None:
        clauses = compiled.clauses
        used = len(clauses.met) + len(clauses.missing)
        self.outside = [1 << used + index for index in range(outside)]
        self._words = -(-(used + outside) // WORD)
        self._look_ups: list[tuple[int, str, Callable[[Indices], Words]]] = []
        for name, table in compiled.tables.items():
            of_words = {
                word: bits for word, bits in enumerate(_in_words(clauses.bits[name], self._words)) if bits.any()
            }
            for word, look_up in zip(of_words, looked_up(table, *of_words.values()), strict=True):
                self._look_ups.append((word, name, look_up))
        cases = 1 << clauses.applies.bit_length()
        self._applies = np.uint64(cases - 1)
        self._relevant = None
        if self._words == 1 and cases <= 1 << MOST_APPLIES:
            self._relevant = np.array([compiled.relevant[case] for case in range(cases)], dtype=np.uint64)

    def of(self, frame: IndexedFrame) -> Words:
        """The bits of each row, without those that its verdict does not depend on if all bits are in one word."""
        words = np.zeros((self._words, frame.rows), dtype=np.uint64)
        for word, name, look_up in self._look_ups:
            words[word] |= look_up(frame.indices[name])
        if self._relevant is not None:
            words[0] &= self._relevant.take((words[0] & self._applies).view(np.int64))
        if frame.outside is not None:
            rows = np.flatnonzero(frame.outside >= 0)
            words[:, rows] = _in_words(self.outside, self._words)[:, frame.outside[rows]]
        return words


def distinct_words(words: Words) -> tuple[Words, pa.Int32Array]:
    """The distinct bits of rows in one word, and for each row the number of its own."""
    coded = pa.array(words[0]).dictionary_encode()
    return coded.dictionary.to_numpy()[np.newaxis], coded.indices


def _in_words(numbers: Sequence[int], words: int) -> Words:
    """Whole numbers cut into words, the lowest first."""
    data = b"".join(number.to_bytes(words * 8, "little") for number in numbers)
    return np.ascontiguousarray(np.frombuffer(data, dtype="<u8").reshape(-1, words).T)
