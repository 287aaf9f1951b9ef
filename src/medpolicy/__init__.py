"""Coverage policies of health plans as code: load a policy, decide requests, read why."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from medpolicy._version import __version__

if TYPE_CHECKING:
    from medpolicy.language.determination import Authorization, CriterionResult, DenialReason, Determination, RaisedFlag
    from medpolicy.language.request import InvalidRequest
    from medpolicy.language.vocabulary import InvalidPolicy
    from medpolicy.policy import Policy, UndecidedRequest, load_policy
    from medpolicy.text.findings import Finding

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

_MODULES = {
    "language.determination": ("Authorization", "CriterionResult", "DenialReason", "Determination", "RaisedFlag"),
    "policy": ("Policy", "UndecidedRequest", "load_policy"),
    "language.request": ("InvalidRequest",),
    "text.findings": ("Finding",),
    "language.vocabulary": ("InvalidPolicy",),
}
_HOME = {name: module for module, names in _MODULES.items() for name in names}


def __getattr__(name: str) -> Any:
    """Each name is loaded when it is first used, as are `medpolicy.spark` and `medpolicy.testing`, which need an extra."""
    if name in _HOME:
        value = globals()[name] = getattr(import_module(f"medpolicy.{_HOME[name]}"), name)
        return value
    if name in ("spark", "testing"):
        return import_module(f"medpolicy.{name}")
    raise AttributeError(f"module 'medpolicy' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__, "spark", "testing"})
