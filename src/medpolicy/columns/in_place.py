"""Rows answered in place: each comes back, one with a fault with all of its faults and without a decision."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from medpolicy.columns.chunk import Chunk, decide_chunk
from medpolicy.columns.frame import COLUMNS, Frames
from medpolicy.columns.places import Mask
from medpolicy.columns.rejects import FAULT, Reject, rejected_table
from medpolicy.source import Finding, quoted

MOST_FAILURES = 64
"""How many failures of the program are followed up in one table before what still fails is given up as a whole."""


def _plain(type_: pa.DataType) -> pa.DataType:
    return type_.value_type if pa.types.is_dictionary(type_) else type_


PLAIN_COLUMNS = pa.schema([(each.name, _plain(each.type)) for each in COLUMNS])
IN_PLACE = PLAIN_COLUMNS.append(pa.field("fault", pa.list_(FAULT)))
"""The columns of the answer, words as plain text, and the faults of the row, null where it has none."""


def shared_id() -> Finding:
    """The finding for an id that another record has, where records have no order."""
    return Finding(
        "repeated-id", f"{quoted('request_id')} must be unique; another record has the same", ("request_id",)
    )


def answer_in_place(frames: Frames, table: pa.Table, repeated: Mask) -> pa.Table:
    """The answer to every row, in the columns `IN_PLACE`, of a table whose columns have no fault.

    `repeated` tells the rows whose id another one has. Where the program itself fails, halves of the table are tried
    again: a row that it fails on gets the fault `undecided`, its neighbours their answers.
    """
    parts, failures = [], 0
    waiting = [(table, repeated)]
    while waiting:
        part, again = waiting.pop()
        try:
            parts.append(_answers(frames, part, again))
        except Exception as error:
            failures += 1
            half = part.num_rows // 2
            if half and failures <= MOST_FAILURES:
                waiting += [(part.slice(half), again[half:]), (part.slice(0, half), again[:half])]
            else:
                parts.append(_undecided(part, again, error))
    return pa.concat_tables(parts)


def _answers(frames: Frames, table: pa.Table, repeated: Mask) -> pa.Table:
    decided = decide_chunk(frames, Chunk(table, np.arange(table.num_rows)), "ignore")
    return _in_place(decided.table, {each.record: each.findings for each in decided.rejects}, table, repeated)


def _undecided(table: pa.Table, repeated: Mask, error: Exception) -> pa.Table:
    finding = Finding("undecided", f"the request could not be decided ({type(error).__name__})")
    none = PLAIN_COLUMNS.empty_table()
    return _in_place(none, dict.fromkeys(range(table.num_rows), (finding,)), table, repeated)


def _in_place(
    answers: pa.Table, findings: Mapping[int, tuple[Finding, ...]], table: pa.Table, repeated: Mask
) -> pa.Table:
    """Answers to the rows without findings, put where their rows stand in a table."""
    answered = np.ones(table.num_rows, dtype=np.bool_)
    answered[list(findings)] = False
    faulty = repeated | ~answered
    if not faulty.any():
        return answers.cast(PLAIN_COLUMNS).append_column(
            IN_PLACE.field("fault"), pa.nulls(table.num_rows, pa.list_(FAULT))
        )
    rows = pa.array(np.cumsum(answered) - 1, mask=faulty)
    placed = answers.cast(PLAIN_COLUMNS).take(rows).set_column(0, PLAIN_COLUMNS.field(0), _known_ids(table))
    return placed.append_column(IN_PLACE.field("fault"), _faults(findings, repeated, faulty))


def _faults(findings: Mapping[int, tuple[Finding, ...]], repeated: Mask, faulty: Mask) -> pa.ChunkedArray:
    """The faults of each row; rows whose one fault is their id share a list."""
    lists = [Reject(0, None, (shared_id(),))]
    numbers = np.zeros(len(faulty), dtype=np.int64)
    for row, found in findings.items():
        numbers[row] = len(lists)
        lists.append(Reject(row, None, (*found, shared_id()) if repeated[row] else found))
    return rejected_table(lists).column("faults").take(pa.array(numbers, mask=~faulty))


def _known_ids(table: pa.Table) -> pa.ChunkedArray:
    """The ids; null where a row has none."""
    ids = table.column("request_id").cast(pa.string())
    return pc.if_else(pc.greater(pc.binary_length(ids), 0), ids, pa.scalar(None, pa.string()))
