"""Field types that `src` has never seen go through every face: they are made up in `made_up.py`, for these tests alone."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from itertools import product
from pathlib import Path
from typing import Any

import duckdb
import jsonschema
import made_up
import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from medpolicy import InvalidPolicy, InvalidRequest, Policy, load_policy
from medpolicy.batch import decide_file
from medpolicy.cli.main import main
from medpolicy.language.request import facts_of
from medpolicy.load.schema import schema_text
from medpolicy.sql import statement
from medpolicy.testing import near_boundaries, requests

Row = dict[str, Any]


@pytest.fixture(scope="module")
def rules(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    with made_up.installed(tmp_path_factory.mktemp("installed"), "made_up:MadeUpRequest") as rules:
        yield rules


@pytest.fixture(scope="module")
def policy(rules: Path) -> Policy:
    return load_policy(made_up.NAME, rules)


@pytest.fixture(scope="module")
def rows() -> list[Row]:
    """Every grade with every share, each of them missing at times, and visits that are used up at times."""
    facts = product([*made_up.GRADES, None], [*range(0, 101, 5), None], [0, 4, 5, None])
    return [
        {"request_id": f"R-{number}", "service_start_date": "2026-02-01", "cycles_requested": 1}
        | {"grade": grade, "share": share, "visits_granted": 5, "visits_used": used}
        for number, (grade, share, used) in enumerate(facts)
    ]


def decisions(policy: Policy, rows: list[Row]) -> list[str]:
    """By the stock engine, the reference."""
    return [policy.decide(row, engine="business-rules").decision for row in rows]


def table_of(rows: list[Row]) -> pa.Table:
    table = pa.table({name: [row[name] for row in rows] for name in rows[0]})
    at = table.column_names.index("service_start_date")
    return table.set_column(at, "service_start_date", table["service_start_date"].cast(pa.date32()))


# Reading


def test_a_faulty_constant_is_refused_in_the_words_of_its_kind(rules: Path, tmp_path: Path) -> None:
    made_up.write(tmp_path, made_up.revision("2026-01-01", least="F", most=32))
    with pytest.raises(InvalidPolicy) as refused:
        load_policy(made_up.NAME, tmp_path)
    assert [(finding.code, finding.message, finding.help) for finding in refused.value.findings] == [
        ("wrong-value", 'the value for `grade` must be a grade from E to A, not `"F"`', "A is the best"),
        ("wrong-value", "the value for `share` must be a percentage from 0 to 100 in steps of 5, not `32`", None),
    ]


def test_an_unknown_operator_is_refused_with_the_nearest_one_of_its_kind(rules: Path, tmp_path: Path) -> None:
    revision = json.dumps(made_up.revision("2026-01-01")).replace('"at_least"', '"at_last"', 1)
    made_up.write(tmp_path, json.loads(revision))
    with pytest.raises(InvalidPolicy) as refused:
        load_policy(made_up.NAME, tmp_path)
    [finding] = refused.value.findings
    assert finding.code == "unknown-operator"
    assert finding.message == "`grade` is a grade, which has no operator `at_last`"
    assert finding.help == "did you mean `at_least`?"


def test_a_faulty_value_is_refused_in_the_words_of_its_kind(policy: Policy) -> None:
    with pytest.raises(InvalidRequest) as refused:
        policy.decide({"request_id": "R", "service_start_date": "2026-02-01", "grade": "F", "share": 32})
    assert [finding.message for finding in refused.value.findings] == [
        "`grade` must be a grade from E to A",
        "`share` must be a percentage from 0 to 100 in steps of 5",
    ]


def test_the_json_schema_takes_its_constants_and_no_others(rules: Path, policy: Policy) -> None:
    schema = json.loads(schema_text(policy.vocabulary))
    validator = jsonschema.Draft202012Validator(schema)
    assert validator.is_valid(made_up.revision("2026-01-01"))
    assert not validator.is_valid(made_up.revision("2026-01-01", least="F"))
    assert not validator.is_valid(made_up.revision("2026-01-01", most=32))


# Deciding


def test_tables_decide_as_the_stock_engine(policy: Policy, rows: list[Row]) -> None:
    expected = decisions(policy, rows)
    assert Counter(expected).keys() == {"approved", "denied", "pended"}
    assert [policy.decide(row).decision for row in rows] == expected


def test_columns_decide_as_the_stock_engine(policy: Policy, rows: list[Row]) -> None:
    decided = policy.decide_table(table_of(rows)).decided
    assert decided.column("decision").to_pylist() == decisions(policy, rows)


def test_columns_refuse_what_a_single_request_refuses(policy: Policy, rows: list[Row]) -> None:
    faulty = [{**rows[0], "share": 32}, {**rows[1], "grade": "F"}, rows[2], {**rows[3], "share": 105}]
    rejected = policy.decide_table(table_of(faulty)).rejected
    assert rejected.column("record").to_pylist() == [1, 2, 4]
    assert [[fault["message"] for fault in faults] for faults in rejected.column("faults").to_pylist()] == [
        ["`share` must be a percentage from 0 to 100 in steps of 5"],
        ["`grade` must be a grade from E to A"],
        ["`share` must be a percentage from 0 to 100 in steps of 5"],
    ]


@pytest.mark.parametrize("format", ["csv", "jsonl", "parquet"])
def test_files_are_decided_as_by_the_stock_engine(policy: Policy, rows: list[Row], tmp_path: Path, format: str) -> None:
    source, output = tmp_path / f"in.{format}", tmp_path / "out.jsonl"
    if format == "jsonl":
        source.write_text("".join(json.dumps(row) + "\n" for row in rows), "utf-8")
    else:
        write = pyarrow.csv.write_csv if format == "csv" else pyarrow.parquet.write_table
        write(table_of(rows), source)
    summary = decide_file(policy, source, output)
    answers = [json.loads(line) for line in output.read_text("utf-8").splitlines()]
    assert summary.rejected == 0
    assert [answer["decision"] for answer in answers] == decisions(policy, rows)


def test_sql_decides_as_the_stock_engine(policy: Policy, rows: list[Row]) -> None:
    connection = duckdb.connect()
    connection.register("requests", table_of(rows))
    found = dict(row[:2] for row in connection.execute(statement(policy, "duckdb")).fetchall())
    assert [found[row["request_id"]] for row in rows] == decisions(policy, rows)


def test_sql_refuses_what_a_single_request_refuses(policy: Policy, rows: list[Row]) -> None:
    connection = duckdb.connect()
    connection.register("requests", table_of([{**rows[0], "share": 32}, {**rows[1], "grade": "F"}, rows[2]]))
    query = f"SELECT fault FROM ({statement(policy, 'duckdb')}) AS answers ORDER BY request_id"
    assert [fault for (fault,) in connection.execute(query).fetchall()] == [
        "`share` must be a percentage from 0 to 100 in steps of 5",
        "`grade` must be a grade from E to A",
        None,
    ]


@settings(max_examples=50)
@given(st.data())
def test_strategies_draw_valid_requests_on_both_sides_of_each_boundary(policy: Policy, data: st.DataObject) -> None:
    request = data.draw(requests(policy) | near_boundaries(policy))
    assert policy.decide(request).decision == policy.decide(request, engine="business-rules").decision
    facts = facts_of(policy.request(data.draw(near_boundaries(policy))))
    assert None not in facts.values()
    assert facts["visits_left"] == facts["visits_granted"] - facts["visits_used"]


# Reasoning, and words


@pytest.fixture
def run(rules: Path, capsys: pytest.CaptureFixture[str]) -> Any:
    def once(command: str, *arguments: object, rules: Path = rules) -> str:
        main([command, *map(str, arguments), "--policy", made_up.NAME, "--rules", str(rules)])
        written = capsys.readouterr()
        assert "internal" not in written.err, written.err
        return " ".join((written.out + written.err).split())

    return once


def test_show_says_the_tests_in_words(run: Any) -> None:
    shown = run("show")
    assert "Grade at least C" in shown
    assert "Share less than 30" in shown or "Share is less than 30" in shown


def test_check_finds_a_rule_that_can_never_be_met(run: Any, tmp_path: Path) -> None:
    assert run("check").endswith("1 file, 0 errors, 0 warnings")
    made_up.write(tmp_path, made_up.revision("2026-01-01", most=0))
    assert "criterion-never-met" in run("check", rules=tmp_path)


def test_diff_names_the_region_in_words(run: Any, rules: Path, tmp_path: Path) -> None:
    made_up.write(tmp_path, made_up.revision("2027-01-01", least="B", most=45))
    old, new = (
        folder / made_up.NAME / f"{day}.json" for folder, day in ((rules, "2026-01-01"), (tmp_path, "2027-01-01"))
    )
    changes = run("diff", old, new)
    assert "every request where Grade is C; Share is at most 25; Visits left is at least 1." in changes
    assert "every request where Share is from 30 to 40; Grade is B or A; Visits left is at least 1." in changes


def test_complete_cases_cover_every_test_and_notice_slips(run: Any, rules: Path) -> None:
    (rules / made_up.NAME / "cases").mkdir()
    cases = rules / made_up.NAME / "cases" / "2026-01-01.jsonl"
    run("cases", "--complete", "-o", cases)
    covered = run("cover")
    assert "100 % tests deciding alone (MC/DC): 5 covered" in covered
    assert "100 % values next to a boundary" in covered
    assert "✓ at 25" in covered
    assert "✓ at D" in covered
    assert "operator: 15 killed" in run("mutate")
