"""Policies so small that every request can be listed: a vocabulary, and strategies that draw policies and edits of them."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from copy import deepcopy
from datetime import date
from itertools import combinations, product
from pathlib import Path
from typing import Annotated, Any, ClassVar, Literal

from drawing import any_condition, any_test
from hypothesis import settings
from hypothesis import strategies as st
from medpolicy.actions.coverage import CoverageActions
from pydantic import Field

from medpolicy.evaluate.compiled import Compiled
from medpolicy.evaluate.decide import Decider
from medpolicy.language.determination import AuthorizedQuantity, Verdict
from medpolicy.language.fields import Choice, ChoiceSet, Derived, Sum, WholeNumber, YesNo
from medpolicy.language.forms import Date, NoUnlessGiven, Set
from medpolicy.language.request import Fact, PriorAuthorizationRequest
from medpolicy.language.revision import Revision
from medpolicy.language.vocabulary import Vocabulary
from medpolicy.language.walk import variables_in

DAY = date(2026, 1, 1)


def fact(label: str) -> Fact:
    return Fact(label, f"{label}?", "the request")


class DrugRequest(PriorAuthorizationRequest):
    """What a policy on a drug given in cycles declares, as the stock actions need it."""

    service_start_date: Annotated[Date, fact("Start")]
    cycles_requested: Annotated[int | None, Field(ge=1, le=999), fact("Cycles")] = None

    service_day: ClassVar[str] = "service_start_date"
    authorized_quantity: ClassVar[AuthorizedQuantity | None] = AuthorizedQuantity(
        name="cycles", variable="cycles_requested", unit="cycle", cap="max_total_cycles"
    )


class SmallRequest(DrugRequest):
    """Two sums share a part."""

    cycles_requested: Annotated[int | None, Field(ge=1, le=3), fact("Cycles")] = None
    kind: Annotated[Literal["a", "b", "c"], fact("Kind")]
    color: Annotated[Literal["red", "green"] | None, fact("Color")] = None
    urgent: Annotated[NoUnlessGiven, fact("Urgent")] = False
    smoker: Annotated[bool | None, fact("Smoker")] = None
    dose: Annotated[int | None, Field(ge=0, le=3), fact("Dose")] = None
    rest: Annotated[int | None, Field(ge=0, le=2), fact("Rest")] = None
    tools: Annotated[Annotated[frozenset[Literal["x", "y"]], Set] | None, fact("Tools")] = None

    derived: ClassVar[Mapping[str, tuple[Derived, Fact]]] = {
        "total": (Sum("dose", "cycles_requested"), fact("Total")),
        "load": (Sum("rest", "dose"), fact("Load")),
    }


WORDS = Vocabulary("small", SmallRequest, CoverageActions, Path())
TESTED = ("kind", "color", "urgent", "smoker", "dose", "rest", "cycles_requested", "tools", "total", "load")

Json = dict[str, Any]


def every_value(name: str, vocabulary: Vocabulary = WORDS) -> list[Any]:
    """Every value that a given variable (but a day) can have, None for *missing* among them."""
    variable = vocabulary.variables[name]
    kind = variable.kind
    values: list[Any] = []
    if isinstance(kind, Choice):
        values += kind.options
    elif isinstance(kind, YesNo):
        values += [False, True]
    elif isinstance(kind, WholeNumber):
        values += range(kind.lowest, kind.highest + 1)
    elif isinstance(kind, ChoiceSet):
        values += [
            frozenset(some) for size in range(len(kind.options) + 1) for some in combinations(kind.options, size)
        ]
    return [None, *values] if variable.may_be_missing else values


def every_request(revisions: Iterable[Revision]) -> Iterator[Json]:
    """The facts of every request, told apart by the variables that some revisions read; the others stay as they are."""
    read = {
        name for revision in revisions for _, condition in revision.conditions() for name in variables_in(condition)
    }
    given = {part for name in read for part in WORDS.variables[name].parts}
    names = [name for name in WORDS.variables if name in given and name != "service_start_date"]
    plain = {"request_id": "r", "service_start_date": DAY, "kind": "a"}
    plain = {
        name: plain.get(name, variable.default)
        for name, variable in WORDS.variables.items()
        if variable.derived is None
    }
    for values in product(*map(every_value, names)):
        facts = plain | dict(zip(names, values, strict=True))
        for name, (derived, _) in SmallRequest.derived.items():
            facts[name] = derived.of(facts)
        yield facts


def verdicts(revision: Revision) -> Callable[[Json], Verdict]:
    """What a revision says of a request's facts."""
    return Compiled(Decider(revision, "", WORDS)).verdict


def facts_given(facts: Json) -> int:
    """How many facts a request has to name beyond those that every request names."""
    optional = [variable for variable in WORDS.variables.values() if variable.derived is None and not variable.required]
    return sum(facts[variable.name] != variable.default for variable in optional)


def revision_of(pathways: list[Json], flags: list[Json], name: str = "one") -> Revision:
    """A revision of a small policy; what does not decide is the same in each."""
    return Revision.model_validate_json(json.dumps(document(pathways, flags, name)))


def document(pathways: list[Json], flags: list[Json], name: str = "one") -> Json:
    passage = {"where": "Page 1", "says": "All of it.", "sha256": "0" * 64}
    return {
        "policy": "small",
        "title": "Small",
        "revision": name,
        "effective_from": str(DAY),
        "effective_to": None,
        "source": {"publisher": "p", "document": "d", "status": "s"},
        "passages": {"all": passage},
        "informative": [],
        "pathways": pathways,
        "unlisted": {"id": "unlisted", "cites": ["all"], "actions": [deny("no pathway")]},
        "review_flags": flags,
        "not_in_effect": {"id": "not_in_effect", "cites": ["all"], "actions": [flag_for_review("no revision")]},
    }


def deny(reason: str) -> Json:
    return {"name": "deny", "params": {"reason": reason}}


def flag_for_review(text: str) -> Json:
    return {"name": "flag_for_review", "params": {"text": text}}


def criterion(id: str, conditions: Json) -> Json:
    return {"id": id, "cites": ["all"], "conditions": conditions, "otherwise": [deny(id)]}


def pathway(id: str, applies: Json, criteria: list[Json], months: int = 12) -> Json:
    action = {"name": "approve", "params": {"months": months, "max_total_cycles": 6}}
    return {"id": id, "title": id, "cites": ["all"], "applies": applies, "criteria": criteria, "actions": [action]}


def flag(id: str, kind: str, conditions: Json, holds: str | None = None) -> Json:
    known = {"id": id, "kind": kind, "cites": ["all"], "conditions": conditions, "actions": [flag_for_review(id)]}
    return known | ({"holds": holds} if holds else {})


EXAMPLES = settings(max_examples=int(os.environ.get("MEDPOLICY_EXAMPLES", 50)))
"""As many as a property that lists every request can pay for."""


def conditions(names: Sequence[str] = TESTED, tests: st.SearchStrategy[Json] | None = None) -> st.SearchStrategy[Json]:
    return any_condition(any_test(names, WORDS) if tests is None else tests)


@st.composite
def documents(draw: st.DrawFn) -> Json:
    """A rule file of one or two pathways, which may overlap, with up to two flags, over a few of the variables."""
    condition = conditions(draw(few_names()))
    pathways = []
    for place in range(draw(st.integers(1, 2))):
        criteria = [criterion(f"p{place}.c{number}", draw(condition)) for number in range(draw(st.integers(1, 3)))]
        pathways.append(pathway(f"p{place}", draw(condition), criteria))
    flags = [draw(any_flag(f"f{place}", condition)) for place in range(draw(st.integers(0, 2)))]
    return document(pathways, flags)


def few_names() -> st.SearchStrategy[list[str]]:
    return st.lists(st.sampled_from(TESTED), min_size=2, max_size=4, unique=True)


@st.composite
def any_flag(draw: st.DrawFn, id: str, condition: st.SearchStrategy[Json]) -> Json:
    kind = draw(st.sampled_from(["gate", "hold", "note"]))
    holds = draw(st.sampled_from(["approved", "denied"])) if kind == "hold" else None
    return flag(id, kind, draw(condition), holds)


def revision(of: Json) -> Revision:
    return Revision.model_validate_json(json.dumps(of))


@st.composite
def edits(draw: st.DrawFn, of: Json) -> Json:
    """The rule file after one to three changes, of which some may change nothing."""
    edited = deepcopy(of)
    for _ in range(draw(st.integers(1, 3))):
        draw(st.sampled_from(EDITS))(draw, edited)
    return edited


def _conditions_of(of: Json) -> list[tuple[Json, str]]:
    """Where each condition of a rule file stands."""
    found = [(pathway, "applies") for pathway in of["pathways"]]
    found += [(criterion, "conditions") for one in of["pathways"] for criterion in one["criteria"]]
    return found + [(flag, "conditions") for flag in of["review_flags"]]


def _new_condition(draw: st.DrawFn, of: Json) -> None:
    place, key = draw(st.sampled_from(_conditions_of(of)))
    place[key] = draw(conditions(draw(few_names())))


def _wrapped(draw: st.DrawFn, of: Json) -> None:
    place, key = draw(st.sampled_from(_conditions_of(of)))
    place[key] = {draw(st.sampled_from(["all", "any"])): [place[key], draw(conditions(draw(few_names())))]}


def _same_again(draw: st.DrawFn, of: Json) -> None:
    place, key = draw(st.sampled_from(_conditions_of(of)))
    place[key] = {draw(st.sampled_from(["all", "any"])): [place[key], {"all": [place[key]]}]}


def _criterion_dropped(draw: st.DrawFn, of: Json) -> None:
    criteria = draw(st.sampled_from(of["pathways"]))["criteria"]
    if len(criteria) > 1:
        criteria.remove(draw(st.sampled_from(criteria)))


def _criterion_added(draw: st.DrawFn, of: Json) -> None:
    criteria = draw(st.sampled_from(of["pathways"]))["criteria"]
    id = f"{criteria[0]['id']}.new"
    if all(criterion["id"] != id for criterion in criteria):
        criteria.append(criterion(id, draw(conditions(draw(few_names())))))


def _pathway_dropped_or_added(draw: st.DrawFn, of: Json) -> None:
    if len(of["pathways"]) > 1:
        of["pathways"].remove(draw(st.sampled_from(of["pathways"])))
    else:
        id = f"{of['pathways'][0]['id']}.other"
        names = conditions(draw(few_names()))
        of["pathways"].append(pathway(id, draw(names), [criterion(f"{id}.c0", draw(names))]))


def _flag_dropped_or_added(draw: st.DrawFn, of: Json) -> None:
    if of["review_flags"]:
        of["review_flags"].remove(draw(st.sampled_from(of["review_flags"])))
    else:
        of["review_flags"].append(draw(any_flag("new_flag", conditions(draw(few_names())))))


def _kind_of_flag(draw: st.DrawFn, of: Json) -> None:
    for place, flag in enumerate(of["review_flags"]):
        other = draw(any_flag(flag["id"], st.just(flag["conditions"])))
        of["review_flags"][place] = other


def _terms(draw: st.DrawFn, of: Json) -> None:
    term, values = draw(st.sampled_from([("months", [6, 12]), ("max_total_cycles", [6, 7])]))
    draw(st.sampled_from(of["pathways"]))["actions"][0]["params"][term] = draw(st.sampled_from(values))


def _renamed(draw: st.DrawFn, of: Json) -> None:
    parts = (
        [criterion for one in of["pathways"] for criterion in one["criteria"]] + of["review_flags"] + [of["unlisted"]]
    )
    part = draw(st.sampled_from(parts))
    part["id"] = part["id"] if part["id"].endswith("again") else f"{part['id']}.again"


def _reordered(draw: st.DrawFn, of: Json) -> None:
    for one in of["pathways"]:
        one["criteria"] = draw(st.permutations(one["criteria"]))


EDITS = (
    _new_condition,
    _wrapped,
    _same_again,
    _criterion_dropped,
    _criterion_added,
    _pathway_dropped_or_added,
    _flag_dropped_or_added,
    _kind_of_flag,
    _terms,
    _renamed,
    _reordered,
)
