"""JSON Lines: a record on each line.

Most pieces are read by Arrow. Its reader can lose records that share a line and fails on lines that are no records, so a
piece goes to it only in a form that it reads without loss. Any other piece is halved until the part that it cannot read is
small; that part, and every record with a fault, is read strictly line by line.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.json as arrow_json

from medpolicy.batch.files import unusable
from medpolicy.batch.lines import Piece, is_empty, is_utf8, pieces
from medpolicy.batch.source import Source
from medpolicy.columns.chunk import Chunk
from medpolicy.columns.indices import Indices
from medpolicy.columns.rejects import Reject, id_of, undecided
from medpolicy.language.determination import KEYS
from medpolicy.language.fields import Storage
from medpolicy.language.record import read_json_request
from medpolicy.language.request import InvalidRequest, PriorAuthorizationRequest
from medpolicy.text.findings import Finding, Unusable
from medpolicy.text.json_text import parse_json, without_repeats

FEW_LINES = 64
Extras = tuple[dict[str, Any], ...] | None

_TYPES = {
    Storage.TEXT: pa.string(),
    Storage.BOOLEAN: pa.bool_(),
    Storage.INTEGER: pa.int64(),
    Storage.DATE: pa.string(),
    Storage.TEXT_LIST: pa.list_(pa.string()),
}
_ONE_DOCUMENT = "one file holds one document"
_HALF_A_CHARACTER = re.compile(rb"\\u[dD]")
_NO_NUMBER_OF_JSON = re.compile(rb"NaN|Inf|[0-9.][eE]\+?[0-9]{3}|[0-9]{309}")
"""Numbers that are not finite, which the reader accepts in columns whose type it infers."""


class JsonLines(Source):
    """A JSON Lines file as a source of a batch."""

    @property
    def schema(self) -> pa.Schema:
        return pa.schema([(name, _TYPES[variable.kind.storage]) for name, variable in self.given.items()])

    def pieces(self) -> Iterator[Piece]:
        empty = True
        for piece in pieces(self.path):
            empty = empty and is_empty(piece.text)
            yield piece
        if empty:
            raise unusable("empty-file", "the file holds no record", self.path)

    def read(self, piece: Piece) -> Chunk:
        parts = list(self._parts(piece))
        if len(parts) == 1:
            return parts[0]
        table = pa.concat_tables([part.table for part in parts]).combine_chunks()
        numbers = np.concatenate([part.numbers for part in parts])
        rejects = tuple(reject for part in parts for reject in part.rejects)
        extras = tuple(dict(kept) for part in parts for kept in part.extras or ()) if self.extra == "keep" else None
        return self._chunk(piece, table, numbers, rejects, extras)

    def _parts(self, piece: Piece) -> Iterator[Chunk]:
        found = self._in_columns(piece)
        middle = piece.text.find(b"\n", len(piece.text) // 2) + 1
        if found is not None:
            yield found
        elif piece.text.count(b"\n") <= FEW_LINES or not 0 < middle < len(piece.text):
            yield self._line_by_line(piece)
        else:
            first, second = piece.text[:middle], piece.text[middle:]
            yield from self._parts(Piece(first, piece.first_line))
            yield from self._parts(Piece(second, piece.first_line + first.count(b"\n")))

    def _in_columns(self, piece: Piece) -> Chunk | None:
        """The records by Arrow's reader, or None where it might lose something."""
        text = piece.plain if piece.plain.endswith(b"\n") else piece.plain + b"\n"
        if not _is_flat(text) or (self.extra != "refuse" and _NO_NUMBER_OF_JSON.search(text)):
            return None
        try:
            table = arrow_json.read_json(
                pa.BufferReader(text),
                read_options=arrow_json.ReadOptions(use_threads=False, block_size=len(text) + 1),
                parse_options=arrow_json.ParseOptions(
                    explicit_schema=self.schema,
                    unexpected_field_behavior="error" if self.extra == "refuse" else "infer",
                    newlines_in_values=False,
                ),
            )
            extras = self._extras(piece) if self.extra == "keep" else None
        except (pa.ArrowException, Unusable):
            return None
        rows = text.count(b"\n")
        if table.num_rows != rows or (extras and any(key in KEYS for kept in extras for key in kept)):
            return None
        numbers = np.arange(piece.first_line, piece.first_line + rows)
        known = table.select(self.schema.names).combine_chunks()
        return self._chunk(piece, known, numbers, (), extras)

    def _extras(self, piece: Piece) -> tuple[dict[str, Any], ...]:
        """The extra keys of each line."""
        records = (parse_json(line) for line in piece.lines)
        return tuple({key: value for key, value in record.items() if key not in self.given} for record in records)

    def _line_by_line(self, piece: Piece) -> Chunk:
        facts: list[dict[str, Any]] = []
        numbers: list[int] = []
        extras: list[dict[str, Any]] = []
        rejects: list[Reject] = []
        for number, line in enumerate(piece.lines, piece.first_line):
            if is_empty(line):
                continue
            try:
                request, kept = self.request(line, number)
            except InvalidRequest as error:
                rejects.append(Reject(number, _id(line), error.findings))
                continue
            except Exception as error:
                failed = replace(undecided(error), file=str(self.path), line=number)
                rejects.append(Reject(number, None, (failed,)))
                continue
            facts.append(request.__dict__)
            numbers.append(number)
            extras.append(kept)
        columns = [
            [None if record[name] is None else variable.kind.plain(record[name]) for record in facts]
            for name, variable in self.given.items()
        ]
        table = pa.table(columns, schema=self.schema)
        kept_rows = tuple(extras) if self.extra == "keep" else None
        return self._chunk(piece, table, np.array(numbers, dtype=np.int64), tuple(rejects), kept_rows)

    def _chunk(
        self, piece: Piece, table: pa.Table, numbers: Indices, rejects: tuple[Reject, ...], extras: Extras
    ) -> Chunk:
        lines = cache(lambda: piece.lines)

        def faults(number: int) -> tuple[Finding, ...]:
            """The faults of one record, worded from its line."""
            try:
                self.request(lines()[number - piece.first_line], number)
            except InvalidRequest as error:
                return error.findings
            return ()

        file = str(self.path)
        return Chunk(table, numbers, rejects=rejects, file=file, by_line=True, faults=faults, extras=extras)

    def request(self, line: bytes, number: int) -> tuple[PriorAuthorizationRequest, dict[str, Any]]:
        """The request on a line, and its extra keys. Raises `InvalidRequest` with every fault and its place."""
        try:
            return read_json_request(self.model, line, str(self.path), number - 1, self.extra)
        except InvalidRequest as error:
            raise InvalidRequest(_of_a_line(finding) for finding in error.findings) from None


def _is_flat(text: bytes) -> bool:
    """Whether each line is one flat object, in UTF-8 and without bytes that JSON does not allow.

    Nested lists and lone surrogates, which Arrow's reader gets wrong, are left to strict reading.
    """
    codes = np.frombuffer(text, dtype=np.uint8)
    ends = np.flatnonzero(codes == ord("\n"))
    lists = codes[(codes == ord("[")) | (codes == ord("]"))]
    return bool(
        text.startswith(b"{")
        and np.count_nonzero(codes == ord("{")) == len(ends)
        and np.count_nonzero(codes == ord("}")) == len(ends)
        and (codes[ends - 1] == ord("}")).all()
        and (codes[ends[:-1] + 1] == ord("{")).all()
        and (lists[::2] == ord("[")).all()
        and (lists[1::2] == ord("]")).all()
        and b"\0" not in text
        and b"\r" not in text
        and not (b"\\" in text and _HALF_A_CHARACTER.search(text))
        and is_utf8(text)
    )


def _of_a_line(finding: Finding) -> Finding:
    """A finding worded for a line among many, whose number is in its position."""
    message = finding.message.replace(f"` of line {finding.line} ", "` ")
    advice = "each record stands on a line of its own" if finding.help == _ONE_DOCUMENT else finding.help
    return replace(finding, message=message, help=advice)


def _id(line: bytes) -> str | None:
    """The id on a line that has a fault, where it can be read."""
    try:
        record = parse_json(line)
    except Unusable as error:
        if error.findings[0].code != "duplicate-key":
            return None
        try:
            record = without_repeats(line)
        except ValueError:
            return None
    return id_of(record) if isinstance(record, dict) else None
