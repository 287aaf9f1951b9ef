"""What actions record."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Approval:
    """The terms that an `approve` action records: calendar months, and the cap of the quantity that the policy declares."""

    months: int | None = None
    cap: int | None = None


@dataclass(frozen=True, slots=True)
class Denial:
    """The reason that a `deny` action records."""

    reason: str


@dataclass(frozen=True, slots=True)
class Flag:
    """The text that a `flag_for_review` action records."""

    text: str


Recorded = Approval | Denial | Flag
Record = Callable[[Recorded], None]
