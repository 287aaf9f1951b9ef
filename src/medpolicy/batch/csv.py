"""CSV: a header, then a record on each line; fields may stand in double quotes and then hold commas and line breaks.

A piece that is well formed is read by Arrow, and each distinct cell is read once. Any other piece is split record by
record, and what cannot be split costs its own line alone.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from functools import cached_property
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.csv as arrow_csv

from medpolicy.batch.files import unusable
from medpolicy.batch.lines import Piece, end_of_last_line, is_empty, is_utf8, pieces
from medpolicy.batch.quotes import QUOTE, fields, records_if_well_formed, records_of_several_lines
from medpolicy.batch.source import Source
from medpolicy.columns.chunk import Chunk
from medpolicy.columns.rejects import Reject, not_utf8
from medpolicy.text.findings import Finding
from medpolicy.text.json_text import BYTE_ORDER_MARK


class Csv(Source):
    """A CSV file as a source of a batch."""

    @property
    def schema(self) -> pa.Schema:
        return pa.schema([(name, pa.string()) for name in self._header[0]])

    def pieces(self) -> Iterator[Piece]:
        _, lines = self._header
        for piece in pieces(self.path, self._end_of_last_record):
            skipped = max(lines + 1 - piece.first_line, 0)
            text = piece.text.split(b"\n", skipped)
            if len(text) > skipped and text[skipped]:
                yield Piece(text[skipped], piece.first_line + skipped)

    def read(self, piece: Piece) -> Chunk:
        return self._in_columns(piece) or self._record_by_record(piece)

    @cached_property
    def _header(self) -> tuple[list[str], int]:
        """The names of the columns, and the number of the line that the header ends on."""
        first = next(pieces(self.path), Piece(b"", 1))
        lines = first.lines
        start = next((index for index, line in enumerate(lines) if not is_empty(line)), None)
        if start is None:
            raise unusable("empty-file", "the file holds no header", self.path)
        end = start + records_of_several_lines(first.text, None)[0].get(start, 1)
        names = fields(lines[start:end])
        if names is None:
            raise unusable("header", "the header cannot be split into names", self.path, "are its quotes closed?", 1)
        if not all(map(_is_text, names)):
            raise unusable("encoding", "the header is not UTF-8", self.path, "save the file as UTF-8", 1)
        if len(names) == 1 and any(mark in names[0] for mark in ";\t|"):
            raise unusable("separator", "the fields are not separated by commas", self.path, "save it with commas", 1)
        return names, end

    def _end_of_last_record(self, text: bytes) -> int:
        end = end_of_last_line(text)
        return records_of_several_lines(text[:end], len(self._header[0]))[1] if QUOTE in text else end

    def _in_columns(self, piece: Piece) -> Chunk | None:
        """The records as Arrow's reader has them, or None where it might misread some."""
        text = piece.plain if piece.plain.endswith(b"\n") else piece.plain + b"\n"
        starts = records_if_well_formed(text) if QUOTE in text else np.arange(text.count(b"\n"))
        if starts is None or not _is_plain(text):
            return None
        names = self.read_names(self._header[0])
        try:
            table = arrow_csv.read_csv(
                pa.BufferReader(text),
                read_options=arrow_csv.ReadOptions(
                    use_threads=False, block_size=len(text) + 1, column_names=self._header[0]
                ),
                parse_options=arrow_csv.ParseOptions(newlines_in_values=len(starts) < text.count(b"\n")),
                convert_options=arrow_csv.ConvertOptions(
                    column_types={name: self._type(name) for name in names},
                    include_columns=names,
                    null_values=[""],
                    strings_can_be_null=True,
                ),
            )
        except pa.ArrowException:
            return None
        if table.num_rows != len(starts):
            return None
        return self._chunk(table.combine_chunks(), starts + piece.first_line, ())

    def _record_by_record(self, piece: Piece) -> Chunk:
        rows: list[list[str]] = []
        numbers: list[int] = []
        rejects: list[Reject] = []
        for number, cells in self._records(piece):
            fault = self._shape(cells)
            if cells is None or fault is not None:
                placed = replace(fault or _unreadable(), file=str(self.path), line=number)
                rejects.append(Reject(number, None, (placed,)))
            else:
                rows.append(cells)
                numbers.append(number)
        columns = {
            name: pa.array([row[column] or None for row in rows], pa.string()).cast(self._type(name))
            for column, name in enumerate(self._header[0])
            if name in self.given or self.extra == "keep"
        }
        return self._chunk(pa.table(columns), np.array(numbers, dtype=np.int64), tuple(rejects))

    def _records(self, piece: Piece) -> Iterator[tuple[int, list[str] | None]]:
        """The number of the first line of each record, and its cells; None where it has none."""
        lines = piece.lines
        several, _ = records_of_several_lines(piece.text, len(self._header[0])) if QUOTE in piece.text else ({}, 0)
        index = 0
        while index < len(lines):
            count = several.get(index, 1)
            if count > 1 or not is_empty(lines[index]):
                yield piece.first_line + index, fields(lines[index : index + count])
            index += count

    def _shape(self, cells: list[str] | None) -> Finding | None:
        width = len(self._header[0])
        if cells is not None and len(cells) != width:
            return Finding("row-length", f"the row has {len(cells)} fields, the header {width}")
        return None if cells is None or all(map(_is_text, cells)) else not_utf8()

    def _chunk(self, table: pa.Table, numbers: Any, rejects: tuple[Reject, ...]) -> Chunk:
        return Chunk(table, numbers, text=True, rejects=rejects, file=str(self.path), by_line=True)

    def _type(self, name: str) -> pa.DataType:
        """The type of a column: cells are dictionary-encoded where few distinct ones are expected."""
        few = name in self.given and name != "request_id"
        return pa.dictionary(pa.int32(), pa.string()) if few else pa.string()


def _is_plain(text: bytes) -> bool:
    """Whether a text is UTF-8 without blank lines and characters that readers treat differently."""
    ambiguous = text.startswith((b"\n", BYTE_ORDER_MARK)) or any(mark in text for mark in (b"\n\n", b"\r", b"\0"))
    return not ambiguous and is_utf8(text)


def _unreadable() -> Finding:
    message = "the row cannot be split into fields"
    return Finding("row-fields", message, help='a quote inside quotes is doubled: `""`; a line ends in a line break')


def _is_text(cell: str) -> bool:
    return cell.isascii() or not any("\udc80" <= char <= "\udcff" for char in cell)
