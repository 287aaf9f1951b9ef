"""The JSON form of an answer, and how it is read back."""

from __future__ import annotations

from dataclasses import fields
from datetime import date
from typing import Any

from pydantic import BaseModel, ConfigDict, ValidationError
from pydantic_core import from_json

from medpolicy.language.determination.authorization import AuthorizedQuantity, Terms
from medpolicy.language.determination.line import KEYS, line
from medpolicy.language.determination.parts import (
    Coverage,
    CriterionResult,
    CriterionVerdict,
    Decision,
    DenialReason,
    RaisedFlag,
    Verdict,
)
from medpolicy.language.installed import parts_of


class AuthorizationDocument(BaseModel):
    """The JSON form of an authorization: after its days come the quantity granted and its cap, where the policy has them."""

    model_config = ConfigDict(strict=True, frozen=True, extra="allow", defer_build=True)
    __pydantic_extra__: dict[str, int | None]

    start: date
    end: date | None
    months: int | None

    def read(self, policy: str) -> tuple[Terms, dict[str, Any]]:
        """The terms, and the facts that they take from the request."""
        service_day, quantity = self._declared(policy)
        facts: dict[str, Any] = {service_day: self.start}
        if quantity is None:
            return Terms(service_day, self.months, None, None), facts
        amounts = self.__pydantic_extra__
        cap = None if quantity.cap is None else amounts.get(quantity.cap)
        return Terms(service_day, self.months, quantity, cap), facts | {quantity.variable: amounts.get(quantity.name)}

    def _declared(self, policy: str) -> tuple[str, AuthorizedQuantity | None]:
        """The service day and the quantity of a policy; where it is not installed, under names that no variable has."""
        parts = parts_of(policy)
        if "variables" in parts:
            request = parts["variables"].load()
            return request.service_day, request.authorized_quantity
        name, cap = (*self.__pydantic_extra__, None, None)[:2]
        quantity = None if name is None else AuthorizedQuantity(name, f"authorization.{name}", name, cap)
        return "authorization.start", quantity


class WrittenDetermination(BaseModel):
    """The JSON form of a determination."""

    # pydantic and `from_json` would keep thousands of the texts that they read, also those of requests
    model_config = ConfigDict(strict=True, frozen=True, extra="ignore", defer_build=True, cache_strings="keys")

    request_id: str
    policy: str
    revision: str | None
    rules_digest: str | None
    engine_version: str
    decision: Decision
    coverage: Coverage
    requires_clinician_review: bool
    pathway: str | None
    authorization: AuthorizationDocument | None
    criteria: tuple[CriterionResult, ...]
    not_met: tuple[str, ...]
    missing: tuple[str, ...]
    denial_reasons: tuple[DenialReason, ...]
    review_flags: tuple[RaisedFlag, ...]

    def read(self) -> tuple[Verdict, dict[str, Any]]:
        """The verdict, and the facts that the document holds."""
        terms, granted = self.authorization.read(self.policy) if self.authorization else (None, {})
        criteria = tuple(
            CriterionVerdict(result.id, result.status, result.text, result.citation, tuple(result.observed))
            for result in self.criteria
        )
        parts: dict[str, Any] = {field.name: getattr(self, field.name, None) for field in fields(Verdict)}
        verdict = Verdict(**parts | {"criteria": criteria, "terms": terms})
        facts = {
            name: tuple(value) if isinstance(value, list) else value
            for result in self.criteria
            for name, value in result.observed.items()
        }
        return verdict, facts | granted | {"request_id": self.request_id}


def read_document(data: bytes | str) -> tuple[tuple[Verdict, dict[str, Any]] | None, list[str]]:
    """The verdict and facts of a determination, or None and the keys that make it invalid, without their values."""
    try:
        document = WrittenDetermination.model_validate_json(data)
    except ValidationError as error:
        faults = error.errors(include_input=False, include_context=False, include_url=False)
        return None, sorted({".".join(map(str, fault["loc"])) or "the text" for fault in faults})
    verdict, facts = document.read()
    given, rewritten = (from_json(text, cache_strings="keys") for text in (data, line(verdict, facts)))
    wrong = {key for key in KEYS if given[key] != rewritten[key]}
    terms = verdict.terms
    if (verdict.decision == "approved") is not (terms is not None):
        wrong.add("authorization")
    if terms is not None and terms.quantity is not None and terms.quantity.cap is not None and terms.cap is None:
        wrong.add("authorization")
    if (verdict.decision == "denied") is not bool(verdict.denial_reasons):
        wrong.add("denial_reasons")
    return (None, sorted(wrong)) if wrong else ((verdict, facts), [])
