"""Coverage policies of health plans as code: load a policy, decide requests, read why."""

from medpolicy._version import __version__
from medpolicy.determination import (
    Authorization,
    CriterionResult,
    DenialReason,
    Determination,
    RaisedFlag,
)
from medpolicy.policy import Policy, UndecidedRequest, load_policy
from medpolicy.request import InvalidRequest
from medpolicy.source import Finding
from medpolicy.vocabulary import InvalidPolicy

__all__ = [
    "Authorization",
    "CriterionResult",
    "DenialReason",
    "Determination",
    "Finding",
    "InvalidPolicy",
    "InvalidRequest",
    "Policy",
    "RaisedFlag",
    "UndecidedRequest",
    "__version__",
    "load_policy",
]
