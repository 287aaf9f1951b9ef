"""SQL as a person would lay it out: a line for each `WHEN`, comments above what they are about."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sqlglot import Dialect, Generator, exp

from medpolicy.sql.dialects import ABOVE, Expression

WIDTH = 100

Print = Callable[[Any, Any], str]


def printed(query: Expression, dialect: str) -> str:
    """The text of a query."""
    base = type(Dialect.get_or_raise(dialect).generator())
    own: dict[type[exp.Expr], Print] = {
        exp.Alias: _alias,
        exp.Case: _case,
        exp.DateStrToDate: _day,
        exp.Not: _not,
    }
    generator = type("Readable", (base,), {"TRANSFORMS": {**base.TRANSFORMS, **own}})
    written: str = generator(dialect=dialect, pretty=True, max_text_width=WIDTH).generate(query)
    return written


def _alias(generator: Generator, alias: exp.Alias) -> str:
    comment = alias.meta.get(ABOVE)
    line = f"/*{generator.sanitize_comment(comment)}*/\n" if comment else ""
    return line + generator.alias_sql(alias)


def _case(generator: Generator, case: exp.Case) -> str:
    parts = ["CASE"]
    for branch in case.args["ifs"]:
        condition = generator.sql(branch, "this")
        gap = "\n" if "\n" in condition else " "
        parts.append(f"WHEN {condition}{gap}THEN {generator.sql(branch, 'true')}")
    otherwise = generator.sql(case, "default")
    parts += [f"ELSE {otherwise}"] if otherwise else []
    parts.append("END")
    if not generator.too_wide(parts):
        return " ".join(parts)
    return generator.indent("\n".join(parts), skip_first=True, skip_last=True)


def _day(generator: Generator, day: exp.DateStrToDate) -> str:
    return f"DATE {generator.sql(day, 'this')}"


def _not(generator: Generator, negation: exp.Not) -> str:
    negated = negation.this
    if isinstance(negated, exp.Is):
        return f"{generator.sql(negated, 'this')} IS NOT {generator.sql(negated, 'expression')}"
    if isinstance(negated, exp.In):
        return f"{generator.sql(negated, 'this')} NOT IN ({generator.expressions(negated, flat=True)})"
    return generator.not_sql(negation)
