"""The JSON Schema of one policy's rule files, so that an editor offers what the policy knows and marks what it does not.

The models of a rule file give the shape, the policy's vocabulary the names and values. The schema refuses nothing that
loading accepts; loading remains the judge of what a schema cannot say, such as passages that do not exist.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from medpolicy.language.fields.day import WRITTEN_DAY
from medpolicy.language.request import Variable
from medpolicy.language.revision import Revision
from medpolicy.language.vocabulary import Vocabulary
from medpolicy.load.names import EXPECTED_ACTION
from medpolicy.text.visible import CONTROL

DIALECT = "https://json-schema.org/draft/2020-12/schema"

Schema = dict[str, Any]

_GROUPS = {"All": "all", "Any": "any"}
_CONDITIONS = {"Pathway": "applies", "Criterion": "conditions", "ReviewFlag": "conditions", "Invariant": "when"}
"""The key under which each part has its condition."""
_UNLISTED = "the denial where no pathway applies"
_NOT_IN_EFFECT = "the gate where no revision is in effect on the service date"
_WIDTH = 120
_MAPS = ("properties", "patternProperties", "$defs")


def schema_text(vocabulary: Vocabulary) -> str:
    """The schema as a file beside the rule files has it."""
    return _written(policy_schema(vocabulary), 0) + "\n"


def policy_schema(vocabulary: Vocabulary) -> Schema:
    """The schema of a policy's rule files (JSON Schema 2020-12)."""
    shape = _tidied(Revision.model_json_schema(by_alias=True))
    definitions = shape.pop("$defs")
    definitions["Any"] = definitions.pop("Any_")
    fallback = definitions.pop("Fallback")
    definitions |= {name: _action(name, vocabulary, definitions["Action"]) for name in EXPECTED_ACTION.values()}
    del definitions["Action"]
    definitions["ControlCharacter"] = _CONTROL_CHARACTER
    definitions["Condition"] = {"anyOf": [_reference(name) for name in (*_GROUPS, "Test")]}
    definitions["Test"] = _test(vocabulary, definitions["Test"])
    definitions |= {f"test.{name}": _test_of(variable) for name, variable in vocabulary.testable.items()}
    for name, key in _CONDITIONS.items():
        definitions[name]["properties"][key] = _reference("Condition")
    for name, key in _GROUPS.items():
        definitions[name]["properties"][key]["items"] = _reference("Condition")
    definitions["Pathway"] = _acting(definitions["Pathway"], "actions", "pathway")
    definitions["Criterion"] = _acting(definitions["Criterion"], "otherwise", "criterion")
    definitions["ReviewFlag"] = _acting(definitions["ReviewFlag"], "actions", "flag") | _HOLDS
    shape["properties"] |= {
        "policy": {"const": vocabulary.policy},
        "unlisted": _acting(fallback, "actions", "criterion") | {"description": _UNLISTED},
        "not_in_effect": _acting(fallback, "actions", "flag") | {"description": _NOT_IN_EFFECT},
    }
    shape["properties"]["passages"]["additionalProperties"] = False
    return {"$schema": DIALECT, "title": f"Rule file of {vocabulary.policy}", **shape, "$defs": definitions}


_CONTROL_CHARACTER: Schema = {
    "description": "control characters other than the line feed, which no text may hold",
    "type": "string",
    "pattern": CONTROL,
}
_HOLDS: Schema = {
    "if": {"properties": {"kind": {"const": "hold"}}, "required": ["kind"]},
    "then": {"properties": {"holds": {"enum": ["approved", "denied"]}}, "required": ["holds"]},
    "else": {"properties": {"holds": {"const": None}}},
}


def _reference(name: str) -> Schema:
    return {"$ref": f"#/$defs/{name}"}


def _acting(part: Schema, key: str, what: str) -> Schema:
    """A part whose actions under `key` are the one that belongs there."""
    actions = part["properties"][key] | {"items": _reference(EXPECTED_ACTION[what])}
    return part | {"properties": part["properties"] | {key: actions}}


def _action(name: str, vocabulary: Vocabulary, shape: Schema) -> Schema:
    params = _tidied(vocabulary.parameters[name].model_json_schema())
    properties = shape["properties"] | {"name": {"const": name}, "params": params}
    return shape | {"description": getattr(vocabulary.actions, name).__doc__, "properties": properties}


def _test(vocabulary: Vocabulary, shape: Schema) -> Schema:
    """A test: the name decides which operators and values may follow."""
    names = [{"const": name} | _described(variable) for name, variable in vocabulary.testable.items()]
    of_name = [
        {"if": {"properties": {"name": {"const": name}}, "required": ["name"]}, "then": _reference(f"test.{name}")}
        for name in vocabulary.testable
    ]
    properties = {"name": {"anyOf": names}, "operator": {"type": "string"}, "value": {}}
    return shape | {"properties": properties, "allOf": of_name}


def _test_of(variable: Variable) -> Schema:
    """What may stand in a test of one variable: each group of operators with the values that they take."""
    kind = variable.kind
    groups: dict[str, tuple[list[str], Schema]] = {}
    for name in kind.operators():
        value = kind.constant_schema(name)
        groups.setdefault(json.dumps(value), ([], value))[0].append(name)
    forms = [{"properties": {"operator": {"enum": names}, "value": value}} for names, value in groups.values()]
    if len(forms) == 1:
        return _described(variable) | forms[0]
    every = {"operator": {"enum": list(kind.operators())}}
    return _described(variable) | {"properties": every, "anyOf": forms}


def _described(variable: Variable) -> Schema:
    return {"description": f"{variable.fact.label}. {variable.fact.ask}"}


def _tidied(schema: Mapping[str, Any]) -> Schema:
    """A schema of pydantic without what only repeats names, with patterns for the dates."""
    tidy: Schema = {}
    for key, value in schema.items():
        if key in _MAPS:
            tidy[key] = {name: _tidied(inner) for name, inner in value.items()}
        elif key == "anyOf" and all(option.keys() == {"type"} for option in value):
            tidy["type"] = [option["type"] for option in value]
        elif isinstance(value, dict):
            tidy[key] = _tidied(value)
        elif isinstance(value, list):
            tidy[key] = [_tidied(entry) if isinstance(entry, dict) else entry for entry in value]
        elif key not in ("title", "default", "ge", "le"):
            tidy[key] = value
    if tidy.get("format") == "date":
        return tidy | {"pattern": WRITTEN_DAY}
    is_free_text = "string" in tidy.get("type", ()) and not {"const", "enum"} & tidy.keys()
    if is_free_text and not tidy.get("pattern", "").startswith("^"):
        tidy["not"] = _reference("ControlCharacter")
    return tidy


def _written(value: Any, depth: int) -> str:
    """A value as JSON, each part on one line where it fits."""
    line = json.dumps(value, ensure_ascii=False)
    if not isinstance(value, dict | list) or len(line) + depth <= _WIDTH:
        return line
    if isinstance(value, list):
        (begin, end), parts = "[]", [_written(entry, depth + 2) for entry in value]
    else:
        (begin, end), parts = "{}", [f"{json.dumps(key)}: {_written(value[key], depth + 2)}" for key in value]
    indent = "\n" + " " * depth
    return begin + ",".join(f"{indent}  {part}" for part in parts) + indent + end
