"""The actions of a coverage policy; each records into the determination and sees no member's data."""

from __future__ import annotations

from typing import Annotated

from business_rules.actions import BaseActions, rule_action
from business_rules.fields import FIELD_NUMERIC, FIELD_TEXT
from pydantic import Field

from medpolicy.language.determination import Approval, Denial, Flag, Record

Months = Annotated[int, Field(ge=1, le=120)]
Cycles = Annotated[int, Field(ge=1, le=999)]
Sentence = Annotated[str, Field(pattern=r"\S")]


class ReviewActions(BaseActions):  # type: ignore[misc]  # business-rules has no type hints
    """`deny` and `flag_for_review`; a subclass adds the `approve` of its policies."""

    def __init__(self, record: Record) -> None:
        self._record = record

    @rule_action(label="Deny", params={"reason": FIELD_TEXT})  # type: ignore[untyped-decorator]
    def deny(self, reason: Sentence) -> None:
        """Recommend a denial for a specific reason."""
        self._record(Denial(reason))

    @rule_action(label="Flag for review", params={"text": FIELD_TEXT})  # type: ignore[untyped-decorator]
    def flag_for_review(self, text: Sentence) -> None:
        """Ask a person to look, and say at what."""
        self._record(Flag(text))


class CoverageActions(ReviewActions):
    """For treatments in cycles: an approval has a period and a cap on the cycles."""

    @rule_action(label="Approve", params={"months": FIELD_NUMERIC, "max_total_cycles": FIELD_NUMERIC})  # type: ignore[untyped-decorator]
    def approve(self, months: Months, max_total_cycles: Cycles) -> None:
        """Authorize for so many calendar months, and so many cycles over the whole treatment."""
        self._record(Approval(months, max_total_cycles))


class PeriodActions(ReviewActions):
    """For services without a cap: an approval has a period alone."""

    @rule_action(label="Approve", params={"months": FIELD_NUMERIC})  # type: ignore[untyped-decorator]
    def approve(self, months: Months) -> None:
        """Authorize for so many calendar months."""
        self._record(Approval(months))
