"""The answer to a request and its parts, and what actions record."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from types import MappingProxyType
from typing import Any, Literal, Protocol, cast

from pydantic import BaseModel, ConfigDict, ValidationError
from pydantic_core import from_json, to_json

Decision = Literal["approved", "denied", "pended"]
Coverage = Literal["met", "not_met", "unknown"]
FlagKind = Literal["gate", "hold", "note"]


@dataclass(frozen=True, slots=True)
class Approval:
    """The terms that an `approve` action records: calendar months, and cycles over the whole treatment."""

    months: int
    max_total_cycles: int


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


@dataclass(frozen=True, slots=True)
class Authorization:
    """What an approval covers: it ends at the date or at the cycle count, whichever comes first."""

    start: date
    end: date
    months: int
    cycles: int | None
    max_total_cycles: int


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
    terms: Approval | None


class Facts(Protocol):
    """The facts of a request before somebody reads them."""

    def known(self) -> Mapping[str, Any]:
        """The value of every variable, None where it is missing."""


@dataclass(frozen=True, slots=True, eq=False)
class Determination:
    """The answer to one request: a verdict, and the facts that it was reached on.

    What depends on the facts is worked out when it is read. Two determinations are equal when their JSON is.
    """

    verdict: Verdict
    _facts: Mapping[str, Any] | Facts

    @property
    def facts(self) -> Mapping[str, Any]:
        """The facts that it was reached on, None where missing; derived ones included."""
        return MappingProxyType(self._known)

    @property
    def _known(self) -> Mapping[str, Any]:
        """The facts, worked out now where they were not yet."""
        if not isinstance(self._facts, dict):
            object.__setattr__(self, "_facts", dict(cast(Facts, self._facts).known()))
        return cast(Mapping[str, Any], self._facts)

    @property
    def request_id(self) -> str:
        """The identifier of the request."""
        return str(self._known["request_id"])

    @property
    def policy(self) -> str:
        """The policy's name."""
        return self.verdict.policy

    @property
    def revision(self) -> str | None:
        """The revision that decided, or None where none is in effect."""
        return self.verdict.revision

    @property
    def rules_digest(self) -> str | None:
        """SHA-256 over the canonical JSON (RFC 8785) of that revision, `sha256:` and 64 hexadecimal digits."""
        return self.verdict.rules_digest

    @property
    def engine_version(self) -> str:
        """The version of medpolicy that decided."""
        return self.verdict.engine_version

    @property
    def decision(self) -> Decision:
        """`approved`, `denied` or `pended`."""
        return self.verdict.decision

    @property
    def coverage(self) -> Coverage:
        """Whether the policy's criteria are `met`, `not_met` or `unknown`, before gates and holds."""
        return self.verdict.coverage

    @property
    def requires_clinician_review(self) -> bool:
        """True exactly for a denial, which is a recommendation until a clinician signs it."""
        return self.verdict.decision == "denied"

    @property
    def pathway(self) -> str | None:
        """The pathway that applies for certain."""
        return self.verdict.pathway

    @property
    def not_met(self) -> tuple[str, ...]:
        """The ids of the criteria that are not met, sorted."""
        return self.verdict.not_met

    @property
    def missing(self) -> tuple[str, ...]:
        """The names of the missing facts that keep the answer open, sorted."""
        return self.verdict.missing

    @property
    def denial_reasons(self) -> tuple[DenialReason, ...]:
        """The specific reasons of a denial; empty otherwise."""
        return self.verdict.denial_reasons

    @property
    def review_flags(self) -> tuple[RaisedFlag, ...]:
        """The gates, holds and notes that act, in the order of the file."""
        return self.verdict.review_flags

    @property
    def authorization(self) -> Authorization | None:
        """What an approval covers; None otherwise."""
        terms = self.verdict.terms
        if terms is None:
            return None
        start = self._known["service_start_date"]
        cycles = self._known["cycles_requested"]
        return Authorization(start, last_day(start, terms.months), terms.months, cycles, terms.max_total_cycles)

    @property
    def criteria(self) -> tuple[CriterionResult, ...]:
        """The criteria of the pathways that are not ruled out, in the order of the file."""
        return tuple(
            CriterionResult(
                each.id,
                each.status,
                each.text,
                each.citation,
                {name: plain(self._known[name]) for name in each.reads},
            )
            for each in self.verdict.criteria
        )

    def to_dict(self) -> dict[str, Any]:
        """The determination as plain values, in the order of the JSON form."""
        return self._without_facts() | {
            "request_id": self.request_id,
            "authorization": self.authorization,
            "criteria": self.criteria,
        }

    def _without_facts(self) -> dict[str, Any]:
        """The same, with None for what depends on the facts."""
        return {
            "request_id": None,
            "policy": self.policy,
            "revision": self.revision,
            "rules_digest": self.rules_digest,
            "engine_version": self.engine_version,
            "decision": self.decision,
            "coverage": self.coverage,
            "requires_clinician_review": self.requires_clinician_review,
            "pathway": self.pathway,
            "authorization": None,
            "criteria": None,
            "not_met": self.not_met,
            "missing": self.missing,
            "denial_reasons": self.denial_reasons,
            "review_flags": self.review_flags,
        }

    def to_json(self) -> bytes:
        """The determination as one line of JSON, UTF-8, without a line break."""
        facts, written = self._known, _written(self.verdict)
        line = [b'{"request_id":', to_json(facts["request_id"]), written.before, to_json(self.authorization)]
        line.append(b',"criteria":[')
        for head, reads in written.criteria:
            line.append(head)
            for name, fact in reads:
                line += name, to_json(plain(facts[fact]))
            line.append(b"}}")
        line.append(written.after)
        return b"".join(line)

    @classmethod
    def from_json(cls, data: bytes | str) -> Determination:
        """Read back what `to_json` wrote. Raises `ValueError` where the text is no determination."""
        read, wrong = _read_document(data)
        if read is None:
            raise ValueError(f"not a determination: {', '.join(wrong)}")
        return read

    def __eq__(self, other: object) -> bool:
        return self.to_json() == other.to_json() if isinstance(other, Determination) else NotImplemented

    def __hash__(self) -> int:
        return hash((self.request_id, self.verdict.decision))

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (self.verdict, dict(self._known))


@dataclass(frozen=True, slots=True)
class _Written:
    """What the JSON of all determinations of one verdict has in common.

    For each criterion all before its observed facts, and for each of these the key with what stands before it.
    """

    verdict: Verdict
    before: bytes
    criteria: tuple[tuple[bytes, tuple[tuple[bytes, str], ...]], ...]
    after: bytes


def _written(verdict: Verdict) -> _Written:
    found = _WRITTEN.get(id(verdict))
    if found is None or found.verdict is not verdict:
        if len(_WRITTEN) >= _MOST_WRITTEN:
            _WRITTEN.clear()
        found = _WRITTEN[id(verdict)] = _write(verdict)
    return found


_MOST_WRITTEN = 1 << 14
_WRITTEN: dict[int, _Written] = {}


def _write(verdict: Verdict) -> _Written:
    given = Determination(verdict, {"request_id": ""})._without_facts()
    names = list(given)
    first, last = names.index("authorization"), names.index("criteria")
    before = to_json({name: given[name] for name in names[1:first]})
    after = to_json({name: given[name] for name in names[last + 1 :]})
    criteria = []
    for place, each in enumerate(verdict.criteria):
        head = to_json({"id": each.id, "status": each.status, "text": each.text, "citation": each.citation})
        start = (b"," if place else b"") + head[:-1] + b',"observed":{'
        reads = ((b"," if place else b"") + to_json(name) + b":" for place, name in enumerate(each.reads))
        criteria.append((start, tuple(zip(reads, each.reads, strict=True))))
    return _Written(verdict, b"," + before[1:-1] + b',"authorization":', tuple(criteria), b"]," + after[1:])


def plain(value: Any) -> Any:
    """A fact as JSON holds it: a day as text, a set as a sorted list."""
    if isinstance(value, frozenset):
        return sorted(value)
    return value.isoformat() if isinstance(value, date) else value


def last_day(start: date, months: int) -> date:
    """The last day of so many calendar months from `start` on: the day before the same day of that later month.

    Where that month is too short, its last day stands for the same day: 2028-02-29 and 12 months give 2029-02-27.
    """
    count = start.month - 1 + months
    year, month = start.year + count // 12, count % 12 + 1
    return date(year, month, min(start.day, monthrange(year, month)[1])) - timedelta(days=1)


class _Document(BaseModel):
    """The JSON form of a determination."""

    model_config = ConfigDict(strict=True, frozen=True, extra="ignore", defer_build=True)

    request_id: str
    policy: str
    revision: str | None
    rules_digest: str | None
    engine_version: str
    decision: Decision
    coverage: Coverage
    requires_clinician_review: bool
    pathway: str | None
    authorization: Authorization | None
    criteria: tuple[CriterionResult, ...]
    not_met: tuple[str, ...]
    missing: tuple[str, ...]
    denial_reasons: tuple[DenialReason, ...]
    review_flags: tuple[RaisedFlag, ...]

    def determination(self) -> Determination:
        terms = self.authorization
        criteria = tuple(
            CriterionVerdict(each.id, each.status, each.text, each.citation, tuple(each.observed))
            for each in self.criteria
        )
        verdict = Verdict(
            self.policy,
            self.revision,
            self.rules_digest,
            self.engine_version,
            self.decision,
            self.coverage,
            self.pathway,
            criteria,
            self.not_met,
            self.missing,
            self.denial_reasons,
            self.review_flags,
            Approval(terms.months, terms.max_total_cycles) if terms else None,
        )
        facts = {
            name: tuple(value) if isinstance(value, list) else value
            for each in self.criteria
            for name, value in each.observed.items()
        }
        facts["request_id"] = self.request_id
        if terms is not None:
            facts |= {"service_start_date": terms.start, "cycles_requested": terms.cycles}
        return Determination(verdict, facts)


KEYS: tuple[str, ...] = tuple(_Document.model_fields)
"""The keys of the JSON form, in its order."""


def _read_document(data: bytes | str) -> tuple[Determination | None, list[str]]:
    """The determination that a text holds, or None and the places where it is none; nothing of its values."""
    try:
        document = _Document.model_validate_json(data)
    except ValidationError as error:
        faults = error.errors(include_input=False, include_context=False, include_url=False)
        return None, sorted({".".join(map(str, each["loc"])) or "the text" for each in faults})
    read = document.determination()
    said, again = from_json(data), from_json(read.to_json())
    wrong = {key for key in KEYS if said[key] != again[key]}
    if (read.decision == "approved") is not (read.authorization is not None):
        wrong.add("authorization")
    if (read.decision == "denied") is not bool(read.denial_reasons):
        wrong.add("denial_reasons")
    return (None, sorted(wrong)) if wrong else (read, [])
