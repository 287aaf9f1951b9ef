"""The time that a question to the solver may take."""

from __future__ import annotations

from time import monotonic


class Deadline:
    """A moment some seconds from now."""

    def __init__(self, seconds: float) -> None:
        self._until = monotonic() + seconds

    @property
    def milliseconds(self) -> int:
        """The time that remains."""
        return max(0, int((self._until - monotonic()) * 1000))
