"""Rows that have a fault: read one by one, for the same messages as a single request gets."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
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
    """A record that is not decided: its number, counted from 1, its id if it has one, and its faults."""

    record: int
    request_id: str | None
    findings: tuple[Finding, ...]

    def to_dict(self) -> dict[str, Any]:
        """The reject without the record's content."""
        faults = [finding.to_dict() for finding in self.findings]
        return {"record": self.record, "request_id": self.request_id, "faults": faults}


def repeated_id(other: str = "an earlier record") -> Finding:
    """The finding for an id that another record has."""
    return Finding("repeated-id", f"{quoted('request_id')} must be unique; {other} has the same", ("request_id",))


def undecided(error: Exception) -> Finding:
    """The finding for a record on which the program itself fails; it tells the type of the error and no more."""
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
    """The id of a record, None if it has none that can be written."""
    id = record.get("request_id")
    return id if isinstance(id, str) and not Text().problems(id) else None


def rows_of(table: pa.Table) -> list[dict[str, Any]]:
    """The rows as Python values; text where Python has none, as for a year beyond 9999 or a nanosecond."""
    for position, field in enumerate(table.schema):
        if getattr(field.type, "unit", None) == "ns":
            table = table.set_column(position, field.name, table.column(position).cast(pa.string()))
    try:
        rows: list[dict[str, Any]] = table.to_pylist()
    except (ValueError, OverflowError):
        columns = [[_value(scalar) for scalar in column] for column in table.columns]
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


def fault_counts(rejects: Iterable[Reject]) -> Counter[str]:
    """The number of rejects that have each fault, by the code of the fault."""
    return Counter(code for reject in rejects for code in {finding.code for finding in reject.findings})


def rejected_table(rejects: list[Reject]) -> pa.Table:
    """Rejects as a frame."""
    rows = [
        {
            "record": reject.record,
            "request_id": reject.request_id,
            "faults": [finding.to_dict() | {"path": finding.json_path} for finding in reject.findings],
        }
        for reject in rejects
    ]
    return pa.Table.from_pylist(rows, schema=REJECTED)
