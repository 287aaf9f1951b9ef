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

    @property
    def refusal(self) -> str:
        """What a run wrote to standard error that could do nothing: its status is 2, and it put nothing out."""
        if (self.status, self.out) != (2, ""):
            raise AssertionError(self)
        return self.err

    @property
    def output(self) -> str:
        """What a run put out that had nothing else to say: its status is 0."""
        if (self.status, self.err) != (0, ""):
            raise AssertionError(self)
        return self.out


Run = Callable[..., Ran]
