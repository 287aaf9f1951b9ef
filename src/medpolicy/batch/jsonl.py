"""JSON Lines: a record on each line.

Arrow reads the lines. Its reader can lose records that share a line and fails on lines that are no records, so it gets only
lines in a form that it reads without loss. The others, those that it refuses, and every record with a fault are read
strictly, one by one. Where it refuses lines without saying which, the piece is halved until they are few.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from typing import Any

import numpy as np
import pyarrow as pa

from medpolicy.batch.arrow_json import Unknown, ambiguous, read_lines
from medpolicy.batch.files import unusable
from medpolicy.batch.lines import Piece, Positions, Records, is_empty, pieces, records_of_lines
from medpolicy.batch.source import Source
from medpolicy.columns.chunk import Chunk, in_order
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
_NO_RECORD = {"syntax", "encoding", "nesting", "not-a-record"}
_ONE_DOCUMENT = "one file holds one document"


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
        table = pa.concat_tables([part.table for part in parts])
        numbers = np.concatenate([part.numbers for part in parts])
        rejects = in_order(reject for part in parts for reject in part.rejects)
        extras = tuple(dict(kept) for part in parts for kept in part.extras or ()) if self.extra == "keep" else None
        whole = self._chunk(piece, table.combine_chunks(), numbers, rejects, extras)
        return whole if (np.diff(numbers) > 0).all() else replace(whole.only(np.argsort(numbers)), rejects=rejects)

    def _parts(self, piece: Piece) -> Iterator[Chunk]:
        """The records of a piece: those that Arrow reads, and those read one by one."""
        records = records_of_lines(piece.ended)
        found = self._in_columns(piece, records)
        middle = piece.text.find(b"\n", len(piece.text) // 2) + 1
        if found is not None:
            chunk, aside = found
            yield chunk
            if len(aside):
                yield self._line_by_line(piece, records, aside)
        elif len(records.lines) <= FEW_LINES or not 0 < middle < len(piece.text):
            yield self._line_by_line(piece, records, records.lines)
        else:
            first, second = piece.text[:middle], piece.text[middle:]
            yield from self._parts(Piece(first, piece.first_line))
            yield from self._parts(Piece(second, piece.first_line + first.count(b"\n")))

    def _in_columns(self, piece: Piece, records: Records) -> tuple[Chunk, Positions] | None:
        """The records by Arrow's reader, and the lines that it does not get; None where it might lose something."""
        unknown: Unknown = "error" if self.extra == "refuse" else "infer"
        aside = ambiguous(records, unknown)
        extras, unreadable = self._extras(records, aside)
        aside = np.union1d(aside, unreadable)
        kept = np.delete(records.lines, aside)
        found = read_lines(records_of_lines(records.without(aside)), self.schema, unknown)
        if found is None:
            return None
        table, refused = found
        aside, kept = np.union1d(aside, kept[refused]), np.delete(kept, refused)
        if table.num_rows != len(kept):
            return None
        known = table.select(self.schema.names).combine_chunks()
        kept_extras = tuple(extras[line] for line in kept.tolist()) if self.extra == "keep" else None
        return self._chunk(piece, known, kept + piece.first_line, (), kept_extras), aside

    def _extras(self, records: Records, aside: Positions) -> tuple[dict[int, dict[str, Any]], Positions]:
        """The extra keys of each line if they are kept, but for some lines, and the lines that have none to keep."""
        extras: dict[int, dict[str, Any]] = {}
        unreadable: list[int] = []
        for line in np.delete(records.lines, aside).tolist() if self.extra == "keep" else ():
            try:
                record = parse_json(records.written(line))
            except Unusable:
                unreadable.append(line)
                continue
            extras[line] = {key: value for key, value in record.items() if key not in self.given}
            if any(key in KEYS for key in extras[line]):
                unreadable.append(line)
        return extras, np.array(unreadable, dtype=np.int64)

    def _line_by_line(self, piece: Piece, records: Records, lines: Positions) -> Chunk:
        facts: list[dict[str, Any]] = []
        numbers: list[int] = []
        extras: list[dict[str, Any]] = []
        rejects: list[Reject] = []
        for number, line in ((line + piece.first_line, records.written(line)) for line in lines.tolist()):
            if is_empty(line):
                continue
            try:
                request, kept = self.request(line, number)
            except InvalidRequest as error:
                rejects.append(Reject(number, _id(line, error.findings), error.findings))
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


def _of_a_line(finding: Finding) -> Finding:
    """A finding worded for a line among many, whose number is in its position."""
    message = finding.message.replace(f"` of line {finding.line} ", "` ")
    advice = "each record stands on a line of its own" if finding.help == _ONE_DOCUMENT else finding.help
    return replace(finding, message=message, help=advice)


def _id(line: bytes, findings: tuple[Finding, ...]) -> str | None:
    """The id on a line that has a fault, where it can be read."""
    if findings[0].code in _NO_RECORD:
        return None
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
