"""Records as rows of an Arrow table, with the types in which JSON gives a policy's variables."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pyarrow as pa

from medpolicy.language.fields import Storage
from medpolicy.language.request import Variable

_TYPES: Mapping[Storage, pa.DataType] = {
    Storage.TEXT: pa.string(),
    Storage.BOOLEAN: pa.bool_(),
    Storage.INTEGER: pa.int64(),
    Storage.DATE: pa.string(),
    Storage.TEXT_LIST: pa.list_(pa.string()),
}


def schema_of(given: Mapping[str, Variable]) -> pa.Schema:
    """A column for each variable; dates are text."""
    return pa.schema([(name, _TYPES[variable.kind.storage]) for name, variable in given.items()])


def table_of(records: Sequence[Mapping[str, Any]], given: Mapping[str, Variable]) -> pa.Table:
    """Valid requests as a table."""
    columns = [
        [None if record[name] is None else variable.kind.plain(record[name]) for record in records]
        for name, variable in given.items()
    ]
    return pa.table(columns, schema=schema_of(given))
