"""The names in a SELECT, none of which clashes with another."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from sqlglot import exp, parse_one
from sqlglot.errors import SqlglotError

from medpolicy.text.findings import Finding, Unusable, quoted

ANSWER = ("request_id", "decision", "coverage", "pathway", "fault")
"""The columns of the answer besides those of the criteria."""


def free_names(given: Iterable[str]) -> Callable[[str], str]:
    """A function that gives out names, each with as many `_` appended as it takes to be free, whatever its case."""
    taken = {name.casefold() for name in given}

    def free(wanted: str) -> str:
        while wanted.casefold() in taken:
            wanted += "_"
        taken.add(wanted.casefold())
        return wanted

    return free


def applies(pathway: str) -> str:
    """The column that says whether a pathway applies; no id has a blank."""
    return f"{pathway} applies"


def table_named(written: str, dialect: str) -> exp.Table:
    """The table of a name, which may have a schema. Raises `Unusable`."""
    try:
        table = parse_one(written, dialect=dialect, into=exp.Table)
    except SqlglotError:
        table = exp.Table()
    parts = {key for key, value in table.args.items() if value}
    if not isinstance(table.this, exp.Identifier) or not parts <= {"this", "db", "catalog"}:
        advice = "write it as a query would, with its schema where it needs one: `requests`, `claims.requests`"
        if " " in written.strip():
            example = exp.to_identifier("my requests", quoted=True).sql(dialect)
            advice += f"; a name with a blank stands in quotes: {example}"
        raise Unusable([Finding("no-table", f"{quoted(written)} is not the name of a table", help=advice)])
    table.pop_comments()
    return table


def refuse_names(conditions: Iterable[str], longest: int | None, dialect: str) -> None:
    """Raise `Unusable` where a condition has the name of another column, or one that would be cut."""
    found = []
    for name in conditions:
        if name in ANSWER:
            message = f"the id {quoted(name)} is also the name of a column of the answer"
            found.append(Finding("taken-column", message, help="the SELECT has a column for each criterion and flag"))
        if longest is not None and len(name.encode()) > longest:
            message = f"the column {quoted(name)} has too long a name: {dialect} cuts it after {longest} bytes"
            found.append(Finding("long-name", message))
    if found:
        raise Unusable(found)
