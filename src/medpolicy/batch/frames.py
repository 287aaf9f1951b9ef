"""Records as rows of an Arrow table with the types of a policy's variables."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pyarrow as pa

from medpolicy.fields import ChoiceSet, Day, Kind, WholeNumber, YesNo
from medpolicy.request import Variable


def arrow_type(kind: Kind) -> pa.DataType:
    """The Arrow type that holds a variable as records give it."""
    if isinstance(kind, YesNo):
        return pa.bool_()
    if isinstance(kind, WholeNumber):
        return pa.int64()
    if isinstance(kind, Day):
        return pa.date32()
    return pa.list_(pa.string()) if isinstance(kind, ChoiceSet) else pa.string()


def table_of(facts: Sequence[Mapping[str, Any]], given: Mapping[str, Variable]) -> pa.Table:
    """Valid requests as a table."""
    columns = {
        name: pa.array([_held(each[name]) for each in facts], arrow_type(variable.kind))
        for name, variable in given.items()
    }
    return pa.table(columns)


def _held(value: Any) -> Any:
    return sorted(value) if isinstance(value, frozenset) else value
