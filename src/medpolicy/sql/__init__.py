"""A policy as one SELECT, for data that stays in its warehouse. sqlglot is imported here alone, and not before it is needed."""

from __future__ import annotations

from medpolicy.policy import Policy
from medpolicy.text.findings import Finding, Unusable, did_you_mean, extra_missing, listed, quoted

DIALECTS = ("duckdb", "postgres", "spark")
"""The dialects whose answers the tests compare with the tables, on the engine itself."""


def statement(policy: Policy, dialect: str, table: str = "requests", revision: str | None = None) -> str:
    """One SELECT that decides each row of `table`, by the revision in effect on its day or by a pinned one.

    It yields `request_id`, `decision`, `coverage`, `pathway`, the status of each criterion in a column of its id (null
    where its pathway is ruled out, or nothing was evaluated), and `fault`: what is wrong with the row, which then has no
    answer. Raises `Unusable` where the dialect is not offered, sqlglot is not installed, or a name cannot be used.
    """
    if dialect not in DIALECTS:
        message = f"the dialect {quoted(dialect)} is not offered; those offered are {listed(DIALECTS, last='and')}"
        advice = did_you_mean(dialect, DIALECTS) or "what is offered is tested on the engine itself"
        raise Unusable([Finding("unknown-dialect", message, help=advice)])
    try:
        from medpolicy.sql.select import select
    except ModuleNotFoundError as error:
        if error.name is None or error.name.partition(".")[0] != "sqlglot":
            raise
        raise extra_missing("sql") from None
    return select(policy, dialect, table, revision)
