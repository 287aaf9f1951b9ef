"""What became of an invariant: proven, broken by a request, or not proven."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from medpolicy.load.shown import Shown

Verdict = Literal["proven", "broken", "not proven"]


@dataclass(frozen=True, slots=True)
class Proof:
    """An invariant, of the machine or of the policy's author, and what is known of it."""

    id: str
    text: str
    verdict: Verdict
    file: str
    broken: Shown | None = None
    """The finding, with a request that breaks it or two that do."""

    def to_dict(self) -> dict[str, Any]:
        """For a program that reads it."""
        fields: dict[str, Any] = {"file": self.file, "id": self.id, "text": self.text, "verdict": self.verdict}
        return fields if self.broken is None else fields | self.broken.requests()
