"""How a reader reads the values of a variable."""

from __future__ import annotations

from enum import IntEnum

from medpolicy.language.fields import Kind, Storage

MOST_LISTED = 1 << 12
"""The largest domain whose values are listed; in a larger one the class of a value is looked for."""


class ValueForm(IntEnum):
    """How a value is read. The reader in C knows the forms by these numbers."""

    TEXT = 0
    """Text that no rule tests."""
    LISTED = 1
    """One of a list of values."""
    SET = 2
    """A list of options, whose order and repeats do not count."""
    DAY = 3
    """A day, written or as a `date`."""
    NUMBER = 4
    """A whole number of a range."""
    OTHER = 5
    """By the model alone."""


def value_form(kind: Kind) -> ValueForm:
    """The form of a kind's values."""
    is_plain = vars(type(kind)).get("is_plain", False)
    if not kind.size:
        return ValueForm.TEXT
    if kind.storage is Storage.TEXT_LIST:
        return ValueForm.SET if is_plain else ValueForm.OTHER
    if kind.storage is Storage.INTEGER and is_plain:
        return ValueForm.NUMBER
    if kind.size <= MOST_LISTED and _can_be_listed(kind):
        return ValueForm.LISTED
    return ValueForm.DAY if kind.storage is Storage.DATE and is_plain else ValueForm.OTHER


def _can_be_listed(kind: Kind) -> bool:
    """Whether all values are allowed, and of one type: values of several types may be equal."""
    values = [kind.plain(kind.value(index)) for index in range(kind.size)]
    return len({type(value) for value in values}) == 1 and not any(map(kind.problems, values))


def is_its_own_form(kind: Kind) -> bool:
    """Whether plain and typed values are the same."""
    return type(kind).typed is Kind.typed and type(kind).plain is Kind.plain
