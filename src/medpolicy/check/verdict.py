"""What became of an invariant: proven, broken by a request, or given up."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

Verdict = Literal["proven", "broken", "not proven"]


@dataclass(frozen=True, slots=True)
class Proof:
    """An invariant, of the machine or of the policy's author, and what is known of it."""

    id: str
    text: str
    verdict: Verdict
    file: str
    request: Mapping[str, Any] | None = None
    """A request that breaks it."""

    def to_dict(self) -> dict[str, Any]:
        """For a program that reads it."""
        told: dict[str, Any] = {"file": self.file, "id": self.id, "text": self.text, "verdict": self.verdict}
        return told if self.request is None else told | {"request": dict(self.request)}
