"""Requests by the thousand, files of them in every format, and what the single request says of each."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from random import Random
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
from project import CASES, NAME, RULE_FILE

from medpolicy import InvalidRequest, Policy, load_policy
from medpolicy.batch import Summary, decide_file
from medpolicy.columns.answer import answer_columns
from medpolicy.language.fields import Choice, ChoiceSet, Day, Kind, WholeNumber, YesNo

Json = dict[str, Any]

POLICY = load_policy(NAME)
COLUMNS = answer_columns(POLICY.vocabulary.quantity)
GIVEN = {name: variable for name, variable in POLICY.vocabulary.variables.items() if variable.derived is None}
CASES = [json.loads(line)["request"] for line in CASES.read_text("utf-8").splitlines()]
FORMATS = ("jsonl", "csv", "parquet")


# Requests


def records(seed: int, count: int) -> list[Json]:
    """Valid requests: a golden case with up to four facts changed, half of them at a boundary or missing."""
    random = Random(seed)
    return [_record(random, number) for number in range(1, count + 1)]


def spoiled_records(seed: int, count: int) -> list[Json]:
    """Requests of which about half have one to three faults that every format can hold."""
    random = Random(seed)
    return [_spoiled(random, record) if random.random() < 0.5 else record for record in records(seed, count)]


def _record(random: Random, number: int) -> Json:
    record = {name: value for name, value in random.choice(CASES).items() if value is not None}
    for name in random.sample(list(GIVEN), random.randint(0, 4)):
        value = _value(random, GIVEN[name].kind)
        record[name] = value
        if GIVEN[name].may_be_missing and random.random() < 0.3:
            del record[name]
    if record.get("birth_date", "") > record["service_start_date"]:
        del record["birth_date"]
    return record | {"request_id": f"R-{number:06d}"}


def _value(random: Random, kind: Kind) -> Any:
    if isinstance(kind, Choice):
        return random.choice(kind.options)
    if isinstance(kind, YesNo):
        return random.random() < 0.5
    if isinstance(kind, WholeNumber):
        return random.choice((kind.lowest, random.randint(max(kind.lowest, 1), 8), random.randint(1, 8), kind.highest))
    if isinstance(kind, Day):
        day = date(2026, 4, 2) + timedelta(days=random.choice((-1, 0, 1, random.randint(-20_000, 20_000))))
        return str(random.choice((day, day, date(2028, 2, 29), kind.lowest, kind.highest)))
    if isinstance(kind, ChoiceSet):
        return random.sample(kind.options, random.choice((0, 1, 1, 2, 3)))
    return "x"


def _spoiled(random: Random, record: Json) -> Json:
    spoiled = dict(record)
    for name in random.sample(list(GIVEN), random.randint(1, 3)):
        kind = GIVEN[name].kind
        if isinstance(kind, Choice):
            spoiled[name] = random.choice(("null", "N/A", "Other", "no such option", kind.options[0] + " ", "é"))
        elif isinstance(kind, WholeNumber):
            spoiled[name] = random.choice((kind.lowest - 1, kind.highest + 1, 1 << 14))
        elif isinstance(kind, Day):
            spoiled[name] = random.choice(("1899-12-31", "2200-01-01", "9999-12-31"))
        elif isinstance(kind, ChoiceSet):
            spoiled[name] = random.choice((["x"], ["imatinib", "x", "other"], ["imatinib", "Imatinib"]))
        elif not isinstance(kind, YesNo):
            spoiled.pop(name)
    if random.random() < 0.1:
        spoiled["birth_date"], spoiled["service_start_date"] = "2026-05-02", "2026-05-01"
    return spoiled


# Files


def write(path: Path, rows: Sequence[Json]) -> Path:
    """Write records into a file of the format that its suffix names."""
    if path.suffix == ".jsonl":
        path.write_bytes(b"".join(json.dumps(row).encode() + b"\n" for row in rows))
    elif path.suffix == ".csv":
        path.write_bytes(csv_text(rows))
    else:
        pq.write_table(typed_table(rows), path, row_group_size=1000)
    return path


def csv_text(rows: Iterable[Json], names: Iterable[str] = GIVEN, **options: Any) -> bytes:
    """Records as CSV with a header."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n", **options)
    names = list(names)
    writer.writerow(names)
    writer.writerows([cell(row.get(name)) for name in names] for row in rows)
    return text.getvalue().encode()


def cell(value: Any) -> str:
    """A value as a CSV cell."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    return (";".join(value) or "none") if isinstance(value, list) else str(value)


def typed_table(rows: Sequence[Json]) -> pa.Table:
    """Records as a table with a column for each variable."""
    return pa.table({name: pa.array([_held(row.get(name)) for row in rows], _type(name)) for name in GIVEN})


def _held(value: Any) -> Any:
    is_day = isinstance(value, str) and len(value) == 10 and value[4] == value[7] == "-"
    return date.fromisoformat(value) if is_day else value


def _type(name: str) -> pa.DataType:
    kind = GIVEN[name].kind
    if isinstance(kind, YesNo):
        return pa.bool_()
    if isinstance(kind, WholeNumber):
        return pa.int16()
    if isinstance(kind, Day):
        return pa.date32()
    return pa.list_(pa.string()) if isinstance(kind, ChoiceSet) else pa.string()


# What the single request says


def expected(record: Json, policy: Policy = POLICY, revision: str | None = None) -> Json:
    """The columns of the answer, from the single request."""
    return columns_of(json.loads(policy.decide(record, revision=revision).to_json()))


def columns_of(determination: Json) -> Json:
    """A determination in the columns of the answer (contract section 6)."""
    authorization = determination["authorization"] or {}
    answer = {
        **{name: determination[name] for name in COLUMNS.names if name in determination},
        "denial_reasons": [reason["id"] for reason in determination["denial_reasons"]],
        "review_flags": [flag["id"] for flag in determination["review_flags"]],
        "authorization_start": _held(authorization.get("start")),
        "authorization_end": _held(authorization.get("end")),
        "authorization_cycles": authorization.get("cycles"),
    }
    return {name: answer[name] for name in COLUMNS.names}


def faults_of(record: Json, policy: Policy = POLICY) -> list[Json]:
    """The faults that the single request has; what depends on its place in a file is left out."""
    try:
        policy.decide(record)
    except InvalidRequest as error:
        return plain_faults([finding.to_dict() for finding in error.findings])
    return []


def plain_faults(faults: Iterable[Json]) -> list[Json]:
    """Faults without their place in a file, in an order of their own."""
    plain = [{name: fault.get(name) for name in ("code", "path", "message", "help")} for fault in faults]
    return sorted(plain, key=lambda each: (each["path"] or "", each["code"], each["message"]))


# A batch


@dataclass(frozen=True)
class Batch:
    """What a batch left: its summary, its answers in columns, its rejects, and the bytes of both files."""

    summary: Summary
    answers: list[Json]
    rejects: list[Json]
    output: bytes
    rejected: bytes


def decide(source: Path, output: Path, policy: Policy = POLICY, **options: Any) -> Batch:
    """Decide a file, and read what came of it."""
    summary = decide_file(policy, source, output, **options)
    rejects = output.with_name(f"{output.name}.rejects.jsonl")
    rejected = rejects.read_bytes() if rejects.exists() else b""
    found = Batch(
        summary, read(output), [json.loads(line) for line in rejected.splitlines()], output.read_bytes(), rejected
    )
    if (summary.decided, summary.rejected) != (len(found.answers), len(found.rejects)):
        raise AssertionError(f"{summary}, but {len(found.answers)} answers and {len(found.rejects)} rejects")
    return found


def read(output: Path) -> list[Json]:
    """The answers of an output of any format, in columns."""
    if output.suffix == ".jsonl":
        return [columns_of(json.loads(line)) for line in output.read_bytes().splitlines()]
    if output.suffix == ".parquet":
        rows: list[Json] = pq.read_table(output).to_pylist()
        return rows
    with output.open(encoding="utf-8", newline="") as file:
        return [_from_cells(each) for each in csv.DictReader(file, strict=True)]


def _from_cells(row: dict[str, str]) -> Json:
    def value(name: str, cell: str) -> Any:
        if name not in COLUMNS.names:
            return cell
        type_ = COLUMNS.field(name).type
        if pa.types.is_list(type_):
            return cell.split(";") if cell else []
        if not cell:
            return None
        if pa.types.is_boolean(type_):
            return {"true": True, "false": False}[cell]
        if pa.types.is_date(type_):
            return date.fromisoformat(cell)
        return int(cell) if pa.types.is_integer(type_) else cell

    return {name: value(name, cell) for name, cell in row.items()}


def each_pair() -> list[Any]:
    """Every format in with every format out."""
    return [(one, other) for one in FORMATS for other in FORMATS]


Change = Callable[[Json], None]


def two_revisions(folder: Path) -> Policy:
    """The shipped policy with a second revision after a gap, which asks for other things."""
    first, second = (json.loads(RULE_FILE.read_bytes()) for _ in range(2))
    first["effective_to"] = "2026-12-31"
    second |= {"revision": "2027-02-01", "effective_from": "2027-02-01"}
    text = json.dumps(second).replace(
        '"name": "total_cycles", "operator": "less_than_or_equal_to", "value": 6',
        '"name": "total_cycles", "operator": "less_than_or_equal_to", "value": 4',
    )
    text = text.replace('"months": 12, "max_total_cycles": 6', '"months": 6, "max_total_cycles": 4')
    (folder / NAME).mkdir(parents=True)
    (folder / NAME / "2026-04-02.json").write_text(json.dumps(first), "utf-8")
    (folder / NAME / "2027-02-01.json").write_text(text, "utf-8")
    policy = load_policy(NAME, folder)
    if policy.revisions[0].pathways == policy.revisions[1].pathways:
        raise AssertionError("the revisions do not differ")
    return policy
