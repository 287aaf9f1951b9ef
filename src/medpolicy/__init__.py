"""Coverage policies of health plans as code: load a policy, decide requests, read why."""

from importlib import import_module
from types import ModuleType

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


def __getattr__(name: str) -> ModuleType:
    """`medpolicy.spark` and `medpolicy.testing` are loaded when they are first used: they need an extra each."""
    if name in ("spark", "testing"):
        return import_module(f"medpolicy.{name}")
    raise AttributeError(f"module 'medpolicy' has no attribute {name!r}")
