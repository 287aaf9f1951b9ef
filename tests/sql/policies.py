"""Policies to print: the shipped one as it changes, one that uses every operator, one whose names are strange."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from random import Random
from typing import Annotated, Any, ClassVar, Literal, get_args

from drawing import a_constant, asks
from project import RULE_FILE
from pydantic import Field
from small import DrugRequest

from medpolicy import Policy, load_policy
from medpolicy.evaluate.decide import Decider
from medpolicy.language.fields import Choice, ChoiceSet, CompletedYears, Day, Derived, Kind, Sum, WholeNumber, YesNo
from medpolicy.language.forms import Date, NoUnlessGiven, Set
from medpolicy.language.request import Fact, Variable
from medpolicy.language.revision import Revision
from medpolicy.language.vocabulary import Vocabulary

DENY = [{"name": "deny", "params": {"reason": "It is not met."}}]
FLAG = [{"name": "flag_for_review", "params": {"text": "Read it."}}]

Json = dict[str, Any]


def shipped() -> Json:
    return json.loads(RULE_FILE.read_bytes())


def written(folder: Path, *revisions: Json) -> Policy:
    """The policy of some rule files."""
    below = folder / "inotuzumab-ozogamicin"
    below.mkdir(parents=True)
    for revision in revisions:
        (below / f"{revision['revision']}.json").write_text(json.dumps(revision), "utf-8")
    return load_policy("inotuzumab-ozogamicin", folder)


def flag(id: str, kind: str, conditions: Json, **more: str) -> Json:
    return {"id": id, "kind": kind, "cites": ["title"], "conditions": conditions, "actions": FLAG, **more}


def criterion(id: str, conditions: Json) -> Json:
    return {"id": id, "cites": ["title"], "conditions": conditions, "otherwise": DENY}


def changed() -> list[Json]:
    """The shipped revision, which ends, and after a month without any revision one that differs in every part."""
    first, second = shipped(), shipped()
    first["effective_to"] = "2026-12-31"
    second |= {"revision": "2027-02", "effective_from": "2027-02-01", "effective_to": "2027-12-31"}
    frontline, relapsed, continuation = second["pathways"]
    by_id = {criterion["id"]: criterion for pathway in second["pathways"] for criterion in pathway["criteria"]}
    by_id["frontline.cycle_cap"]["conditions"] = asks("total_cycles", "less_than", 9)
    frontline["criteria"].remove(by_id["frontline.ph_negative"])
    frontline["criteria"].append(criterion("frontline.adult", asks("age_years", "greater_than_or_equal_to", 18)))
    for there, here in ((relapsed, "continuation.no_exclusion"), (continuation, "relapsed_refractory.no_exclusion")):
        there["criteria"][-1] = by_id[here]
    second["pathways"].reverse()
    flags = {flag["id"]: flag for flag in second["review_flags"]}
    flags["no_prior_authorization"] |= {"kind": "hold", "holds": "approved"}
    flags["unlisted_tki"]["holds"] = "denied"
    second["review_flags"].remove(flags["off_label_mandate"])
    infant = {"all": [asks("age_years", "less_than", 1), asks("birth_date", "after", "2026-03-01")]}
    second["review_flags"].append(flag("infant", "gate", infant))
    return [first, second]


def every_operator(policy: Policy, seed: int = 5) -> Json:
    """A revision with a criterion for every operator of every variable, and for many conditions put together of them."""
    random, revision = Random(seed), shipped()
    revision |= {"revision": "every-operator", "effective_from": "2028-01-01", "review_flags": []}
    tests = []
    for variable in policy.vocabulary.testable.values():
        constants = _constants(variable.kind)
        for operator in variable.kind.operators():
            times = 5 if isinstance(variable.kind, ChoiceSet) else 1 if isinstance(variable.kind, YesNo) else 2
            tests += [
                asks(variable.name, operator, a_constant(random, variable.kind, operator, constants))
                for _ in range(times)
            ]
    conditions = [*tests, *(_together(random, tests, 3) for _ in range(60))]
    for name in ("disease", "disease_progression", "cycles_received", "birth_date", "combination_regimen", "age_years"):
        holds, fails = _opposites(policy.vocabulary.variables[name])
        conditions += [{"any": [holds, fails]}, {"all": [holds, fails]}]
    for pathway, kind in zip(revision["pathways"][:2], ("initial", "continuation"), strict=True):
        pathway["applies"] = asks("request_type", "equal_to", kind)
        pathway["criteria"] = [
            criterion(f"{pathway['id']}.{number}", condition)
            for number, condition in enumerate(conditions)
            if number % 2 == len(kind) % 2
        ]
    del revision["pathways"][2:]
    return revision


def _together(random: Random, tests: list[Json], depth: int) -> Json:
    parts = [
        _together(random, tests, depth - 1) if depth > 1 and random.random() < 0.4 else random.choice(tests)
        for _ in range(random.randint(1, 4))
    ]
    return {random.choice(["all", "any"]): parts}


def _constants(kind: Kind) -> list[Any]:
    if isinstance(kind, Day):
        return ["1900-01-01", "2199-12-31", "2026-04-02", "2026-04-03", "2000-02-29", "1988-12-03"]
    return [kind.lowest, kind.highest, kind.lowest + 1, 6, 18] if isinstance(kind, WholeNumber) else []


def _opposites(variable: Variable) -> tuple[Json, Json]:
    name, kind = variable.name, variable.kind
    if isinstance(kind, Choice):
        return asks(name, "equal_to", kind.options[0]), asks(name, "not_equal_to", kind.options[0])
    if isinstance(kind, ChoiceSet):
        return asks(name, "contains", kind.options[0]), asks(name, "does_not_contain", kind.options[0])
    if isinstance(kind, WholeNumber):
        return asks(name, "less_than", 6), asks(name, "greater_than_or_equal_to", 6)
    if isinstance(kind, Day):
        return asks(name, "before", "2000-02-29"), asks(name, "on_or_after", "2000-02-29")
    return asks(name, "is_true"), asks(name, "is_false")


Strange = Literal["it's", 'say "x"', "a\\b", "a", "+ b", "a + ", "; --", "%s", "\\'"]
Alike = Literal["x", "y", "x + y", ""]
Stranger = Literal[Strange, "é\u00a0ü", "`", "$$", "{x}", " ", "/*", "*/", "?", ":a", "\t"]


class StrangeRequest(DrugRequest):
    """Names that SQL or the SELECT itself uses, and options that break out of quotes."""

    order: Annotated[Stranger | None, Fact("Order", "Which?", "there")] = None
    fault: Annotated[int | None, Field(ge=-5, le=5), Fact("Fault", "Which?", "there")] = None
    revision: Annotated[int | None, Field(ge=-5, le=5), Fact("Revision", "Which?", "there")] = None
    covered: Annotated[NoUnlessGiven, Fact("Covered", "Is it?", "there")] = False
    checked: Annotated[bool | None, Fact("Checked", "Is it?", "there")] = None
    user: Annotated[Annotated[frozenset[Strange], Set] | None, Fact("User", "Who?", "there")] = None
    user_as_text: Annotated[Annotated[frozenset[Alike], Set] | None, Fact("Text", "Who?", "there")] = None
    plain: Annotated[Annotated[frozenset[Literal["x", "y"]], Set] | None, Fact("Plain", "Who?", "there")] = None
    begun: Annotated[Date | None, Fact("Begun", "When?", "there")] = None

    earlier: ClassVar[tuple[tuple[str, str], ...]] = (("begun", "service_start_date"),)
    derived: ClassVar[Mapping[str, tuple[Derived, Fact]]] = {
        "group": (Sum("fault", "revision"), Fact("Group", "How many?", "there")),
        "select": (CompletedYears("begun", "service_start_date"), Fact("Years", "How many?", "there")),
    }


def strange() -> Policy:
    """A policy over `StrangeRequest`, whose texts try to end the comments that they stand in."""
    breaking_out = "ends */ the /* comment; SELECT 1; --\nSELECT 2"
    revision = shipped()
    revision |= {"title": breaking_out, "revision": "strange", "effective_from": "2026-01-01"}
    revision["passages"]["title"]["says"] = breaking_out
    vocabulary = load_policy("inotuzumab-ozogamicin").vocabulary
    options, every = list(get_args(Strange)), list(get_args(Stranger))
    asked = [
        *(asks("order", "equal_to", option) for option in every),
        asks("order", "is_one_of", every[:5]),
        asks("order", "is_none_of", every[:12]),
        *(asks("user", "contains", option) for option in options),
        asks("user", "is_exactly", options[:3]),
        asks("user", "is_contained_by", options[3:6]),
        asks("user", "shares_exactly_one_element_with", options[2:6]),
        asks("user", "shares_no_elements_with", options[:8]),
        asks("user_as_text", "is_exactly", ["y", "x"]),
        asks("user_as_text", "is_exactly", []),
        asks("plain", "is_exactly", ["y", "x"]),
        asks("plain", "is_exactly", []),
        asks("group", "greater_than", -3),
        asks("select", "equal_to", 1),
        asks("covered", "is_true"),
        asks("checked", "is_false"),
        asks("begun", "before", "2025-02-28"),
        asks("fault", "not_equal_to", -5),
    ]
    pathway = revision["pathways"][0] | {"id": "group", "applies": asks("checked", "is_true")}
    pathway["criteria"] = [criterion(f"select-{number}", condition) for number, condition in enumerate(asked)]
    other = pathway | {"id": "revision", "applies": asks("checked", "is_false")}
    other["criteria"] = [criterion("covered", asks("covered", "is_false"))]
    revision["pathways"] = [pathway, other]
    revision["review_flags"] = [flag("gated", "gate", asks("revision", "less_than", -3))]
    known = Revision.model_validate_json(json.dumps(revision))
    strange_words = Vocabulary("strange", StrangeRequest, vocabulary.actions, vocabulary.rules)
    return Policy(strange_words, (Decider(known, "sha256:0", strange_words),))
