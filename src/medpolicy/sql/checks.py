"""What is wrong with a row, as SQL: for each fault its message, else null. No message repeats a value."""

from __future__ import annotations

from collections.abc import Iterator

from sqlglot import exp

from medpolicy.language.fields import Choice, ChoiceSet, Day, Text, WholeNumber, YesNo
from medpolicy.language.request import PriorAuthorizationRequest, Variable, variables_of
from medpolicy.sql.dialects import Dialect, Expression, called, column, text, texts
from medpolicy.sql.regions import constant
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
    """The fault of a value; whatever cannot be shown to be allowed is one."""
    name = variable.name
    value = column(name)
    allowed = _allowed(variable, dialect)
    message = text(f"{quoted(name)} {_problem(variable)}")
    absent = exp.Is(this=value, expression=exp.null())
    if not variable.required:
        return exp.case().when(exp.or_(absent, allowed), exp.null()).else_(message)
    missing = text(f"{quoted(name)} is missing; it must be {variable.kind.domain}")
    return exp.case().when(absent, missing).when(allowed, exp.null()).else_(message)


def _problem(variable: Variable) -> str:
    wrong = [None] if isinstance(variable.kind, ChoiceSet) else object()
    return variable.kind.problems(wrong)[0].message


def _allowed(variable: Variable, dialect: Dialect) -> Expression:
    """True where a known value is in the domain, and not true anywhere else, also in a column of a wider type."""
    kind, value = variable.kind, column(variable.name)
    if isinstance(kind, Choice):
        return exp.In(this=value, expressions=texts(kind.options))
    if isinstance(kind, YesNo):
        return exp.In(this=value, expressions=[exp.true(), exp.false()])
    if isinstance(kind, ChoiceSet):
        return dialect.within(value, kind.options)
    if isinstance(kind, Text):
        return exp.NEQ(this=value, expression=text(""))
    if isinstance(kind, WholeNumber):
        inside = exp.Between(this=value, low=constant(kind.lowest), high=constant(kind.highest))
        whole = called("FLOOR", value.copy())
    elif isinstance(kind, Day):
        inside = exp.Between(this=value, low=constant(kind.lowest), high=constant(kind.highest))
        whole = exp.cast(value.copy(), "date")
    else:
        raise TypeError(f"{variable.name} has no SQL form")
    return exp.and_(inside, exp.EQ(this=value.copy(), expression=whole))


def _repeated() -> Expression:
    """A table has no order, so each row of a repeated id is at fault."""
    rows = exp.Window(this=exp.Count(this=exp.Star()), partition_by=[column(ID)])
    again = exp.and_(exp.NEQ(this=column(ID), expression=text("")), exp.GT(this=rows, expression=constant(1)))
    return exp.case().when(again, text(f"{quoted(ID)} must be unique; another record has the same"))
