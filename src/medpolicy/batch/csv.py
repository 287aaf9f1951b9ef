"""CSV: a header, then a record on each line; fields may stand in double quotes and then hold commas and line breaks.

Records that are well formed are read by Arrow, and each distinct cell is read once. The others are set aside and split one
by one, and what cannot be split costs its own line alone.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from functools import cached_property

import numpy as np
import pyarrow as pa
import pyarrow.csv as arrow_csv

from medpolicy.batch.files import unusable
from medpolicy.batch.lines import Piece, Positions, Records, end_of_last_line, is_empty, pieces
from medpolicy.batch.quotes import (
    LONGEST_QUOTED,
    QUOTE,
    fields,
    records_if_well_formed,
    records_of_several_lines,
    records_of_width,
)
from medpolicy.batch.source import Source
from medpolicy.columns.chunk import Chunk
from medpolicy.columns.rejects import Reject, not_utf8
from medpolicy.language.fields import Storage
from medpolicy.text.findings import Finding
from medpolicy.text.json_text import BYTE_ORDER_MARK

MOST_COLUMNS = 5000
_SHORTEST = 3
"""A shorter record, with its line break, may be an empty line."""
_ODD = re.compile(rb"\0|\r(?!\n)|" + BYTE_ORDER_MARK)


class Csv(Source):
    """A CSV file as a source of a batch."""

    @property
    def schema(self) -> pa.Schema:
        return pa.schema([(name, pa.string()) for name in self._header[0]])

    def pieces(self) -> Iterator[Piece]:
        _, lines = self._header
        for piece in pieces(self.path, self._end_of_last_record):
            skipped = max(lines + 1 - piece.first_line, 0)
            text = piece.text.split(b"\n", skipped)[-1] if skipped else piece.text
            if text and piece.text.count(b"\n", 0, len(piece.text) - len(text)) == skipped:
                yield Piece(text, piece.first_line + skipped)

    def read(self, piece: Piece) -> Chunk:
        text, chunk = piece.ended, None
        records = records_if_well_formed(text)
        if records is not None:
            chunk = self._chunk(records, _ambiguous(records), piece.first_line)
        if chunk is None:
            records, odd = records_of_width(text, len(self._header[0]))
            chunk = self._chunk(records, np.union1d(odd, _ambiguous(records)), piece.first_line)
        if chunk is None:
            raise RuntimeError("a record of several lines has another width than the header")
        return chunk

    @cached_property
    def _header(self) -> tuple[list[str], int]:
        """The names of the columns, and the number of the line that the header ends on."""
        text = next(pieces(self.path), Piece(b"", 1)).text
        begin = before = 0
        while is_empty(text[begin : (end := text.find(b"\n", begin) + 1 or len(text))]):
            if end == len(text):
                raise unusable("empty-file", "the file holds no header", self.path)
            begin, before = end, before + 1
        head = text[begin : max(end, begin + LONGEST_QUOTED)]
        lines = records_of_several_lines(head, None)[0].get(0, 1)
        names = fields(b"\n".join(head.split(b"\n", lines)[:lines]).removesuffix(b"\r"))
        if names is None:
            raise unusable("header", "the header cannot be split into names", self.path, "are its quotes closed?", 1)
        if len(names) > MOST_COLUMNS:
            message = f"the header has {len(names)} names; at most {MOST_COLUMNS} can be read"
            raise unusable("too-wide", message, self.path, "is a line break missing?", 1)
        if not all(map(_is_text, names)):
            raise unusable("encoding", "the header is not UTF-8", self.path, "save the file as UTF-8", 1)
        if len(names) == 1 and any(mark in names[0] for mark in ";\t|"):
            raise unusable("separator", "the fields are not separated by commas", self.path, "save it with commas", 1)
        return names, before + lines

    def _end_of_last_record(self, text: bytes) -> int:
        end = end_of_last_line(text)
        return records_of_several_lines(text[:end], len(self._header[0]))[1] if QUOTE in text else end

    def _chunk(self, records: Records, aside: Positions, first_line: int) -> Chunk | None:
        """The records by Arrow's reader, but for some; these, and those that it refuses, one by one.

        None where a record of several lines has another width than the header.
        """
        table, refused = self._in_columns(records, aside)
        aside = np.union1d(aside, refused)
        rows: list[list[str]] = []
        read: list[int] = []
        rejects: list[Reject] = []
        for record in aside.tolist():
            written, number = records.written(record), int(records.lines[record]) + first_line
            if is_empty(written):
                continue
            cells = fields(written)
            fault = self._fault(cells)
            if cells is None or fault is not None:
                if b"\n" in written and not (cells and len(cells) == len(self._header[0])):
                    return None
                placed = replace(fault or _unreadable(), file=str(self.path), line=number)
                rejects.append(Reject(number, None, (placed,)))
            else:
                rows.append(cells)
                read.append(record)
        kept = np.delete(np.arange(len(records.lines)), aside)
        if rows:
            strict = {
                name: pa.array([row[column] or None for row in rows], pa.string()).cast(self._type(name))
                for column, name in enumerate(self._header[0])
                if name in table.column_names
            }
            kept = np.append(kept, read)
            order = np.argsort(kept, kind="stable")
            kept, table = kept[order], pa.concat_tables([table, pa.table(strict)]).unify_dictionaries()
            table = table.take(pa.array(order))
        numbers = records.lines[kept] + first_line
        file = str(self.path)
        return Chunk(table.combine_chunks(), numbers, text=True, rejects=tuple(rejects), file=file, by_line=True)

    def _in_columns(self, records: Records, aside: Positions) -> tuple[pa.Table, Positions]:
        """The records but for some by Arrow's reader, and those that it refuses for their number of fields."""
        kept = np.delete(np.arange(len(records.lines)), aside)
        refused: list[int] = []

        def refuse(row: arrow_csv.InvalidRow) -> str:
            refused.append(int(kept[row.number - 1]))
            return "skip"

        names = self.read_names(self._header[0])
        types = {name: self._type(name) for name in names}
        empty = pa.schema(types.items()).empty_table()
        if not len(kept):
            return empty, kept
        text = records.without(aside)
        try:
            table = arrow_csv.read_csv(
                pa.BufferReader(text),
                read_options=arrow_csv.ReadOptions(
                    use_threads=False, block_size=len(text) + 1, column_names=self._header[0]
                ),
                parse_options=arrow_csv.ParseOptions(newlines_in_values=records.several, invalid_row_handler=refuse),
                convert_options=arrow_csv.ConvertOptions(
                    column_types=types, include_columns=names, null_values=[""], strings_can_be_null=True
                ),
            )
        except pa.ArrowException:
            return empty, kept
        return (
            (table, np.array(refused, dtype=np.int64)) if table.num_rows + len(refused) == len(kept) else (empty, kept)
        )

    def _fault(self, cells: list[str] | None) -> Finding | None:
        width = len(self._header[0])
        if cells is not None and len(cells) != width:
            return Finding("row-length", f"the row has {len(cells)} fields, the header {width}")
        return None if cells is None or all(map(_is_text, cells)) else not_utf8()

    def _type(self, name: str) -> pa.DataType:
        """The type of a column: cells are dictionary-encoded where few distinct ones are expected."""
        few = name in self.given and name != "request_id" and self.given[name].kind.storage is not Storage.DATE
        return pa.dictionary(pa.int32(), pa.string()) if few else pa.string()


def _ambiguous(records: Records) -> Positions:
    """The records that readers take differently: empty lines, and those with odd bytes or in another encoding."""
    empty = np.flatnonzero(np.diff(records.bounds) < _SHORTEST)
    may_be_odd = b"\0" in records.text or b"\r" in records.text or not records.text.isascii()
    odd = [records.with_match(_ODD)] if may_be_odd else []
    return np.unique(np.concatenate([empty, records.in_other_encodings(), *odd]))


def _unreadable() -> Finding:
    message = "the row cannot be split into fields"
    return Finding("row-fields", message, help='a quote inside quotes is doubled: `""`; a line ends in a line break')


def _is_text(cell: str) -> bool:
    return cell.isascii() or not any("\udc80" <= char <= "\udcff" for char in cell)
