from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from project import RULE_FILE

from medpolicy import Policy
from medpolicy.language.installed import known_policies
from medpolicy.language.vocabulary import find_vocabulary
from medpolicy.load import read_rule_file
from medpolicy.load.schema import policy_schema, schema_text

Change = Callable[[dict[str, Any]], None]


@pytest.fixture(scope="module")
def validator() -> Draft202012Validator:
    schema = policy_schema(find_vocabulary("inotuzumab-ozogamicin"))
    Draft202012Validator.check_schema(schema)
    return Draft202012Validator(schema, format_checker=Draft202012Validator.FORMAT_CHECKER)


def first_test(document: dict[str, Any]) -> dict[str, Any]:
    test: dict[str, Any] = document["pathways"][0]["criteria"][1]["conditions"]["all"][0]
    return test


def test_of(name: str, operator: str, value: Any) -> Change:
    def change(document: dict[str, Any]) -> None:
        first_test(document).update(name=name, operator=operator, value=value)

    return change


test_of.__test__ = False  # type: ignore[attr-defined]


def setting(*path: str | int, to: Any) -> Change:
    def change(document: dict[str, Any]) -> None:
        part: Any = document
        for step in path[:-1]:
            part = part[step]
        part[path[-1]] = to

    return change


def without(*path: str | int) -> Change:
    def change(document: dict[str, Any]) -> None:
        part: Any = document
        for step in path[:-1]:
            part = part[step]
        del part[path[-1]]

    return change


CRITERION = ("pathways", 0, "criteria", 0)
FLAG = ("review_flags", 0)
APPROVE = [{"name": "approve", "params": {"months": 12, "max_total_cycles": 6}}]
DENY = [{"name": "deny", "params": {"reason": "R."}}]
FLAG_FOR_REVIEW = [{"name": "flag_for_review", "params": {"text": "T."}}]
TEST = {"name": "ph_status", "operator": "equal_to", "value": "positive"}

REFUSED: dict[str, Change] = {
    "an unknown variable": test_of("ph_statsu", "equal_to", "positive"),
    "a variable that no rule may test": test_of("request_id", "equal_to", "A"),
    "an operator of another type": test_of("ph_status", "less_than", "positive"),
    "an unknown operator": test_of("ph_status", "equals", "positive"),
    "an unknown option": test_of("ph_status", "equal_to", "positiv"),
    "a list for one option": test_of("ph_status", "equal_to", ["positive"]),
    "one option for a list": test_of("ph_status", "is_one_of", "positive"),
    "an unknown option in a list": test_of("ph_status", "is_one_of", ["positive", "neg"]),
    "an empty list that none can be in": test_of("ph_status", "is_one_of", []),
    "an empty list of what is shared": test_of("combination_regimen", "contains_all", []),
    "no for a yes-or-no test": test_of("therapy_exclusion", "is_true", False),
    "one for a yes-or-no test": test_of("therapy_exclusion", "is_true", 1),
    "text for a number": test_of("total_cycles", "less_than", "6"),
    "true for a number": test_of("total_cycles", "less_than", True),
    "a broken number": test_of("total_cycles", "less_than", 6.5),
    "a number out of range": test_of("cycles_requested", "less_than", 1000),
    "a date in another form": test_of("birth_date", "before", "4/2/2026"),
    "a date that the calendar does not have": test_of("birth_date", "before", "2026-02-30"),
    "a test without a value": without(*CRITERION, "conditions", "all", 0, "value"),
    "a note in a test": setting(*CRITERION, "conditions", "all", 0, "note", to="why"),
    "a group of two kinds": setting(*CRITERION, "conditions", to={"all": [TEST], "any": [TEST]}),
    "an empty group": setting(*CRITERION, "conditions", to={"all": []}),
    "a denial for a pathway": setting("pathways", 0, "actions", to=DENY),
    "an approval for a criterion": setting(*CRITERION, "otherwise", to=APPROVE),
    "a denial for a flag": setting(*FLAG, "actions", to=DENY),
    "a flag for what is not listed": setting("unlisted", "actions", to=FLAG_FOR_REVIEW),
    "a denial where nothing is in effect": setting("not_in_effect", "actions", to=DENY),
    "an unknown action": setting("pathways", 0, "actions", 0, "name", to="aprove"),
    "two actions": setting("pathways", 0, "actions", to=APPROVE * 2),
    "no action": setting("pathways", 0, "actions", to=[]),
    "an unknown parameter": setting("pathways", 0, "actions", 0, "params", "weeks", to=1),
    "a missing parameter": without("pathways", 0, "actions", 0, "params", "months"),
    "a parameter out of range": setting("pathways", 0, "actions", 0, "params", "months", to=0),
    "an empty reason": setting(*CRITERION, "otherwise", 0, "params", "reason", to=" "),
    "an unknown key": setting(*CRITERION, "citess", to=["title"]),
    "a missing key": without(*CRITERION, "cites"),
    "an id in upper case": setting(*CRITERION, "id", to="A"),
    "a reserved id": setting(*FLAG, "id", to="decision"),
    "a reserved id of a pathway": setting("pathways", 0, "id", to="pathway"),
    "a reserved id of a fallback": setting("unlisted", "id", to="fault"),
    "a sign to the terminal in a title": setting("title", to="A\x1b[2J title"),
    "a sign that turns the line around in a note": setting("note", to="why\u202e"),
    "no citation": setting(*CRITERION, "cites", to=[]),
    "a passage whose id is in upper case": setting("passages", "A", to={"where": "w", "says": "s", "sha256": "0" * 64}),
    "a hash that is none": setting("passages", "title", "sha256", to="0"),
    "a hold that does not say what it holds": setting(*FLAG, "kind", to="hold"),
    "a gate that holds": setting(*FLAG, "holds", to="denied"),
    "an unknown kind of flag": setting(*FLAG, "kind", to="gaet"),
    "another policy": setting("policy", to="another"),
    "a first day in another form": setting("effective_from", to="4/2/26"),
}

ACCEPTED: dict[str, Change] = {
    "the shipped file": lambda document: None,
    "a note in every object but a test": lambda document: [
        part.update(note="why")  # type: ignore[func-returns-value]
        for part in (
            document,
            document["source"],
            document["passages"]["title"],
            document["pathways"][0],
            document["pathways"][0]["applies"],
            document["pathways"][0]["criteria"][0],
            document["pathways"][0]["criteria"][0]["conditions"],
            document["pathways"][0]["actions"][0],
            document["review_flags"][0],
            document["unlisted"],
        )
    ],
    "a test without a group": setting(*CRITERION, "conditions", to=TEST),
    "a line break in a sentence": setting("title", to="A title\nin two lines"),
    "groups in groups": setting(*CRITERION, "conditions", to={"any": [{"all": [TEST]}, {"any": [TEST]}]}),
    "the empty set": test_of("combination_regimen", "is_exactly", []),
    "an option of a set twice": test_of("combination_regimen", "is_exactly", ["imatinib", "imatinib"]),
    "a date": test_of("birth_date", "before", "2026-02-28"),
    "a last day": setting("effective_to", to="2026-12-31"),
    "no schema named": without("$schema"),
    "nothing held by a gate": setting(*FLAG, "holds", to=None),
    "a hold": lambda document: document["review_flags"][0].update(kind="hold", holds="approved"),  # type: ignore[no-any-return]
}


@pytest.mark.parametrize("change", REFUSED.values(), ids=REFUSED)
def test_both_the_schema_and_loading_refuse(validator: Draft202012Validator, change: Change) -> None:
    document = json.loads(RULE_FILE.read_bytes())
    change(document)
    assert list(validator.iter_errors(document))
    assert read_rule_file(RULE_FILE, json.dumps(document).encode()).errors


@pytest.mark.parametrize("change", ACCEPTED.values(), ids=ACCEPTED)
def test_both_the_schema_and_loading_accept(validator: Draft202012Validator, change: Change) -> None:
    document = json.loads(RULE_FILE.read_bytes())
    change(document)
    assert [error.message for error in validator.iter_errors(document)] == []
    assert read_rule_file(RULE_FILE, json.dumps(document).encode()).errors == ()


@pytest.mark.parametrize("name", known_policies())
def test_the_schema_beside_the_rule_files_is_fresh(name: str) -> None:
    vocabulary = find_vocabulary(name)
    written = (vocabulary.rules / "policy.schema.json").read_text("utf-8")
    assert written == schema_text(vocabulary), (
        f"run: medpolicy schema --policy {name} > rules/{name}/policy.schema.json"
    )


def test_every_variable_is_offered_with_its_label_and_question(policy: Policy) -> None:
    offered = policy_schema(policy.vocabulary)["$defs"]["Test"]["properties"]["name"]["anyOf"]
    assert [variable["const"] for variable in offered] == list(policy.vocabulary.testable)
    assert {"const": "birth_date", "description": "Date of birth. When was the member born?"} in offered


def test_every_operator_of_a_variable_is_offered(policy: Policy) -> None:
    definitions = policy_schema(policy.vocabulary)["$defs"]
    for name, variable in policy.vocabulary.testable.items():
        assert definitions[f"test.{name}"]["properties"]["operator"]["enum"] == list(variable.kind.operators())
