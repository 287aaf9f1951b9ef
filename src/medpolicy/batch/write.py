"""The output of a batch, in the format of its suffix."""

from __future__ import annotations

import csv
import io
from abc import ABC, abstractmethod
from pathlib import Path
from typing import IO, Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as arrow_csv
import pyarrow.parquet as pq
from pydantic_core import to_json

from medpolicy.batch.files import unusable
from medpolicy.columns.answer import OF_EVERY_ANSWER
from medpolicy.columns.arrow import plain_type
from medpolicy.columns.chunk import Decided
from medpolicy.text.findings import quoted
from medpolicy.text.formats import NAMES, Format
from medpolicy.text.names import may_be_shown

_PLAIN_ROWS = arrow_csv.WriteOptions(include_header=False, quoting_style="none")
_BYTES = (pa.types.is_binary, pa.types.is_large_binary, pa.types.is_fixed_size_binary, pa.types.is_binary_view)


class Writer(ABC):
    """Takes the answers of a batch piece by piece, into an open file."""

    @abstractmethod
    def write(self, decided: Decided) -> None:
        """Append the answers of one piece."""

    def close(self) -> None:  # noqa: B027 - most formats have no end of their own
        """Finish the file."""

    def abandon(self) -> None:  # noqa: B027 - likewise
        """Let go of a file that is not to be finished."""


class JsonLinesWriter(Writer):
    """A determination on each line."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file

    def write(self, decided: Decided) -> None:
        self._file.writelines(decided.lines)


class ParquetWriter(Writer):
    """The columns of the answer, words and lists as plain text types."""

    def __init__(self, file: IO[bytes], schema: pa.Schema) -> None:
        coded = [name for name in schema.names if name != "request_id"]
        self._writer = pq.ParquetWriter(file, schema, use_dictionary=coded, store_schema=False)

    def write(self, decided: Decided) -> None:
        if decided.table.num_rows:
            self._writer.write_table(decided.table)

    def close(self) -> None:
        self._writer.close()

    def abandon(self) -> None:
        self._writer.is_open = False


class CsvWriter(Writer):
    """The columns of the answer; a list is written as `a;b`, empty when empty."""

    def __init__(self, file: IO[bytes], schema: pa.Schema) -> None:
        self._file = file
        file.write(_row(schema.names))

    def write(self, decided: Decided) -> None:
        table = pa.table([_as_text(column) for column in decided.table.columns], decided.table.column_names)
        plain = io.BytesIO()
        try:
            arrow_csv.write_csv(table, plain, _PLAIN_ROWS)
        except pa.ArrowInvalid:  # a cell needs quotes
            columns = [column.to_pylist() for column in table.columns]
            self._file.writelines(_row(row) for row in zip(*columns, strict=True))
        else:
            self._file.write(plain.getbuffer())


def writer_for(format: Format, file: IO[bytes], path: Path, schema: pa.Schema) -> Writer:
    """The writer of a format, into an open file that will have a path. Raises `Unusable` where it cannot hold a column."""
    if format == "jsonl":
        return JsonLinesWriter(file)
    for field in schema:
        can_hold = _is_text_in_csv(field.type) if format == "csv" else _is_in_parquet(field)
        if not (can_hold or field in OF_EVERY_ANSWER):
            name = quoted(field.name) if may_be_shown([field.name]) else "whose name may be data"
            message = f"{NAMES[format]} cannot hold the extra column {name}"
            raise unusable("extra-column", message, path, "leave it out with `--extra ignore`")
    return ParquetWriter(file, schema) if format == "parquet" else CsvWriter(file, schema)


def json_line(value: Any) -> bytes:
    """A value as one line of JSON; a number that JSON does not have is null, and bytes are base64."""
    return to_json(value, inf_nan_mode="null", bytes_mode="base64") + b"\n"


def _as_text(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """A column as its CSV cells."""
    type_ = column.type
    if pa.types.is_list(type_):
        return pc.binary_join(column.cast(plain_type(type_)), ";")
    return column if pa.types.is_integer(type_) else column.cast(pa.string())


def _is_text_in_csv(type_: pa.DataType) -> bool:
    if any(check(type_) for check in _BYTES):
        return False
    try:
        pa.array([], type_).cast(pa.string())
    except pa.ArrowException:
        return False
    return True


def _is_in_parquet(field: pa.Field) -> bool:
    try:
        pq.ParquetWriter(io.BytesIO(), pa.schema([field])).close()
    except pa.ArrowException:
        return False
    return True


def _row(cells: Any) -> bytes:
    text = io.StringIO()
    csv.writer(text, lineterminator="\r\n").writerow(cells)
    return text.getvalue().removesuffix("\r\n").encode() + b"\n"
