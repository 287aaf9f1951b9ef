"""Files of made-up requests, and batches run on them."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from io import TextIOWrapper
from pathlib import Path
from typing import TextIO

import pyarrow as pa
import pyarrow.csv as arrow_csv
import pyarrow.parquet as pq

from benchmarks.data import SCHEMA, Kind, csv_frame, records, requests_table
from medpolicy.batch import decide_file
from medpolicy.policy import Policy

PIECE = 1 << 20
"""Rows in memory at once, and in a row group."""


def write_parquet(path: Path, rows: int, kind: Kind) -> Path:
    """A Parquet file with pyarrow's own settings."""
    with pq.ParquetWriter(path, SCHEMA) as writer:
        for piece in _pieces(rows, kind):
            writer.write_table(piece)
    return path


def write_csv(path: Path, rows: int, kind: Kind) -> Path:
    """A CSV file as the contract has it, cells without quotes."""
    header = True
    with path.open("wb") as file:
        for piece in _pieces(rows, kind):
            options = arrow_csv.WriteOptions(include_header=header, quoting_style="none", quoting_header="none")
            arrow_csv.write_csv(csv_frame(piece), file, options)
            header = False
    return path


def write_json_lines(path: Path, rows: int, kind: Kind) -> Path:
    """A JSON Lines file, a missing fact left out."""
    with path.open("wb") as file, TextIOWrapper(file, encoding="utf-8", newline="\n") as text:
        for piece in _pieces(rows, kind):
            _write_lines(text, piece)
    return path


def with_faults(source: Path, every: int = 50) -> Path:
    """A copy of a text file with a fault in one record of so many: in turn a wrong value, a wrong type or day, a broken record."""
    lines = source.read_bytes().splitlines(keepends=True)
    in_csv = source.suffix == ".csv"
    faults: list[tuple[bytes, bytes]] = (
        [(b",initial,", b",nonsense,"), (b",20", b",x20"), (b"\n", b",x\n")]
        if in_csv
        else [(b'"initial"', b'"nonsense"'), (b'"request_type":"', b'"request_type":1,"x":"'), (b"}\n", b"\n")]
    )
    for turn, number in enumerate(range(1 if in_csv else 0, len(lines), every)):
        lines[number] = lines[number].replace(*faults[turn % len(faults)], 1)
    target = source.with_name(f"faulty{source.suffix}")
    target.write_bytes(b"".join(lines))
    return target


@dataclass(frozen=True)
class Spent:
    """What a child process took: seconds by the clock and of processor time, and the most memory that it held."""

    elapsed: float
    busy: float
    peak_bytes: int


def batch(policy: Policy, source: Path, output: Path) -> None:
    """`medpolicy batch` within this process."""
    summary = decide_file(policy, source, output)
    if summary.rejected:
        raise RuntimeError(f"{summary.rejected} made-up requests were rejected")


def batch_command(source: Path, output: Path) -> list[str]:
    """`medpolicy batch` as a process."""
    return [str(Path(sys.executable).with_name("medpolicy")), "batch", str(source), "-o", str(output)]


def spent(command: list[str], found: int = 0) -> Spent:
    """Run a command as a process, and tell what it took; `found` is the exit status that it must have.

    A small process starts it: a child's `ru_maxrss` begins with the memory of whoever starts it.
    """
    launched = subprocess.run(
        [sys.executable, "-S", "-c", _LAUNCHER, *command], capture_output=True, text=True, check=False
    )
    if launched.returncode != found:
        raise RuntimeError(f"a child process failed: {launched.stderr[-200:]}")
    elapsed, busy, peak = map(float, launched.stdout.split())
    return Spent(elapsed, busy, int(peak) * 1024)


_LAUNCHER = """
import os, sys, time
began = time.perf_counter()
silent = [(os.POSIX_SPAWN_OPEN, each, os.devnull, os.O_WRONLY, 0) for each in (1, 2)]
child = os.posix_spawn(sys.argv[1], sys.argv[1:], os.environ, file_actions=silent)
_, status, usage = os.wait4(child, 0)
print(time.perf_counter() - began, usage.ru_utime + usage.ru_stime, usage.ru_maxrss)
sys.exit(os.waitstatus_to_exitcode(status))
"""


def _write_lines(text: TextIO, piece: pa.Table) -> None:
    text.writelines(json.dumps(each, separators=(",", ":")) + "\n" for each in records(piece))


def _pieces(rows: int, kind: Kind) -> Iterator[pa.Table]:
    for first in range(0, rows, PIECE):
        yield requests_table(min(PIECE, rows - first), kind, first)
