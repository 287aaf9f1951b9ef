"""What is strict JSON, and where each value of a text stands."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator
from typing import Any

import jiter
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from medpolicy.text.findings import Finding, Unusable
from medpolicy.text.json_text import Positions, parse_json, without_repeats

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=4), inner, max_size=4),
    max_leaves=12,
)
LAYOUTS = st.sampled_from([{}, {"indent": 1}, {"separators": (",", ":")}, {"indent": "\t", "ensure_ascii": False}])


def refused(text: bytes, **where: Any) -> Finding:
    with pytest.raises(Unusable) as error:
        parse_json(text, **where)
    (finding,) = error.value.findings
    return finding


def paths(value: Any, path: tuple[str | int, ...] = ()) -> Iterator[tuple[tuple[str | int, ...], Any]]:
    yield path, value
    for step, part in value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ():
        yield from paths(part, (*path, step))


# Reading JSON


@pytest.mark.parametrize(
    "text",
    [
        b"", b" ", b"{", b"[1,]", b'{"a":1,}', b"{'a':1}", b"{a:1}", b"// x\n1", b"1 /* x */", b"NaN", b"Infinity", b"-Infinity",
        b"1e999", b"-1e999", b"[0, 1" + b"0" * 400 + b".5]", b"01", b"+1", b"1.", b".5", b"0x10", b"- 1", b"True", b"nul",
        b'"\\ud800"', b'"\\udc00 \\ud800"', b'"\\x"', b'"a\nb"', b'"a\tb"', b'"a\0b"', b"\0", b'{"a":1,"a":2}', b'{"a":1,"\\u0061":2}',
        b'{"b":[{"a":1,"c":{},"a":1}]}', b"{} {}", b"[1 2]", b'{"a" 1}', b'{"a":1 "b":2}', b"[1}", b'{"a":1]', b"\xff", b'"\xc3"',
        b'"\xed\xa0\x80"', b"\xef\xbb\xbf", b"\xef\xbb\xbf\xef\xbb\xbf1", b"1\x0c", b"[" * 300 + b"]" * 300, b"9" * 4301,
    ],
)  # fmt: skip
def test_what_is_no_strict_json_is_refused_at_a_place(text: bytes) -> None:
    finding = refused(text, file="x.json")
    assert finding.file == "x.json"
    assert finding.line is not None
    assert finding.column is not None


@pytest.mark.parametrize(
    ("text", "value"),
    [
        (b"\xef\xbb\xbf{}", {}),
        (b" [1, -0, 1.5, 1E2, true, false, null] \n", [1, 0, 1.5, 100.0, True, False, None]),
        (b'"\\ud83d\\ude00 \\u0041\\/"', "\N{GRINNING FACE} A/"),
        (b'{"a":{"a":1},"b":{"a":1}}', {"a": {"a": 1}, "b": {"a": 1}}),
        (b"9" * 4300, int("9" * 4300)),
        (b'["1e999", 1e308, 1e-999]', ["1e999", 1e308, 0.0]),
    ],
    ids=[
        "a byte order mark",
        "every kind of value",
        "escapes",
        "a key of two objects",
        "many digits",
        "large and small",
    ],
)
def test_strict_json_is_read(text: bytes, value: Any) -> None:
    assert parse_json(text) == value


def test_a_fault_of_syntax_repeats_nothing_of_the_text() -> None:
    for text in (
        b'{"id": TOKEN}',
        b'{"id": "TOKEN\n"}',
        b'{"TOKEN": 1 2}',
        b'["TOKEN" "OTHER"]',
        b'{"id": "TOKEN" "OTHER"}',
    ):
        finding = refused(text)
        assert "TOKEN" not in str(finding)
        assert "OTHER" not in str(finding)


def test_lines_count_on_from_those_before_the_text() -> None:
    assert refused(b"{", line_offset=41).line == 42
    assert refused(b"\xff", line_offset=41).line == 42
    assert refused(b'{"a":1,\n"a":2}', line_offset=41).line == 43


def test_of_two_faults_the_first_in_the_text_is_told() -> None:
    assert refused(b'{"a":1,"a":2,}').code == "duplicate-key"
    assert refused(b'{"a":1,,"a":2}').code == "syntax"


def test_a_key_given_twice_says_where_it_was_first() -> None:
    finding = refused(b'{\n"a": 1,\n"b": {"a": 1},\n"\\u0061": 2}')
    assert finding.message == "the key `a` is given twice"
    assert finding.help == "the first one is in line 2; keep one of the two"
    assert (finding.line, finding.column) == (4, 1)


@given(JSON, st.data())
@example({"a": [1, "x"]}, None)
def test_a_text_is_refused_exactly_when_it_is_no_json_and_then_with_a_reason(value: Any, data: Any) -> None:
    text = json.dumps(value)
    if data is not None:
        at = data.draw(st.integers(0, len(text)))
        until = data.draw(st.integers(at, min(len(text), at + 3)))
        text = text[:at] + data.draw(st.text('{}[],:"\\/eE+-.01ntu \n\x00\ufeff', max_size=2)) + text[until:]
    try:
        known = jiter.from_json(text.removeprefix("\ufeff").encode(), catch_duplicate_keys=True, allow_inf_nan=False)
    except ValueError:
        finding = refused(text.encode())
        assert finding.message != "the text is not JSON"  # what the scan of it does not understand
        assert 1 <= (finding.line or 0) <= text.count("\n") + 1
    else:
        if any(isinstance(part, float) and math.isinf(part) for _, part in paths(known)):
            assert refused(text.encode()).message == "a number is too large"
        else:
            assert parse_json(text.encode()) == known


def test_the_value_of_a_text_with_repeated_keys_is_the_last_one() -> None:
    assert without_repeats(b'\xef\xbb\xbf{"a":1,"a":2}') == {"a": 2}


# Where things stand

TEXT = """{
  "größe": {"a": [1, {"b": "ü", "c": null}]},
\t"list": [],
  "\\u0061": 5
}""".encode()


@pytest.mark.parametrize(
    ("path", "line", "column"),
    [
        ((), 1, 1),
        (("größe",), 2, 12),
        (("größe", "a", 0), 2, 19),
        (("größe", "a", 1, "c"), 2, 38),
        (("list",), 3, 10),
        (("a",), 4, 13),
        (("list", 0), 3, 10),
        (("none", "b"), 1, 1),
        (("größe", "a", 7, "b"), 2, 18),
        (("größe", "a", "0"), 2, 18),
    ],
)
def test_a_path_stands_where_its_value_begins_else_where_the_last_part_that_there_is_does(
    path: tuple[str | int, ...], line: int, column: int
) -> None:
    found = Positions(TEXT).locate(Finding("x", "x", path), "x.json", 10)
    assert (found.file, found.line, found.column) == ("x.json", line + 10, column)


def test_a_key_that_should_not_be_there_is_found_itself() -> None:
    positions = Positions(b"\xef\xbb\xbf" + TEXT)
    found = positions.locate_key(Finding("x", "x", ("größe", "a", 1, "c")), None)
    assert (found.line, found.column) == (2, 33)
    missing = positions.locate_key(Finding("x", "x", ("größe", "b")), None)
    assert (missing.line, missing.column) == (2, 12)
    item = positions.locate_key(Finding("x", "x", ("größe", "a", 0)), None)
    assert (item.line, item.column) == (2, 19)


def test_every_repeated_key_is_found_with_its_path() -> None:
    text = b'{"a": 1, "b": [{"c": 1,\n "c": 2, "c": 3}], "a": {"a": 1}}'
    assert list(Positions(text).repeated_keys()) == [(("b", 0, "c"), 2, 2), (("b", 0, "c"), 2, 10), (("a",), 2, 20)]


@given(JSON, LAYOUTS)
def test_every_value_of_a_text_stands_where_it_is_said_to(value: Any, layout: dict[str, Any]) -> None:
    text = json.dumps(value, **layout)
    positions, lines = Positions(text.encode("utf-8", "surrogatepass")), text.split("\n")
    for path, part in paths(value):
        found = positions.locate(Finding("x", "x", path), None)
        assert found.line is not None
        assert found.column is not None
        rest = "\n".join([lines[found.line - 1][found.column - 1 :], *lines[found.line :]])
        assert json.JSONDecoder().raw_decode(rest)[0] == part
        if path and isinstance(path[-1], str):
            key = positions.locate_key(Finding("x", "x", path), None)
            assert key.line is not None
            assert key.column is not None
            assert json.JSONDecoder().raw_decode(lines[key.line - 1][key.column - 1 :])[0] == path[-1]
