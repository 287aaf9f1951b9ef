"""Answers worked out once for each distinct key and gathered to the rows; threads may share them."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from threading import RLock
from typing import Generic, TypeVar

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from medpolicy.columns.indices import Indices

Value = TypeVar("Value", bound=Hashable)

MOST_DENSE = 1 << 20
MOST_TO_MARK = 32


class Numbered(Generic[Value]):
    """Values by number, in the order in which they first came up. Numbers are given under the lock of the revision."""

    def __init__(self) -> None:
        self.values: list[Value] = []
        self._numbers: dict[Value, int] = {}

    def number(self, value: Value) -> int:
        """The number of a value, a new one where it has none yet."""
        found = self._numbers.get(value)
        if found is None:
            found = self._numbers[value] = len(self.values)
            self.values.append(value)
        return found

    def __len__(self) -> int:
        return len(self.values)


class LookUp:
    """A number for each key from 0 to `size` - 1, worked out when a key first comes up."""

    def __init__(self, size: int, number: Callable[[int], int], lock: RLock) -> None:
        self._number = number
        self._lock = lock
        self._known: dict[int, int] = {}
        self._dense = np.full(size, -1, dtype=np.int32) if size <= MOST_DENSE else None

    def __call__(self, keys: Indices) -> Indices:
        """The numbers of the rows' keys."""
        if self._dense is None:
            coded = pc.dictionary_encode(pa.array(keys))
            numbers = np.array(self._numbers(coded.dictionary.to_pylist()), dtype=np.int64)
            indices: Indices = coded.indices.to_numpy()
            return np.take(numbers, indices)
        found = np.take(self._dense, keys)
        if len(found) and found.min() < 0:
            new = _distinct(keys[found < 0], len(self._dense))
            self._dense[new] = self._numbers(new.tolist())
            found = np.take(self._dense, keys)
        return found.astype(np.int64)

    def _numbers(self, keys: list[int]) -> list[int]:
        with self._lock:
            for key in keys:
                if key not in self._known:
                    self._known[key] = self._number(key)
            return [self._known[key] for key in keys]


def _distinct(keys: Indices, size: int) -> Indices:
    """Each key once; where there are many for their range, by marking them."""
    if size > MOST_TO_MARK * len(keys):
        return np.unique(keys)
    marked = np.zeros(size, dtype=np.bool_)
    marked[keys] = True
    return np.flatnonzero(marked)


class Joined:
    """The number of what two numbered values make together."""

    def __init__(self, number: Callable[[int, int], int], lock: RLock) -> None:
        self._number = number
        self._lock = lock
        self._widths = (0, 0)
        self._look_up = LookUp(0, lambda _: 0, lock)

    def __call__(self, left: Indices, lefts: int, right: Indices, rights: int) -> Indices:
        """The numbers of the rows' pairs; `lefts` and `rights` say how many values each side has so far."""
        with self._lock:
            if lefts > self._widths[0] or rights > self._widths[1]:
                self._widen(lefts, rights)
            width, look_up = self._widths[1], self._look_up
        return look_up(left * width + right)

    def _widen(self, lefts: int, rights: int) -> None:
        """Room for twice as many values as there are."""
        width = 2 * rights
        self._widths = (2 * lefts, width)
        self._look_up = LookUp(2 * lefts * width, lambda key: self._number(*divmod(key, width)), self._lock)
