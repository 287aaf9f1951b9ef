"""A prior authorization request: how a policy declares its variables, and how a record becomes facts."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType, UnionType
from typing import Annotated, Any, ClassVar, Literal, Union, get_args, get_origin

from annotated_types import Ge, Le
from pydantic import BaseModel, ConfigDict, Field, ValidationError
from pydantic.fields import FieldInfo

from medpolicy.language.determination import AuthorizedQuantity
from medpolicy.language.fields import Choice, ChoiceSet, Derived, Kind, Text, WholeNumber, YesNo, day
from medpolicy.language.forms import NoForm
from medpolicy.text.findings import Finding, Unusable, quoted
from medpolicy.text.names import unknown_names

REQUIRED_HELP = "this fact may not be missing"


@dataclass(frozen=True, slots=True)
class Fact:
    """What people need to know of a variable: its label, the question to ask when it is missing, where it is found."""

    label: str
    ask: str
    found_in: str
    unit: str | None = None


class PriorAuthorizationRequest(BaseModel):
    """What every request has; a policy's own request adds its variables, each annotated with a `Fact`.

    `service_day` names the date on which the service starts: it picks the revision in effect, and an authorization starts
    on it. `authorized_quantity` is what an approval grants a number of, beside a period; None where it is nothing.
    `earlier` lists pairs of dates of which the first may not be after the second; `derived` names the variables worked
    out from given ones, with their `Fact`.
    """

    model_config = ConfigDict(strict=True, frozen=True, extra="forbid", revalidate_instances="always", defer_build=True)
    service_day: ClassVar[str]
    authorized_quantity: ClassVar[AuthorizedQuantity | None] = None
    earlier: ClassVar[tuple[tuple[str, str], ...]] = ()
    derived: ClassVar[Mapping[str, tuple[Derived, Fact]]] = {}

    request_id: Annotated[
        str,
        Field(min_length=1),
        Fact("Request id", "What is the request's identifier?", "the request"),
    ]


@dataclass(frozen=True, slots=True)
class Variable:
    """A typed fact that rules may ask for."""

    name: str
    kind: Kind
    fact: Fact
    required: bool = False
    default: Any = None
    derived: Derived | None = None
    takes_null: bool = False
    """Whether null may be given: it means the default."""

    @property
    def may_be_missing(self) -> bool:
        """Whether a valid request can leave it unknown."""
        return not self.required and self.default is None

    @property
    def parts(self) -> tuple[str, ...]:
        """The given variables that it stands for: itself, or the parts of a derived one."""
        return (self.name,) if self.derived is None else self.derived.parts


class InvalidRequest(Unusable):
    """A request cannot be decided; `findings` holds every fault of it, and none repeats a value."""


@cache
def variables_of(model: type[PriorAuthorizationRequest]) -> Mapping[str, Variable]:
    """The variables that a request model declares, derived ones last."""
    given = {name: _declared(name, info) for name, info in model.model_fields.items()}
    kinds = {name: variable.kind for name, variable in given.items()}
    for name, (combinator, _) in model.derived.items():
        if combinator.needs_order and combinator.parts not in model.earlier:
            raise TypeError(f"the years of {name} can be negative: `earlier` must hold its two days")
    derived = {
        name: Variable(name, combinator.kind(kinds), fact, derived=combinator)
        for name, (combinator, fact) in model.derived.items()
    }
    return MappingProxyType(given | derived)


def read_request(model: type[PriorAuthorizationRequest], record: Any) -> PriorAuthorizationRequest:
    """The request that a mapping or a request model holds. Raises `InvalidRequest` with every fault at once."""
    if type(record) is not dict:
        record = _as_dict(model, record)
    request = _validated(model, record)
    if isinstance(request, frozenset):
        raise InvalidRequest(_faults(model, record, request))
    given = request.__dict__
    for before, after in model.earlier:
        first, second = given[before], given[after]
        if first is not None and second is not None and first > second:
            raise InvalidRequest([_out_of_order(before, after)])
    return request


def facts_of(request: PriorAuthorizationRequest) -> dict[str, Any]:
    """The value of every variable, None where it is missing, derived ones included."""
    facts = request.__dict__.copy()
    for name, (combinator, _) in request.derived.items():
        facts[name] = combinator.of(facts)
    return facts


@cache
def given_names(model: type[PriorAuthorizationRequest]) -> frozenset[str]:
    """The names of the variables that a request can give."""
    return frozenset(name for name, variable in variables_of(model).items() if variable.derived is None)


def _as_dict(model: type[PriorAuthorizationRequest], record: Any) -> dict[Any, Any]:
    """The keys and values of a record, also of a request model, which may have been built without validation."""
    if isinstance(record, model):
        return dict(record.__dict__)
    if isinstance(record, Mapping):
        return dict(record)
    advice = None
    if isinstance(record, str | bytes | bytearray):
        advice = "read the JSON text first"
    elif isinstance(record, BaseModel):
        advice = "this is the model of something else; give a mapping, or the policy's own request model"
    elif isinstance(record, Iterable):
        advice = "decide one request at a time"
    raise InvalidRequest([Finding("not-a-record", "a request must be an object with a key for each fact", help=advice)])


def _validated(
    model: type[PriorAuthorizationRequest], record: dict[Any, Any]
) -> PriorAuthorizationRequest | frozenset[str]:
    """The request, or the keys that the model refuses.

    The model's own error repeats values, so it does not leave this function, not even as the context of another error.
    """
    try:
        request: PriorAuthorizationRequest = model.__pydantic_validator__.validate_python(record)
        return request
    except ValidationError as error:
        faults = error.errors(include_input=False, include_context=False, include_url=False)
        return frozenset(str(fault["loc"][0]) for fault in faults if fault["loc"])


def _faults(model: type[PriorAuthorizationRequest], record: dict[Any, Any], refused: frozenset[str]) -> list[Finding]:
    variables = variables_of(model)
    found = []
    if not (all(isinstance(key, str) for key in record) and given_names(model).issuperset(record)):
        found = unknown_names(record, {name: variable.parts for name, variable in variables.items()})
    for name, variable in variables.items():
        if variable.derived is not None or name not in refused:
            continue
        value = record.get(name)
        if value is None:
            message = f"{quoted(name)} is missing; it must be {variable.kind.domain}"
            found.append(Finding("missing-key", message, (name,), REQUIRED_HELP))
            continue
        problems = variable.kind.problems(value) or variable.kind.problems(object())
        found += [
            Finding("not-allowed", f"{quoted(name)} {problem.message}", (name, *problem.step), problem.help)
            for problem in problems
        ]
    for before, after in model.earlier:
        given = (record.get(name) for name in (before, after))
        first, second = (day(value) if isinstance(value, str) else value for value in given)
        if first is not None and second is not None and not refused & {before, after} and first > second:
            found.append(_out_of_order(before, after))
    return found


def _out_of_order(before: str, after: str) -> Finding:
    return Finding("date-order", f"{quoted(before)} must not be after {quoted(after)}", (before,))


def _declared(name: str, info: FieldInfo) -> Variable:
    fact = next((part for part in info.metadata if isinstance(part, Fact)), None)
    if fact is None:
        raise TypeError(f"the variable {name} has no Fact")
    default = None if info.is_required() else info.default
    takes_null = not info.is_required() and (default is None or NoForm() in info.metadata)
    return Variable(name, _kind(name, info), fact, info.is_required(), default, takes_null=takes_null)


def _kind(name: str, info: FieldInfo) -> Kind:
    """The domain that an annotation declares."""
    annotation, metadata = declaration(info)
    declared = next((part for part in metadata if isinstance(part, Kind)), None)
    if declared is not None:
        return declared
    lowest = next((part.ge for part in metadata if isinstance(part, Ge)), None)
    highest = next((part.le for part in metadata if isinstance(part, Le)), None)
    bounds: Any = (lowest, highest)
    if get_origin(annotation) is Literal:
        return Choice(get_args(annotation))
    if get_origin(annotation) is frozenset:
        return ChoiceSet(get_args(get_args(annotation)[0]))
    if annotation is bool:
        return YesNo()
    if annotation is int and None not in bounds:
        return WholeNumber(*bounds)
    if annotation is str:
        return Text()
    raise TypeError(f"the variable {name} has no domain: its annotation is none of the declared forms")


def declaration(info: FieldInfo) -> tuple[Any, list[Any]]:
    """The type of a variable, without None, and all that its annotation says besides."""
    annotation: Any = info.annotation
    metadata: list[Any] = list(info.metadata)
    if get_origin(annotation) in (Union, UnionType):
        annotation = next(form for form in get_args(annotation) if form is not type(None))
    if get_origin(annotation) is Annotated:
        annotation, *inner = get_args(annotation)
        metadata += inner
    return annotation, metadata
