"""A file of requests: decided as single requests are, in every format, with every record accounted for."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterable, Mapping
from datetime import date
from pathlib import Path
from typing import Any

import polars
import pyarrow as pa
import pyarrow.csv as arrow_csv
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings

from medpolicy import Policy
from medpolicy.batch import decide_file
from medpolicy.cli.main import main
from medpolicy.language.fields import ChoiceSet, Day, WholeNumber, YesNo
from medpolicy.testing import near_boundaries, requests
from medpolicy.text.findings import Unusable

COLUMNS = [
    "request_id", "policy", "revision", "rules_digest", "decision", "coverage", "requires_clinician_review", "pathway",
    "not_met", "missing", "denial_reasons", "review_flags", "authorization_start", "authorization_end",
    "authorization_cycles",
]  # fmt: skip


def drawn(policy: Policy, count: int = 200) -> list[dict[str, Any]]:
    """Requests with ids of their own, the same ones each time."""
    found: list[dict[str, Any]] = []
    for strategy in (requests(policy), near_boundaries(policy)):

        @settings(max_examples=count, derandomize=True, database=None)
        @given(strategy)
        def collect(request: dict[str, Any]) -> None:
            found.append({**request, "request_id": f"R-{len(found)}"})

        collect()
    return found


@pytest.fixture(scope="module")
def records(policy: Policy) -> list[dict[str, Any]]:
    return drawn(policy)


def arrow_table(policy: Policy, records: Iterable[Mapping[str, Any]]) -> pa.Table:
    columns = {}
    for name, variable in policy.vocabulary.variables.items():
        if variable.derived is not None:
            continue
        values = [record.get(name) for record in records]
        if isinstance(variable.kind, Day):
            values = [None if value is None else date.fromisoformat(value) for value in values]
        type_: Any = {YesNo: pa.bool_(), WholeNumber: pa.int64(), Day: pa.date32(), ChoiceSet: pa.list_(pa.string())}
        columns[name] = pa.array(values, type_.get(type(variable.kind), pa.string()))
    return pa.table(columns)


def written(policy: Policy, records: list[dict[str, Any]], path: Path) -> Path:
    if path.suffix == ".jsonl":
        path.write_text("".join(json.dumps(record) + "\n" for record in records), encoding="utf-8")
    elif path.suffix == ".parquet":
        pq.write_table(arrow_table(policy, records), path)
    else:
        names = [name for name, variable in policy.vocabulary.variables.items() if variable.derived is None]
        lines = [",".join(names)] + [",".join(cell(record.get(name)) for name in names) for record in records]
        path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def cell(value: Any) -> str:
    if isinstance(value, list):
        return ";".join(value) or "none"
    return "" if value is None else str(value).lower() if isinstance(value, bool) else str(value)


def row_of(policy: Policy, record: Mapping[str, Any]) -> dict[str, Any]:
    """What a single decision says, in the columns of the answer."""
    found = policy.decide(record)
    terms = found.authorization
    return {
        **{name: getattr(found, name) for name in COLUMNS[:8]},
        "not_met": list(found.not_met),
        "missing": list(found.missing),
        "denial_reasons": [each.id for each in found.denial_reasons],
        "review_flags": [each.id for each in found.review_flags],
        "authorization_start": terms and terms.start,
        "authorization_end": terms and terms.end,
        "authorization_cycles": terms and terms.cycles,
    }


def read(path: Path) -> list[dict[str, Any]]:
    if path.suffix == ".parquet":
        return list(pq.read_table(path).to_pylist())
    types = {name: pa.string() for name in COLUMNS} | {"requires_clinician_review": pa.bool_()}
    types |= {name: pa.date32() for name in COLUMNS if name.endswith(("start", "end"))}
    types["authorization_cycles"] = pa.int64()
    options = arrow_csv.ConvertOptions(column_types=types, strings_can_be_null=True, null_values=[""])
    rows: list[dict[str, Any]] = arrow_csv.read_csv(path, convert_options=options).to_pylist()
    for row in rows:
        for name in ("not_met", "missing", "denial_reasons", "review_flags"):
            row[name] = row[name].split(";") if row[name] else []
    return rows


@pytest.mark.parametrize("source", ["jsonl", "csv", "parquet"])
@pytest.mark.parametrize("output", ["csv", "parquet"])
def test_a_batch_agrees_with_single_decisions_on_every_field(
    policy: Policy, records: list[dict[str, Any]], tmp_path: Path, source: str, output: str
) -> None:
    given = written(policy, records, tmp_path / f"in.{source}")
    summary = decide_file(policy, given, tmp_path / f"out.{output}")
    assert str(summary) == f"read {len(records)} = decided {len(records)} + rejected 0"
    rows = read(tmp_path / f"out.{output}")
    assert list(rows[0]) == COLUMNS
    assert rows == [row_of(policy, record) for record in records]


@pytest.mark.parametrize("source", ["jsonl", "csv", "parquet"])
def test_json_lines_hold_whole_determinations(
    policy: Policy, records: list[dict[str, Any]], tmp_path: Path, source: str
) -> None:
    decide_file(policy, written(policy, records, tmp_path / f"in.{source}"), tmp_path / "out.jsonl")
    lines = (tmp_path / "out.jsonl").read_bytes().splitlines()
    assert lines == [policy.decide(record).to_json() for record in records]


def test_frames_agree_with_single_decisions(policy: Policy, records: list[dict[str, Any]]) -> None:
    table = arrow_table(policy, records)
    expected = [row_of(policy, record) for record in records]
    assert policy.decide_table(table).decided.to_pylist() == expected
    frame = polars.DataFrame(polars.from_arrow(table))
    assert policy.decide_table(frame).decided.to_dicts() == expected
    by_code = frame.with_columns(polars.col("disease", "lineage").cast(polars.Categorical))
    assert policy.decide_table(by_code).decided.to_dicts() == expected


def test_the_tables_agree_with_the_stock_engine(policy: Policy, records: list[dict[str, Any]]) -> None:
    for record in records:
        assert policy.decide(record) == policy.decide(record, engine="business-rules")


@pytest.mark.parametrize(
    ("name", "content", "code"),
    [
        ("wide.csv", "request_id,request_type,service_start_date\n".encode("utf-16"), "encoding"),
        ("wide.jsonl", '{"request_id": "a"}\n'.encode("utf-16"), "encoding"),
        ("none.csv", b"", "empty-file"),
        ("none.jsonl", b"", "empty-file"),
        ("none.parquet", b"", "empty-file"),
        ("cut.parquet", b"PAR1 and no more", "not-parquet"),
    ],
)
def test_a_file_that_cannot_be_used_is_refused_whole(
    policy: Policy, tmp_path: Path, name: str, content: bytes, code: str
) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(Unusable) as error:
        decide_file(policy, tmp_path / name, tmp_path / "out.csv")
    assert [finding.code for finding in error.value.findings] == [code]
    assert [path.name for path in tmp_path.iterdir()] == [name]


@pytest.mark.parametrize("type_", [pa.float64(), pa.string(), pa.bool_()], ids=str)
def test_a_parquet_column_of_another_type_is_refused(policy: Policy, tmp_path: Path, type_: pa.DataType) -> None:
    table = arrow_table(policy, [{"request_id": "a", "request_type": "initial", "service_start_date": "2026-05-01"}])
    place = table.column_names.index("cycles_requested")
    pq.write_table(table.set_column(place, "cycles_requested", pa.nulls(1, type_)), tmp_path / "in.parquet")
    with pytest.raises(Unusable) as error:
        decide_file(policy, tmp_path / "in.parquet", tmp_path / "out.csv")
    assert error.value.findings[0].code == "column-type"
    assert "whole numbers" in error.value.findings[0].message


def test_the_output_may_not_be_the_input_and_a_folder_is_no_input(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "in.csv"
    path.write_text("request_id,request_type,service_start_date\na,initial,2026-05-01\n")
    (tmp_path / "folder.csv").mkdir()
    assert main(["batch", str(path), "-o", str(path)]) == 2
    assert "is the input itself" in capsys.readouterr().err
    assert main(["batch", str(tmp_path / "folder.csv"), "-o", str(tmp_path / "out.csv")]) == 2
    assert "is a folder" in capsys.readouterr().err


def test_a_stale_rejects_file_is_removed_and_running_again_gives_the_same_bytes(
    policy: Policy, records: list[dict[str, Any]], tmp_path: Path
) -> None:
    source = written(policy, records, tmp_path / "in.csv")
    (tmp_path / "out.rejects.jsonl").write_text("stale")
    for output in ("out.parquet", "out.csv", "out.jsonl"):
        decide_file(policy, source, tmp_path / output)
        first = (tmp_path / output).read_bytes()
        decide_file(policy, source, tmp_path / output)
        assert (tmp_path / output).read_bytes() == first
    assert not (tmp_path / "out.rejects.jsonl").exists()


def test_extra_names_are_refused_dropped_or_carried_along(policy: Policy, tmp_path: Path) -> None:
    path = tmp_path / "in.jsonl"
    path.write_text('{"request_id":"a","request_type":"initial","service_start_date":"2026-05-01","site":"north"}\n')
    assert decide_file(policy, path, tmp_path / "out.jsonl").rejected == 1
    decide_file(policy, path, tmp_path / "out.jsonl", extra="ignore")
    assert "site" not in json.loads((tmp_path / "out.jsonl").read_bytes())
    decide_file(policy, path, tmp_path / "out.jsonl", extra="keep")
    assert json.loads((tmp_path / "out.jsonl").read_bytes())["site"] == "north"


@pytest.mark.skipif(os.name != "posix", reason="signals are sent as POSIX has them")
def test_a_killed_run_leaves_no_half_output_under_the_final_name(
    policy: Policy, records: list[dict[str, Any]], tmp_path: Path
) -> None:
    many = [{**record, "request_id": f"{copy}-{place}"} for copy in range(40) for place, record in enumerate(records)]
    source = written(policy, many, tmp_path / "in.jsonl")
    decide_file(policy, source, tmp_path / "whole.jsonl")
    whole = (tmp_path / "whole.jsonl").read_bytes()
    call = [sys.executable, "-m", "medpolicy", "batch", str(source), "-o", str(tmp_path / "out.jsonl")]
    for wait in (0.2, 0.6, 0.9, 1.2, 1.6):
        run = subprocess.Popen(call, stderr=subprocess.DEVNULL)
        time.sleep(wait)
        run.send_signal(signal.SIGKILL)
        run.wait()
        output = tmp_path / "out.jsonl"
        assert not output.exists() or output.read_bytes() == whole
    assert subprocess.run(call, stderr=subprocess.DEVNULL, check=False).returncode == 0
    assert (tmp_path / "out.jsonl").read_bytes() == whole
