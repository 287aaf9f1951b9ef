"""What the SELECT makes of faults, of columns of other types, and of names; what is refused."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest
import sqlglot

from medpolicy import Policy
from medpolicy.sql import DIALECTS, statement
from medpolicy.sql.dialects import column
from sql.engines import DuckDB, Engine, asked_of_a_column, decided
from sql.policies import strange
from sql.rows import examples

DECIDED = {"request_id", "fault"}


def row(**changes: Any) -> dict[str, Any]:
    """A request that is approved, with changes."""
    approved = next(example for example in examples() if example["request_id"] == "PA-1001")
    return approved | changes


def only(engine: Engine, policy: Policy, **changes: Any) -> dict[str, Any]:
    (found,) = decided(engine, policy, [row(**changes)])
    return found


@pytest.mark.parametrize(
    ("changes", "fault"),
    [
        ({"disease": "acute lymphoblastic leukemia"}, "`disease` must be `acute_lymphoblastic_leukemia`, "),
        ({"cd22_status": "Positive"}, "`cd22_status` must be `positive` or `negative`"),
        ({"request_type": None}, "`request_type` is missing; it must be `initial` or `continuation`"),
        ({"cycles_requested": 0}, "`cycles_requested` must be a whole number from 1 to 999"),
        ({"combination_regimen": ["imatinib", None]}, "`combination_regimen` must hold only `mini_hyper_cvd`, "),
        ({"birth_date": "2099-01-01"}, "`birth_date` must not be after `service_start_date`"),
        (
            {"lineage": "none", "ph_status": "?"},
            "`lineage` must be `b_cell_precursor`, `t_cell` or `other`; `ph_status` ",
        ),
    ],
    ids=["an option", "its case", "nothing where it is required", "a number", "a null in the set", "an order", "two"],
)
def test_a_value_outside_its_domain_is_a_fault_and_no_denial(
    engine: Engine, policy: Policy, changes: dict[str, Any], fault: str
) -> None:
    found = only(engine, policy, **changes)
    assert found["fault"].startswith(fault)
    assert {key for key, value in found.items() if value is not None} == DECIDED


def test_the_row_itself_is_approved(engine: Engine, policy: Policy) -> None:
    found = only(engine, policy)
    assert (found["decision"], found["fault"]) == ("approved", None)


def test_an_id_that_comes_twice_is_a_fault_of_each_row_and_of_no_other(engine: Engine, policy: Policy) -> None:
    rows = [row(request_id=id) for id in ("A", "B", "A", "a", "A ")]
    found = decided(engine, policy, rows)
    faulty = sorted((answer["request_id"], answer["decision"]) for answer in found if answer["fault"] is not None)
    assert faulty == [("A", None), ("A", None)]
    assert {answer["fault"] for answer in found} == {None, "`request_id` must be unique; another record has the same"}


def test_a_missing_fact_leaves_its_criterion_unknown_and_the_request_pended(engine: Engine, policy: Policy) -> None:
    found = only(engine, policy, cd22_status=None)
    assert (found["decision"], found["coverage"], found["fault"]) == ("pended", "unknown", None)
    assert found["relapsed_refractory.cd22_positive"] == "unknown"


def test_without_a_revision_in_effect_nothing_is_evaluated(engine: Engine, policy: Policy) -> None:
    found = only(engine, policy, service_start_date="2026-04-01")
    assert {key: value for key, value in found.items() if value is not None} == {
        "request_id": "PA-1001",
        "decision": "pended",
        "coverage": "unknown",
    }


def test_the_criteria_of_a_pathway_that_is_ruled_out_are_null(engine: Engine, policy: Policy) -> None:
    found = only(engine, policy)
    assert {key.partition(".")[0] for key, value in found.items() if "." in key and value is not None} == {
        "relapsed_refractory"
    }


def test_a_query_around_the_select_meets_no_sum_of_faulty_numbers(engine: Engine, policy: Policy) -> None:
    most = 2**31 - 1
    decided(engine, policy, [row(cycles_received=most, cycles_requested=most), row(request_id="B")])
    around = f"SELECT request_id FROM ({statement(policy, engine.dialect)}) AS answers WHERE decision = 'approved'"
    assert engine.rows(around) == [{"request_id": "B"}]


@pytest.mark.parametrize(
    ("name", "type_", "values"),
    [
        ("cycles_requested", "DOUBLE PRECISION", {"1.5": False, "'NaN'": False, "'Infinity'": False, "2.0": True}),
        ("cycles_requested", "NUMERIC(9, 2)", {"6.5": False, "1.01": False, "2.00": True}),
        ("cycles_requested", "BIGINT", {"9223372036854775807": False, "2": True}),
        ("service_start_date", "TIMESTAMP", {"'2026-05-01 10:00:00'": False, "'2026-05-01 00:00:00'": True}),
        ("birth_date", "DATE", {"'infinity'": False, "'-infinity'": False, "'0044-03-15 (BC)'": False}),
        ("combination_regimen", "VARCHAR(40)[]", {"'{}'": True, "'{imatinib, NULL}'": False, "'{neither}'": False}),
    ],
)
def test_a_column_of_a_wider_type_has_no_other_values(
    engine: Any, policy: Policy, name: str, type_: str, values: dict[str, bool]
) -> None:
    decided(engine, policy, [row()])
    for value, allowed in values.items():
        if engine.dialect == "duckdb":
            value = value.replace("{}", "[]").replace("{", "[").replace("}", "]")
        elif "BC" in value:
            value = value.replace("(BC)", "BC")
        engine.run("DROP TABLE IF EXISTS wider; CREATE TABLE wider AS SELECT * FROM requests")
        engine.run(f"ALTER TABLE wider DROP COLUMN {name}; ALTER TABLE wider ADD COLUMN {name} {type_}")
        engine.run(f"UPDATE wider SET {name} = CAST({value} AS {type_})")
        (found,) = engine.rows(statement(policy, engine.dialect, "wider"))
        assert (found["fault"] is None, found["decision"] is None) == (allowed, not allowed), value


@pytest.mark.parametrize("name", ["cd22_test_submitted", "therapy_exclusion"])
def test_numbers_that_stand_for_yes_and_no_are_no_more_than_these_two(
    duckdb: DuckDB, policy: Policy, name: str
) -> None:
    decided(duckdb, policy, [row()])
    for value, allowed in {2: False, -1: False, 1: True, 0: True}.items():
        duckdb.run(f"CREATE OR REPLACE TABLE wider AS SELECT * REPLACE ({value} AS {name}) FROM requests")
        (found,) = duckdb.rows(statement(policy, "duckdb", "wider"))
        assert (found["fault"] is None) == allowed


@pytest.mark.parametrize("dialect", DIALECTS)
def test_it_is_one_statement_whatever_the_texts_in_it(policy: Policy, dialect: str) -> None:
    for printed in (policy, strange()):
        (parsed,) = sqlglot.parse(statement(printed, dialect), dialect=dialect)
        assert isinstance(parsed, sqlglot.exp.Select)


def test_duckdb_sees_one_statement(duckdb: DuckDB, policy: Policy) -> None:
    import duckdb as engine

    for printed in (policy, strange()):
        assert len(engine.extract_statements(statement(printed, "duckdb"))) == 1


def test_any_word_that_an_engine_knows_can_be_the_name_of_a_column(engine: Engine, duckdb: DuckDB) -> None:
    vocabulary = {row["word"] for row in duckdb.rows("SELECT keyword_name AS word FROM duckdb_keywords()")}
    if engine.dialect == "postgres":
        vocabulary |= {row["word"] for row in engine.rows("SELECT word FROM pg_get_keywords()")}
    assert len(vocabulary) > 400
    for word in sorted(vocabulary):
        one = column(word).sql(engine.dialect)
        assert engine.rows(asked_of_a_column(one)) == [{word: 1, "sum": 2, "tested": True}], word


def test_any_table_can_be_named(engine: Any, policy: Policy) -> None:
    decided(engine, policy, [row()])
    for table in (
        "checked",
        "facts",
        "conditions",
        "outcome",
        '"Odd ""name"""',
        "elsewhere.requests",
        'elsewhere."order"',
    ):
        engine.run("CREATE SCHEMA IF NOT EXISTS elsewhere")
        engine.run(f"CREATE TABLE {table} AS SELECT * FROM requests")
        (found,) = engine.rows(statement(policy, engine.dialect, table))
        assert found["decision"] == "approved"
        engine.run(f"DROP TABLE {table}")


def test_duckdb_reads_a_file_in_the_place_of_a_table(duckdb: DuckDB, policy: Policy, tmp_path: Path) -> None:
    decided(duckdb, policy, [row()])
    duckdb.run(f"COPY requests TO '{tmp_path}/requests.parquet'")
    (found,) = duckdb.rows(statement(policy, "duckdb", f"'{tmp_path}/requests.parquet'"))
    assert found["decision"] == "approved"


def test_dates_are_compared_as_days(engine: Engine, policy: Policy) -> None:
    found = only(engine, policy, service_start_date=date(2026, 4, 2))
    assert found["decision"] == "approved"
