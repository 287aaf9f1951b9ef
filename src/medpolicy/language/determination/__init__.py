"""The answer to a request and its parts, and what actions record."""

from medpolicy.language.determination.answer import Determination
from medpolicy.language.determination.line import KEYS
from medpolicy.language.determination.parts import (
    Authorization,
    Coverage,
    CriterionResult,
    CriterionVerdict,
    Decision,
    DenialReason,
    FlagKind,
    RaisedFlag,
    Verdict,
)
from medpolicy.language.determination.recorded import Approval, Denial, Flag, Record, Recorded
from medpolicy.language.determination.terms import last_day

__all__ = [
    "KEYS",
    "Approval",
    "Authorization",
    "Coverage",
    "CriterionResult",
    "CriterionVerdict",
    "Decision",
    "Denial",
    "DenialReason",
    "Determination",
    "Flag",
    "FlagKind",
    "RaisedFlag",
    "Record",
    "Recorded",
    "Verdict",
    "last_day",
]
