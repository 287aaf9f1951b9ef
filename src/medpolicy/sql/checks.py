"""The faults of a row, as SQL: for each its message, or null. No message repeats a value."""

from __future__ import annotations

from collections.abc import Iterator

from sqlglot import exp

from medpolicy.language.fields import Kind, Storage
from medpolicy.language.request import PriorAuthorizationRequest, Variable, variables_of
from medpolicy.sql.constants import compares_by_size, constant, constants
from medpolicy.sql.dialects import Dialect, Expression, called, column, text
from medpolicy.text.findings import quoted

BETWEEN_FAULTS = "; "
ID = "request_id"


def faults(model: type[PriorAuthorizationRequest], dialect: Dialect) -> Expression:
    """Every fault of a row of the input table in one text, null where there is none."""
    return called("NULLIF", called("CONCAT_WS", text(BETWEEN_FAULTS), *_faults(model, dialect)), text(""))


def _faults(model: type[PriorAuthorizationRequest], dialect: Dialect) -> Iterator[Expression]:
    for variable in variables_of(model).values():
        if variable.derived is None:
            yield _fault(variable, dialect)
    for before, after in model.earlier:
        wrong = exp.GT(this=column(before), expression=column(after))
        yield exp.case().when(wrong, text(f"{quoted(before)} must not be after {quoted(after)}"))
    yield _repeated()


def _fault(variable: Variable, dialect: Dialect) -> Expression:
    """The fault of a value: it has one unless it is known to be allowed."""
    name, kind = variable.name, variable.kind
    value = column(name)
    allowed = _allowed(kind, value, dialect)
    wrong = [None] if kind.storage is Storage.TEXT_LIST else object()
    message = text(f"{quoted(name)} {kind.problems(wrong)[0].message}")
    absent = exp.Is(this=value, expression=exp.null())
    if not variable.required:
        return exp.case().when(exp.or_(absent, allowed), exp.null()).else_(message)
    missing = text(f"{quoted(name)} is missing; it must be {kind.domain}")
    return exp.case().when(absent, missing).when(allowed, exp.null()).else_(message)


def _allowed(kind: Kind, value: Expression, dialect: Dialect) -> Expression:
    """True where a known value is in the domain, and not true anywhere else, also in a column of a wider type."""
    if not kind.size:
        return exp.NEQ(this=value, expression=text(""))
    if kind.storage is Storage.TEXT_LIST:
        return dialect.within(value, kind.choices)
    if kind.storage is Storage.BOOLEAN:
        return exp.In(this=value, expressions=[exp.true(), exp.false()])
    if not compares_by_size(kind) or kind.step > 1:
        return exp.In(this=value, expressions=constants(kind, kind.values()))
    lowest, highest = constants(kind, (kind.lowest, kind.highest))
    days = kind.storage is Storage.DATE
    whole = exp.cast(value.copy(), "date") if days else called("FLOOR", value.copy())
    inside = exp.Between(this=value, low=lowest, high=highest)
    return exp.and_(inside, exp.EQ(this=value.copy(), expression=whole))


def _repeated() -> Expression:
    """A table has no order, so each row of a repeated id is at fault."""
    rows = exp.Window(this=exp.Count(this=exp.Star()), partition_by=[column(ID)])
    again = exp.and_(exp.NEQ(this=column(ID), expression=text("")), exp.GT(this=rows, expression=constant(1)))
    return exp.case().when(again, text(f"{quoted(ID)} must be unique; another record has the same"))
