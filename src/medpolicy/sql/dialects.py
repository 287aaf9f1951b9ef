"""What a SELECT is written with: names, constants, and how the offered dialects test lists.

sqlglot's translations handle nulls and types in their own way, and can print functions that a dialect lacks. So the few
functions that differ are named here, as their engine knows them.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlglot import exp
from sqlglot.dialects.duckdb import DuckDB

from medpolicy.language.fields import Kind

Expression = exp.Expr

ABOVE = "above"
_PLAIN = re.compile(r"[a-z_][a-z0-9_]*")
_RESERVED = frozenset(DuckDB.generator_class.RESERVED_KEYWORDS) | {"current_schema"}
"""The words that DuckDB or PostgreSQL reserves (a test tries every word that an engine knows)."""


@dataclass(frozen=True, slots=True)
class Dialect:
    """How one engine tests lists: `has` is null where the list is, `within` is not true where an element is null."""

    has: Callable[[Expression, str], Expression]
    within: Callable[[Expression, Sequence[str]], Expression]
    longest_name: int | None = None
    """In bytes; the engine cuts longer names silently."""


def text(value: str) -> Expression:
    """A text constant."""
    return exp.Literal.string(value)


def constants(kind: Kind, values: Iterable[Any]) -> list[Expression]:
    """Typed values of a variable as its column holds them."""
    return [exp.convert(kind.stored(value)) for value in values]


def name(written: str) -> exp.Identifier:
    """An identifier, quoted where it has to be."""
    return exp.to_identifier(written, quoted=not _PLAIN.fullmatch(written) or written in _RESERVED)


def column(written: str) -> exp.Column:
    """A column by its name."""
    return exp.Column(this=name(written))


def is_null(written: str) -> Expression:
    """Whether a column is null."""
    return column(written).is_(exp.null())


def named(value: Expression, as_name: str, above: str | None = None) -> exp.Alias:
    """A column of a SELECT under a name of its own, with a comment above it."""
    alias = exp.Alias(this=value, alias=name(as_name))
    alias.meta[ABOVE] = above
    return alias


def called(function: str, *arguments: Expression) -> Expression:
    """A call that sqlglot prints as it stands."""
    return exp.Anonymous(this=function, expressions=list(arguments))


def _duckdb_within(options: Expression, allowed: Sequence[str]) -> Expression:
    known = called("LIST_HAS_ALL", exp.convert([*allowed]), options)  # ignores null elements
    no_null = exp.EQ(this=called("LIST_COUNT", options.copy()), expression=called("LEN", options.copy()))
    return exp.and_(known, no_null)


def _postgres_within(options: Expression, allowed: Sequence[str]) -> Expression:
    return exp.ArrayContainedBy(this=exp.cast(options, "array<text>"), expression=exp.convert([*allowed]))


def _spark_within(options: Expression, allowed: Sequence[str]) -> Expression:
    others = called("ARRAY_EXCEPT", options, called("ARRAY", *map(text, allowed)))
    return exp.EQ(this=called("SIZE", others), expression=exp.convert(0))


OFFERED = {
    "duckdb": Dialect(lambda options, option: called("LIST_CONTAINS", options, text(option)), _duckdb_within),
    "postgres": Dialect(
        lambda options, option: exp.EQ(this=text(option), expression=called("ANY", options)), _postgres_within, 63
    ),
    "spark": Dialect(lambda options, option: called("ARRAY_CONTAINS", options, text(option)), _spark_within),
}
