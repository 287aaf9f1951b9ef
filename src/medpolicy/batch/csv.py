"""CSV: a header, then a record on each line; fields may stand in double quotes and then hold commas and line breaks.

Pieces without quotes are read by Arrow, and each distinct cell is read once. Any other piece is read record by record; a
record whose quotes never close, or that has too many fields because of it, costs its first line alone.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.csv as arrow_csv

from medpolicy.batch.files import size_of, unusable
from medpolicy.batch.frames import table_of
from medpolicy.batch.lines import Piece, end_of_last_line, pieces
from medpolicy.columns.chunk import Chunk, Extra
from medpolicy.columns.rejects import Reject, findings_of, id_of, record_of
from medpolicy.request import InvalidRequest, PriorAuthorizationRequest, Variable, read_request
from medpolicy.source import Finding

QUOTE = b'"'
LONGEST_QUOTED = 1 << 20


@dataclass(frozen=True)
class Csv:
    """A CSV file as a source of a batch."""

    path: Path
    model: type[PriorAuthorizationRequest]
    given: Mapping[str, Variable]
    extra: Extra

    @cached_property
    def columns(self) -> list[str]:
        """The names in the header. Raises `Unusable` where there is none to read."""
        size_of(self.path)
        first = next(pieces(self.path, end_of_last_record))
        rows = list(self._records(first, header=True))
        if not rows:
            raise unusable("empty-file", "the file holds no header", self.path)
        _, _, cells = rows[0]
        if cells is None or any(not _is_text(cell) for cell in cells):
            raise unusable("encoding", "the header cannot be read", self.path, "save the file as UTF-8 text", 1)
        if len(cells) == 1 and (";" in cells[0] or "\t" in cells[0]):
            raise unusable("separator", "the fields are not separated by commas", self.path, "save it with commas", 1)
        return cells

    def pieces(self) -> Iterator[Piece]:
        """The records of the file in pieces, without the header."""
        header_lines = next(self._records(next(pieces(self.path, end_of_last_record)), header=True))[1]
        for piece in pieces(self.path, end_of_last_record):
            if piece.first_line > 1:
                yield piece
                continue
            rest = piece.text.split(b"\n", header_lines)
            if len(rest) > header_lines and rest[header_lines]:
                yield Piece(rest[header_lines], 1 + header_lines)

    def read(self, piece: Piece) -> Chunk:
        """The records of a piece."""
        return self._in_columns(piece) or self._record_by_record(piece)

    def _in_columns(self, piece: Piece) -> Chunk | None:
        """The records by Arrow's reader, or None where it might read them otherwise."""
        text = piece.text if b"\r" not in piece.text else piece.text.replace(b"\r\n", b"\n")
        if QUOTE in text or b"\r" in text or b"\0" in text or b"\n\n" in text or text.startswith(b"\n"):
            return None
        try:
            table = arrow_csv.read_csv(
                pa.BufferReader(text),
                read_options=arrow_csv.ReadOptions(
                    use_threads=False, block_size=len(text) + 1, column_names=self.columns
                ),
                parse_options=arrow_csv.ParseOptions(quote_char=False, newlines_in_values=False),
                convert_options=arrow_csv.ConvertOptions(
                    column_types={name: _cell_type(name) for name in self.columns},
                    include_columns=[name for name in self.columns if name in self.given or self.extra == "keep"],
                    null_values=[""],
                    strings_can_be_null=True,
                ),
            )
        except pa.ArrowInvalid:
            return None
        rows = text.count(b"\n") + (not text.endswith(b"\n"))
        if table.num_rows != rows:
            return None
        numbers = np.arange(piece.first_line, piece.first_line + rows)

        def faults(row: int, values: Mapping[str, Any]) -> tuple[Finding, ...]:
            record = record_of(values, self.given, text=True)
            return self._placed(findings_of(self.model, record, repeated=False), int(numbers[row]))

        return Chunk(table.combine_chunks(), numbers, text=True, faults=faults)

    def _record_by_record(self, piece: Piece) -> Chunk:
        facts: list[dict[str, Any]] = []
        numbers: list[int] = []
        kept: list[dict[str, str | None]] = []
        rejects: list[Reject] = []
        for number, _, cells in self._records(piece):
            found = self._shape(cells)
            if cells is None or found is not None:
                rejects.append(Reject(number, None, self._placed([found or _unreadable()], number)))
                continue
            row = dict(zip(self.columns, (cell or None for cell in cells), strict=True))
            record = record_of(row, self.given, text=True)
            try:
                facts.append(read_request(self.model, record).__dict__)
            except InvalidRequest as error:
                rejects.append(Reject(number, id_of(record), self._placed(error.findings, number)))
                continue
            numbers.append(number)
            kept.append({name: cell for name, cell in row.items() if name not in self.given})
        table = table_of(facts, self.given)
        if self.extra == "keep":
            for name in (name for name in self.columns if name not in self.given):
                table = table.append_column(name, pa.array([each[name] for each in kept], pa.string()))
        return Chunk(table, np.array(numbers, dtype=np.int64), rejects=tuple(rejects))

    def _records(self, piece: Piece, header: bool = False) -> Iterator[tuple[int, int, list[str] | None]]:
        """Line number, number of lines and cells of each record; no cells where a quote is never closed."""
        lines = piece.lines
        place = 0
        while place < len(lines):
            taken = _lines_of_record(lines, place)
            cells = _cells(lines[place : place + taken]) if taken else None
            if taken > 1 and (cells is None or (not header and len(cells) != len(self.columns))):
                taken, cells = 0, None
            if taken != 1 or lines[place].strip():
                yield piece.first_line + place, max(taken, 1), cells
            place += max(taken, 1)

    def _shape(self, cells: list[str] | None) -> Finding | None:
        if cells is None:
            return None
        if len(cells) != len(self.columns):
            message = f"the row has {len(cells)} fields, the header {len(self.columns)}"
            return Finding("row-length", message)
        if not all(_is_text(cell) for cell in cells):
            return Finding("encoding", "the row is not UTF-8", help="save the file as UTF-8")
        return None

    def _placed(
        self, findings: Iterator[Finding] | tuple[Finding, ...] | list[Finding], line: int
    ) -> tuple[Finding, ...]:
        return tuple(replace(each, file=str(self.path), line=line) for each in findings)


def end_of_last_record(text: bytes) -> int:
    """Where the last whole record ends; where a quote stays open for very long, the last line."""
    end = end_of_last_line(text)
    if QUOTE not in text:
        return end
    while end and text.count(QUOTE, 0, end) % 2:
        last = text.rfind(QUOTE, 0, end)
        end = text.rfind(b"\n", 0, last) + 1
    whole = end_of_last_line(text)
    return end if whole - end <= LONGEST_QUOTED else whole


def _lines_of_record(lines: list[bytes], first: int) -> int:
    """How many lines the record has that begins on a line; 0 where its quotes never close."""
    quotes, size = 0, 0
    for place in range(first, len(lines)):
        quotes += lines[place].count(QUOTE)
        size += len(lines[place])
        if quotes % 2 == 0:
            return place - first + 1
        if size > LONGEST_QUOTED:
            return 0
    return 0


def _cells(lines: list[bytes]) -> list[str] | None:
    text = b"\n".join(lines).decode("utf-8", "surrogateescape")
    try:
        rows = list(csv.reader([text], strict=True))
    except csv.Error:
        return None
    return rows[0] if len(rows) == 1 else None


def _unreadable() -> Finding:
    return Finding("quotes", "the row's quotes cannot be read", help='a quote inside quotes is doubled: `""`')


def _is_text(cell: str) -> bool:
    return not any("\udc80" <= char <= "\udcff" for char in cell)


def _cell_type(name: str) -> pa.DataType:
    return pa.string() if name == "request_id" else pa.dictionary(pa.int32(), pa.string())
