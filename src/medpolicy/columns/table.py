"""Deciding a table in memory: Arrow or Polars in, the same out."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from medpolicy.columns.answer import with_plain_lists
from medpolicy.columns.chunk import Chunk, decide_chunk, decide_surely, frame_faults, joined
from medpolicy.columns.frame import ColumnDecider
from medpolicy.columns.ids import SeenIds, hashes_to_note
from medpolicy.columns.indices import forget_texts
from medpolicy.columns.rejects import fault_counts, rejected_table
from medpolicy.language.extra import Extra, check_extra
from medpolicy.language.request import InvalidRequest
from medpolicy.text.diagnostics import log_decided
from medpolicy.text.findings import Finding

ROWS_AT_ONCE = 1 << 18


@dataclass(frozen=True)
class TableResult:
    """The rows of a table: `decided` in the columns of the answer, `rejected` with their record number and faults."""

    decided: Any
    rejected: Any


def decide_table(decider: ColumnDecider, table: Any, extra: Extra = "refuse") -> TableResult:
    """Decide each row of an Arrow or Polars table. Raises `InvalidRequest` if its columns cannot be used.

    A row on which the program itself fails is rejected with the fault `undecided`.
    """
    check_extra(extra)
    arrow, back = _as_arrow(table)
    faults = frame_faults(arrow.schema, decider, extra)
    if faults:
        raise InvalidRequest(faults)
    read = [position for position, name in enumerate(arrow.column_names) if name in decider.given or extra == "keep"]
    try:
        parts = [
            decide_surely(lambda part: decide_chunk(decider, part, extra), chunk, decider)
            for chunk in _marked(arrow.select(read))
        ]
    finally:
        forget_texts()
    rejects = [reject for part in parts for reject in part.rejects]
    log_decided("a table", f"read {arrow.num_rows}, rejected {len(rejects)}", fault_counts(rejects))
    return TableResult(back(with_plain_lists(joined([part.table for part in parts]))), back(rejected_table(rejects)))


def _marked(table: pa.Table) -> list[Chunk]:
    """The rows in chunks, with the ids that earlier ones have marked."""
    parts = [(first, table.slice(first, ROWS_AT_ONCE)) for first in range(0, max(table.num_rows, 1), ROWS_AT_ONCE)]
    chunks = [Chunk(part, np.arange(first + 1, first + 1 + part.num_rows)) for first, part in parts]
    seen = SeenIds()
    for chunk in chunks:
        seen.note(hashes_to_note(chunk.ids))
    suspected = seen.suspected()
    exact = SeenIds(suspected)
    return [chunk.marked(exact) for chunk in chunks] if len(suspected) else chunks


def _as_arrow(table: Any) -> tuple[pa.Table, Callable[[pa.Table], Any]]:
    """The table as Arrow, and the way back to its own kind."""
    if isinstance(table, pa.Table):
        return table, lambda arrow: arrow
    if isinstance(table, pa.RecordBatch):
        return pa.Table.from_batches([table]), lambda arrow: arrow
    kind = type(table).__module__.partition(".")[0]
    if kind == "polars":
        import polars

        if isinstance(table, polars.LazyFrame):
            table = table.collect()
        if isinstance(table, polars.DataFrame):
            return table.to_arrow(), polars.from_arrow
    advice = None
    if kind == "pandas":
        advice = "`pyarrow.Table.from_pandas(frame, preserve_index=False)` makes one"
    elif isinstance(table, list | tuple):
        advice = "`pyarrow.Table.from_pylist` makes one of a list of records"
    elif isinstance(table, str | Path):
        advice = "`medpolicy batch` decides a file"
    raise InvalidRequest([Finding("not-a-table", "the requests must be an Arrow table or a Polars frame", help=advice)])
