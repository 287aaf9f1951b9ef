"""A finding about logic, with a request that shows it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from medpolicy.determination import Decision
from medpolicy.source import Finding


@dataclass(frozen=True, slots=True)
class Shown(Finding):
    """A finding with a made-up request in its JSON form, and the decision on it (None where there is none to show)."""

    request: Mapping[str, Any] | None = field(default=None, compare=False)
    decision: Decision | None = None

    def __str__(self) -> str:
        told = Finding.__str__(self)
        if self.request is None:
            return told
        return f"{told}\n  {self.decision}, for example: {json.dumps(dict(self.request), ensure_ascii=False)}"

    def to_dict(self) -> dict[str, Any]:
        told = Finding.to_dict(self)
        if self.request is None:
            return told
        return told | {"request": dict(self.request), "decision": self.decision}
