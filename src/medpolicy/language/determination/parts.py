"""The parts of an answer, and what actions record."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from medpolicy.language.determination.authorization import Terms

Decision = Literal["approved", "denied", "pended"]
Coverage = Literal["met", "not_met", "unknown"]
FlagKind = Literal["gate", "hold", "note"]


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
Effect = Terms | Denial | Flag
"""What the action of a rule puts into a determination."""


@dataclass(frozen=True, slots=True)
class CriterionVerdict:
    """A criterion's status, and the variables that its conditions read."""

    id: str
    status: Coverage
    text: str
    citation: str
    reads: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class CriterionResult:
    """A criterion's status beside what was observed: None where the fact is missing."""

    id: str
    status: Coverage
    text: str
    citation: str
    observed: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class DenialReason:
    """A specific reason of a denial."""

    id: str
    text: str
    citation: str


@dataclass(frozen=True, slots=True)
class RaisedFlag:
    """A review flag that acts."""

    id: str
    kind: FlagKind
    text: str
    citation: str


@dataclass(frozen=True, slots=True)
class Verdict:
    """All of a determination that does not depend on the member's data beyond the statuses of conditions."""

    policy: str
    revision: str | None
    rules_digest: str | None
    engine_version: str
    decision: Decision
    coverage: Coverage
    pathway: str | None
    criteria: tuple[CriterionVerdict, ...]
    not_met: tuple[str, ...]
    missing: tuple[str, ...]
    denial_reasons: tuple[DenialReason, ...]
    review_flags: tuple[RaisedFlag, ...]
    terms: Terms | None
