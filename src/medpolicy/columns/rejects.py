"""Rows that have a fault: worded one by one, with the same messages as a single request."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pyarrow as pa

from medpolicy.language.fields import Text
from medpolicy.language.request import InvalidRequest, PriorAuthorizationRequest, Variable, read_request
from medpolicy.text.diagnostics import report_failure
from medpolicy.text.findings import Finding, quoted

FAULT = pa.struct([("code", pa.string()), ("path", pa.string()), ("message", pa.string()), ("help", pa.string())])
REJECTED = pa.schema([("record", pa.int64()), ("request_id", pa.string()), ("faults", pa.list_(FAULT))])


@dataclass(frozen=True, slots=True)
class Reject:
    """A record that is not decided: its number from 1, its id where it has one, and every fault of it."""

    record: int
    request_id: str | None
    findings: tuple[Finding, ...]

    def to_dict(self) -> dict[str, Any]:
        """The reject without the record's content."""
        faults = [finding.to_dict() for finding in self.findings]
        return {"record": self.record, "request_id": self.request_id, "faults": faults}


def repeated_id() -> Finding:
    """The finding for an id that an earlier record has."""
    return Finding(
        "repeated-id", f"{quoted('request_id')} must be unique; an earlier record has the same", ("request_id",)
    )


def undecided(error: Exception) -> Finding:
    """The finding for a record on which the program itself fails; nothing of the error but its type is told."""
    report_failure(error)
    return Finding("undecided", f"the request could not be decided ({type(error).__name__})")


def not_utf8() -> Finding:
    """The finding for a record with text in another encoding."""
    return Finding("encoding", "the record holds text that is not UTF-8", help="save it as UTF-8")


def findings_of(model: type[PriorAuthorizationRequest], record: Mapping[str, Any]) -> tuple[Finding, ...]:
    """Every fault of a record."""
    try:
        read_request(model, record)
    except InvalidRequest as error:
        return error.findings
    return ()


def id_of(record: Mapping[str, Any]) -> str | None:
    """The id of a record, where it has one that can be written."""
    id = record.get("request_id")
    return id if isinstance(id, str) and not Text().problems(id) else None


def rows_of(table: pa.Table) -> list[dict[str, Any]]:
    """The rows in values of Python; what Python has no value for (a year beyond 9999, a nanosecond) is text."""
    for place, field in enumerate(table.schema):
        if getattr(field.type, "unit", None) == "ns":
            table = table.set_column(place, field.name, table.column(place).cast(pa.string()))
    try:
        rows: list[dict[str, Any]] = table.to_pylist()
    except (ValueError, OverflowError):
        columns = [[_value(each) for each in column] for column in table.columns]
        rows = [dict(zip(table.column_names, values, strict=True)) for values in zip(*columns, strict=True)]
    return rows


def _value(scalar: pa.Scalar) -> Any:
    try:
        return scalar.as_py()
    except (ValueError, OverflowError):
        return scalar.cast(pa.string()).as_py()


def record_of(row: Mapping[str, Any], given: Mapping[str, Variable], text: bool) -> dict[str, Any]:
    """A row of a frame as a record; with `text` its cells are written as in CSV."""
    record = {name: value for name, value in row.items() if value is not None and name in given}
    return {name: given[name].kind.from_text(value) for name, value in record.items()} if text else record


def rejected_table(rejects: list[Reject]) -> pa.Table:
    """Rejects as a frame."""
    rows = [
        {
            "record": each.record,
            "request_id": each.request_id,
            "faults": [
                {"code": found.code, "path": found.json_path, "message": found.message, "help": found.help}
                for found in each.findings
            ],
        }
        for each in rejects
    ]
    return pa.Table.from_pylist(rows, schema=REJECTED)
