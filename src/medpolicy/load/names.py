"""Faults of names and values: variables, operators, options, actions, parameters and passages that do not exist."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from pydantic import BaseModel, ValidationError

from medpolicy.load.shape import conditions_of
from medpolicy.source import Finding, Path, did_you_mean, listed, quoted
from medpolicy.vocabulary import Vocabulary

EXPECTED_ACTION = {"pathway": "approve", "criterion": "deny", "flag": "flag_for_review"}


def name_faults(document: Any, words: Vocabulary) -> Iterator[Finding]:
    """Every name and value of a document that the policy's vocabulary does not have, wherever it stands."""
    if not isinstance(document, dict):
        return
    for path, condition in conditions_of(document):
        for test_path, test in _tests(path, condition):
            yield from _test_faults(test_path, test, words)
    for path, actions, expected in _actions(document):
        yield from _action_faults(path, actions, expected, words)
    yield from _cite_faults(document)


def citing_parts(document: Any) -> Iterator[tuple[Path, dict[str, Any]]]:
    """Every pathway, criterion, flag and fallback of a document, with its path."""
    for part, path, _, _ in _parts(document):
        yield path, part


def _tests(path: Path, condition: Any) -> Iterator[tuple[Path, dict[str, Any]]]:
    if not isinstance(condition, dict):
        return
    groups = [key for key in ("all", "any") if key in condition]
    if not groups:
        yield path, condition
    for key in groups:
        parts = condition[key]
        for place, part in enumerate(parts if isinstance(parts, list) else ()):
            yield from _tests((*path, key, place), part)


def _test_faults(path: Path, test: dict[str, Any], words: Vocabulary) -> Iterator[Finding]:
    name, operator = test.get("name"), test.get("operator")
    if not isinstance(name, str):
        return
    variable = words.testable.get(name)
    if variable is None:
        advice = did_you_mean(name, words.testable) or f"the variables are {listed(words.testable, last='and')}"
        yield Finding("unknown-variable", f"unknown variable {quoted(name)}", (*path, "name"), advice)
        return
    operators = variable.kind.operators()
    if not isinstance(operator, str):
        return
    if operator not in operators:
        label = variable.kind.type.name.replace("_", " ")
        message = f"{quoted(name)} is a {label}, which has no operator {quoted(operator)}"
        advice = did_you_mean(operator, operators) or f"its operators are {listed(operators, last='and')}"
        yield Finding("unknown-operator", message, (*path, "operator"), advice)
        return
    if "value" not in test:
        return
    for problem in variable.kind.constant_problems(operator, test["value"]):
        message = f"the value of a test of {quoted(name)}: {problem.message}"
        yield Finding("wrong-value", message, (*path, "value", *problem.step), problem.help)


def _parts(document: dict[str, Any]) -> Iterator[tuple[dict[str, Any], Path, str, str]]:
    """Each part that cites and acts: itself, its path, the key of its actions, and what it is."""

    def items(part: dict[str, Any], key: str) -> Iterable[tuple[int, dict[str, Any]]]:
        listed_parts = part.get(key)
        every = listed_parts if isinstance(listed_parts, list) else []
        return [(place, each) for place, each in enumerate(every) if isinstance(each, dict)]

    for place, pathway in items(document, "pathways"):
        yield pathway, ("pathways", place), "actions", "pathway"
        for inner, criterion in items(pathway, "criteria"):
            yield criterion, ("pathways", place, "criteria", inner), "otherwise", "criterion"
    if isinstance(document.get("unlisted"), dict):
        yield document["unlisted"], ("unlisted",), "actions", "criterion"
    for place, flag in items(document, "review_flags"):
        yield flag, ("review_flags", place), "actions", "flag"
    if isinstance(document.get("not_in_effect"), dict):
        yield document["not_in_effect"], ("not_in_effect",), "actions", "flag"


def _actions(document: dict[str, Any]) -> Iterator[tuple[Path, list[Any], str]]:
    for part, path, key, what in _parts(document):
        if isinstance(part.get(key), list):
            yield (*path, key), part[key], EXPECTED_ACTION[what]


def _action_faults(path: Path, actions: list[Any], expected: str, words: Vocabulary) -> Iterator[Finding]:
    for place, action in enumerate(actions):
        if not isinstance(action, dict) or not isinstance(action.get("name"), str):
            continue
        here, name = (*path, place), action["name"]
        if name not in words.parameters:
            advice = did_you_mean(name, words.parameters) or f"the action here is {quoted(expected)}"
            yield Finding("unknown-action", f"unknown action {quoted(name)}", (*here, "name"), advice)
            continue
        if name != expected:
            message = f"the action {quoted(name)} cannot stand here; it must be {quoted(expected)}"
            yield Finding("wrong-action", message, (*here, "name"), f"write {quoted(expected)}")
        if isinstance(action.get("params"), dict):
            yield from _param_faults((*here, "params"), name, action["params"], words.parameters[name])


def _param_faults(path: Path, action: str, params: dict[str, Any], model: type[BaseModel]) -> Iterator[Finding]:
    try:
        model.model_validate(params)
    except ValidationError as error:
        for each in error.errors(include_url=False):
            name = str(each["loc"][0])
            if each["type"] == "missing":
                message = f"the parameter {quoted(name)} of {quoted(action)} is missing"
                yield Finding("missing-parameter", message, path, f"add {quoted(name)}")
            elif each["type"] == "extra_forbidden":
                message = f"{quoted(action)} has no parameter {quoted(name)}"
                advice = did_you_mean(name, model.model_fields) or f"it has {listed(model.model_fields, last='and')}"
                yield Finding("unknown-parameter", message, (*path, name), advice)
            else:
                wanted = _parameter_domain(model, name)
                yield Finding("wrong-parameter", f"the parameter {quoted(name)} must be {wanted}", (*path, name))


def _parameter_domain(model: type[BaseModel], name: str) -> str:
    schema = model.model_json_schema()["properties"][name]
    if schema["type"] == "integer":
        return f"a whole number from {schema['minimum']} to {schema['maximum']}"
    return "text of at least one character"


def _cite_faults(document: dict[str, Any]) -> Iterator[Finding]:
    passages = document.get("passages")
    if not isinstance(passages, dict):
        return
    lists = [((*path, "cites"), part.get("cites")) for path, part in citing_parts(document)]
    lists.append((("informative",), document.get("informative")))
    for path, cites in lists:
        for place, cite in enumerate(cites if isinstance(cites, list) else ()):
            if isinstance(cite, str) and cite not in passages:
                advice = did_you_mean(cite, passages)
                yield Finding("unknown-passage", f"unknown passage {quoted(cite)}", (*path, place), advice)
