"""Which names a message shows, and how those that it does not show are counted and placed."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from medpolicy.text.names import LONGEST_NAME, MOST_UNKNOWN, may_be_shown, numbered, unknown_names

PARTS = {"disease": ("disease",), "ph_status": ("ph_status",), "total": ("disease", "ph_status")}


@pytest.mark.parametrize(
    "name",
    ["disease", "ph_statsu", "Ph Status", "Group-No.", "icd10", "icd10_code_2", "_", "disease.code", "x" * LONGEST_NAME, ""],
)  # fmt: skip
def test_what_looks_like_a_name_is_shown(name: str) -> None:
    assert may_be_shown([name])


@pytest.mark.parametrize(
    "name",
    [
        "1971-11-08", "05-01-26", "PA-1001", "A1000001", "57", "1", "-", "disease\n", "disease\nA,initial", "a\tb", "a,b",
        "a;b", 'a"b', "x" * (LONGEST_NAME + 1), " disease", "J\N{LATIN SMALL LETTER O WITH DIAERESIS}rg", "a\x1b[31m",
        "555-0100", "a@b", "\ud800", None, 5, b"disease",
    ],
)  # fmt: skip
def test_what_may_be_data_is_not_shown_nor_is_what_stands_beside_it(name: object) -> None:
    assert not may_be_shown([name])
    assert not may_be_shown(["disease", name])


@given(st.dates() | st.integers() | st.decimals(allow_nan=False, allow_infinity=False))
def test_no_day_and_no_number_looks_like_a_name(value: object) -> None:
    assert not may_be_shown([str(value)])


def test_names_that_are_not_shown_are_counted_and_placed() -> None:
    names = ["disease", "1971-11-08", "ph_status", "note", "total"]
    (found,) = unknown_names(names, PARTS, "column")
    message = "columns 2, 4 and 5 have unknown names, which are not shown: they may be data"
    assert (found.code, found.message, found.path) == ("unknown-column", message, ())
    assert found.help == "does a record stand in the place of the names, or is a quote not closed?"
    (found,) = unknown_names(["note", "disease", "Disease 1971"], PARTS)
    assert (found.code, found.help) == ("unknown-key", None)
    assert found.message == "keys 1 and 3 have unknown names, which are not shown: they may be data"
    (found,) = unknown_names(["Disease\n"], PARTS)
    assert found.message == "key 1 has an unknown name, which is not shown: it may be data"
    assert found.help == "did you mean `disease`?"


def test_many_unknown_names_are_counted() -> None:
    names = [f"x{'a' * number}" for number in range(1000)]
    found = unknown_names(names[: LONGEST_NAME - 4], PARTS)
    assert len(found) == MOST_UNKNOWN + 1
    assert found[-1].message == f"there are {LONGEST_NAME - 4 - MOST_UNKNOWN} more unknown keys"
    (found_of_many,) = unknown_names(names, PARTS, "column")
    assert found_of_many.message.startswith("columns 1, 2, 3, 4, 5 and 995 more have unknown names")


def test_numbers_are_listed_and_the_many_are_counted() -> None:
    assert [numbered("key", list(range(1, count + 1))) for count in (1, 2, 5, 6)] == [
        *("key 1", "keys 1 and 2", "keys 1, 2, 3, 4 and 5", "keys 1, 2, 3, 4, 5 and 1 more")
    ]
