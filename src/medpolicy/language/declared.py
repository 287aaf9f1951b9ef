"""Whether what a policy declares of its authorizations fits its variables and its actions."""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from dataclasses import fields

from business_rules.actions import BaseActions

from medpolicy.language.determination import Authorization, AuthorizedQuantity
from medpolicy.language.fields import Storage
from medpolicy.language.request import PriorAuthorizationRequest, Variable
from medpolicy.text.findings import quoted

_TAKEN = {*dir(Authorization), *(field.name for field in fields(Authorization))}


def check_declaration(
    request: type[PriorAuthorizationRequest], variables: Mapping[str, Variable], actions: type[BaseActions]
) -> None:
    """Raise `TypeError` where `service_day` or `authorized_quantity` of a request model cannot be used."""
    name = getattr(request, "service_day", None)
    if name is None:
        raise TypeError(f"{request.__name__} does not declare `service_day`: the date on which the service starts")
    day = variables.get(name)
    if day is None or day.derived is not None or not day.required or day.kind.storage is not Storage.DATE:
        raise TypeError(
            f"`service_day` of {request.__name__} is {quoted(name)}, which is no date that every request has"
        )
    if request.authorized_quantity is not None:
        _check_quantity(request.authorized_quantity, request.__name__, variables, actions)


def _check_quantity(
    quantity: AuthorizedQuantity, model: str, variables: Mapping[str, Variable], actions: type[BaseActions]
) -> None:
    where = f"`authorized_quantity` of {model}"
    keys = [key for key in (quantity.name, quantity.cap) if key is not None]
    for key in keys:
        if not key.isidentifier() or key in _TAKEN or keys.count(key) > 1:
            raise TypeError(f"{where} has the name {quoted(key)}, which an authorization cannot have beside its others")
    variable = variables.get(quantity.variable)
    if variable is None or variable.derived is not None or variable.kind.storage is not Storage.INTEGER:
        raise TypeError(
            f"{where} is taken from {quoted(quantity.variable)}, which is no whole number that a request gives"
        )
    if quantity.cap is not None and quantity.cap not in inspect.signature(actions.approve).parameters:
        raise TypeError(f"{where} has the cap {quoted(quantity.cap)}, which is no parameter of the action `approve`")
