"""The SELECT as Spark SQL against `policy.decide`: every column, nulls included."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from medpolicy import Policy
from medpolicy.sql.dialects import column
from sql.differences import all_rows, differences
from sql.engines import DuckDB, Spark
from sql.policies import changed, every_operator, strange, written
from sql.rows import examples
from sql.test_answers import STRANGE

pytest_plugins = ["spark_session"]
pytestmark = pytest.mark.xdist_group("spark")  # one session, also where several processes run the tests

RANDOM_ROWS = 2000


@pytest.fixture(params=["true", "false"], ids=["ansi", "not ansi"])
def mode(spark, request: pytest.FixtureRequest) -> Iterator[None]:
    """Spark's two ways with casts and overflow."""
    spark.conf.set("spark.sql.ansi.enabled", request.param)
    yield
    spark.conf.unset("spark.sql.ansi.enabled")


@pytest.mark.usefixtures("mode")
def test_the_shipped_policy(spark, policy: Policy) -> None:
    differing, found = differences(Spark(spark), policy, all_rows(policy, examples(), RANDOM_ROWS))
    assert differing[:3] == []
    assert {answer["decision"] for answer in found} == {"approved", "denied", "pended", None}


def test_a_policy_with_revisions_that_differ_in_every_part(spark, tmp_path: Path) -> None:
    policy = written(tmp_path, *changed())
    differing, found = differences(Spark(spark), policy, all_rows(policy, examples(), RANDOM_ROWS))
    assert differing[:3] == []
    assert {answer["decision"] for answer in found} == {"approved", "denied", "pended", None}


def test_every_operator_alone_and_in_groups(spark, policy: Policy, tmp_path: Path) -> None:
    several = written(tmp_path, *changed(), every_operator(policy))
    rows = all_rows(several, examples()[:2], RANDOM_ROWS)
    differing, found = differences(Spark(spark), several, rows, "every-operator")
    assert differing[:3] == []
    assert {"met", "not_met", "unknown"} <= {status for answer in found for status in answer.values()}


def test_names_options_and_texts_that_try_to_break_out(spark) -> None:
    policy = strange()
    differing, found = differences(Spark(spark), policy, all_rows(policy, [STRANGE], RANDOM_ROWS))
    assert differing[:3] == []
    assert {"met", "not_met", "unknown"} <= {answer["coverage"] for answer in found}


def test_words_that_spark_knows_can_be_names_of_columns(spark, duckdb: DuckDB) -> None:
    vocabulary = {row["word"] for row in duckdb.rows("SELECT keyword_name AS word FROM duckdb_keywords()")}
    vocabulary |= {"anti", "date", "minus", "semi", "session_user", "timestamp", "user"}
    names = [column(word).sql("spark") for word in sorted(vocabulary)]
    ones = ", ".join(f"1 AS {name}" for name in names)
    (row,) = Spark(spark).rows(f"WITH one AS (SELECT {ones}) SELECT {', '.join(names)} FROM one")
    assert row == dict.fromkeys(sorted(vocabulary), 1)
