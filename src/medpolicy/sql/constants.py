"""Constants in SQL: text, numbers, days, and the values of a variable as its column holds them."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any

from sqlglot import exp

from medpolicy.language.fields import Kind, Storage
from medpolicy.sql.dialects import Expression, text


def constant(value: Any) -> Expression:
    """Text, a whole number, a truth value or a day."""
    return exp.cast(text(value.isoformat()), "date") if isinstance(value, date) else exp.convert(value)


def stored(kind: Kind, value: Any) -> Any:
    """A typed value as a column holds it: in plain form, but a day as a day."""
    return value if kind.storage is Storage.DATE else kind.plain(value)


def constants(kind: Kind, values: Iterable[Any]) -> list[Expression]:
    """Typed values of a variable."""
    return [constant(stored(kind, value)) for value in values]


def compares_by_size(kind: Kind) -> bool:
    """Whether a database compares the values of a column in the order of the variable."""
    return kind.ordered and kind.storage in (Storage.INTEGER, Storage.DATE)
