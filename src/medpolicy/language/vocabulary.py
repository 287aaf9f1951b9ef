"""The words that the rules of one policy may use: its variables and its actions, found through entry points."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from importlib.resources import files
from pathlib import Path
from typing import Any, get_type_hints

from business_rules.actions import BaseActions
from business_rules.engine import do_actions
from business_rules.variables import BaseVariables, rule_variable
from pydantic import BaseModel, ConfigDict, create_model

from medpolicy.language.declared import check_declaration
from medpolicy.language.determination import Approval, AuthorizedQuantity, Effect, Recorded, Terms
from medpolicy.language.fields import Derived, Missing
from medpolicy.language.installed import known_policies, parts_of
from medpolicy.language.request import PriorAuthorizationRequest, Variable, variables_of
from medpolicy.text.findings import Finding, Unusable, did_you_mean, listed, quoted


class InvalidPolicy(Unusable):
    """A policy cannot be used; `findings` holds every fault of its rule files."""


@dataclass(frozen=True)
class Vocabulary:
    """The request model and the actions of one policy, and the folder of the rule files that came with it."""

    policy: str
    request: type[PriorAuthorizationRequest]
    actions: type[BaseActions]
    rules: Path

    def __post_init__(self) -> None:
        check_declaration(self.request, self.variables, self.actions)

    @property
    def service_day(self) -> str:
        """The date variable that picks the revision in effect, and on which an authorization starts."""
        return self.request.service_day

    @property
    def quantity(self) -> AuthorizedQuantity | None:
        """What an approval grants a number of, if anything."""
        return self.request.authorized_quantity

    @cached_property
    def variables(self) -> Mapping[str, Variable]:
        """Every variable by name, derived ones included."""
        return variables_of(self.request)

    @cached_property
    def given(self) -> Mapping[str, Variable]:
        """The variables that a request gives."""
        return {name: variable for name, variable in self.variables.items() if variable.derived is None}

    @cached_property
    def derived(self) -> Mapping[str, Derived]:
        """What works out each of the other variables."""
        return {name: variable.derived for name, variable in self.variables.items() if variable.derived is not None}

    @cached_property
    def testable(self) -> Mapping[str, Variable]:
        """The variables that a rule may test."""
        return {name: variable for name, variable in self.variables.items() if variable.kind.operators()}

    @cached_property
    def parameters(self) -> Mapping[str, type[BaseModel]]:
        """For each action a model of its parameters."""
        names = (action["name"] for action in self.actions.get_all_actions())
        return {name: _parameters(getattr(self.actions, name)) for name in names}

    @cached_property
    def engine_variables(self) -> type[BaseVariables]:
        """The variables as a class of `business-rules`, whose instances read one request's facts."""
        return type("Variables", (_Facts,), {name: _reader(variable) for name, variable in self.testable.items()})

    def record(self, actions: Sequence[Mapping[str, Any]]) -> tuple[Effect, ...]:
        """What actions record when the stock engine runs them; an approval becomes the terms that the policy declares."""
        recorded: list[Recorded] = []
        do_actions(actions, self.actions(recorded.append))
        return tuple(self._terms(effect) if isinstance(effect, Approval) else effect for effect in recorded)

    def _terms(self, approval: Approval) -> Terms:
        declared = self.quantity is not None and self.quantity.cap is not None
        if declared is not (approval.cap is not None):
            differs = "no cap, which the policy declares" if declared else "a cap, which the policy does not declare"
            raise TypeError(f"the action `approve` of {self.policy} records {differs}")
        return Terms(self.service_day, approval.months, self.quantity, approval.cap)

    def rule_data(self) -> dict[str, Any]:
        """All that a rule builder needs, in the shape of `business_rules.export_rule_data`.

        Beyond the stock keys each variable has its `unit`, its bounds and the question to `ask` when it is missing.
        """
        types = [variable.kind.type for variable in self.testable.values()]
        return {
            "variables": [_described(variable) for variable in self.testable.values()],
            "actions": self.actions.get_all_actions(),
            "variable_type_operators": {type_.name: type_.get_all_operators() for type_ in types},
        }


class _Facts(BaseVariables):  # type: ignore[misc]  # business-rules has no type hints
    """One request's facts as the engine reads them, missing ones answered as the run wants it."""

    def __init__(self, facts: Mapping[str, Any], missing: Missing) -> None:
        self._facts = facts
        self._missing = missing


def _reader(variable: Variable) -> Any:
    name = variable.name

    def read(self: _Facts) -> Any:
        value = self._facts[name]
        return self._missing if value is None else value

    read.__name__ = name
    return rule_variable(variable.kind.type, label=variable.fact.label, options=list(variable.kind.choices))(read)


def _described(variable: Variable) -> dict[str, Any]:
    kind = variable.kind
    described: dict[str, Any] = {
        "name": variable.name,
        "label": variable.fact.label,
        "field_type": kind.type.name,
        "options": list(kind.choices),
        "unit": variable.fact.unit,
        "ask": variable.fact.ask,
        "found_in": variable.fact.found_in,
        "may_be_missing": variable.may_be_missing,
    }
    if kind.ordered:
        described |= {"lowest": kind.plain(kind.lowest), "highest": kind.plain(kind.highest)}
    return described


def _parameters(action: Callable[..., None]) -> type[BaseModel]:
    """A strict model of an action's parameters, from its annotations."""
    hints = get_type_hints(action, include_extras=True)
    names = [name for name in inspect.signature(action).parameters if name != "self"]
    fields: dict[str, Any] = {name: (hints[name], ...) for name in names}
    return create_model(action.__name__, __config__=ConfigDict(strict=True, extra="forbid"), **fields)


@cache
def find_vocabulary(policy: str) -> Vocabulary:
    """The vocabulary of an installed policy. Raises `InvalidPolicy` where none has that name."""
    parts = parts_of(policy)
    if not {"variables", "actions"} <= parts.keys():
        raise InvalidPolicy([unknown_policy(policy)])
    rules = Path(str(files(parts["rules"].value))) / policy if "rules" in parts else Path(policy)
    return Vocabulary(policy, parts["variables"].load(), parts["actions"].load(), rules)


def unknown_policy(policy: str) -> Finding:
    """The finding for a policy that is not installed."""
    names = known_policies()
    advice = did_you_mean(policy, names) or (f"installed: {listed(names, last='and')}" if names else None)
    return Finding("unknown-policy", f"unknown policy {quoted(policy)}", ("policy",), advice)
