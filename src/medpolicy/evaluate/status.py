"""The three truth values of a condition (Kleene's strong logic)."""

from __future__ import annotations

from enum import IntEnum


class Status(IntEnum):
    """Ordered so that `all` is the minimum of its parts and `any` the maximum."""

    NOT_MET = 0
    UNKNOWN = 1
    MET = 2

    @property
    def word(self) -> str:
        """The word in a determination: `not_met`, `unknown` or `met`."""
        return self.name.lower()
