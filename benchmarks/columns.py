"""Files of requests: medpolicy against polars expressions, and against merely reading the file and writing the answer."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq

import medpolicy
from benchmarks import peer_polars
from benchmarks.agreement import Disagreement
from benchmarks.data import SCHEMA, TEXT, Kind, requests_table
from benchmarks.files import batch, with_faults, write_csv, write_json_lines, write_parquet
from benchmarks.policies import POLICY
from benchmarks.report import Target, section, table, times
from benchmarks.timing import Contender, Measured, race
from medpolicy.batch import decide_file

OURS, EXPRESSIONS = "medpolicy batch", "polars expressions"
LIMIT, POLARS_LIMIT = "pyarrow reads, and writes that result", "polars reads, and writes that result"
FAULTY = "medpolicy batch, with faults"
OWN = "polars' own read and write"


def run(rounds: int, rows: int, text_rows: int, kind: Kind, folder: Path) -> list[Target]:
    """Measure, print, and tell the targets."""
    _agree()
    section(
        "Files",
        f"{rows:,} {kind} requests (Parquet), {text_rows:,} (CSV, JSON Lines), contenders in turns, median of {rounds} "
        "rounds. The ratio is by the clock; that of processor time stands beside it, since other work on the machine "
        "takes cores from whoever uses two. The file system's cache is warm.",
    )
    found = _parquet(rounds, rows, kind, folder)
    for name, write in (("CSV", write_csv), ("JSON Lines", write_json_lines)):
        found += _text(name, write, rounds, text_rows, kind, folder)
    return found


def _parquet(rounds: int, rows: int, kind: Kind, folder: Path) -> list[Target]:
    source, output = write_parquet(folder / "requests.parquet", rows, kind), folder / "answers.parquet"
    other = folder / "other.parquet"
    policy = medpolicy.load_policy(POLICY)
    batch(policy, source, output)
    contenders = [
        Contender(OURS, lambda: batch(policy, source, output), "all columns of the answer"),
        Contender(EXPRESSIONS, lambda: peer_polars.decide(source, other), "id and decision, unvalidated"),
        Contender(LIMIT, _limit(source, output, other), "the limit: nothing is decided"),
        Contender(POLARS_LIMIT, _polars_limit(source, output, other), "the same by polars' reader and writer"),
    ]
    measured = race(contenders, rounds)
    limit = min(measured[LIMIT], measured[POLARS_LIMIT], key=lambda each: each.cpu)
    _print("Parquet to Parquet", measured, limit, rows)
    return [_target("Parquet to Parquet with all reasons", 0.65, measured[OURS], limit, f"{rows:,} rows")]


def _text(
    name: str, write: Callable[[Path, int, Kind], Path], rounds: int, rows: int, kind: Kind, folder: Path
) -> list[Target]:
    suffix = "csv" if name == "CSV" else "jsonl"
    source, output = write(folder / f"requests.{suffix}", rows, kind), folder / "answers.parquet"
    policy = medpolicy.load_policy(POLICY)
    read = pl.read_csv if name == "CSV" else pl.read_ndjson
    contenders = [
        Contender(OURS, lambda: batch(policy, source, output), "all columns of the answer, strictly read"),
        Contender(OWN, lambda: read(source).write_parquet(output), "the same columns again"),
    ]
    faulty = with_faults(source)
    contenders.append(Contender(FAULTY, lambda: decide_file(policy, faulty, output), "one record in 50 has a fault"))
    measured = race(contenders, rounds)
    _print(f"{name} to Parquet", measured, measured[OWN], rows)
    return [
        _target(
            f"{name} in, Parquet out", 0.6 if name == "CSV" else 0.65, measured[OURS], measured[OWN], f"{rows:,} rows"
        ),
        _target(f"{name} with one fault in 50", 0.5, measured[FAULTY], measured[OURS], f"{rows:,} rows"),
    ]


def _limit(source: Path, output: Path, other: Path) -> Callable[[], None]:
    """Read all columns of the source, words as codes, and meanwhile write the ready result with the settings of the output.

    One thread reads, another writes, both by pieces of the size that the output has: the fastest way that was found.
    """
    with pq.ParquetFile(output) as file:
        group = file.metadata.row_group(0)
        columns = [group.column(place) for place in range(group.num_columns)]
        size = group.num_rows
    coded = [column.path_in_schema for column in columns if _coded(column)]
    ready = pq.read_table(output, read_dictionary=[each for each in coded if _words(columns, each)])
    vocabulary = [field.name for field in SCHEMA if field.type == TEXT and field.name != "request_id"]

    def read() -> None:
        with pq.ParquetFile(source, read_dictionary=vocabulary, memory_map=True) as file:
            for _ in file.iter_batches(size):
                pass

    def read_and_write() -> None:
        with ThreadPoolExecutor(1) as pool:
            reading = pool.submit(read)
            pq.write_table(
                ready,
                other,
                row_group_size=size,
                compression=columns[0].compression,
                use_dictionary=coded,
                store_schema=False,
            )
            reading.result()

    return read_and_write


def _polars_limit(source: Path, output: Path, other: Path) -> Callable[[], None]:
    ready = pl.read_parquet(output)

    def read_and_write() -> None:
        pl.read_parquet(source)
        ready.write_parquet(other, compression="snappy")

    return read_and_write


def _coded(column: pq.ColumnChunkMetaData) -> bool:
    return any("DICTIONARY" in encoding for encoding in column.encodings)


def _words(columns: list[pq.ColumnChunkMetaData], path: str) -> bool:
    return any(each.path_in_schema == path and each.physical_type == "BYTE_ARRAY" for each in columns)


def _print(title: str, measured: dict[str, Measured], limit: Measured, rows: int) -> None:
    table(
        (title, "gives", "seconds", "ns a row", "limit's time / this", "in processor time"),
        [
            (
                each.name,
                each.says,
                f"{each.wall:.2f}",
                f"{each.wall / rows * 1e9:,.0f}",
                times(limit.wall / each.wall),
                times(limit.cpu / each.cpu),
            )
            for each in measured.values()
        ],
    )


def _target(what: str, wanted: float, ours: Measured, limit: Measured, rows: str) -> Target:
    share, busy = limit.wall / ours.wall, limit.cpu / ours.cpu
    measured = f"{times(busy)} ({times(share)} by the clock; {rows})"
    return Target(what, f"{wanted} of the speed of {limit.name} in processor time", measured, busy >= wanted)


def _agree() -> None:
    """Raise where the expressions decide one of 1,000 requests otherwise than medpolicy."""
    policy = medpolicy.load_policy(POLICY)
    for kind in ("plausible", "uniform"):
        mixed: pa.Table = requests_table(500, kind)
        wanted = policy.decide_table(mixed).decided["decision"].to_pylist()
        frame = pl.from_arrow(mixed)
        if not isinstance(frame, pl.DataFrame) or frame.select(peer_polars.decision())["decision"].to_list() != wanted:
            raise Disagreement("the polars expressions decide otherwise")
