"""How a reader reads the values of a variable."""

from __future__ import annotations

from enum import IntEnum

from medpolicy.language.fields import Kind, Storage
from medpolicy.language.fields.choice_set import MOST_OPTIONS_IN_A_SET

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
    if not kind.size:
        return ValueForm.TEXT
    if kind.storage is Storage.TEXT_LIST:
        return ValueForm.SET if len(kind.choices) <= MOST_OPTIONS_IN_A_SET else ValueForm.OTHER
    if kind.storage is Storage.INTEGER and kind.step == 1 and is_its_own_form(kind):
        return ValueForm.NUMBER
    if kind.size <= MOST_LISTED and len({type(kind.plain(kind.value(index))) for index in range(kind.size)}) == 1:
        return ValueForm.LISTED
    return ValueForm.DAY if kind.storage is Storage.DATE and kind.step == 1 else ValueForm.OTHER


def is_its_own_form(kind: Kind) -> bool:
    """Whether plain and typed values are the same."""
    return type(kind).typed is Kind.typed and type(kind).plain is Kind.plain
