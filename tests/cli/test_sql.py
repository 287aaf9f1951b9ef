from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from project import NAME
from sqlglot import parse_one

from cli.running import Run
from medpolicy import load_policy
from medpolicy.language.revision import RESERVED
from medpolicy.sql import DIALECTS

POLICY = load_policy(NAME)
OFFERED = "those offered are `duckdb`, `postgres` and `spark`"


@pytest.mark.parametrize(
    ("dialect", "help"),
    [("snowflake", "what is offered is tested on the engine itself"), ("PostgreSQL", "did you mean `postgres`?")],
)
def test_a_dialect_that_is_not_tested_is_refused_by_name(run: Run, dialect: str, help: str) -> None:
    message = run("sql", "--dialect", dialect).refusal
    assert message == (f"error[unknown-dialect]: the dialect `{dialect}` is not offered; {OFFERED}\n  help: {help}\n")


def test_without_sqlglot_it_is_said_how_to_get_it(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [module for module in sys.modules if module.startswith("medpolicy.sql.")]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "sqlglot", None)
    assert run("sql", "--dialect", "duckdb").refusal == (
        "error[extra-missing]: this needs the extra `sql`\n  help: install it with `pip install 'medpolicy[sql]'`\n"
    )


@pytest.mark.parametrize("table", ["", "a b", "x; DROP TABLE y", "(SELECT 1)", "f(x)", "x JOIN y", "x TABLESAMPLE (1)"])
def test_what_is_not_the_name_of_a_table_is_refused(run: Run, table: str) -> None:
    message = run("sql", "--dialect", "duckdb", "--table", table).refusal
    assert message.startswith(f"error[no-table]: `{table}` is not the name of a table\n")


@pytest.mark.parametrize(
    ("dialect", "shown"), [("duckdb", '"my requests"'), ("postgres", '"my requests"'), ("spark", "`my requests`")]
)
def test_a_name_with_a_blank_is_said_to_stand_in_quotes(run: Run, dialect: str, shown: str) -> None:
    ran = run("sql", "--dialect", dialect, "--table", "claims 2026")
    assert ran.err.endswith(f"; a name with a blank stands in quotes: {shown}\n")
    assert run("sql", "--dialect", dialect, "--table", shown).status == 0


@pytest.mark.parametrize("taken", RESERVED)
@pytest.mark.parametrize("command", ["sql", "check", "show"])
def test_a_criterion_with_the_name_of_another_column_is_refused_by_every_command(
    run: Run, rules: Callable[..., Path], taken: str, command: str
) -> None:
    rules(('"id": "frontline.cycle_cap"', f'"id": "{taken}"'))
    ran = run(command, *(["--dialect", "duckdb"] if command == "sql" else []), "--rules", "rules")
    assert ran.status == (1 if command == "check" else 2)
    assert (
        f"error[reserved-id]: the id `{taken}` is reserved: a policy as SQL answers in a column of" in ran.out + ran.err
    )


@pytest.mark.parametrize("dialect", DIALECTS)
def test_the_columns_of_the_answer_are_the_reserved_ids_and_the_criteria(run: Run, dialect: str) -> None:
    select = parse_one(run("sql", "--dialect", dialect).output, dialect=dialect)
    criteria = [criterion.id for criterion in POLICY.revisions[0].criteria()]
    assert set(select.named_selects) == {*RESERVED, *criteria}


def test_a_name_that_the_engine_would_cut_is_refused_there_and_nowhere_else(
    run: Run, rules: Callable[..., Path]
) -> None:
    longest, longer = "frontline." + 53 * "a", "frontline." + 54 * "b"
    rules(
        ('"id": "frontline.cycle_cap"', f'"id": "{longest}"'), ('"id": "frontline.no_exclusion"', f'"id": "{longer}"')
    )
    message = run("sql", "--dialect", "postgres", "--rules", "rules").refusal
    assert message.count("error[long-name]") == 1
    assert "bbb" in message
    assert run("sql", "--dialect", "duckdb", "--rules", "rules").status == 0


def test_the_select_begins_with_what_it_reads_and_yields(run: Run) -> None:
    output = run("sql", "--dialect", "postgres", "--table", "claims.requests", "--revision", "2026-04-02").output
    comment, _, select = output.partition("\nWITH ")
    assert all(line.startswith("--") for line in comment.splitlines())
    assert "revision 2026-04-02, whatever the day of service, rules sha256:" in comment
    for said in (
        "reads claims.requests:",
        "combination_regimen          TEXT[]",
        "cd22_test_submitted          BOOLEAN, null is false",
    ):
        assert said in comment
    assert "\n  FROM claims.requests\n" in select
    assert 'AS "relapsed_refractory.ph_status_known"' in select
    assert "service_start_date" not in select.partition("facts AS")[2]
