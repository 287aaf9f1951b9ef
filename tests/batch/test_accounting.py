"""Every record of a batch is accounted for: decided or rejected, once, in its order, whatever fails on the way."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from batch.making import (
    COLUMNS,
    FORMATS,
    Json,
    csv_text,
    decide,
    each_pair,
    expected,
    faults_of,
    records,
    spoiled_records,
    write,
)
from batch.test_agreement import check_faults
from medpolicy import Policy, UndecidedRequest
from medpolicy.batch import in_pieces, jsonl, lines, parquet
from medpolicy.columns import chunk, ids
from medpolicy.columns.frame import ColumnDecider

SOME = records(21, 200)
FAULTY = spoiled_records(22, 120)


@pytest.fixture
def in_small_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lines, "PIECE", 3000)
    monkeypatch.setattr(parquet, "ROWS_AT_ONCE", 16)
    monkeypatch.setattr(jsonl, "FEW_LINES", 2)


# Order and numbers


@pytest.mark.usefixtures("in_small_pieces")
@pytest.mark.parametrize(("one", "other"), each_pair())
def test_pieces_keep_order_numbers_and_faults(one: str, other: str, tmp_path: Path) -> None:
    check_faults(decide(write(tmp_path / f"in.{one}", FAULTY), tmp_path / f"out.{other}"), one, FAULTY)


@pytest.mark.parametrize(("one", "other"), each_pair())
def test_the_same_bytes_come_of_a_second_run_and_of_other_pieces(
    one: str, other: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = [*FAULTY, *FAULTY[:20]]
    source, output = write(tmp_path / f"in.{one}", rows), tmp_path / f"out.{other}"
    first, second = decide(source, output), decide(source, output)
    assert (first.output, first.rejected) == (second.output, second.rejected)
    monkeypatch.setattr(in_pieces.os, "cpu_count", lambda: 1)
    alone = decide(source, output)
    assert (first.output, first.rejected) == (alone.output, alone.rejected)
    monkeypatch.setattr(lines, "PIECE", 1000)
    monkeypatch.setattr(parquet, "ROWS_AT_ONCE", 10)
    cut = decide(source, output)
    assert first.rejected == cut.rejected
    assert first.answers == cut.answers
    assert other == "parquet" or first.output == cut.output


# Empty lines

GOOD = SOME[0]
LINES = {
    "jsonl": json.dumps(GOOD).encode(),
    "csv": csv_text([GOOD]).splitlines()[1],
}
ODD_LINES = [
    b"", b" ", b"\t", b" \t ", b"\f", b"\f\f", b"\v", b"\x1c", b"\x85", b"\xc2\xa0", b"\xe2\x80\xa8", b"\0", b"\xef\xbb\xbf", b"x",
    b" \f", b",", b"{}", b"null",
]  # fmt: skip


@pytest.mark.parametrize("line_break", [b"\n", b"\r\n"])
@pytest.mark.parametrize("suffix", ["jsonl", "csv"])
@given(st.lists(st.sampled_from([None, *ODD_LINES]), max_size=12))
def test_each_line_but_an_empty_one_is_a_record_that_is_read(
    tmp_path_factory: pytest.TempPathFactory, suffix: str, line_break: bytes, some: list[bytes | None]
) -> None:
    folder = tmp_path_factory.getbasetemp()
    rows = [LINES[suffix] if line is None else line for line in [None, *some]]
    header = csv_text([]).splitlines() if suffix == "csv" else []
    (folder / f"lines.{suffix}").write_bytes(line_break.join([*header, *rows]) + line_break)
    found = decide(folder / f"lines.{suffix}", folder / "out.csv")
    not_empty = [number for number, row in enumerate(rows, 1 + len(header)) if row.strip(b" \t")]
    rejected = [reject["record"] for reject in found.rejects]
    assert found.summary.read == len(not_empty)
    assert found.summary.rejected == len(rejected) == len(not_empty) - 1
    assert rejected == not_empty[1:]


# Repeated ids


def with_ids(*some: str | None) -> list[Json]:
    rows = [SOME[number % len(SOME)] | {"request_id": id} for number, id in enumerate(some)]
    return [{name: value for name, value in each.items() if value is not None} for each in rows]


def repeats(found: Any) -> list[int]:
    return [each["record"] for each in found.rejects if "repeated-id" in [fault["code"] for fault in each["faults"]]]


@pytest.mark.parametrize(("one", "other"), each_pair())
@pytest.mark.parametrize("rows_at_once", [1, 2, 1000])
def test_of_equal_ids_the_first_is_kept_across_pieces_too(
    rows_at_once: int, one: str, other: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lines, "PIECE", 150 * rows_at_once)
    monkeypatch.setattr(parquet, "ROWS_AT_ONCE", rows_at_once)
    rows = with_ids("a", "b", "a", "c", "a", "b", "A", " a", "b")
    found = decide(write(tmp_path / f"in.{one}", rows), tmp_path / f"out.{other}")
    first = 2 if one == "csv" else 1
    assert repeats(found) == [each + first for each in (2, 4, 5, 8)]
    assert [each["request_id"] for each in found.answers] == ["a", "b", "c", "A", " a"]
    assert found.answers == [expected(rows[each]) for each in (0, 1, 3, 6, 7)]


@pytest.mark.parametrize(("one", "other"), each_pair())
def test_the_id_of_a_rejected_record_counts_and_no_id_repeats_nothing(one: str, other: str, tmp_path: Path) -> None:
    rows = with_ids("a", None, "a", None, "b", "b", "b")
    rows[0]["disease"] = "x"
    rows[6]["lineage"] = "x"
    found = decide(write(tmp_path / f"in.{one}", rows), tmp_path / f"out.{other}")
    codes = [[fault["code"] for fault in each["faults"]] for each in found.rejects]
    assert codes == [
        *(["not-allowed"], ["missing-key"], ["repeated-id"], ["missing-key"], ["repeated-id"]),
        ["not-allowed", "repeated-id"],
    ]
    assert [each["request_id"] for each in found.rejects] == ["a", None, "a", None, "b", "b"]
    assert [each["request_id"] for each in found.answers] == ["b"]


def test_ids_of_records_that_are_no_requests_count_where_they_can_be_read(tmp_path: Path) -> None:
    good = json.dumps(SOME[0] | {"request_id": "a"})
    twice = good[:-1] + ', "disease": "other", "disease": "other"}'
    (tmp_path / "in.jsonl").write_text(f"{twice}\n{good}\n{good[:-1]}\n{good}\n")
    assert repeats(decide(tmp_path / "in.jsonl", tmp_path / "out.csv")) == [2, 4]


@settings(max_examples=max(1, settings().max_examples // 4))
@given(
    st.lists(st.sampled_from(["a", "b", "ab", "abcdefgh", "abcdefghi", "é", ""]), max_size=12), st.sampled_from(FORMATS)
)
def test_repeated_ids_are_found_exactly_even_where_all_hashes_are_equal(
    tmp_path_factory: pytest.TempPathFactory, some: list[str], one: str
) -> None:
    folder = tmp_path_factory.mktemp("ids")
    rows = [each | {"request_id": id} for each, id in zip(with_ids(*some), some, strict=True)]
    source = write(folder / f"in.{one}", [*rows, SOME[0] | {"request_id": "last"}])
    by_hand = [at for at, id in enumerate(some) if id and id in some[:at]]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(ids, "hash_ids", lambda each: hash_ids(each) % 2)
        found = decide(source, folder / "out.jsonl")
    assert repeats(found) == [at + (2 if one == "csv" else 1) for at in by_hand]


hash_ids = ids.hash_ids


def test_records_without_an_id_call_for_no_second_pass(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    source = write(tmp_path / "in.jsonl", with_ids(None, None, "a"))
    monkeypatch.setattr(chunk.Chunk, "marked", lambda *_: pytest.fail("a second pass"))
    assert decide(source, tmp_path / "out.jsonl").summary.decided == 1


# Failures of the program


Failing = Callable[[pytest.MonkeyPatch], None]
SECRET = "S3CRET-77889900"


def fail_on(monkeypatch: pytest.MonkeyPatch, bad: set[str]) -> None:
    """Let the program fail, in columns and on single requests, wherever it meets one of some ids."""
    in_columns, one = ColumnDecider.decide, Policy.decide

    def columns(self: ColumnDecider, some: pa.Array, placed: Any) -> Any:
        if bad & set(some.to_pylist()):
            raise ZeroDivisionError(SECRET)
        return in_columns(self, some, placed)

    def single(self: Policy, request: Any, **options: Any) -> Any:
        if self.request(request).request_id in bad:
            raise UndecidedRequest("the request could not be decided (ZeroDivisionError)")
        return one(self, request, **options)

    monkeypatch.setattr(ColumnDecider, "decide", columns)
    monkeypatch.setattr(Policy, "decide", single)


@pytest.mark.parametrize(("one", "other"), each_pair())
def test_a_failure_of_the_program_costs_the_records_that_it_fails_on_alone(
    one: str, other: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = [*SOME[:40], SOME[3]]
    bad = {SOME[3]["request_id"], SOME[17]["request_id"], SOME[39]["request_id"]}
    answers = [expected(each) for each in rows[:40] if each["request_id"] not in bad]
    source = write(tmp_path / f"in.{one}", rows)
    fail_on(monkeypatch, bad)
    found = decide(source, tmp_path / f"out.{other}")
    first = 2 if one == "csv" else 1
    assert found.answers == answers
    assert [each["record"] - first for each in found.rejects] == [3, 17, 39, 40]
    assert [[fault["code"] for fault in each["faults"]] for each in found.rejects[:3]] == [["undecided"]] * 3
    assert found.rejects[3]["faults"][-1]["code"] == "repeated-id"
    assert found.rejects[0]["faults"][0]["message"] == "the request could not be decided (ZeroDivisionError)"
    assert found.rejects[0]["faults"][0]["file"] == str(source)
    assert SECRET.encode() not in found.rejected + found.output


@pytest.mark.parametrize(("one", "other"), each_pair())
def test_where_the_program_always_fails_no_record_is_lost_and_none_approved(
    one: str, other: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = write(tmp_path / f"in.{one}", FAULTY)
    monkeypatch.setattr(chunk, "MOST_FAILURES", 20)
    fail_on(monkeypatch, {each["request_id"] for each in FAULTY if "request_id" in each})
    found = decide(source, tmp_path / f"out.{other}")
    assert (found.summary.read, found.summary.decided) == (len(FAULTY), 0)
    numbers = range(2, len(FAULTY) + 2) if one == "csv" else range(1, len(FAULTY) + 1)
    assert [each["record"] for each in found.rejects] == [*numbers]
    undecided = sum(each["faults"][0]["code"] == "undecided" for each in found.rejects)
    assert undecided >= sum(not faults_of_before(each) for each in FAULTY)
    assert SECRET.encode() not in found.rejected


def faults_of_before(record: Json) -> list[Json]:
    try:
        return faults_of(record)
    except UndecidedRequest:
        return []


def test_a_failure_while_a_record_is_read_costs_that_record_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = write(tmp_path / "in.jsonl", [*SOME[:5], SOME[5] | {"disease": "x"}])
    strict = jsonl.read_json_request

    def failing(model: Any, text: bytes, *rest: Any) -> Any:
        if SOME[2]["request_id"].encode() in text:
            raise RecursionError(SECRET)
        return strict(model, text, *rest)

    monkeypatch.setattr(jsonl, "read_json_request", failing)
    monkeypatch.setattr(jsonl.JsonLines, "_in_columns", lambda *_: None)
    found = decide(source, tmp_path / "out.csv")
    assert [(each["record"], each["faults"][0]["code"]) for each in found.rejects] == [
        (3, "undecided"),
        (6, "not-allowed"),
    ]
    assert found.rejects[0]["faults"][0]["line"] == 3
    assert SECRET.encode() not in found.rejected


def test_a_row_that_columns_refuse_and_the_model_takes_is_undecided_and_never_without_a_fault(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(chunk, "findings_of", lambda *_: ())
    found = decide(write(tmp_path / "in.csv", [SOME[0], SOME[1] | {"disease": "x"}]), tmp_path / "out.parquet")
    assert [(each["record"], each["faults"][0]["code"]) for each in found.rejects] == [(3, "undecided")]
    assert found.answers == [expected(SOME[0])]


@pytest.mark.parametrize("other", FORMATS)
def test_a_batch_of_rejects_alone_leaves_an_output_without_rows(other: str, tmp_path: Path) -> None:
    rows = [each | {"disease": "x"} for each in SOME[:30]]
    found = decide(write(tmp_path / "in.csv", rows), tmp_path / f"out.{other}")
    assert str(found.summary) == "read 30 = decided 0 + rejected 30"
    assert COLUMNS.names[0].encode() in found.output or other == "jsonl"
