"""An answer as one line of JSON. The part that depends on the verdict alone is encoded once and reused."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from pydantic_core import to_json

from medpolicy.language.determination.parts import Verdict

KEYS = (
    "request_id",
    "policy",
    "revision",
    "rules_digest",
    "engine_version",
    "decision",
    "coverage",
    "requires_clinician_review",
    "pathway",
    "authorization",
    "criteria",
    "not_met",
    "missing",
    "denial_reasons",
    "review_flags",
)
"""The keys of the JSON form, in its order."""


def without_facts(verdict: Verdict) -> dict[str, Any]:
    """The JSON form as plain values, in its order, with None for what depends on the facts."""
    values = {name: getattr(verdict, name, None) for name in KEYS}
    return values | {"requires_clinician_review": verdict.decision == "denied", "criteria": None}


def authorized(verdict: Verdict, facts: Mapping[str, Any]) -> dict[str, Any] | None:
    """What an approval grants, as plain values; None otherwise."""
    return None if verdict.terms is None else verdict.terms.authorization(facts).to_dict()


def line(verdict: Verdict, facts: Mapping[str, Any]) -> bytes:
    """The answer as one line of JSON, UTF-8, without a line break."""
    written = _written(verdict)
    parts = [b'{"request_id":', to_json(facts["request_id"]), written.before, to_json(authorized(verdict, facts))]
    parts.append(b',"criteria":[')
    for head, reads in written.criteria:
        parts.append(head)
        for name, fact in reads:
            parts += name, to_json(plain(facts[fact]))
        parts.append(b"}}")
    parts.append(written.after)
    return b"".join(parts)


@dataclass(frozen=True, slots=True)
class _Written:
    """The JSON that all determinations with one verdict share.

    Each criterion has the bytes before its observed facts and, for each fact, its key as bytes and its name.
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
    given = without_facts(verdict)
    names = list(given)
    first, last = names.index("authorization"), names.index("criteria")
    before = to_json({name: given[name] for name in names[1:first]})
    after = to_json({name: given[name] for name in names[last + 1 :]})
    criteria = []
    for index, criterion in enumerate(verdict.criteria):
        head = to_json({name: getattr(criterion, name) for name in ("id", "status", "text", "citation")})
        start = (b"," if index else b"") + head[:-1] + b',"observed":{'
        reads = ((b"," if index else b"") + to_json(name) + b":" for index, name in enumerate(criterion.reads))
        criteria.append((start, tuple(zip(reads, criterion.reads, strict=True))))
    return _Written(verdict, b"," + before[1:-1] + b',"authorization":', tuple(criteria), b"]," + after[1:])


def plain(value: Any) -> Any:
    """A fact as JSON holds it: a day as text, a set as a sorted list."""
    if isinstance(value, frozenset):
        return sorted(value)
    return value.isoformat() if isinstance(value, date) else value
