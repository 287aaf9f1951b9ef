"""The answer to a request and its parts, and what actions record."""

from medpolicy.language.determination.answer import Determination
from medpolicy.language.determination.authorization import Authorization, AuthorizedQuantity, Terms, last_day
from medpolicy.language.determination.line import KEYS
from medpolicy.language.determination.parts import (
    Approval,
    Coverage,
    CriterionResult,
    CriterionVerdict,
    Decision,
    Denial,
    DenialReason,
    Effect,
    Flag,
    FlagKind,
    RaisedFlag,
    Record,
    Recorded,
    Verdict,
)

__all__ = [
    "KEYS",
    "Approval",
    "Authorization",
    "AuthorizedQuantity",
    "Coverage",
    "CriterionResult",
    "CriterionVerdict",
    "Decision",
    "Denial",
    "DenialReason",
    "Determination",
    "Effect",
    "Flag",
    "FlagKind",
    "RaisedFlag",
    "Record",
    "Recorded",
    "Terms",
    "Verdict",
    "last_day",
]
