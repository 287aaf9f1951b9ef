"""JSON Lines: a record on each line.

Most pieces are read by Arrow, whose reader refuses what a record may not hold but loses what does not stand alone on
its line; so each piece is first held against the form that the reader reads without loss. Any other piece, and each
record with a fault, is read strictly line by line.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.json as arrow_json

from medpolicy.batch.files import size_of, unusable
from medpolicy.batch.frames import table_of
from medpolicy.batch.lines import Piece, pieces
from medpolicy.columns.chunk import Chunk, Extra
from medpolicy.columns.rejects import Reject, id_of
from medpolicy.fields import ChoiceSet, WholeNumber, YesNo
from medpolicy.record import read_json_request
from medpolicy.request import InvalidRequest, PriorAuthorizationRequest, Variable
from medpolicy.source import Finding, Unusable, parse_json, without_repeats


@dataclass(frozen=True)
class JsonLines:
    """A JSON Lines file as a source of a batch."""

    path: Path
    model: type[PriorAuthorizationRequest]
    given: Mapping[str, Variable]
    extra: Extra

    def pieces(self) -> Iterator[Piece]:
        """The lines of the file, in pieces."""
        size_of(self.path)
        empty = True
        for piece in pieces(self.path):
            empty = empty and not piece.text.strip()
            yield piece
        if empty:
            raise unusable("empty-file", "the file holds no record", self.path)

    def read(self, piece: Piece) -> Chunk:
        """The records of a piece."""
        return (self._in_columns(piece) if self.extra == "refuse" else None) or self._line_by_line(piece)

    def _in_columns(self, piece: Piece) -> Chunk | None:
        """The records by Arrow's reader, or None where it might lose something."""
        text = piece.text if b"\r" not in piece.text else piece.text.replace(b"\r\n", b"\n")
        text = text if text.endswith(b"\n") else text + b"\n"
        if not _flat_lines(text):
            return None
        try:
            table = arrow_json.read_json(
                pa.BufferReader(text),
                read_options=arrow_json.ReadOptions(use_threads=False, block_size=len(text) + 1),
                parse_options=arrow_json.ParseOptions(
                    explicit_schema=self._schema, unexpected_field_behavior="error", newlines_in_values=False
                ),
            )
        except pa.ArrowInvalid:
            return None
        rows = text.count(b"\n")
        if table.num_rows != rows:
            return None
        numbers = np.arange(piece.first_line, piece.first_line + rows)
        lines = _Lines(piece, self)
        return Chunk(table.combine_chunks(), numbers, faults=lines.faults)

    def _line_by_line(self, piece: Piece) -> Chunk:
        facts: list[dict[str, Any]] = []
        numbers: list[int] = []
        extras: list[dict[str, Any]] = []
        rejects: list[Reject] = []
        for number, line in enumerate(piece.lines, piece.first_line):
            if not line.strip():
                continue
            try:
                request, kept = self.request(line, number)
            except InvalidRequest as error:
                rejects.append(Reject(number, _id(line), error.findings))
                continue
            facts.append(request.__dict__)
            numbers.append(number)
            extras.append(kept)
        table = table_of(facts, self.given)
        kept_rows = tuple(extras) if self.extra == "keep" else None
        return Chunk(table, np.array(numbers, dtype=np.int64), rejects=tuple(rejects), extras=kept_rows)

    def request(self, line: bytes, number: int) -> tuple[PriorAuthorizationRequest, dict[str, Any]]:
        """The request on a line, and its extra keys. Raises `InvalidRequest` with every fault and its place."""
        return read_json_request(self.model, line, str(self.path), number - 1, self.extra)

    @cached_property
    def _schema(self) -> pa.Schema:
        return pa.schema([(name, _json_type(each)) for name, each in self.given.items()])


@dataclass(frozen=True)
class _Lines:
    """The faults of single records, worded from their lines."""

    piece: Piece
    source: JsonLines

    def faults(self, row: int, _: Mapping[str, Any]) -> tuple[Finding, ...]:
        number = self.piece.first_line + row
        try:
            self.source.request(self._lines[row], number)
        except InvalidRequest as error:
            return error.findings
        return ()

    @cached_property
    def _lines(self) -> list[bytes]:
        return self.piece.lines


def _flat_lines(text: bytes) -> bool:
    """Whether each line is one pair of braces with none inside, in UTF-8 without a byte that JSON does not have."""
    lines = text.count(b"\n")
    return (
        text.startswith(b"{")
        and text.count(b"{") == lines
        and text.count(b"}") == lines
        and text.count(b"}\n") == lines
        and text.count(b"\n{") == lines - 1
        and b"\0" not in text
        and b"\r" not in text
        and _is_utf8(text)
    )


def _is_utf8(text: bytes) -> bool:
    try:
        text.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def _json_type(variable: Variable) -> pa.DataType:
    if isinstance(variable.kind, YesNo):
        return pa.bool_()
    if isinstance(variable.kind, WholeNumber):
        return pa.int64()
    return pa.list_(pa.string()) if isinstance(variable.kind, ChoiceSet) else pa.string()


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
