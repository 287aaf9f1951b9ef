"""Repeated ids: found exactly, whatever the hashes say."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from medpolicy.columns import ids
from medpolicy.columns.ids import SeenIds, hash_ids, hashes_to_note


def column(values: Iterable[str | bytes | None]) -> pa.LargeBinaryArray:
    return pa.array([value.encode() if isinstance(value, str) else value for value in values], pa.large_binary())


def repeated(*batches: list[str | None]) -> list[list[bool]]:
    """Which ids of each batch came up before, as both passes find it."""
    first = SeenIds()
    for batch in batches:
        first.note(hashes_to_note(column(batch)))
    second = SeenIds(first.suspected())
    return [second.add(column(batch)).tolist() for batch in batches]


def by_hand(*batches: list[str | None]) -> list[list[bool]]:
    seen: set[str] = set()
    found = []
    for batch in batches:
        found.append([])
        for each in batch:
            found[-1].append(bool(each) and each in seen)
            seen.add(each or "")
    return found


texts = st.lists(st.none() | st.text(max_size=3) | st.text("ab", min_size=6, max_size=20), max_size=12)


@given(st.lists(texts, min_size=1, max_size=4))
def test_the_first_of_equal_ids_is_kept_and_every_later_one_found(batches: list[list[str | None]]) -> None:
    assert repeated(*batches) == by_hand(*batches)


@given(st.lists(texts, min_size=1, max_size=4), st.integers(0, 2))
def test_equal_hashes_make_no_id_repeated(batches: list[list[str | None]], kept: int) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(ids, "hash_ids", lambda some: hash_ids(some) % np.uint64(kept + 1))
        assert repeated(*batches) == by_hand(*batches)


def test_no_id_and_an_empty_id_repeat_nothing_and_call_for_no_second_pass() -> None:
    seen = SeenIds()
    seen.note(hashes_to_note(column([None, "", None, "", "a"])))
    assert seen.suspected().tolist() == []


def test_ids_that_begin_alike_are_told_apart_however_long_they_are() -> None:
    long = "x" * 100_000
    assert repeated([long + "a", long + "b", long + "a"]) == [[False, False, True]]


def test_an_id_of_megabytes_takes_no_time() -> None:
    assert len(hash_ids(column(["x" * (8 << 20), *map(str, range(50_000))]))) == 50_001


@given(st.lists(st.binary(max_size=20), min_size=1), st.integers(0, 20), st.integers(0, 20))
def test_a_hash_depends_on_the_id_alone_and_not_on_where_it_stands(some: list[bytes], first: int, count: int) -> None:
    whole = column(some)
    assert hash_ids(whole.slice(first, count)).tolist() == hash_ids(whole).tolist()[first : first + count]
    assert hash_ids(column(some[::-1])).tolist() == hash_ids(whole).tolist()[::-1]


def test_ids_as_systems_number_them_have_different_hashes() -> None:
    numbers = range(300_000)
    made = (
        [f"PA-{each:09d}" for each in numbers] + [f"{each}" for each in numbers] + [f"a{each:016x}" for each in numbers]
    )
    assert len(np.unique(hash_ids(column(made)))) == len(made)
