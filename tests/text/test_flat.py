"""The quick look at a flat object finds what the scanner finds, or nothing."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from medpolicy.text.flat import flat_object
from medpolicy.text.scan import Scan

PLAIN = st.text(st.characters(exclude_characters='"\\', exclude_categories=["Cc", "Cs"]), max_size=5)
VALUES = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | PLAIN
LAYOUTS: list[dict[str, Any]] = [{}, {"indent": 2}, {"separators": (",", ":")}, {"separators": (" , ", "\t:\r\n ")}]


@given(st.dictionaries(PLAIN, VALUES | st.lists(VALUES, max_size=3), min_size=1), st.sampled_from(LAYOUTS))
def test_a_flat_object_has_the_places_that_the_scanner_finds(value: dict[str, Any], layout: dict[str, Any]) -> None:
    text = json.dumps(value, ensure_ascii=False, **layout)
    found = flat_object(text)
    assert found is not None
    assert found == Scan(text).root


@given(st.recursive(VALUES, lambda part: st.lists(part, max_size=3) | st.dictionaries(st.text(max_size=3), part)))
def test_any_other_value_has_the_same_places_or_none(value: Any) -> None:
    text = json.dumps(value)
    assert flat_object(text) in (None, Scan(text).root)


@pytest.mark.parametrize(
    "text", ['{"a": 1, "a": 2}', '{"a": {"b": 1}}', '{"a": [[1]]}', '{"\\u0061": 1}', '{"a": 1} 2', "[1]", "", "{}", '{"a": 1', '{"a" 1}', '{"a": 1,}']
)  # fmt: skip
def test_what_is_no_flat_object_is_left_to_the_scanner(text: str) -> None:
    assert flat_object(text) is None
