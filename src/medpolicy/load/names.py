"""Faults of names and values: variables, operators, options, actions, parameters and passages that do not exist."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from pydantic import BaseModel, ValidationError

from medpolicy.language.fields import Problem, WholeNumber
from medpolicy.language.revision import ID
from medpolicy.language.vocabulary import Vocabulary
from medpolicy.load.keys import slips
from medpolicy.load.parts import PartOfFile, all_conditions_of, cite_lists, entry, parts_of, tests_of
from medpolicy.load.shape import instead
from medpolicy.text.findings import Finding, Path, did_you_mean, listed, nearest, quoted

EXPECTED_ACTION = {"pathway": "approve", "criterion": "deny", "flag": "flag_for_review"}
MOST_EXACT = (1 << 53) - 1
"""The largest whole number that every reader of JSON holds exactly."""

_NOUNS = {"yes_no": "a yes/no fact", "choice_set": "a set of choices"}
"""What a message calls the field types whose names do not say it."""


def name_faults(document: Any, vocabulary: Vocabulary) -> Iterator[Finding]:
    """A finding for each name and value of a document that the policy's vocabulary does not have."""
    for path, condition in all_conditions_of(document):
        for test_path, test in tests_of(condition, path):
            yield from _test_faults(test_path, test, vocabulary)
    for part in parts_of(document):
        yield from _action_faults(part, vocabulary)
    yield from _cite_faults(document)


def _test_faults(path: Path, test: dict[str, Any], vocabulary: Vocabulary) -> Iterator[Finding]:
    name, operator = entry(test, "name", str), entry(test, "operator", str)
    if name is None:
        return
    variable = vocabulary.testable.get(name)
    if variable is None:
        names = f"the variables are {listed(vocabulary.testable, last='and')}"
        code, message = "unknown-variable", f"unknown variable {quoted(name)}"
        advice = did_you_mean(name, vocabulary.testable) or names
        if name in vocabulary.variables:
            code, message, advice = "untestable-variable", f"{quoted(name)} is free text, which no rule can test", names
        yield Finding(code, message, (*path, "name"), advice)
        return
    operators = variable.kind.operators()
    if operator is None or (operator in operators and "value" not in test):
        return
    if operator not in operators:
        type_name = variable.kind.type.name
        noun = _NOUNS.get(type_name, f"a {type_name.replace('_', ' ')}")
        message = f"{quoted(name)} is {noun}, which has no operator {quoted(operator)}"
        advice = did_you_mean(operator, operators) or f"its operators are {listed(operators, last='and')}"
        yield Finding("unknown-operator", message, (*path, "operator"), advice)
        return
    for problem in variable.kind.constant_problems(operator, test["value"]):
        value = test["value"][problem.step[0]] if problem.step else test["value"]
        message = f"the value for {quoted(name)} {problem.message}{instead(value)}"
        yield Finding("wrong-value", message, (*path, "value", *problem.step), problem.help)


def _action_faults(part: PartOfFile, vocabulary: Vocabulary) -> Iterator[Finding]:
    actions, expected = entry(part.content, part.action_key, list), EXPECTED_ACTION[part.what]
    for index, action in enumerate(actions or ()):
        here, name = (*part.path, part.action_key, index), entry(action, "name", str)
        if name is None:
            continue
        if name not in vocabulary.parameters:
            advice = f"the action here is {quoted(expected)}"
            yield Finding("unknown-action", f"unknown action {quoted(name)}", (*here, "name"), advice)
        elif name != expected:
            message = f"the action {quoted(name)} cannot stand here"
            yield Finding("wrong-action", message, (*here, "name"), f"the action here is {quoted(expected)}")
        elif entry(action, "params", dict) is not None:
            yield from _param_faults((*here, "params"), name, action["params"], vocabulary.parameters[name])


def _param_faults(path: Path, action: str, params: dict[str, Any], model: type[BaseModel]) -> Iterator[Finding]:
    try:
        model.model_validate(params)
    except ValidationError as error:
        faults = [(fault["type"], str(fault["loc"][0])) for fault in error.errors(include_url=False)]
    else:
        return
    unknown, missing = ([name for kind, name in faults if kind == of] for of in ("extra_forbidden", "missing"))
    slipped, lacking = slips(unknown, missing, params, list(model.model_fields), "parameters")
    for name, advice in slipped:
        yield Finding("unknown-parameter", f"{quoted(action)} has no parameter {quoted(name)}", (*path, name), advice)
    if lacking:
        message = f"{quoted(action)} lacks the parameter{'s' if len(lacking) > 1 else ''} {listed(lacking, last='and')}"
        yield Finding("missing-parameter", message, path)
    for name in dict.fromkeys(name for kind, name in faults if kind not in ("extra_forbidden", "missing")):
        problem = _problem(model, name, params[name])
        message = f"the parameter {quoted(name)} {problem.message}{instead(params[name])}"
        yield Finding("wrong-parameter", message, (*path, name), problem.help)


def _problem(model: type[BaseModel], name: str, value: Any) -> Problem:
    schema = model.model_json_schema()["properties"][name]
    if schema.get("type") != "integer":
        return Problem("must be text of at least one character")
    kind = WholeNumber(schema.get("minimum", 0), schema.get("maximum", MOST_EXACT))
    return kind.problems(value)[0]


def _cite_faults(document: Any) -> Iterator[Finding]:
    passages = entry(document, "passages", dict) or {}
    for path, cites in cite_lists(document) if passages else ():
        for index, cite in enumerate(cites):
            if isinstance(cite, str) and cite not in passages:
                meant = nearest(cite, passages)
                if meant is not None and not re.fullmatch(ID, meant):
                    continue  # the id of the passage is at fault
                advice = f"did you mean {quoted(meant)}?" if meant else "it is none of `passages`"
                yield Finding("unknown-passage", f"unknown passage {quoted(cite)}", (*path, index), advice)
