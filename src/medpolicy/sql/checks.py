"""The faults of a row, as SQL: for each its message, or null. No message repeats a value."""

from __future__ import annotations

from sqlglot import exp

from medpolicy.language.fields import Kind, Storage
from medpolicy.language.request import Variable
from medpolicy.language.vocabulary import Vocabulary
from medpolicy.sql.dialects import Dialect, Expression, called, column, constants, is_null, text
from medpolicy.text.findings import quoted

ID = "request_id"


def faults(vocabulary: Vocabulary, dialect: Dialect) -> Expression:
    """Every fault of a row of the input table in one text, null where there is none."""
    found: list[Expression] = [_fault(variable, dialect) for variable in vocabulary.given.values()]
    for before, after in vocabulary.request.earlier:
        message = text(f"{quoted(before)} must not be after {quoted(after)}")
        found.append(exp.case().when(exp.GT(this=column(before), expression=column(after)), message))
    # a table has no order, so each row of a repeated id is at fault
    rows = exp.Window(this=exp.Count(this=exp.Star()), partition_by=[column(ID)])
    again = exp.and_(column(ID).neq(""), exp.GT(this=rows, expression=exp.convert(1)))
    found.append(exp.case().when(again, text(f"{quoted(ID)} must be unique; another record has the same")))
    return called("NULLIF", called("CONCAT_WS", text("; "), *found), text(""))


def _fault(variable: Variable, dialect: Dialect) -> Expression:
    """The fault of a value: it has one unless it is known to be allowed."""
    name, kind = variable.name, variable.kind
    allowed = _allowed(kind, column(name), dialect)
    wrong = [None] if kind.is_set else object()
    message = text(f"{quoted(name)} {kind.problems(wrong)[0].message}")
    if not variable.required:
        return exp.case().when(exp.or_(is_null(name), allowed), exp.null()).else_(message)
    missing = text(f"{quoted(name)} is missing; it must be {kind.domain}")
    return exp.case().when(is_null(name), missing).when(allowed, exp.null()).else_(message)


def _allowed(kind: Kind, value: exp.Column, dialect: Dialect) -> Expression:
    """True where a known value is in the domain, and not true anywhere else, also in a column of a wider type."""
    if not kind.size:
        return value.neq("")
    if kind.is_set:
        return dialect.within(value, kind.choices)
    if kind.storage is Storage.BOOLEAN:
        return value.isin(True, False)
    if not kind.sorted_when_stored or kind.step > 1:
        return value.isin(*constants(kind, kind.values()))
    whole = exp.cast(value, "date") if kind.storage is Storage.DATE else called("FLOOR", value.copy())
    lowest, highest = constants(kind, (kind.lowest, kind.highest))
    return exp.and_(value.between(lowest, highest), value.eq(whole))
