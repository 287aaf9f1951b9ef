"""Masks become keys, and keys become marks again."""

from __future__ import annotations

import numpy as np
import pytest

from medpolicy.columns.masks import NEVER
from medpolicy.columns.verdicts import distinct_keys, keys_of, marks_of


@pytest.mark.parametrize("rows", [0, 1, 7, 8, 9, 1000])
@pytest.mark.parametrize("count", [1, 7, 8, 9, 70])
def test_a_key_holds_the_bit_of_its_row_in_each_mask(rows: int, count: int) -> None:
    marks = np.random.default_rng((rows, count)).random((rows, count)) < 0.3
    masks = [np.packbits(column, bitorder="little") for column in marks.T]
    keys = keys_of(masks, rows)
    assert (marks_of(keys, count) == marks).all()
    known, numbers = distinct_keys(keys)
    assert len(known) == len({row.tobytes() for row in marks})
    assert (marks_of(known, count)[numbers] == marks).all()


def test_a_mask_that_no_row_has_may_be_one_value() -> None:
    keys = keys_of([np.packbits([True, False, True], bitorder="little"), NEVER, ~NEVER], 3)
    assert marks_of(keys, 3).tolist() == [[True, False, True], [False, False, True], [True, False, True]]
