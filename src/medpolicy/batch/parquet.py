"""Parquet: the columns that the policy reads, in batches of rows."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from medpolicy.batch.files import unusable
from medpolicy.batch.source import Source
from medpolicy.columns.chunk import Chunk
from medpolicy.text.diagnostics import report_failure

ROWS_AT_ONCE = 1 << 17
_DAMAGED = (pa.ArrowException, OSError, ValueError, MemoryError)
_COMPLETE = "is the file complete?"


class Parquet(Source):
    """A Parquet file as a source of a batch."""

    @cached_property
    def schema(self) -> pa.Schema:
        try:
            return pq.read_schema(self.path)
        except _DAMAGED as error:
            report_failure(error)
            raise unusable("not-parquet", "cannot be read as Parquet", self.path, _COMPLETE) from None

    def pieces(self) -> Iterator[tuple[int, pa.Table]]:
        """The number of the rows before, and some rows."""
        before = 0
        try:
            for table in self._tables():
                yield before, table
                before += table.num_rows
        except _DAMAGED as error:
            report_failure(error)
            message = f"cannot be read as Parquet after row {before}"
            raise unusable("not-parquet", message, self.path, _COMPLETE) from None

    def _tables(self) -> Iterator[pa.Table]:
        """The rows, group by group, since lists of codes cannot be read across groups; small groups together."""
        waiting: list[pa.RecordBatch] = []
        rows = 0
        for batch in self._batches():
            if waiting and (rows >= ROWS_AT_ONCE // 2 or batch.schema != waiting[0].schema):
                yield pa.Table.from_batches(waiting)
                waiting, rows = [], 0
            waiting.append(batch)
            rows += batch.num_rows
        if waiting:
            yield pa.Table.from_batches(waiting)

    def _batches(self) -> Iterator[pa.RecordBatch]:
        """The rows, words as codes; as they are in groups whose encoding does not allow that."""
        names = self.read_names(self.schema.names)
        with self._opened(self._coded()) as coded, self._opened([]) as plain:
            for group in range(coded.num_row_groups):
                done = 0
                try:
                    for batch in coded.iter_batches(ROWS_AT_ONCE, row_groups=[group], columns=names):
                        yield batch
                        done += batch.num_rows
                except _DAMAGED:
                    for batch in plain.iter_batches(ROWS_AT_ONCE, row_groups=[group], columns=names):
                        rest = batch.slice(min(done, batch.num_rows))
                        done -= batch.num_rows - rest.num_rows
                        yield rest

    def _opened(self, coded: list[str]) -> pq.ParquetFile:
        return pq.ParquetFile(self.path, read_dictionary=coded, memory_map=True)

    def read(self, piece: tuple[int, pa.Table]) -> Chunk:
        before, table = piece
        return Chunk(table, np.arange(before + 1, before + 1 + table.num_rows), file=str(self.path))

    def _coded(self) -> list[str]:
        """The columns of words, which are read as codes."""
        with self._opened([]) as file:
            columns = [file.schema.column(index) for index in range(len(file.schema))]
        return [
            column.path
            for column in columns
            if column.path.partition(".")[0] in self.given
            and column.physical_type == "BYTE_ARRAY"
            and self.given[column.path.partition(".")[0]].kind.choices
        ]
