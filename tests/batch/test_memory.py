"""Memory does not grow with the file, but for eight bytes an id.

`MEDPOLICY_ROWS=5000000 pytest tests/batch/test_memory.py` measures on longer files.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from batch.making import csv_text, records, typed_table

ROWS = int(os.environ.get("MEDPOLICY_ROWS", "150000"))
GROWTH_PER_RECORD = 200
"""Bytes; a record itself has about 400 in JSON Lines, and its answer some thousand."""

PEAK = """
import resource, sys
from pathlib import Path
from medpolicy import load_policy
from medpolicy.batch import decide_file, lines, parquet
lines.PIECE, parquet.ROWS_AT_ONCE = 1 << 20, 1 << 12
policy = load_policy("inotuzumab-ozogamicin")
for source in sys.argv[2:]:
    summary = decide_file(policy, Path(source), Path(sys.argv[1]))
    if summary.rejected:
        raise SystemExit(str(summary))
    print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024)
"""

SOME = records(51, 1000)


def write_many(path: Path, rows: int) -> Path:
    """A file of many records with ids of their own."""
    if path.suffix == ".parquet":
        table = typed_table(SOME)
        with pq.ParquetWriter(path, table.schema) as writer:
            for first in range(0, rows, len(SOME)):
                ids = pa.array([f"R-{number:09d}" for number in range(first, first + len(SOME))])
                writer.write_table(table.set_column(0, table.schema.field("request_id"), ids.cast(pa.string())))
        return path
    with path.open("wb") as file:
        header, *lines = csv_text(SOME).splitlines(keepends=True)
        if path.suffix == ".csv":
            file.write(header)
        else:
            lines = [json.dumps(record).encode() + b"\n" for record in SOME]
        for number in range(rows):
            file.write(lines[number % len(SOME)].replace(b"R-00", b"R-%d-" % number, 1))
    return path


@pytest.mark.skipif(sys.platform != "linux", reason="peak memory is counted in kibibytes there")
@pytest.mark.parametrize(
    ("one", "other"), [("jsonl", "csv"), ("csv", "parquet"), ("parquet", "parquet"), ("csv", "jsonl")]
)
def test_the_peak_grows_by_little_more_than_an_id_s_hash_for_each_record(one: str, other: str, tmp_path: Path) -> None:
    rows = ROWS // 5 if other == "jsonl" else ROWS
    few, many = (write_many(tmp_path / f"in-{count}.{one}", count) for count in (rows // 3, rows))
    called = [sys.executable, "-c", PEAK, str(tmp_path / f"out.{other}"), str(few), str(many)]
    ended = subprocess.run(called, capture_output=True, text=True, timeout=3600, check=False)
    assert (ended.returncode, ended.stderr) == (0, "")
    before, after = map(int, ended.stdout.split())
    assert after - before < GROWTH_PER_RECORD * (rows - rows // 3) + (16 << 20)
