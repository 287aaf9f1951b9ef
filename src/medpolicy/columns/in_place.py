"""Rows answered in place: a row with a fault comes back too, with its faults instead of a decision."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from medpolicy.columns.answer import plain_type
from medpolicy.columns.chunk import Chunk, Decided, decide_chunk, decide_surely
from medpolicy.columns.frame import ColumnDecider
from medpolicy.columns.indices import Mask
from medpolicy.columns.rejects import FAULT, Reject, rejected_table
from medpolicy.text.findings import Finding, quoted

FAULTS = pa.field("fault", pa.list_(FAULT))


def columns_in_place(decider: ColumnDecider) -> pa.Schema:
    """The columns of the answer with words as plain text, and the faults of a row, null if it has none."""
    return pa.schema([*((field.name, plain_type(field.type)) for field in decider.columns), FAULTS])


def shared_id() -> Finding:
    """The finding for an id that another record has, where records have no order."""
    return Finding(
        "repeated-id", f"{quoted('request_id')} must be unique; another record has the same", ("request_id",)
    )


def answer_in_place(decider: ColumnDecider, table: pa.Table, repeated: Mask) -> pa.Table:
    """The answer to every row, in the columns of `columns_in_place`, of a table whose columns have no fault.

    `repeated` marks the rows whose id another row has. A row on which the program itself fails has the fault
    `undecided`.
    """
    chunk = Chunk(table, np.arange(table.num_rows))
    decided = decide_surely(lambda part: decide_chunk(decider, part, "ignore"), chunk, decider)
    return _in_place(decided, repeated, columns_in_place(decider))


def _in_place(decided: Decided, repeated: Mask, columns: pa.Schema) -> pa.Table:
    """Answers and rejects of a table, each at its row."""
    answers, rows = decided.table.cast(columns.remove(len(columns) - 1)), len(repeated)
    answered = np.ones(rows, dtype=np.bool_)
    answered[[reject.record for reject in decided.rejects]] = False
    faulty = repeated | ~answered
    if not faulty.any():
        return answers.append_column(FAULTS, pa.nulls(rows, FAULTS.type))
    positions = np.cumsum(answered) - 1
    rejected_ids = {reject.record: reject.request_id for reject in decided.rejects}
    ids = pc.coalesce(
        answers.column("request_id").take(pa.array(positions, mask=~answered)),
        pa.array([rejected_ids.get(row) for row in range(rows)], pa.string()),
    )
    filled = answers.take(pa.array(positions, mask=faulty)).set_column(0, "request_id", ids)
    return filled.append_column(FAULTS, _faults(decided.rejects, repeated, faulty))


def _faults(rejects: tuple[Reject, ...], repeated: Mask, faulty: Mask) -> pa.ChunkedArray:
    """The faults of each row; rows whose only fault is their id share a list."""
    lists = [Reject(0, None, (shared_id(),))]
    numbers = np.zeros(len(faulty), dtype=np.int64)
    for reject in rejects:
        numbers[reject.record] = len(lists)
        lists.append(replace(reject, findings=(*reject.findings, shared_id())) if repeated[reject.record] else reject)
    return rejected_table(lists).column("faults").take(pa.array(numbers, mask=~faulty))
