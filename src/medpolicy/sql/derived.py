"""The derived variables as SQL."""

from __future__ import annotations

from sqlglot import exp

from medpolicy.language.fields import CompletedYears, Derived, Sum
from medpolicy.sql.dialects import Expression, column


def derived_value(derived: Derived) -> Expression:
    """A derived variable, worked out from the columns of its parts; null where one of them is."""
    first, second = (column(part) for part in derived.parts)
    if isinstance(derived, Sum):
        return exp.Add(this=first, expression=second)
    if isinstance(derived, CompletedYears):
        years = exp.Sub(this=_part("YEAR", second), expression=_part("YEAR", first))
        not_yet = exp.LT(this=_in_year(second), expression=_in_year(first))
        return exp.Sub(this=years, expression=exp.case().when(not_yet, "1").else_("0"))
    raise TypeError(f"{type(derived).__name__} has no SQL form")


def _in_year(day: exp.Column) -> Expression:
    """Month and day as one number, so that 29 February comes after the 28th and before 1 March."""
    months = exp.Mul(this=_part("MONTH", day), expression=exp.Literal.number(100))
    return exp.Add(this=months, expression=_part("DAY", day))


def _part(part: str, day: exp.Column) -> Expression:
    return exp.Extract(this=exp.var(part), expression=day.copy())
