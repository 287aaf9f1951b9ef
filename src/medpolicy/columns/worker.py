"""What a worker process of a cluster runs: batches in, answers out, the policy unpickled once."""

from __future__ import annotations

import pickle
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache

import numpy as np
import pyarrow as pa

from medpolicy.columns.frame import ColumnDecider
from medpolicy.columns.in_place import answer_in_place

MOST_POLICIES = 8


def answer_batches(
    pickled: bytes, revision: str | None, batches: Iterable[pa.RecordBatch], extras: Sequence[str]
) -> Iterator[pa.RecordBatch]:
    """The answers to batches, row by row, followed by the columns `extras` of the batch.

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


@lru_cache(maxsize=MOST_POLICIES)
def _decider(pickled: bytes, revision: str | None) -> ColumnDecider:
    decider: ColumnDecider = pickle.loads(pickled).column_decider(revision)
    return decider
