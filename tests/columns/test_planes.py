"""Bits of rows become planes, and planes become lists again."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from medpolicy.columns.lists import list_column, lists_of
from medpolicy.columns.planes import NEVER, Listing, Plane, Planes, marks_of, numbers_of

WORDS = st.lists(st.lists(st.integers(0, 9), max_size=3), max_size=9)


def rows_of(lists: pa.BinaryArray) -> list[list[int]]:
    return [np.frombuffer(row, dtype=np.int32).tolist() for row in lists.to_pylist()]


def plane_of(marks: Sequence[bool]) -> Plane:
    packed = np.packbits(marks, bitorder="little").tobytes()
    return np.frombuffer(packed.ljust(-(-len(marks) // 64) * 8, b"\0"), dtype="<u8")


@pytest.mark.parametrize("rows", [0, 1, 7, 8, 9, 1000])
@pytest.mark.parametrize("count", [0, 1, 8, 63, 64, 65, 130])
def test_a_list_holds_the_words_whose_planes_mark_its_row(rows: int, count: int) -> None:
    marks = np.random.default_rng((rows, count)).random((rows, count)) < 0.3
    planes = [plane_of(column) for column in marks.T]
    codes = [3 * (count - index) for index in range(count)]
    found = Listing(codes).lists(planes, rows)
    assert rows_of(found) == [[codes[index] for index in np.flatnonzero(row)] for row in marks]
    in_order = Listing(codes, in_order=True).lists(planes, rows)
    assert rows_of(in_order) == [sorted(row) for row in rows_of(found)]


def test_many_rows_are_listed_in_turns(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("medpolicy.columns.planes._MOST_BITS", 200)
    marks = np.random.default_rng(1).random((50, 70)) < 0.3
    found = Listing(range(70)).lists([plane_of(column) for column in marks.T], 50)
    assert rows_of(found) == [np.flatnonzero(row).tolist() for row in marks]


def test_a_plane_that_marks_all_rows_or_none_may_be_one_byte() -> None:
    plane = plane_of([True, False, True])
    assert rows_of(Listing([5, 6, 7]).lists([plane, NEVER, ~NEVER], 3)) == [[5, 7], [7], [5, 7]]
    assert marks_of(~NEVER, 3).tolist() == [True] * 3
    assert numbers_of([NEVER, plane], 3).tolist() == [1, 2, 1]


def test_planes_are_the_bits_of_words() -> None:
    numbers = np.random.default_rng(2).integers(0, 1 << 63, (2, 11), dtype=np.uint64)
    planes = Planes(numbers)
    for bit in range(128):
        expected = [int(number) >> bit % 64 & 1 for number in numbers[bit // 64]]
        assert marks_of(planes.plane(1 << bit), 11).tolist() == [bool(mark) for mark in expected]


@given(WORDS, st.data())
def test_lists_become_a_column_whichever_rows_are_taken(rows: list[list[int]], data: st.DataObject) -> None:
    codes = [code for row in rows for code in row]
    lists = lists_of(np.array([len(row) for row in rows], dtype=np.int32), pa.array(codes, pa.int32()))
    assert rows_of(lists) == rows
    taken = data.draw(st.lists(st.none() | st.integers(0, len(rows) - 1)) if rows else st.just([]))
    first = data.draw(st.integers(0, len(taken)))
    column = list_column(lists.take(pa.array(taken, pa.int32()))[first:], pa.array(list("abcdefghij")))
    column.validate(full=True)
    assert column.to_pylist() == [
        ["abcdefghij"[code] for code in ([] if row is None else rows[row])] for row in taken[first:]
    ]


def test_more_lists_stand_behind_those_of_rows() -> None:
    assert rows_of(Listing([5, 6]).lists([plane_of([True, False]), NEVER], 2, 8, 3)) == [[5], [], [8], [3]]
