"""The database engines: a table of requests in natural types, and the rows that the SELECT makes of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, Protocol

import pyarrow as pa

from medpolicy import Policy
from medpolicy.language.fields import ChoiceSet, Day, Kind, WholeNumber, YesNo
from medpolicy.sql import statement

Row = Mapping[str, Any]


class Engine(Protocol):
    """One engine, with a connection of its own."""

    dialect: str

    def load(self, columns: Mapping[str, Kind], rows: Sequence[Row]) -> None:
        """Make the table `requests` anew."""

    def rows(self, query: str) -> list[dict[str, Any]]:
        """What a query yields."""


def given(policy: Policy) -> dict[str, Kind]:
    """The columns of the table."""
    return {name: variable.kind for name, variable in policy.vocabulary.variables.items() if variable.derived is None}


def decided(engine: Engine, policy: Policy, rows: Sequence[Row], revision: str | None = None) -> list[dict[str, Any]]:
    """What the SELECT makes of rows, in any order."""
    engine.load(given(policy), rows)
    return engine.rows(statement(policy, engine.dialect, revision=revision))


def asked_of_a_column(name: str) -> str:
    """A query that puts a column, holding 1, where the SELECT puts one."""
    return (
        f"WITH one AS (SELECT 1 AS {name}) SELECT {name}, COALESCE({name}, 2) + {name} AS sum, "
        f"CASE WHEN {name} IS NULL OR {name} IN (1) THEN NOT {name} = 2 END AS tested FROM one WHERE {name} BETWEEN 0 AND 3"
    )


def typed(kind: Kind, value: Any) -> Any:
    """A value as a table holds it."""
    return date.fromisoformat(value) if isinstance(kind, Day) and isinstance(value, str) else value


class DuckDB:
    dialect = "duckdb"

    def __init__(self) -> None:
        import duckdb

        self._connection = duckdb.connect()

    def load(self, columns: Mapping[str, Kind], rows: Sequence[Row]) -> None:
        arrays = {
            name: pa.array([typed(kind, row.get(name)) for row in rows], _arrow(kind)) for name, kind in columns.items()
        }
        self._connection.register("arrow", pa.table(arrays))
        self.run("CREATE OR REPLACE TABLE requests AS SELECT * FROM arrow")
        self._connection.unregister("arrow")

    def run(self, command: str) -> None:
        self._connection.execute(command)

    def rows(self, query: str) -> list[dict[str, Any]]:
        found = self._connection.execute(query)
        names = [column[0] for column in found.description or ()]
        return [dict(zip(names, row, strict=True)) for row in found.fetchall()]


class Postgres:
    dialect = "postgres"

    def __init__(self, known: Mapping[str, Any]) -> None:
        import psycopg

        self._connection = psycopg.connect(**known, autocommit=True)

    def load(self, columns: Mapping[str, Kind], rows: Sequence[Row]) -> None:
        types = ", ".join(f'"{name}" {_postgres(kind)}' for name, kind in columns.items())
        self.run(f"DROP TABLE IF EXISTS requests; CREATE TABLE requests ({types})")
        with self._connection.cursor() as cursor, cursor.copy("COPY requests FROM STDIN") as copy:
            for row in rows:
                copy.write_row([typed(kind, row.get(name)) for name, kind in columns.items()])

    def run(self, command: str) -> None:
        self._connection.execute(command.encode())

    def rows(self, query: str) -> list[dict[str, Any]]:
        found = self._connection.execute(query.encode(), prepare=True)  # prepared: one statement and no more
        names = [column.name for column in found.description or ()]
        return [dict(zip(names, row, strict=True)) for row in found.fetchall()]

    def close(self) -> None:
        self._connection.close()


class Spark:
    dialect = "spark"

    def __init__(self, session: Any) -> None:
        self._session = session

    def load(self, columns: Mapping[str, Kind], rows: Sequence[Row]) -> None:
        schema = ", ".join(f"`{name}` {_spark(kind)}" for name, kind in columns.items())
        values = [tuple(typed(kind, row.get(name)) for name, kind in columns.items()) for row in rows]
        self._session.createDataFrame(values, schema).createOrReplaceTempView("requests")

    def rows(self, query: str) -> list[dict[str, Any]]:
        return [row.asDict() for row in self._session.sql(query).collect()]


def _arrow(kind: Kind) -> pa.DataType:
    if isinstance(kind, ChoiceSet):
        return pa.list_(pa.string())
    if isinstance(kind, WholeNumber):
        return pa.int32()
    if isinstance(kind, Day):
        return pa.date32()
    return pa.bool_() if isinstance(kind, YesNo) else pa.string()


def _postgres(kind: Kind) -> str:
    if isinstance(kind, ChoiceSet):
        return "text[]"
    if isinstance(kind, WholeNumber):
        return "integer"
    if isinstance(kind, Day):
        return "date"
    return "boolean" if isinstance(kind, YesNo) else "text"


def _spark(kind: Kind) -> str:
    if isinstance(kind, ChoiceSet):
        return "array<string>"
    if isinstance(kind, WholeNumber):
        return "int"
    if isinstance(kind, Day):
        return "date"
    return "boolean" if isinstance(kind, YesNo) else "string"
