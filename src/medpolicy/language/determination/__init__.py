"""The answer to a request and its parts, and what actions record."""

from medpolicy.language.determination.answer import Determination
from medpolicy.language.determination.authorization import Authorization, AuthorizedQuantity, Terms, last_day
from medpolicy.language.determination.line import KEYS
from medpolicy.language.determination.parts import (
    Coverage,
    CriterionResult,
    CriterionVerdict,
    Decision,
    DenialReason,
    Effect,
    FlagKind,
    RaisedFlag,
    Verdict,
)
from medpolicy.language.determination.recorded import Approval, Denial, Flag, Record, Recorded

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
