"""No name that may be a member's data is shown, in whatever file or table it stands and whatever becomes of it."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable
from pathlib import Path
from typing import Any

import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from batch.making import FORMATS, GIVEN, POLICY, csv_text, records, typed_table
from medpolicy import InvalidRequest
from medpolicy.batch import decide_file
from medpolicy.cli.main import main
from medpolicy.language.extra import EXTRAS
from medpolicy.text.findings import Unusable

CANARY = "S3CRET"
NAMES = [
    f"disease\nPA1-{CANARY}-JOHN,initial,relapsed",
    f"{CANARY}-1001",
    f"1971-11-08 {CANARY}",
    f"{CANARY}\x1b[31m",
    f"\N{LATIN CAPITAL LETTER A WITH DIAERESIS}{CANARY}",
    f"{CANARY}, John",
    f"{CANARY * 20}",
]
SOME = records(51, 5)


def check_hidden(*told: object) -> None:
    for text in told:
        if CANARY in str(text) or CANARY in repr(text):
            raise AssertionError("a message shows a name that may be data")


def check_batch(source: Path, folder: Path, caplog: pytest.LogCaptureFixture, capsys: Any) -> None:
    """Decide a file in every way; no message, log, summary or file of rejects may show the name."""
    caplog.set_level(logging.DEBUG)
    for extra in EXTRAS:
        for suffix in FORMATS:
            output = folder / f"out.{suffix}"
            try:
                check_hidden(decide_file(POLICY, source, output, extra=extra))
            except Unusable as error:
                check_hidden(error, *error.findings, *(finding.to_dict() for finding in error.findings))
            check_hidden(*(path.read_bytes() for path in folder.glob("*.rejects.jsonl")))
            main(["batch", str(source), "-o", str(output), "--extra", extra])
            written = capsys.readouterr()
            check_hidden(written.err, written.out, caplog.text)


@pytest.mark.parametrize("times", [1, 2])
@pytest.mark.parametrize("name", NAMES)
def test_no_message_shows_a_column_of_csv_that_may_be_data(
    name: str, times: int, tmp_path: Path, caplog: pytest.LogCaptureFixture, capsys: Any
) -> None:
    source = tmp_path / "in.csv"
    source.write_bytes(csv_text([{**row, name: CANARY} for row in SOME], [*GIVEN, *[name] * times, "note"]))
    check_batch(source, tmp_path, caplog, capsys)


@pytest.mark.parametrize(
    "text",
    [
        'request_id,request_type,service_start_date,"disease\nS3CRET-JOHN,initial,2026-05-01,relapsed"\nB,initial,2026-05-01,x\n',
        'request_id,request_type,service_start_date,"disease\nS3CRET,initial,2026-05-01,5",S3CRET\nB,initial,2026-05-01,x,y\n',
        '"request_id","request_type,service_start_date,disease\nS3CRET,initial,2026-05-01,x\n',
        "S3CRET,initial,2026-05-01,disease\nB,initial,2026-05-01,x\n",
        "S3CRET;initial;2026-05-01\n",
        "S3CRET\n",
    ],
)
def test_no_message_shows_a_record_in_the_place_of_the_header(
    text: str, tmp_path: Path, caplog: pytest.LogCaptureFixture, capsys: Any
) -> None:
    (tmp_path / "in.csv").write_text(text)
    check_batch(tmp_path / "in.csv", tmp_path, caplog, capsys)


@pytest.mark.parametrize("name", NAMES)
def test_no_message_shows_a_key_of_json_lines_that_may_be_data(
    name: str, tmp_path: Path, caplog: pytest.LogCaptureFixture, capsys: Any
) -> None:
    key = json.dumps(name)
    good = json.dumps(SOME[0])[:-1]
    ends = [
        f"{key}: 1",
        f"{key}: 1, {key}: 2",
        f"{key}: 1, {key}: 2, nothing",
        f'"note": {{{key}: {{{key}: 1, {key}: 2}}}}',
        f'{key}: NaN, "disease": 1',
        f'{key}: 1, "decision": 2, "disease": "x"',
    ]
    (tmp_path / "in.jsonl").write_text("".join(f"{good}, {end}}}\n" for end in ends))
    check_batch(tmp_path / "in.jsonl", tmp_path, caplog, capsys)
    for end in ends:
        (tmp_path / "in.json").write_text(f"{good}, {end}}}")
        for extra in EXTRAS:
            main(["decide", str(tmp_path / "in.json"), "--extra", extra])
            check_hidden(capsys.readouterr().err, caplog.text)


@pytest.mark.parametrize("times", [1, 2])
@pytest.mark.parametrize("name", NAMES)
def test_no_message_shows_a_column_of_parquet_or_of_a_table_that_may_be_data(
    name: str, times: int, tmp_path: Path, caplog: pytest.LogCaptureFixture, capsys: Any
) -> None:
    table = typed_table(SOME)
    for column in (pa.array([CANARY] * len(SOME)), pa.array([[CANARY]] * len(SOME)), pa.array([b"\xff"] * len(SOME))):
        given = table
        for _ in range(times):
            given = given.append_column(name, column)
        pq.write_table(given, tmp_path / "in.parquet")
        check_batch(tmp_path / "in.parquet", tmp_path, caplog, capsys)
        frames = [given, given.to_batches()[0], *([pl.from_arrow(given)] if times == 1 else [])]
        for frame in frames:
            check_hidden(told_of(lambda frame=frame: POLICY.decide_table(frame)))


def told_of(decide: Callable[[], Any]) -> list[object]:
    with pytest.raises(InvalidRequest) as refused:
        decide()
    return [str(refused.value), refused.value.findings]


def test_names_that_look_like_names_are_shown_with_the_nearest(tmp_path: Path) -> None:
    (tmp_path / "in.csv").write_bytes(csv_text(SOME, [*GIVEN, "Ph Statsu"]))
    with pytest.raises(Unusable, match=r"unknown column `Ph Statsu`\n.*\n  help: did you mean `ph_status`"):
        decide_file(POLICY, tmp_path / "in.csv", tmp_path / "out.csv")


def test_a_key_that_is_not_shown_is_placed(tmp_path: Path) -> None:
    (tmp_path / "in.jsonl").write_text(json.dumps({**SOME[0], "A-1001": 1}))
    decide_file(POLICY, tmp_path / "in.jsonl", tmp_path / "out.csv")
    (line,) = next(tmp_path.glob("*.rejects.jsonl")).read_text().splitlines()
    (fault,) = json.loads(line)["faults"]
    number = len(SOME[0]) + 1
    message = f"key {number} has an unknown name, which is not shown: it may be data"
    assert (fault["code"], fault["message"], fault["line"]) == ("unknown-key", message, 1)
    assert "path" not in fault


def test_columns_that_repeat_and_are_not_shown_are_placed() -> None:
    made = typed_table(SOME)
    for _ in range(2):
        made = made.append_column("A-1001", pa.array(["x"] * len(SOME)))
    with pytest.raises(InvalidRequest) as refused:
        POLICY.decide_table(made, extra="keep")
    first = len(GIVEN) + 1
    assert [finding.message for finding in refused.value.findings] == [
        f"columns {first} and {first + 1} have the same name"
    ]
