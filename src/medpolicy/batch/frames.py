"""Records as rows of an Arrow table, with the types in which JSON gives a policy's variables."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pyarrow as pa

from medpolicy.language.fields import ChoiceSet, WholeNumber, YesNo
from medpolicy.language.request import Variable


def schema_of(given: Mapping[str, Variable]) -> pa.Schema:
    """A column for each variable; days are text."""
    return pa.schema([(name, _type(variable)) for name, variable in given.items()])


def table_of(facts: Sequence[Mapping[str, Any]], given: Mapping[str, Variable]) -> pa.Table:
    """Valid requests as a table."""
    columns = [[_plain(variable, each[name]) for each in facts] for name, variable in given.items()]
    return pa.table(columns, schema=schema_of(given))


def _plain(variable: Variable, value: Any) -> Any:
    return None if value is None else variable.kind.plain(value)


def _type(variable: Variable) -> pa.DataType:
    if isinstance(variable.kind, YesNo):
        return pa.bool_()
    if isinstance(variable.kind, WholeNumber):
        return pa.int64()
    return pa.list_(pa.string()) if isinstance(variable.kind, ChoiceSet) else pa.string()
