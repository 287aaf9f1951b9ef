"""What one worker process of a cluster does: batches in, answers out, the policy made ready once."""

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
    """The answers to batches, each row in its place, followed by the batch's columns `extras`.

    `pickled` holds the policy, `revision` pins one of its revisions. The last column of a batch is true where another
    row of the frame has the same id; columns that are no variable of the policy are not read.
    """
    for batch in batches:
        frames, table = _frames(pickled, revision), pa.Table.from_batches([batch])
        given = [name for name in table.column_names if name in frames.given]
        repeated = batch.column(batch.num_columns - 1).to_numpy(zero_copy_only=False).astype(np.bool_)
        answers = answer_in_place(frames, table.select(given), repeated)
        for name in extras:
            answers = answers.append_column(table.schema.field(name), table.column(name))
        yield from answers.combine_chunks().to_batches()


@lru_cache(maxsize=MOST_POLICIES)
def _frames(pickled: bytes, revision: str | None) -> ColumnDecider:
    frames: ColumnDecider = pickle.loads(pickled).frames(revision)
    return frames
