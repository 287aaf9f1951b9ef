"""Whether a request model asks for anything beside the domains of its variables."""

from __future__ import annotations

from typing import get_origin

from annotated_types import Ge, Le, MinLen
from pydantic.fields import FieldInfo

from medpolicy.language.fields import Kind
from medpolicy.language.forms import NoForm, SetForm
from medpolicy.language.request import Fact, PriorAuthorizationRequest, declaration


def says_domains_alone(model: type[PriorAuthorizationRequest]) -> bool:
    """Whether a request model asks for nothing but the domains of its variables and the order of its days."""
    checks = model.__pydantic_decorators__
    own = {
        name
        for ancestor in model.__mro__
        if ancestor not in PriorAuthorizationRequest.__mro__
        for name in vars(ancestor)
    }
    return (
        model.model_config == PriorAuthorizationRequest.model_config
        and own.isdisjoint({"__init__", "__new__", "model_post_init", "__get_pydantic_core_schema__"})
        and not (checks.validators or checks.field_validators or checks.root_validators or checks.model_validators)
        and all(map(_says_its_domain_alone, model.model_fields.values()))
    )


def _says_its_domain_alone(info: FieldInfo) -> bool:
    annotation, metadata = declaration(info)
    parts = [part for part in metadata if not isinstance(part, (Fact, Kind, SetForm, NoForm))]
    is_declared = any(isinstance(part, Kind) for part in metadata)
    if annotation is str:
        parts = [part for part in parts if part != MinLen(1)]
    if annotation is int and not is_declared:
        lowest, highest = ([part for part in parts if type(part) is bound] for bound in (Ge, Le))
        parts = parts if (len(lowest), len(highest), len(parts)) != (1, 1, 2) else []
    is_list_taken = get_origin(annotation) is not frozenset or SetForm() in metadata
    return not parts and is_list_taken and info.validation_alias is None
