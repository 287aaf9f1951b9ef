"""Rows that no test tells apart are one row with a number."""

from __future__ import annotations

import json
from collections import Counter

import pyarrow as pa
import pytest
from project import CASES

from medpolicy import load_policy
from medpolicy.columns import codes
from medpolicy.columns.frame import ColumnDecider
from medpolicy.evaluate.compiled import Compiled

POLICY = load_policy("inotuzumab-ozogamicin")
RECORDS = [json.loads(line)["request"] for line in CASES.read_text("utf-8").splitlines()]


@pytest.mark.parametrize("most", [1 << 62, 100], ids=["keys that fit", "keys that are numbered anew"])
def test_rows_of_the_same_classes_are_counted(monkeypatch: pytest.MonkeyPatch, most: int) -> None:
    monkeypatch.setattr(codes, "_MOST_KEYS", most)
    compiled = Compiled(POLICY.deciders[0])
    names = dict.fromkeys(name for record in RECORDS for name in record)
    rows = [*RECORDS, *RECORDS[:7]]
    columns = {name: [record.get(name) for record in rows] for name in names}
    columns["request_id"] = [f"r{number}" for number in range(len(rows))]
    frame = ColumnDecider([compiled]).index(pa.table(columns))
    firsts, numbers = codes.distinct_rows(compiled.tables, frame)
    facts = [POLICY.vocabulary.request.model_validate_json(json.dumps(record)) for record in rows]
    expected = [
        tuple(
            table.code(variable.derived.of(vars(fact)) if variable.derived else vars(fact)[name])
            for name, table in compiled.tables.items()
            for variable in [POLICY.vocabulary.variables[name]]
        )
        for fact in facts
    ]
    assert sorted(Counter(numbers.tolist()).values()) == sorted(Counter(expected).values())
    assert [expected[firsts[number]] for number in numbers] == expected
