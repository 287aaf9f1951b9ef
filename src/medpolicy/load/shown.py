"""A finding with one or two requests that show it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from medpolicy.language.determination import Decision
from medpolicy.text.findings import Finding

Request = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Shown(Finding):
    """A finding with a made-up request in its JSON form, and the decision on it where there is one.

    `other_request` is there where it takes two requests to show it.
    """

    request: Request | None = field(default=None, compare=False)
    decision: Decision | None = None
    other_request: Request | None = field(default=None, compare=False)
    other_decision: Decision | None = None

    def __str__(self) -> str:
        lines = [Finding.__str__(self)]
        if self.request is not None:
            example = "for example" if self.other_request is None else "for example this request"
            lines.append(_line(self.decision, example, self.request))
        if self.other_request is not None:
            lines.append(_line(self.other_decision, "and this one", self.other_request))
        return "\n".join(lines)

    def to_dict(self) -> dict[str, Any]:
        return Finding.to_dict(self) | self.requests()

    def requests(self) -> dict[str, Any]:
        """The requests and decisions for a program that reads them; what is not known is left out."""
        requests = {"request": self.request, "other_request": self.other_request}
        decisions = {"decision": self.decision, "other_decision": self.other_decision}
        known = {key: dict(request) for key, request in requests.items() if request is not None}
        return known | {key: decision for key, decision in decisions.items() if decision is not None}


def _line(decision: Decision | None, what: str, request: Request) -> str:
    begin = what if decision is None else f"{decision}, {what}"
    return f"  {begin}: {json.dumps(dict(request), ensure_ascii=False)}"
