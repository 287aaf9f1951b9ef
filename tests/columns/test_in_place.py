"""Every row comes back in its place, whatever is the matter with it."""

from __future__ import annotations

import json
import pickle
from datetime import date

import numpy as np
import pyarrow as pa
import pytest
from batch.making import COLUMNS
from project import EXAMPLES

from medpolicy.columns import in_place
from medpolicy.columns.frame import ColumnDecider
from medpolicy.columns.in_place import answer_in_place, columns_in_place
from medpolicy.policy import Policy

APPROVED = json.loads((EXAMPLES / "approved-frontline-mini-hyper-cvd-blinatumomab.json").read_text("utf-8"))


def table(*changes):
    records = [{"request_id": f"R-{number}"} | change for number, change in enumerate(changes, 1)]
    columns = {name: [(APPROVED | record).get(name) for record in records] for name in APPROVED}
    days = {name: [date.fromisoformat(day) for day in columns[name]] for name in columns if name.endswith("_date")}
    return pa.table(columns | days)


def answered(policy, given, repeated=()):
    marks = np.isin(np.arange(given.num_rows), repeated)
    answers = answer_in_place(policy.column_decider(), given, marks)
    assert answers.schema.equals(columns_in_place(policy.column_decider()))
    return answers.to_pylist()


def codes(row):
    return [fault["code"] for fault in row["fault"] or ()]


def test_faulty_rows_stand_among_the_others_with_nothing_but_their_id_and_their_faults(policy):
    rows = answered(policy, table({"disease": "x"}, {}, {"request_id": None}, {"cycles_requested": 7}, {"lineage": ""}))
    assert [row["request_id"] for row in rows] == ["R-1", "R-2", None, "R-4", "R-5"]
    assert [row["decision"] for row in rows] == [None, "approved", None, "denied", None]
    assert [codes(row) for row in rows] == [["not-allowed"], [], ["missing-key"], [], ["not-allowed"]]
    assert [row["fault"] is None for row in rows] == [False, True, False, True, False]
    assert {rows[0][name] for name in COLUMNS.names[1:]} == {None}


def test_a_row_with_a_repeated_id_keeps_its_id_and_its_other_faults(policy):
    given = table({"request_id": "A"}, {"request_id": "B"}, {"request_id": "A", "disease": "x"})
    rows = answered(policy, given, repeated=[0, 2])
    assert [codes(row) for row in rows] == [["repeated-id"], [], ["not-allowed", "repeated-id"]]
    assert [row["request_id"] for row in rows] == ["A", "B", "A"]
    assert [row["decision"] for row in rows] == [None, "approved", None]
    assert rows[0]["fault"][0]["message"] == "`request_id` must be unique; another record has the same"


def test_a_table_without_rows_has_an_answer_without_rows(policy):
    assert answered(policy, table({}).slice(0, 0)) == []


def test_text_that_is_not_utf_8_is_a_fault_of_its_row(policy):
    ids = pa.array([b"R-1", b"\xff", b"R-3"]).view(pa.string())
    given = table({}, {}, {}).set_column(0, "request_id", ids)
    rows = answered(policy, given)
    assert [codes(row) for row in rows] == [[], ["encoding"], []]
    assert [row["request_id"] for row in rows] == ["R-1", None, "R-3"]


def test_where_the_program_fails_on_a_row_the_row_comes_back_undecided_and_its_neighbours_are_decided(
    policy, monkeypatch
):
    decide = ColumnDecider.decide

    def failing(self, ids, placed):
        if "R-70" in ids.to_pylist():
            raise KeyError("a member's data")
        return decide(self, ids, placed)

    monkeypatch.setattr(ColumnDecider, "decide", failing)
    rows = answered(policy, table(*[{}] * 100))
    assert [row["request_id"] for row in rows] == [f"R-{number}" for number in range(1, 101)]
    assert [row["request_id"] for row in rows if row["decision"] != "approved"] == ["R-70"]
    message = "the request could not be decided (KeyError)"
    assert rows[69]["fault"] == [{"code": "undecided", "path": "$", "message": message, "help": None}]


def test_where_the_program_always_fails_no_row_is_lost(policy, monkeypatch):
    def failing(*_):
        raise MemoryError

    monkeypatch.setattr(ColumnDecider, "decide", failing)
    rows = answered(policy, table(*[{}] * 3000), repeated=[5])
    assert len(rows) == 3000
    assert {row["request_id"] for row in rows} == {f"R-{number}" for number in range(1, 3001)}
    assert {row["decision"] for row in rows} == {None}
    assert [codes(row) for row in rows if codes(row) != ["undecided"]] == [["undecided", "repeated-id"]]


# A worker process


def batches(given, repeated):
    return given.append_column("carried 0", pa.array(range(given.num_rows))).append_column("", repeated).to_batches(1)


def test_a_worker_makes_a_policy_ready_once(policy, monkeypatch):
    made = []
    frames = Policy.column_decider
    monkeypatch.setattr(
        Policy, "column_decider", lambda self, revision: made.append(revision) or frames(self, revision)
    )
    in_place._decider.cache_clear()
    for _ in range(2):
        sent = batches(table({}, {}), pa.array([False, False]))
        assert len([*in_place.answer_batches(pickle.dumps(policy), None, sent, ())]) == 2
    assert made == [None]
    in_place._decider.cache_clear()


def test_a_worker_makes_nothing_ready_for_no_rows():
    assert [*in_place.answer_batches(b"no policy", None, [], ())] == []


def test_a_worker_carries_columns_and_marks_repeated_ids(policy):
    given = table({"request_id": "A"}, {"request_id": "A"}, {"request_id": "B"})
    sent = batches(given, pa.array([True, True, False]))
    rows = pa.Table.from_batches(in_place.answer_batches(pickle.dumps(policy), None, sent, ["carried 0"])).to_pylist()
    assert [(row["decision"], row["carried 0"]) for row in rows] == [(None, 0), (None, 1), ("approved", 2)]


@pytest.mark.parametrize("revision", ["2026-04-02", None])
def test_a_worker_uses_the_pinned_revision(policy, revision):
    given = table({"service_start_date": "2000-01-01"})
    (batch,) = in_place.answer_batches(pickle.dumps(policy), revision, batches(given, pa.array([False])), ())
    assert batch.to_pylist()[0]["revision"] == revision
