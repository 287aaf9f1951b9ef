"""One piece of a batch: read, placed, decided, its faulty rows told apart."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np
import pyarrow as pa

from medpolicy.columns.frame import COLUMNS, Frames
from medpolicy.columns.ids import Hashes, SeenIds, hash_ids
from medpolicy.columns.lookup import Ids
from medpolicy.columns.places import Mask, either, type_fault
from medpolicy.columns.rejects import Reject, findings_of, id_of, record_of, repeated_id
from medpolicy.determination import KEYS
from medpolicy.request import unknown_names
from medpolicy.source import Finding, quoted

Extra = Literal["refuse", "ignore", "keep"]


@dataclass(frozen=True)
class Chunk:
    """Some records of a batch: a frame with the number of each row, and records that could not be read into it.

    `faults` words the faults of one row, given its place in the frame and its values; `extras` holds what the rows have
    besides, where a frame cannot hold it.
    """

    table: pa.Table
    numbers: Ids
    text: bool = False
    rejects: tuple[Reject, ...] = ()
    faults: Callable[[int, Mapping[str, Any]], tuple[Finding, ...]] | None = None
    extras: tuple[Mapping[str, Any], ...] | None = None


@dataclass(frozen=True)
class Decided:
    """The answers to a chunk's rows without a fault, its rejects, each in the order of the input, and its ids hashed."""

    table: pa.Table
    rejects: tuple[Reject, ...]
    hashes: Hashes
    lines: tuple[bytes, ...] = ()
    """For JSON Lines a line for each row, in place of the table."""

    @property
    def rows(self) -> int:
        """How many records are decided."""
        return len(self.lines) or int(self.table.num_rows)


def frame_faults(schema: pa.Schema, frames: Frames, extra: Extra, text: bool = False) -> list[Finding]:
    """The faults of a frame's columns: unknown, repeated, missing, or of another type."""
    found = []
    names = schema.names
    for name in sorted({each for each in names if names.count(each) > 1}):
        found.append(Finding("repeated-column", f"the column {quoted(name)} is there twice", (name,)))
    for name, variable in frames.given.items():
        if name not in names and variable.required:
            message = f"the column {quoted(name)} is missing; every record needs it"
            found.append(Finding("missing-column", message, (name,)))
        elif names.count(name) == 1 and not text:
            fault = type_fault(variable, schema.field(name).type)
            found += [fault] if fault is not None else []
    unknown = [name for name in names if name not in frames.given]
    if extra == "refuse":
        for finding in unknown_names(frames.request, iter(unknown)):
            message = finding.message.replace("unknown key", "unknown column", 1)
            found.append(Finding("unknown-column", message, finding.path, finding.help))
    if extra == "keep":
        for name in unknown:
            if name in COLUMNS.names or name in KEYS:
                message = f"the extra column {quoted(name)} has a name that the answer uses itself"
                found.append(
                    Finding("taken-column", message, (name,), "rename it, or leave it out with `--extra ignore`")
                )
    return found


def decide_chunk(frames: Frames, chunk: Chunk, extra: Extra = "refuse", seen: SeenIds | None = None) -> Decided:
    """Decide a chunk whose columns have no fault; `seen` (in a second pass) finds the ids that came up before."""
    placed = frames.place(chunk.table, chunk.text)
    ids = id_column(chunk)
    hashes, repeated, rejected_again = repeats(chunk, ids, seen)
    faulty = either(placed.faulty, repeated)
    rejects = [with_repeat(each, id in rejected_again) for id, each in enumerate(chunk.rejects)]
    table = chunk.table
    if faulty is not None:
        for row in np.flatnonzero(faulty).tolist():
            rejects.append(_reject(frames, chunk, row, repeated is not None and bool(repeated[row])))
        good = np.flatnonzero(~faulty)
        placed, table = placed.only(good), table.take(pa.array(good))
        ids = ids.take(pa.array(good))
    answers = frames.decide(ids, placed)
    if extra == "keep":
        for name in (each for each in table.column_names if each not in frames.given):
            answers = answers.append_column(table.schema.field(name), table.column(name))
    return Decided(answers, tuple(sorted(rejects, key=lambda each: each.record)), hashes)


def repeats(chunk: Chunk, ids: pa.Array, seen: SeenIds | None) -> tuple[Hashes, Mask | None, set[int]]:
    """The hashes of all ids of a chunk; in a second pass the rows, and the rejects, whose id came up before."""
    others = pa.array([each.request_id for each in chunk.rejects], pa.large_string())
    every = pa.concat_arrays([ids, others])
    hashes = hash_ids(every)
    if seen is None:
        return hashes, None, set()
    order = np.argsort(np.concatenate([chunk.numbers, [each.record for each in chunk.rejects]]), kind="stable")
    again = np.zeros(len(every), dtype=np.bool_)
    again[order] = seen.add(every.take(pa.array(order)), hashes[order])
    rows = again[: len(ids)]
    return hashes, rows if rows.any() else None, set(np.flatnonzero(again[len(ids) :]).tolist())


def _reject(frames: Frames, chunk: Chunk, row: int, repeated: bool) -> Reject:
    values = chunk.table.slice(row, 1).to_pylist()[0]
    record = record_of(values, frames.given, chunk.text)
    found = chunk.faults(row, values) if chunk.faults else findings_of(frames.request, record, repeated=False)
    reject = Reject(int(chunk.numbers[row]), id_of(record), found)
    return with_repeat(reject, repeated)


def with_repeat(reject: Reject, repeated: bool) -> Reject:
    """The reject, with the fault that its id came up before where it did."""
    return replace(reject, findings=(*reject.findings, repeated_id())) if repeated else reject


def id_column(chunk: Chunk) -> pa.Array:
    """The ids of a chunk's rows in one piece."""
    joined = chunk.table.column("request_id").cast(pa.large_string())
    return joined.chunk(0) if joined.num_chunks == 1 else joined.combine_chunks()
