"""The time limit of one question."""

from __future__ import annotations

from time import monotonic


class Deadline:
    """The end of the time that a question may take, some seconds from now."""

    def __init__(self, seconds: float) -> None:
        self._until = monotonic() + seconds

    @property
    def milliseconds(self) -> int:
        """The time that remains."""
        return max(0, int((self._until - monotonic()) * 1000))
