"""The output of a batch, in the format of its suffix."""

from __future__ import annotations

import csv
import io
from pathlib import Path
from typing import IO, Any, Protocol

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as arrow_csv
import pyarrow.parquet as pq
from pydantic_core import to_json

from medpolicy.batch.files import Format, unusable
from medpolicy.columns.chunk import Decided


class Writer(Protocol):
    """Takes the answers of a batch piece by piece."""

    def write(self, decided: Decided) -> None:
        """Append the answers of one piece."""

    def close(self) -> None:
        """Finish the file."""


class JsonLinesWriter:
    """A determination on each line."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file

    def write(self, decided: Decided) -> None:
        """Append a line for each record."""
        self._file.writelines(decided.lines)

    def close(self) -> None:
        """There is nothing to finish."""


class ParquetWriter:
    """The columns of the answer, words and lists as plain text types."""

    def __init__(self, file: IO[bytes], path: Path) -> None:
        self._file = file
        self._path = path
        self._writer: pq.ParquetWriter | None = None

    def write(self, decided: Decided) -> None:
        """Append a row group."""
        table = decided.table
        if self._writer is None:
            coded = [name for name in table.column_names if name != "request_id"]
            self._writer = pq.ParquetWriter(self._file, table.schema, use_dictionary=coded, store_schema=False)
        self._writer.write_table(table)

    def close(self) -> None:
        """Write the footer."""
        if self._writer is not None:
            self._writer.close()


class CsvWriter:
    """The columns of the answer; a list is written as `a;b`, empty when empty."""

    def __init__(self, file: IO[bytes], path: Path) -> None:
        self._file = file
        self._path = path
        self._began = False

    def write(self, decided: Decided) -> None:
        """Append a row for each record, after the header."""
        table = self._flat(decided.table)
        if not self._began:
            self._file.write(_row(table.column_names))
            self._began = True
        options = arrow_csv.WriteOptions(include_header=False, quoting_style="none")
        plain = io.BytesIO()
        try:
            arrow_csv.write_csv(table, plain, options)
        except pa.ArrowInvalid:
            columns = [_cells(column) for column in table.columns]
            self._file.writelines(_row(row) for row in zip(*columns, strict=True))
        else:
            self._file.write(plain.getvalue())

    def close(self) -> None:
        """There is nothing to finish."""

    def _flat(self, table: pa.Table) -> pa.Table:
        for place, field in enumerate(table.schema):
            type_ = field.type
            if pa.types.is_list(type_) and pa.types.is_string(type_.value_type):
                table = table.set_column(place, field.name, pc.binary_join(table.column(place), ";"))
            elif pa.types.is_dictionary(type_):
                table = table.set_column(place, field.name, table.column(place).cast(type_.value_type))
            elif pa.types.is_nested(type_):
                message = f"CSV cannot hold the extra column `{field.name}`"
                raise unusable("extra-column", message, self._path, "leave it out with `--extra ignore`")
        return table


def writer_for(format: Format, file: IO[bytes], path: Path) -> Writer:
    """The writer of a format, into an open file that will have a path."""
    if format == "jsonl":
        return JsonLinesWriter(file)
    return ParquetWriter(file, path) if format == "parquet" else CsvWriter(file, path)


def json_line(value: Any) -> bytes:
    """A value as one line of JSON."""
    return to_json(value) + b"\n"


def _cells(column: pa.ChunkedArray) -> list[Any]:
    values = column.to_pylist()
    return [("true" if value else "false") if isinstance(value, bool) else value for value in values]


def _row(cells: Any) -> bytes:
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerow(cells)
    return text.getvalue().encode()
