"""What one run of the command line leaves."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Ran:
    """What one run left: its exit status and what it wrote."""

    status: int
    out: str
    err: str


Run = Callable[..., Ran]
