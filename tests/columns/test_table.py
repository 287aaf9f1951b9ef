"""`decide_table` on Arrow and Polars, in every type that may hold a variable, against the single request."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pandas as pd
import polars as pl
import pyarrow as pa
import pyarrow.compute as pc
import pytest
from batch.making import (
    COLUMNS,
    GIVEN,
    POLICY,
    expected,
    faults_of,
    plain_faults,
    records,
    spoiled_records,
    typed_table,
)

from medpolicy import InvalidRequest
from medpolicy.columns import chunk, revision, table
from medpolicy.columns.answer import with_plain_lists
from medpolicy.language.fields import Choice, ChoiceSet, Day, Text, WholeNumber

Json = dict[str, Any]
CHOICES = [name for name, each in GIVEN.items() if isinstance(each.kind, Choice | Text)]
DAYS = [name for name, each in GIVEN.items() if isinstance(each.kind, Day)]
NUMBERS = [name for name, each in GIVEN.items() if isinstance(each.kind, WholeNumber)]
SETS = [name for name, each in GIVEN.items() if isinstance(each.kind, ChoiceSet)]

SOME = [{name: value for name, value in each.items() if value is not None} for each in records(11, 400)]
FAULTY = spoiled_records(12, 300)


def with_types(names: list[str], change: Callable[[pa.Array], pa.Array], rows: list[Json]) -> pa.Table:
    """The records as a table, with some columns held otherwise."""
    made = typed_table(rows)
    for name in names:
        place = made.schema.get_field_index(name)
        made = made.set_column(place, name, change(made.column(name).combine_chunks()))
    return made


def cast(type_: pa.DataType) -> Callable[[pa.Array], pa.Array]:
    return lambda column: column.cast(type_)


def in_words(vocabulary: pa.DataType, index: pa.DataType | None = None) -> Callable[[pa.Array], pa.Array]:
    coded = pa.dictionary(index or pa.int32(), vocabulary)
    return lambda column: pa.array(column.to_pylist(), vocabulary).dictionary_encode().cast(coded)


def chunked(column: pa.Array) -> pa.ChunkedArray:
    return pa.chunked_array([column.slice(0, 7), column.slice(7, 0), column.slice(7, 100), column.slice(107)])


HELD: dict[str, tuple[list[str], Callable[[pa.Array], pa.Array]]] = {
    "large strings": (CHOICES, cast(pa.large_string())),
    "string views": (CHOICES, cast(pa.string_view())),
    "dictionaries": (CHOICES, in_words(pa.string())),
    "dictionaries of large strings": (CHOICES, in_words(pa.large_string())),
    "dictionaries with small unsigned codes": (CHOICES[1:], in_words(pa.string(), pa.uint8())),
    "days as text": (DAYS, lambda column: pa.array([each and str(each) for each in column.to_pylist()], pa.string())),
    "days as words": (
        DAYS,
        lambda column: pa.array([each and str(each) for each in column.to_pylist()]).dictionary_encode(),
    ),
    "days in milliseconds": (DAYS, cast(pa.date64())),
    "large lists": (SETS, cast(pa.large_list(pa.large_string()))),
    "lists of string views": (SETS, cast(pa.list_(pa.string_view()))),
    "lists of words": (
        SETS,
        lambda column: pa.array(column.to_pylist(), pa.list_(pa.dictionary(pa.int16(), pa.string()))),
    ),
    "chunks": ([*GIVEN], chunked),
    "slices": ([*GIVEN], lambda column: pa.concat_arrays([column, column]).slice(len(column))),
} | {
    f"{type_} numbers": (NUMBERS, cast(type_))
    for type_ in (pa.int16(), pa.int32(), pa.uint16(), pa.uint32(), pa.uint64())
}


def positive(row: Json) -> Json:
    return {name: 1000 if value == -1 else value for name, value in row.items()}


@pytest.mark.parametrize("held", HELD)
def test_every_way_to_hold_a_variable_gives_the_answers_of_the_single_request(held: str) -> None:
    result = POLICY.decide_table(with_types(*HELD[held], SOME))
    assert result.rejected.num_rows == 0
    assert result.decided.schema == with_plain_lists(COLUMNS.empty_table()).schema
    assert result.decided.to_pylist() == [expected(each) for each in SOME]


@pytest.mark.parametrize("held", HELD)
def test_every_way_to_hold_a_variable_gives_the_faults_of_the_single_request(held: str) -> None:
    rows = [positive(each) for each in FAULTY] if held.startswith("uint") else FAULTY
    result = POLICY.decide_table(with_types(*HELD[held], rows))
    faults = [faults_of(each) for each in rows]
    assert result.decided.to_pylist() == [expected(each) for each, found in zip(rows, faults, strict=True) if not found]
    rejected = result.rejected.to_pylist()
    assert [each["record"] for each in rejected] == [row for row, found in enumerate(faults, 1) if found]
    assert [plain_faults(each["faults"]) for each in rejected] == [found for found in faults if found]


def test_a_sliced_table_is_decided_from_its_own_first_row_on() -> None:
    result = POLICY.decide_table(typed_table(FAULTY).slice(100, 50))
    numbers = [row for row, each in enumerate(FAULTY[100:150], 1) if faults_of(each)]
    assert result.rejected["record"].to_pylist() == numbers


def test_a_record_batch_is_a_table() -> None:
    batch = typed_table(SOME).to_batches()[0]
    assert POLICY.decide_table(batch).decided.to_pylist() == [expected(each) for each in SOME]


def test_columns_of_nulls_and_absent_columns_are_missing_throughout() -> None:
    required = [name for name, each in GIVEN.items() if each.required]
    rows = [{name: each[name] for name in required} for each in SOME]
    bare = typed_table(rows).select(required)
    nulls = bare
    for name in GIVEN:
        if name not in required:
            nulls = nulls.append_column(name, pa.nulls(len(rows)))
    empty_lists = bare.append_column("combination_regimen", pa.array([[]] * len(rows), pa.list_(pa.null())))
    answers = [expected(each) for each in rows]
    assert POLICY.decide_table(bare).decided.to_pylist() == answers
    assert POLICY.decide_table(nulls).decided.to_pylist() == answers
    single_agent = [expected(each | {"combination_regimen": []}) for each in rows]
    assert POLICY.decide_table(empty_lists).decided.to_pylist() == single_agent


def test_a_required_column_of_nulls_is_a_fault_of_each_row() -> None:
    bare = typed_table(SOME[:3])
    for name in ("request_id", "service_start_date", "request_type"):
        place = bare.schema.get_field_index(name)
        result = POLICY.decide_table(bare.set_column(place, name, pa.nulls(3)))
        assert result.decided.num_rows == 0
        assert [[each["path"] for each in row] for row in result.rejected["faults"].to_pylist()] == [[f"$.{name}"]] * 3


def test_an_empty_table_has_an_empty_answer_of_the_same_columns() -> None:
    result = POLICY.decide_table(typed_table(SOME).slice(0, 0))
    assert (result.decided.num_rows, result.rejected.num_rows) == (0, 0)
    assert result.decided.schema == with_plain_lists(COLUMNS.empty_table()).schema


def test_a_table_larger_than_a_chunk_keeps_its_order_and_its_numbers(monkeypatch: pytest.MonkeyPatch) -> None:
    whole = POLICY.decide_table(typed_table(FAULTY))
    for rows in (7, 100, 299):
        monkeypatch.setattr(table, "ROWS_AT_ONCE", rows)
        parts = POLICY.decide_table(typed_table(FAULTY))
        assert parts.decided.to_pylist() == whole.decided.to_pylist()
        assert parts.decided.num_rows == 0 or parts.decided.column("decision").num_chunks == 1
        assert parts.rejected == whole.rejected


@pytest.mark.parametrize("rows", [1, 7, 8, 250])
def test_rows_that_are_ruled_on_in_blocks_have_the_same_answers(monkeypatch: pytest.MonkeyPatch, rows: int) -> None:
    at_once = POLICY.decide_table(typed_table(SOME)).decided
    [compiled] = POLICY._compiled.values()
    monkeypatch.setattr(revision, "MOST_BITS", rows * (len(compiled.conditions) + len(compiled.tables)))
    in_blocks = POLICY.decide_table(typed_table(SOME)).decided
    assert in_blocks == at_once
    assert {column.num_chunks for column in in_blocks.columns} == {1}


def test_an_id_that_an_earlier_row_has_is_a_fault_across_chunks_too(monkeypatch: pytest.MonkeyPatch) -> None:
    rows = [SOME[0] | {"request_id": id} for id in ("a", "b", "a", "c", "b", "a")]
    rows[1]["disease"] = "no such disease"
    for at_once in (1, 2, 100):
        monkeypatch.setattr(table, "ROWS_AT_ONCE", at_once)
        result = POLICY.decide_table(typed_table(rows))
        assert result.decided["request_id"].to_pylist() == ["a", "c"]
        codes = {each["record"]: [fault["code"] for fault in each["faults"]] for each in result.rejected.to_pylist()}
        assert codes == {2: ["not-allowed"], 3: ["repeated-id"], 5: ["repeated-id"], 6: ["repeated-id"]}


def in_polars(rows: list[Json]) -> pl.DataFrame:
    frame = pl.from_arrow(typed_table(rows))
    if not isinstance(frame, pl.DataFrame):
        raise TypeError("a table is a frame")
    return frame


POLARS: dict[str, Callable[[pl.DataFrame], pl.DataFrame]] = {
    "plain": lambda frame: frame,
    "categorical": lambda frame: frame.with_columns(pl.col(CHOICES[1:]).cast(pl.Categorical)),
    "enum": lambda frame: frame.with_columns(pl.col("ph_status").cast(pl.Enum(["negative", "positive"]))),
    "list of categorical": lambda frame: frame.with_columns(pl.col(SETS).cast(pl.List(pl.Categorical))),
    "unsigned": lambda frame: frame.with_columns(pl.col(NUMBERS).cast(pl.UInt64)),
    "dates as text": lambda frame: frame.with_columns(pl.col(DAYS).cast(pl.String)),
    "several chunks": lambda frame: pl.concat([frame.head(5), frame.tail(-5)], rechunk=False),
}


@pytest.mark.parametrize("held", POLARS)
def test_a_polars_frame_is_answered_with_polars_frames(held: str) -> None:
    result = POLICY.decide_table(POLARS[held](in_polars(SOME)))
    assert isinstance(result.decided, pl.DataFrame)
    assert isinstance(result.rejected, pl.DataFrame)
    assert result.decided.to_dicts() == [expected(each) for each in SOME]
    assert result.rejected.height == 0


def test_a_lazy_polars_frame_is_collected_and_a_faulty_row_rejected() -> None:
    result = POLICY.decide_table(in_polars([SOME[0], SOME[1] | {"lineage": "x"}]).lazy())
    assert result.decided.to_dicts() == [expected(SOME[0])]
    assert result.rejected["record"].to_list() == [2]
    assert result.rejected["faults"].to_list()[0][0]["path"] == "$.lineage"


def test_an_empty_polars_frame_is_answered_with_an_empty_one() -> None:
    result = POLICY.decide_table(in_polars(SOME).clear())
    assert (result.decided.height, result.rejected.height) == (0, 0)


@pytest.mark.parametrize(
    ("given", "advice"),
    [
        (None, None),
        (5, None),
        ("a.csv", "`medpolicy batch` decides a file"),
        (Path("a.csv"), "`medpolicy batch` decides a file"),
        (b"a", None),
        ([{"request_id": "1"}], "`pyarrow.Table.from_pylist` makes one of a list of records"),
        ({"request_id": ["1"]}, None),
        (pl.Series([1]), None),
        (pd.DataFrame({"request_id": ["1"]}), "`pyarrow.Table.from_pandas(frame, preserve_index=False)` makes one"),
    ],
    ids=["nothing", "a number", "a name", "a path", "bytes", "records", "a mapping", "a column", "pandas"],
)
def test_what_is_no_table_is_refused_with_the_way_to_make_one(given: Any, advice: str | None) -> None:
    with pytest.raises(InvalidRequest) as refused:
        POLICY.decide_table(given)
    (fault,) = refused.value.findings
    assert (fault.message, fault.help) == ("the requests must be an Arrow table or a Polars frame", advice)


WRONG_TYPES: Mapping[str, tuple[pa.Array, str]] = {
    "request_id": (pa.array([1]), "whole numbers; it must hold text"),
    "request_type": (pa.array([b"initial"]), "values of another type; it must hold text"),
    "service_start_date": (pa.array([datetime(2026, 5, 1)]), "times of day; it must hold dates"),
    "birth_date": (pa.array([20_000]), "whole numbers; it must hold dates"),
    "cd22_test_submitted": (pa.array([1]), "whole numbers; it must hold booleans"),
    "disease_progression": (pa.array(["true"]), "text; it must hold booleans"),
    "combination_regimen": (pa.array(["imatinib"]), "text; it must hold lists of text"),
    "cycles_received": (pa.array([1.0]), "decimal numbers; it must hold whole numbers"),
    "cycles_requested": (pa.array([Decimal("1.0")]), "decimal numbers; it must hold whole numbers"),
    "lineage": (pa.array([["t_cell"]]), "lists; it must hold text"),
    "disease": (pa.array([True]), "booleans; it must hold text"),
    "ph_status": (pa.array([date(2026, 5, 1)]), "dates; it must hold text"),
    "disease_setting": (pc.run_end_encode(pa.array(["relapsed"])), "values of another type; it must hold text"),
}


@pytest.mark.parametrize("name", WRONG_TYPES)
def test_a_column_of_another_type_is_refused_by_name(name: str) -> None:
    column, said = WRONG_TYPES[name]
    made = typed_table(SOME[:1])
    with pytest.raises(InvalidRequest) as refused:
        POLICY.decide_table(made.set_column(made.schema.get_field_index(name), name, column))
    assert [str(each).splitlines()[0] for each in refused.value.findings] == [
        f"error[column-type]: the column `{name}` holds {said}"
    ]


def test_all_faults_of_the_columns_are_told_at_once() -> None:
    columns = [pa.array(["a"]), pa.array([1]), pa.array(["x"]), pa.array(["x"]), pa.array(["x"])]
    made = pa.table(columns, ["request_id", "disease", "ph_statsu", "lineage", "lineage"])
    with pytest.raises(InvalidRequest) as refused:
        POLICY.decide_table(made)
    assert [each.code for each in refused.value.findings] == [
        *("repeated-column", "missing-column", "missing-column", "column-type", "unknown-column")
    ]
    assert refused.value.findings[-1].help == "did you mean `ph_status`?"


def test_names_are_not_shown_where_a_record_may_stand_in_their_place() -> None:
    with pytest.raises(InvalidRequest) as refused:
        POLICY.decide_table(pa.table({"PA-1001": ["PA-1002"], "1971-11-08": ["1954-02-21"]}))
    assert [each.code for each in refused.value.findings] == ["no-known-column"]
    assert "1971" not in str(refused.value)


def test_extra_columns_are_refused_dropped_or_kept() -> None:
    made = typed_table(FAULTY).append_column("zone", pa.array(range(len(FAULTY))))
    good = [row for row, each in enumerate(FAULTY) if not faults_of(each)]
    with pytest.raises(InvalidRequest, match="unknown column `zone`"):
        POLICY.decide_table(made)
    assert POLICY.decide_table(made, extra="ignore").decided.schema == with_plain_lists(COLUMNS.empty_table()).schema
    kept = POLICY.decide_table(made, extra="keep").decided
    assert kept.column_names == [*COLUMNS.names, "zone"]
    assert kept["zone"].to_pylist() == good


@pytest.mark.parametrize("word", ["ignored", "Keep", "", None, True, ["keep"]])
def test_another_word_for_extra_is_refused(word: Any) -> None:
    with pytest.raises(ValueError, match=r"^`extra` must be `refuse`, `ignore` or `keep`, not `.*`$"):
        POLICY.decide_table(typed_table(SOME), extra=word)


@pytest.mark.parametrize("name", ["decision", "criteria", "authorization_end"])
def test_an_extra_column_cannot_have_a_name_of_the_answer(name: str) -> None:
    with pytest.raises(InvalidRequest, match="has a name that the answer uses itself"):
        POLICY.decide_table(typed_table(SOME).append_column(name, pa.array(range(len(SOME)))), extra="keep")


@pytest.mark.parametrize("extra", ["ignore", "keep"])
def test_an_extra_column_of_any_type_is_no_obstacle(extra: Any) -> None:
    rows = [*SOME[:2], SOME[2] | {"lineage": "x"}, SOME[3]]
    views = pa.array(["a", "b", "c", "d"], pa.string_view())
    odd = {
        "views": views,
        "lists of views": pa.array([["a"], None, [], ["b"]], pa.list_(pa.string_view())),
        "runs": pc.run_end_encode(pa.array(["a", "a", "b", "b"])),
        "words": views.cast(pa.string()).dictionary_encode(),
        "bytes": pa.array([b"\xff", None, b"", b"a"]),
        "structs": pa.array([{"a": 1}, None, {"a": 2}, {"a": None}]),
        "nanoseconds": pa.array([1, None, 2, 3], pa.timestamp("ns")),
        "nulls": pa.nulls(4),
    }
    made = typed_table(rows)
    for name, column in odd.items():
        made = made.append_column(name, column)
    result = POLICY.decide_table(made, extra=extra)
    assert result.rejected["record"].to_pylist() == [3]
    assert result.decided.num_rows == 3
    if extra == "keep":
        for name, column in odd.items():
            assert [shown(each) for each in result.decided[name]] == [shown(column[row]) for row in (0, 1, 3)]


def shown(value: pa.Scalar) -> str:
    """A value as text; nanoseconds as a number, since Python has no such times."""
    return str(value.cast(pa.int64()) if pa.types.is_timestamp(value.type) else value)


def not_utf8(type_: pa.DataType, rows: int, bad: int) -> pa.Array:
    texts = [b"other"] * rows
    texts[bad] = b"oth\xe9r"
    column = pa.Array.from_buffers(pa.string(), rows, pa.array(texts, pa.binary()).buffers())
    return column.dictionary_encode() if pa.types.is_dictionary(type_) else column.cast(type_)


@pytest.mark.parametrize(
    "type_", [pa.string(), pa.large_string(), pa.string_view(), pa.dictionary(pa.int32(), pa.string())], ids=str
)
@pytest.mark.parametrize("name", ["request_id", "disease", "note"])
def test_a_row_whose_text_is_not_utf8_is_rejected_alone(name: str, type_: pa.DataType) -> None:
    rows = [SOME[0] | {"request_id": f"R-{row}", "disease": "other"} for row in range(5)]
    made, column = typed_table(rows), not_utf8(type_, 5, 3)
    if name == "request_id":
        column = pa.concat_arrays([pa.array(["a", "b", "c"]), not_utf8(pa.string(), 1, 0), pa.array(["e"])]).cast(type_)
    made = made.drop_columns([name]) if name in GIVEN else made
    result = POLICY.decide_table(made.append_column(name, column), extra="keep")
    assert result.decided.num_rows == 4
    (rejected,) = result.rejected.to_pylist()
    assert (rejected["record"], [each["code"] for each in rejected["faults"]]) == (4, ["encoding"])
    assert rejected["request_id"] == (None if name == "request_id" else "R-3")


def test_a_set_with_text_that_is_not_utf8_is_rejected_alone() -> None:
    made = typed_table([SOME[0] | {"request_id": f"R-{row}"} for row in range(3)]).drop_columns(["combination_regimen"])
    for vocabulary in (pa.string(), pa.dictionary(pa.int32(), pa.string())):
        sets = pa.ListArray.from_arrays(
            [0, 1, 1, 3], pa.concat_arrays([pa.array(["other", "other"]), not_utf8(pa.string(), 1, 0)])
        )
        column = (
            sets
            if vocabulary == pa.string()
            else pa.ListArray.from_arrays(sets.offsets, sets.values.dictionary_encode())
        )
        result = POLICY.decide_table(made.append_column("combination_regimen", column))
        assert result.rejected["record"].to_pylist() == [3]
        assert result.decided.num_rows == 2


@pytest.mark.parametrize("days", [2**31 - 1, -(2**31)])
def test_a_day_that_python_does_not_know_is_a_fault_of_its_row(days: int) -> None:
    made = typed_table(SOME[:2]).drop_columns(["birth_date"])
    column = pa.array([None, days], pa.int32()).view(pa.date32())
    result = POLICY.decide_table(made.append_column("birth_date", column))
    (rejected,) = result.rejected.to_pylist()
    assert [(each["code"], each["path"]) for each in rejected["faults"]] == [("not-allowed", "$.birth_date")]


def test_a_failure_of_the_program_costs_the_rows_that_it_fails_on_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    rows = [each | {"request_id": f"R-{row}"} for row, each in enumerate(SOME, 1)]
    secret = "S3CRET"

    def failing(frames: Any, part: chunk.Chunk, extra: Any = "refuse") -> chunk.Decided:
        if not {"R-7", "R-200"}.isdisjoint(part.table["request_id"].to_pylist()):
            raise ZeroDivisionError(secret)
        return decide(frames, part, extra)

    decide = chunk.decide_chunk
    monkeypatch.setattr(table, "decide_chunk", failing)
    result = POLICY.decide_table(typed_table(rows))
    assert result.decided.to_pylist() == [expected(each) for each in rows if each["request_id"] not in ("R-7", "R-200")]
    rejected = result.rejected.to_pylist()
    assert [(each["record"], each["request_id"]) for each in rejected] == [(7, "R-7"), (200, "R-200")]
    assert [[fault["message"] for fault in each["faults"]] for each in rejected] == [
        ["the request could not be decided (ZeroDivisionError)"]
    ] * 2
    assert secret not in str(rejected)
