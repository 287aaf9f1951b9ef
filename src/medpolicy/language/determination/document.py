"""The JSON form of an answer, and how it is read back."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, ConfigDict, ValidationError
from pydantic_core import from_json

from medpolicy.language.determination.line import KEYS, line
from medpolicy.language.determination.parts import (
    Authorization,
    Coverage,
    CriterionResult,
    CriterionVerdict,
    Decision,
    DenialReason,
    RaisedFlag,
    Verdict,
)
from medpolicy.language.determination.recorded import Approval


class Document(BaseModel):
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

    def read(self) -> tuple[Verdict, dict[str, Any]]:
        """The verdict, and the facts that the document tells."""
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
        return verdict, facts


def read_document(data: bytes | str) -> tuple[tuple[Verdict, dict[str, Any]] | None, list[str]]:
    """The verdict and the facts of a determination, or None and the places where it is none; nothing of its values."""
    try:
        document = Document.model_validate_json(data)
    except ValidationError as error:
        faults = error.errors(include_input=False, include_context=False, include_url=False)
        return None, sorted({".".join(map(str, each["loc"])) or "the text" for each in faults})
    verdict, facts = document.read()
    said, again = from_json(data), from_json(line(verdict, facts))
    wrong = {key for key in KEYS if said[key] != again[key]}
    if (verdict.decision == "approved") is not (verdict.terms is not None):
        wrong.add("authorization")
    if (verdict.decision == "denied") is not bool(verdict.denial_reasons):
        wrong.add("denial_reasons")
    return (None, sorted(wrong)) if wrong else ((verdict, facts), [])
