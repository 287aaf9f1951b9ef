"""JSON Lines: every fault told with its line, and the fast reader never used where it would make something else of a line.

`MEDPOLICY_LINES=100000 pytest tests/batch/test_jsonl.py` holds that many damaged files against the strict reader.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from project import TESTS

from batch.damage import DAMAGED, damage, fast_and_strict, source
from batch.making import GIVEN, POLICY, decide, expected, records
from medpolicy.batch import jsonl, lines
from medpolicy.batch.lines import Piece
from medpolicy.text.findings import Unusable

SOME = records(5, 300)
GOOD = {"request_id": "A", "request_type": "initial", "service_start_date": "2026-05-01"}
FILES = int(os.environ.get("MEDPOLICY_LINES", "2500"))


def line(**changes: Any) -> bytes:
    return json.dumps(GOOD | changes).encode()


def decided(folder: Path, *rows: bytes, end: bytes = b"\n", **options: Any) -> Any:
    (folder / "in.jsonl").write_bytes(b"\n".join(rows) + end)
    return decide(folder / "in.jsonl", folder / "out.parquet", **options)


def told(folder: Path, *rows: bytes, **options: Any) -> list[tuple[int, Any, str, str]]:
    """Record, column, code and message of every fault."""
    found = decided(folder, *rows, **options)
    for reject in found.rejects:
        if {fault["line"] for fault in reject["faults"]} != {reject["record"]}:
            raise AssertionError("a fault stands on another line than its record")
    return [
        (reject["record"], fault.get("column"), fault["code"], fault["message"])
        for reject in found.rejects
        for fault in reject["faults"]
    ]


# Faults of single lines


WHOLE = "must be a whole number from 0 to 999"
BAD = {
    "an unknown key": (line(cd22="x"), b'"cd22"', "unknown-key", "unknown key `cd22`"),
    "a key twice": (
        line()[:-1] + b', "lineage": "other", "lineage": "t_cell"}',
        b'"lineage"',
        "duplicate-key",
        "twice",
    ),
    "a key twice, escaped": (line()[:-1] + b', "\\u0072equest_id": "B"}', b'"\\u0072', "duplicate-key", "twice"),
    "a number in quotes": (line(cycles_received="5"), b'"5"', "not-allowed", WHOLE),
    "a decimal number": (line(cycles_received=5.0), b"5.0", "not-allowed", WHOLE),
    "yes as a number": (line(cycles_received=True), b"true", "not-allowed", WHOLE),
    "a huge number": (line(cycles_received=10**30), b"1000", "not-allowed", WHOLE),
    "one as yes": (line(therapy_exclusion=1), b"1}", "not-allowed", "must be `true` or `false`"),
    "yes in quotes": (line(therapy_exclusion="true"), b'"true"', "not-allowed", "must be `true` or `false`"),
    "a day as a number": (line(birth_date=20000101), b"20000101", "not-allowed", "must be a day"),
    "days in the wrong order": (line(birth_date="2026-05-02"), b'"2026-05-02"', "date-order", "must not be after"),
    "a set as text": (line(combination_regimen="imatinib"), b'"imatinib"', "not-allowed", "must be a list"),
    "a list in a set": (line(combination_regimen=[["imatinib"]]), b'["imatinib', "not-allowed", "must hold only"),
    "null in a set": (line(combination_regimen=["imatinib", None]), b"null", "not-allowed", "must hold only"),
    "a set as an object": (line(combination_regimen={"imatinib": 1}), b'{"imatinib', "not-allowed", "must be a list"),
    "a choice as a list": (line(disease=["other"]), b'["other', "not-allowed", "must be `acute"),
    "an id as a number": (line(request_id=5), b"5,", "not-allowed", "must be text of at least one character"),
    "an empty id": (line(request_id=""), b'"",', "not-allowed", "must be text of at least one character"),
    "an id of null": (line(request_id=None), b"null", "missing-key", "must be text of at least one character"),
    "half a character": (line(request_id="\ud800"), None, "syntax", ""),
    "half a character in bytes": (line().replace(b'"A"', b'"\xed\xa0\x80"'), b"\xed", "encoding", "is not UTF-8"),
    "Latin-1": (line().replace(b'"A"', b'"caf\xe9"'), b"\xe9", "encoding", "is not UTF-8"),
    "NUL": (line().replace(b'"A"', b'"a\0b"'), b"\0", "syntax", ""),
    "NaN": (line().replace(b'"A"', b"NaN"), b"NaN", "syntax", "are not numbers of JSON"),
    "an infinite number": (line(cycles_received=1).replace(b": 1}", b": 1e999}"), b"1e999", "syntax", ""),
    "a leading zero": (line(cycles_received=1).replace(b": 1}", b": 01}"), None, "syntax", ""),
    "no end": (line()[:-1], None, "syntax", ""),
    "two objects": (line() + line(), b'{"request_id"', "syntax", "text follows"),
    "a brace too many": (line() + b"}", None, "syntax", ""),
    "a comma behind": (line() + b",", b",", "syntax", ""),
    "a comma too many": (line()[:-1] + b",}", None, "syntax", ""),
    "single quotes": (line().replace(b'"A"', b"'A'"), b"'A", "syntax", ""),
    "a comment": (line() + b" // x", b"//", "syntax", ""),
    "null": (b"null", b"null", "not-a-record", "must be an object with a key for each fact"),
    "a list": (b"[]", b"[", "not-a-record", "must be an object"),
    "a number": (b"5", b"5", "not-a-record", "must be an object"),
    "a text": (b'"A"', b'"A', "not-a-record", "must be an object"),
    "a word": (b"x", b"x", "syntax", ""),
    "a brace": (b"{", None, "syntax", ""),
    "brackets": (b"[" * 100_000, None, "nesting", ""),
    "brackets in a value": (b'{"request_id": ' + b"[" * 100_000, None, "nesting", ""),
    "braces in braces": (b'{"x":' * 5000 + b"1" + b"}" * 5000, None, "nesting", ""),
}


@pytest.mark.parametrize("bad", BAD)
def test_a_bad_line_is_a_fault_of_its_own_that_costs_no_other(bad: str, tmp_path: Path) -> None:
    text, at, code, message = BAD[bad]
    found = told(tmp_path, line(request_id="1"), text, line(request_id="3"))
    assert [(reject[0], reject[2]) for reject in found] == [(2, code)]
    assert at is None or found[0][1] == text.rindex(at) + 1
    assert message in found[0][3]


def test_every_fault_of_a_line_is_told(tmp_path: Path) -> None:
    bad = b'{"request_id": "", "cd22": 1, "disease": "x", "disease": "other", "lineage": 5}'
    assert [(code, column) for _, column, code, _ in told(tmp_path, bad)] == [
        *(("missing-key", 1), ("missing-key", 1), ("not-allowed", 16), ("unknown-key", 20)),
        *(("duplicate-key", 47), ("not-allowed", 78)),
    ]


def test_an_object_over_two_lines_is_two_bad_lines(tmp_path: Path) -> None:
    first, second = b'{"request_id": "A",', b'"request_type": "initial", "service_start_date": "2026-05-01"}'
    found = decided(tmp_path, line(request_id="1"), first, second, line(request_id="4"))
    assert [reject["record"] for reject in found.rejects] == [2, 3]
    assert [answer["request_id"] for answer in found.answers] == ["1", "4"]


def test_the_id_of_a_bad_record_is_told_where_it_can_be_read(tmp_path: Path) -> None:
    rows = [line(disease="x"), line()[:-1] + b', "disease": null, "disease": null}', line()[:-1], line(request_id=5)]
    assert [reject["request_id"] for reject in decided(tmp_path, *rows).rejects] == ["A", "A", None, None]


def test_blank_lines_are_no_records_and_are_counted_as_lines(tmp_path: Path) -> None:
    found = decided(tmp_path, b"", line(), b" \t", b"", line(request_id="B", disease="x"), b"\r", line(request_id="C"))
    assert [reject["record"] for reject in found.rejects] == [5]
    assert [answer["request_id"] for answer in found.answers] == ["A", "C"]


@pytest.mark.parametrize("end", [b"", b"\n", b"\r\n", b"\n\n", b"\r"])
def test_line_breaks_of_unix_and_windows_are_read_with_and_without_a_last_one(end: bytes, tmp_path: Path) -> None:
    rows = [line(), line(request_id="B", disease="x"), line(request_id="C")]
    for carriage_return in (b"", b"\r"):
        found = decided(tmp_path, *(row + carriage_return for row in rows[:2]), rows[2], end=end)
        assert [reject["record"] for reject in found.rejects] == [2]
        assert [answer["request_id"] for answer in found.answers] == ["A", "C"]


def test_a_byte_order_mark_is_tolerated(tmp_path: Path) -> None:
    found = decided(tmp_path, b"\xef\xbb\xbf" + line(), b"\xef\xbb\xbf" + line(request_id="B"), line(request_id="C"))
    assert [answer["request_id"] for answer in found.answers] == ["A", "B", "C"]


def test_blanks_around_and_inside_a_record_mean_nothing(tmp_path: Path) -> None:
    spread = b'\t{ "request_id"\t:"A" , "request_type" : "initial","service_start_date":"2026-05-01" } '
    assert decided(tmp_path, spread, line(request_id="B")).summary.decided == 2


def test_null_is_a_missing_fact_or_the_default(tmp_path: Path) -> None:
    nulls = {name: None for name, each in GIVEN.items() if not each.required}
    assert decided(tmp_path, line(**nulls)).answers == [expected(GOOD)]


def test_a_very_long_line_costs_itself_alone(tmp_path: Path) -> None:
    long = line(request_id="x" * (20 << 20))
    assert decided(tmp_path, line(), long, line(request_id="C")).summary.decided == 3
    assert told(tmp_path, line(), long[:-1], line(request_id="C"))[0][:3] == (2, len(long), "syntax")


def test_a_line_that_is_too_long_for_memory_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lines, "PIECE", 1000)
    monkeypatch.setattr(lines, "LONGEST_RECORD", 5000)
    with pytest.raises(Unusable, match=r"in\.jsonl:3: error\[too-large\]: a record is longer than"):
        decided(tmp_path, line(), line(request_id="B"), line(request_id="x" * 10_000))


def test_a_file_of_blank_lines_holds_no_record(tmp_path: Path) -> None:
    with pytest.raises(Unusable, match=r"in\.jsonl: error\[empty-file\]: the file holds no record"):
        decided(tmp_path, b"", b" ", b"\r")


# Two readers, and cuts


@pytest.mark.parametrize("extra", ["refuse", "ignore", "keep"])
def test_lines_with_a_fault_are_set_aside_and_all_others_read_in_columns(
    extra: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = [json.dumps(record).encode() for record in SOME * 10]
    odd = {
        1: b"null", 70: line(cycles_received="5"), 71: line(cycles_received=1.5), 300: line(disease=1), 555: line()[:-1],
        556: b"\xff", 900: line()[:-1] + b', "zone": 1, "zone": 2}', 1200: line()[:-1] + b', "request_id": "again"}',
        1201: line(combination_regimen=[["x"]]), 2000: b"[]", 2222: line(disease="x" * 100), 2999: line() + line(),
    }  # fmt: skip
    if extra == "refuse":
        odd |= {1700: line(zone=1), 1701: line(zone=None), 1705: line(disease=1, zone="x")}
    for number, text in odd.items():
        rows[number] = text
    read: list[bytes] = []
    opened, strict = source(extra), jsonl.JsonLines.request
    monkeypatch.setattr(
        jsonl.JsonLines, "request", lambda self, line, number: read.append(line) or strict(self, line, number)
    )
    chunk = opened.read(Piece(b"\n".join(rows), 1))
    assert [reject.record for reject in chunk.rejects] == [number + 1 for number in sorted(odd) if number != 2222]
    assert chunk.numbers.tolist() == [number + 1 for number in range(3000) if number == 2222 or number not in odd]
    assert len(read) <= len(odd) + 10


@pytest.mark.parametrize("extra", ["refuse", "ignore", "keep"])
def test_every_cut_of_a_file_makes_the_same_of_it(extra: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jsonl, "FEW_LINES", 1)
    rows = [line(request_id=f"R-{number}", **({"zone": number} if number % 3 else {})) for number in range(9)]
    rows[4:4] = [b"", b"null", line(disease="x", zone={"a": [1]}), b"\xff", line(request_id="R-1")]
    output = tmp_path / ("out.jsonl" if extra == "keep" else "out.csv")
    (tmp_path / "in.jsonl").write_bytes(b"\r\n".join(rows))
    whole = decide(tmp_path / "in.jsonl", output, extra=extra)
    assert whole.summary.read == 13
    for size in (*range(1, 12), *range(20, 400, 57)):
        monkeypatch.setattr(lines, "PIECE", size)
        cut = decide(tmp_path / "in.jsonl", output, extra=extra)
        assert (cut.output, cut.rejected) == (whole.output, whole.rejected)


def test_both_readers_make_the_same_of_damaged_files_and_neither_breaks_down() -> None:
    """In a process of its own: pyarrow ends the process at some input, which must not reach it."""
    code = f"from batch.damage import compare; print(compare(20260402, {FILES}))"
    environment = os.environ | {"PYTHONPATH": str(TESTS)}
    ended = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=3600, env=environment, check=False
    )
    assert (ended.returncode, ended.stderr) == (0, "")
    read_fast, read_strictly = map(int, ended.stdout.split())
    assert read_fast + read_strictly == FILES
    assert min(read_fast, read_strictly) > FILES // 5


@pytest.mark.parametrize("extra", ["refuse", "ignore", "keep"])
@pytest.mark.parametrize("damaged", DAMAGED, ids=range(len(DAMAGED)))
def test_what_the_fast_reader_would_take_otherwise_is_read_strictly(damaged: bytes, extra: Any) -> None:
    found, strict, _ = fast_and_strict(damaged, extra)
    assert found == strict


def test_damage_is_different_each_time() -> None:
    assert len({damage(seed) for seed in range(50)}) == 50


def test_the_policy_of_these_tests_is_the_shipped_one() -> None:
    assert source("refuse").model is POLICY.vocabulary.request
