"""The three truth values of a condition, and how groups combine them (Kleene's strong logic)."""

from __future__ import annotations

from collections.abc import Iterable
from enum import IntEnum


class Status(IntEnum):
    """Ordered so that `all` is the minimum of its parts and `any` the maximum."""

    NOT_MET = 0
    UNKNOWN = 1
    MET = 2

    @property
    def word(self) -> str:
        """The word of the contract: `not_met`, `unknown` or `met`."""
        return self.name.lower()


def all_of(statuses: Iterable[Status]) -> Status:
    """False if one part is false, else unknown if one part is unknown, else true."""
    return min(statuses, default=Status.MET)


def any_of(statuses: Iterable[Status]) -> Status:
    """True if one part is true, else unknown if one part is unknown, else false."""
    return max(statuses, default=Status.NOT_MET)
