"""The answer to a request."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

from medpolicy.language.determination.authorization import Authorization
from medpolicy.language.determination.line import authorized, line, plain, without_facts
from medpolicy.language.determination.parts import (
    Coverage,
    CriterionResult,
    Decision,
    DenialReason,
    RaisedFlag,
    Verdict,
)

Given = tuple[Callable[[Any], Mapping[str, Any]], Any]
"""A function and what it makes the facts of."""


class Determination:
    """The answer to one request: a verdict, and the facts behind it. Immutable.

    What depends on the facts is computed when it is read. Two determinations are equal if their JSON is.
    """

    __slots__ = ("_facts", "_verdict")

    def __init__(self, verdict: Verdict, facts: Mapping[str, Any] | Given) -> None:
        self._verdict = verdict
        self._facts = facts

    @property
    def verdict(self) -> Verdict:
        """All of the answer that does not depend on the member's data beyond the statuses of conditions."""
        return self._verdict

    @property
    def facts(self) -> Mapping[str, Any]:
        """The facts behind the verdict, None where missing; derived ones included."""
        return MappingProxyType(self._known)

    @property
    def _known(self) -> Mapping[str, Any]:
        """The facts, computed on first use."""
        facts = self._facts
        if isinstance(facts, tuple):
            work_out, given = facts
            facts = self._facts = work_out(given)
        return facts

    @property
    def request_id(self) -> str:
        """The identifier of the request."""
        return str(self._known["request_id"])

    @property
    def policy(self) -> str:
        """The policy's name."""
        return self._verdict.policy

    @property
    def revision(self) -> str | None:
        """The revision that decided, or None where none is in effect."""
        return self._verdict.revision

    @property
    def rules_digest(self) -> str | None:
        """SHA-256 over the canonical JSON (RFC 8785) of that revision, `sha256:` and 64 hexadecimal digits."""
        return self._verdict.rules_digest

    @property
    def engine_version(self) -> str:
        """The version of medpolicy that decided."""
        return self._verdict.engine_version

    @property
    def decision(self) -> Decision:
        """`approved`, `denied` or `pended`."""
        return self._verdict.decision

    @property
    def coverage(self) -> Coverage:
        """Whether the policy's criteria are `met`, `not_met` or `unknown`, before gates and holds."""
        return self._verdict.coverage

    @property
    def requires_clinician_review(self) -> bool:
        """True exactly for a denial, which is a recommendation until a clinician signs it."""
        return self._verdict.decision == "denied"

    @property
    def pathway(self) -> str | None:
        """The pathway that applies for certain."""
        return self._verdict.pathway

    @property
    def not_met(self) -> tuple[str, ...]:
        """The ids of the criteria that are not met, sorted."""
        return self._verdict.not_met

    @property
    def missing(self) -> tuple[str, ...]:
        """The names of the missing facts that keep the answer open, sorted."""
        return self._verdict.missing

    @property
    def denial_reasons(self) -> tuple[DenialReason, ...]:
        """The specific reasons of a denial; empty otherwise."""
        return self._verdict.denial_reasons

    @property
    def review_flags(self) -> tuple[RaisedFlag, ...]:
        """The gates, holds and notes that act, in the order of the file."""
        return self._verdict.review_flags

    @property
    def authorization(self) -> Authorization | None:
        """What an approval grants; None otherwise."""
        terms = self._verdict.terms
        return None if terms is None else terms.authorization(self._known)

    @property
    def criteria(self) -> tuple[CriterionResult, ...]:
        """The criteria of the pathways that are not ruled out, in the order of the file."""
        return tuple(
            CriterionResult(
                criterion.id,
                criterion.status,
                criterion.text,
                criterion.citation,
                {name: plain(self._known[name]) for name in criterion.reads},
            )
            for criterion in self._verdict.criteria
        )

    def to_dict(self) -> dict[str, Any]:
        """The determination as plain values, in the order of the JSON form."""
        return without_facts(self.verdict) | {
            "request_id": self.request_id,
            "authorization": authorized(self.verdict, self._known),
            "criteria": self.criteria,
        }

    def to_json(self) -> bytes:
        """The determination as one line of JSON, UTF-8, without a line break."""
        return line(self.verdict, self._known)

    @classmethod
    def from_json(cls, data: bytes | str) -> Determination:
        """Read back what `to_json` wrote. Raises `ValueError` where the text is no determination."""
        # its model takes time that deciding need not pay
        from medpolicy.language.determination.document import read_document

        read, wrong = read_document(data)
        if read is None:
            raise ValueError(f"not a determination: {', '.join(wrong)}")
        return cls(*read)

    def __eq__(self, other: object) -> bool:
        return self.to_json() == other.to_json() if isinstance(other, Determination) else NotImplemented

    def __hash__(self) -> int:
        return hash((self.request_id, self._verdict.decision))

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (self.verdict, dict(self._known))
