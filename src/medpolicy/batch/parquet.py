"""Parquet: the columns that the policy reads, in batches of rows."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from medpolicy.batch.files import unusable
from medpolicy.columns.chunk import Chunk, Extra
from medpolicy.fields import Choice, ChoiceSet
from medpolicy.request import PriorAuthorizationRequest, Variable

ROWS_AT_ONCE = 1 << 17
_COMPLETE = "is the file complete?"


@dataclass(frozen=True)
class Parquet:
    """A Parquet file as a source of a batch."""

    path: Path
    model: type[PriorAuthorizationRequest]
    given: Mapping[str, Variable]
    extra: Extra

    @cached_property
    def schema(self) -> pa.Schema:
        """The columns of the file. Raises `Unusable` where it is no Parquet file."""
        try:
            return pq.read_schema(self.path)
        except (pa.ArrowException, OSError):
            raise unusable("not-parquet", "cannot be read as Parquet", self.path, _COMPLETE) from None

    def pieces(self) -> Iterator[tuple[int, pa.Table]]:
        """The number of the rows before, and some rows."""
        before = 0
        try:
            for table in self._tables():
                yield before, table
                before += table.num_rows
        except (pa.ArrowException, OSError):
            message = f"cannot be read as Parquet after row {before}"
            raise unusable("not-parquet", message, self.path, _COMPLETE) from None

    def _tables(self) -> Iterator[pa.Table]:
        """The rows, group by group, since lists of codes cannot be read across groups; small groups together."""
        names = [name for name in self.schema.names if name in self.given or self.extra == "keep"]
        waiting: list[pa.RecordBatch] = []
        rows = 0
        with pq.ParquetFile(self.path, read_dictionary=self._coded(), memory_map=True) as file:
            for group in range(file.num_row_groups):
                for batch in file.iter_batches(ROWS_AT_ONCE, row_groups=[group], columns=names):
                    waiting.append(batch)
                    rows += batch.num_rows
                    if rows >= ROWS_AT_ONCE // 2:
                        yield pa.Table.from_batches(waiting)
                        waiting, rows = [], 0
        if waiting:
            yield pa.Table.from_batches(waiting)

    def read(self, piece: tuple[int, pa.Table]) -> Chunk:
        """The records of a piece."""
        before, table = piece
        return Chunk(table, np.arange(before + 1, before + 1 + table.num_rows), file=str(self.path))

    def _coded(self) -> list[str]:
        """The columns of words, which are read as codes."""
        with pq.ParquetFile(self.path) as file:
            columns = [file.schema.column(place) for place in range(len(file.schema))]
        return [
            column.path
            for column in columns
            if column.path.partition(".")[0] in self.given
            and column.physical_type == "BYTE_ARRAY"
            and isinstance(self.given[column.path.partition(".")[0]].kind, Choice | ChoiceSet)
        ]
