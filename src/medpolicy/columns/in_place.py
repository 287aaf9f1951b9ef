"""Rows answered in place: a row with a fault comes back too, with its faults instead of a decision."""

from __future__ import annotations

import pickle
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from functools import lru_cache

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from medpolicy.columns.arrow import plain_type
from medpolicy.columns.chunk import Chunk, decide_chunk, decide_surely
from medpolicy.columns.frame import ColumnDecider
from medpolicy.columns.indices import Mask, forget_texts
from medpolicy.columns.rejects import FAULT, Reject, rejected_table, repeated_id

FAULTS = pa.field("fault", pa.list_(FAULT))
MOST_POLICIES = 8


def columns_in_place(decider: ColumnDecider) -> pa.Schema:
    """The columns of the answer with words as plain text, and the faults of a row, null if it has none."""
    return pa.schema([*((field.name, plain_type(field.type)) for field in decider.columns), FAULTS])


def answer_batches(
    pickled: bytes, revision: str | None, batches: Iterable[pa.RecordBatch], extras: Sequence[str]
) -> Iterator[pa.RecordBatch]:
    """What a process of a cluster yields: the answers to batches, row by row, followed by the columns `extras` of the batch.

    `pickled` holds the policy; `revision` pins one of its revisions. The last column of a batch says whether another row
    of the frame has the same id. Columns that are no variable of the policy are not read.
    """
    for batch in batches:
        decider, table = _decider(pickled, revision), pa.Table.from_batches([batch])
        given = [name for name in table.column_names if name in decider.given]
        repeated = batch.column(batch.num_columns - 1).to_numpy(zero_copy_only=False).astype(np.bool_)
        answers = answer_in_place(decider, table.select(given), repeated)
        for name in extras:
            answers = answers.append_column(table.schema.field(name), table.column(name))
        yield from answers.combine_chunks().to_batches()
    forget_texts()


@lru_cache(maxsize=MOST_POLICIES)
def _decider(pickled: bytes, revision: str | None) -> ColumnDecider:
    decider: ColumnDecider = pickle.loads(pickled).column_decider(revision)
    return decider


def answer_in_place(decider: ColumnDecider, table: pa.Table, repeated: Mask) -> pa.Table:
    """The answer to every row, in the columns of `columns_in_place`, of a table whose columns have no fault.

    `repeated` marks the rows whose id another row has. A row on which the program itself fails has the fault
    `undecided`.
    """
    columns, rows = columns_in_place(decider), table.num_rows
    chunk = Chunk(table, np.arange(rows))
    decided = decide_surely(lambda part: decide_chunk(decider, part, "ignore"), chunk, decider)
    answers = decided.table.cast(columns.remove(len(columns) - 1))
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
    again = repeated_id("another record")
    lists = [Reject(0, None, (again,))]
    numbers = np.zeros(len(faulty), dtype=np.int64)
    for reject in rejects:
        numbers[reject.record] = len(lists)
        lists.append(replace(reject, findings=(*reject.findings, again)) if repeated[reject.record] else reject)
    return rejected_table(lists).column("faults").take(pa.array(numbers, mask=~faulty))
