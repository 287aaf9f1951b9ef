"""The engines that the SELECT runs on."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest

from sql import postgres
from sql.engines import DuckDB, Engine, Postgres


@pytest.fixture(scope="session")
def duckdb() -> DuckDB:
    return DuckDB()


@pytest.fixture(scope="session")
def postgresql() -> Iterator[Postgres]:
    programs = postgres.programs()
    if programs is None:
        if os.environ.get("CI"):
            pytest.fail(f"in a build this has to run: {postgres.GET_IT}")
        pytest.skip(postgres.GET_IT)
    with postgres.server(programs) as known:
        engine = Postgres(known)
        yield engine
        engine.close()


@pytest.fixture(params=["duckdb", "postgresql"])
def engine(request: pytest.FixtureRequest) -> Engine:
    """The engines that start in a moment; Spark has a file of its own."""
    found: Engine = request.getfixturevalue(request.param)
    return found
