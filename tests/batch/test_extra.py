"""Names that the policy does not know: refused, dropped, or carried along, from every format into every format."""

from __future__ import annotations

import csv
import json
from datetime import date, datetime, time
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from batch.making import (
    COLUMNS,
    FORMATS,
    POLICY,
    Json,
    csv_text,
    decide,
    each_pair,
    expected,
    faults_of,
    spoiled_records,
    typed_table,
    write,
)
from batch.test_csv import set_aside
from medpolicy.batch import decide_file, jsonl, lines, parquet
from medpolicy.batch.csv import Csv
from medpolicy.language.determination import KEYS
from medpolicy.language.request import variables_of
from medpolicy.text.findings import Unusable

SOME = spoiled_records(41, 120)
GOOD = [record for record in SOME if not faults_of(record)]
NAMES = [name for name, each in variables_of(POLICY.vocabulary.request).items() if each.derived is None]
ZONES = [f"zone, {number}" for number in range(len(SOME))]
KEPT = [zone for zone, record in zip(ZONES, SOME, strict=True) if not faults_of(record)]


def with_zones(folder: Path, format: str, name: str = "zone") -> Path:
    """A file of requests with one name more."""
    source = folder / f"in.{format}"
    if format == "jsonl":
        return write(source, [record | {name: zone} for record, zone in zip(SOME, ZONES, strict=True)])
    if format == "csv":
        rows = [record | {name: zone} for record, zone in zip(SOME, ZONES, strict=True)]
        source.write_bytes(csv_text(rows, [*NAMES[:5], name, *NAMES[5:]]))
    else:
        pq.write_table(typed_table(SOME).append_column(name, pa.array(ZONES)), source)
    return source


@pytest.mark.parametrize("format", FORMATS)
def test_another_word_for_extra_is_refused_and_no_file_touched(format: str, tmp_path: Path) -> None:
    source = with_zones(tmp_path, format)
    with pytest.raises(ValueError, match=r"^`extra` must be `refuse`, `ignore` or `keep`, not `ignored`$"):
        decide_file(POLICY, source, tmp_path / "out.csv", extra="ignored")  # type: ignore[arg-type]
    assert list(tmp_path.iterdir()) == [source]


def kept_in(output: Path, name: str = "zone") -> list[Any]:
    if output.suffix == ".jsonl":
        return [json.loads(line)[name] for line in output.read_bytes().splitlines()]
    if output.suffix == ".parquet":
        found: list[Any] = pq.read_table(output)[name].to_pylist()
        return found
    with output.open(encoding="utf-8", newline="") as file:
        return [row[name] for row in csv.DictReader(file)]


@pytest.mark.parametrize(("one", "other"), each_pair())
def test_unknown_names_are_dropped_or_carried_along(one: str, other: str, tmp_path: Path) -> None:
    source, output = with_zones(tmp_path, one), tmp_path / f"out.{other}"
    answers = [expected(each) for each in GOOD]
    ignored = decide(source, output, extra="ignore")
    assert ignored.answers == answers
    if one == "jsonl" and other != "jsonl":
        with pytest.raises(Unusable, match="the extra keys of JSON Lines can be kept in JSON Lines only"):
            decide_file(POLICY, source, output, extra="keep")
        return
    kept = decide(source, output, extra="keep")
    assert kept.rejected == ignored.rejected
    assert kept_in(output) == KEPT
    assert [{name: answer[name] for name in COLUMNS.names} for answer in kept.answers] == answers


@pytest.mark.parametrize("other", FORMATS)
def test_unknown_columns_are_refused_and_an_unknown_key_is_a_fault_of_its_record(other: str, tmp_path: Path) -> None:
    for one in ("csv", "parquet"):
        with pytest.raises(Unusable, match="unknown column `zone`"):
            decide_file(POLICY, with_zones(tmp_path, one), tmp_path / f"out.{other}")
    found = decide(with_zones(tmp_path, "jsonl"), tmp_path / f"out.{other}")
    assert found.summary.rejected == len(SOME)
    assert all("unknown-key" in [fault["code"] for fault in reject["faults"]] for reject in found.rejects)


@pytest.mark.parametrize(("one", "other"), [(one, other) for one, other in each_pair() if (one, other)[0] != "jsonl"])
def test_pieces_read_in_different_ways_carry_extra_columns_alike(
    one: str, other: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In CSV some pieces go to the fast reader and others, with a bad row, to the strict one."""
    source, output = with_zones(tmp_path, one), tmp_path / f"out.{other}"
    if one == "csv":
        text = source.read_bytes().splitlines(keepends=True)
        source.write_bytes(b"".join([*text[:60], b'"open\n', *text[60:]]))
    monkeypatch.setattr(lines, "PIECE", 1000)
    monkeypatch.setattr(parquet, "ROWS_AT_ONCE", 10)
    decide(source, output, extra="keep")
    assert kept_in(output) == KEPT
    if one == "csv":
        frames = POLICY.column_decider()
        opened = Csv(source, frames.request, frames.given, "keep")
        assert {set_aside(opened, piece) for piece in opened.pieces()} == {0, 1}


@pytest.mark.parametrize("name", [*COLUMNS.names[1:4], "criteria", "authorization", "authorization_end"])
def test_a_name_of_the_answer_is_not_taken_by_an_extra_one(name: str, tmp_path: Path) -> None:
    for one in ("csv", "parquet"):
        for other in FORMATS:
            with pytest.raises(Unusable, match=f"the extra column `{name}` has a name that the answer uses itself"):
                decide_file(POLICY, with_zones(tmp_path, one, name), tmp_path / f"out.{other}", extra="keep")
    if name in KEYS:
        found = decide(with_zones(tmp_path, "jsonl", name), tmp_path / "out.jsonl", extra="keep")
        assert found.summary.rejected == len(SOME)
        assert all(reject["faults"][-1]["code"] in ("reserved-key", "not-allowed") for reject in found.rejects)


def test_extra_keys_of_json_lines_are_kept_as_they_are_whichever_reader_reads(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(jsonl, "FEW_LINES", 1)
    extras: list[Json] = [
        {"x": 1.50, "y": "2020-01-01"},
        {"x": [], "z": None},
        {},
        {"x": {"nested": [1, {"a": []}]}},
        {"x": [[1], [2]]},
        {"": "empty", "a\nb": "\u2028"},
        {"x": 10**17, "y": "\N{GRINNING FACE}"},
        {"x": "1e400", "y": True},
    ]
    rows = [each | kept for each, kept in zip(GOOD, extras, strict=False)]
    found = decide(write(tmp_path / "in.jsonl", rows), tmp_path / "out.jsonl", extra="keep")
    assert found.rejects == []
    answers = [json.loads(line) for line in found.output.splitlines()]
    assert [{name: value for name, value in answer.items() if name not in KEYS} for answer in answers] == extras
    assert [list(answer)[: len(KEYS)] for answer in answers] == [list(KEYS)] * len(extras)


def test_an_extra_key_given_twice_or_of_no_number_is_a_fault_even_where_it_is_ignored(tmp_path: Path) -> None:
    ends = ['"x": 1, "x": 1', '"x": NaN', '"x": 1e999', '"x": "NaN"']
    rows = [f"{json.dumps(GOOD[row])[:-1]}, {end}}}" for row, end in enumerate(ends)]
    (tmp_path / "in.jsonl").write_text("\n".join(rows))
    for extra in ("ignore", "keep"):
        found = decide(tmp_path / "in.jsonl", tmp_path / "out.jsonl", extra=extra)
        assert [reject["faults"][0]["code"] for reject in found.rejects] == ["duplicate-key", "syntax", "syntax"]


# Extra columns of every type


OF_ALL_TYPES: dict[str, tuple[pa.Array, Any, str | None]] = {
    "text": (pa.array(["a,b", None]), "a,b", "a,b"),
    "large text": (pa.array(["x", None], pa.large_string()), "x", "x"),
    "words": (pa.array(["x", None]).dictionary_encode(), "x", "x"),
    "numbers": (pa.array([1 << 60, None]), 1 << 60, str(1 << 60)),
    "unsigned": (pa.array([(1 << 64) - 1, None], pa.uint64()), (1 << 64) - 1, str((1 << 64) - 1)),
    "decimals": (pa.array([Decimal("1.50"), None]), "1.50", "1.50"),
    "floats": (pa.array([1.5, None]), 1.5, "1.5"),
    "no number": (pa.array([float("nan"), None]), None, "nan"),
    "infinite": (pa.array([float("inf"), None]), None, "inf"),
    "yes": (pa.array([True, None]), True, "true"),
    "days": (pa.array([date(2026, 5, 1), None]), "2026-05-01", "2026-05-01"),
    "times": (pa.array([datetime(2026, 5, 1, 2, 3), None]), "2026-05-01T02:03:00", "2026-05-01 02:03:00.000000"),
    "nanoseconds": (
        pa.array([1, None], pa.timestamp("ns")),
        "1970-01-01 00:00:00.000000001",
        "1970-01-01 00:00:00.000000001",
    ),
    "far years": (pa.array([4_000_000, None], pa.int32()).view(pa.date32()), "12921-08-18", "12921-08-18"),
    "time of day": (pa.array([time(2, 3), None]), "02:03:00", "02:03:00.000000"),
    "nulls": (pa.nulls(2), None, ""),
    "bytes": (pa.array([b"\xff\xfe", None]), "__4", None),
    "fixed bytes": (pa.array([b"ab", None], pa.binary(2)), "YWI", None),
    "lists": (pa.array([["a", "b"], None]), ["a", "b"], None),
    "structs": (pa.array([{"a": 1}, None]), {"a": 1}, None),
    "maps": (pa.array([[("a", 1)], None], pa.map_(pa.string(), pa.int64())), [["a", 1]], None),
}


@pytest.mark.parametrize("what", OF_ALL_TYPES)
def test_an_extra_column_of_any_type_is_carried_or_refused_before_anything_is_written(
    what: str, tmp_path: Path
) -> None:
    column, in_json, in_csv = OF_ALL_TYPES[what]
    pq.write_table(typed_table(GOOD[:2]).append_column("zone", column), tmp_path / "in.parquet")
    decide(tmp_path / "in.parquet", tmp_path / "out.jsonl", extra="keep")
    first, second = kept_in(tmp_path / "out.jsonl")
    assert (str(first).rstrip("=") if "bytes" in what else first) == in_json
    assert second is None
    assert b"NaN" not in (tmp_path / "out.jsonl").read_bytes()
    decide_file(POLICY, tmp_path / "in.parquet", tmp_path / "out.parquet", extra="keep")
    kept, given = (pq.read_table(tmp_path / name)["zone"] for name in ("out.parquet", "in.parquet"))
    assert kept.cast(given.type).combine_chunks().to_string() == given.combine_chunks().to_string()
    if in_csv is None:
        with pytest.raises(Unusable, match="CSV cannot hold the extra column `zone`"):
            decide_file(POLICY, tmp_path / "in.parquet", tmp_path / "out.csv", extra="keep")
        assert not (tmp_path / "out.csv").exists()
        return
    decide(tmp_path / "in.parquet", tmp_path / "out.csv", extra="keep")
    assert kept_in(tmp_path / "out.csv") == [in_csv, ""]


def test_a_csv_cell_is_written_alike_whichever_rows_stand_beside_it(tmp_path: Path) -> None:
    plain, odd = GOOD[0] | {"request_id": "plain"}, GOOD[1] | {"request_id": 'odd, "x"'}
    zones = pa.table(
        {"t": [datetime(2026, 5, 1)] * 2, "f": [1e20, 0.1], "b": [True, False], "d": [date(2026, 1, 1)] * 2}
    )
    written = []
    for rows in ([plain], [plain, odd]):
        table = typed_table(rows)
        for name in zones.column_names:
            table = table.append_column(name, zones[name].slice(0, len(rows)))
        pq.write_table(table, tmp_path / "in.parquet")
        written.append(decide(tmp_path / "in.parquet", tmp_path / "out.csv", extra="keep").output)
    assert written[1].startswith(written[0])
    assert written[1].splitlines()[-1].startswith(b'"odd, ""x""",')


def test_ids_with_a_carriage_return_come_back_from_csv(tmp_path: Path) -> None:
    ids = ["a\rb", "a\r\nb", "\r"]
    rows = [GOOD[0] | {"request_id": id} for id in ids]
    decide(write(tmp_path / "in.jsonl", rows), tmp_path / "out.csv")
    assert kept_in(tmp_path / "out.csv", "request_id") == ids
