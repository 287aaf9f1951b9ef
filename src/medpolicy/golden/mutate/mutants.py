"""Every single slip that may have been made in a rule file: `docs/coverage.md` lists them.

A mutant is a whole document with one change. A change of a text, a citation or a note makes none.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from medpolicy.language.fields.day import days_next_to
from medpolicy.language.vocabulary import Vocabulary
from medpolicy.load.parts import PartOfFile, conditions_of, parts_of
from medpolicy.text.findings import Path

OF_CONDITIONS = ("constant", "option", "operator", "variable", "group", "test dropped")
"""Kinds that change one condition, but not what a rule does if it is met or not."""

KINDS = (*OF_CONDITIONS, "rule dropped", "action", "flag", "date")

JsonObject = Mapping[str, Any]

_FLAGS = (
    {"kind": "gate"},
    {"kind": "hold", "holds": "approved"},
    {"kind": "hold", "holds": "denied"},
    {"kind": "note"},
)
_GROUPS = {"all": "any", "any": "all"}


@dataclass(frozen=True, slots=True, eq=False)
class Mutant:
    """A rule file with one slip: its kind, path and rule, and what was changed into what."""

    kind: str
    path: Path
    rule: str
    was: Any
    now: Any
    document: JsonObject

    def __str__(self) -> str:
        return f"{shortened(self.was)} -> {shortened(self.now)}"


def mutants(document: JsonObject, vocabulary: Vocabulary) -> Iterator[Mutant]:
    """Every mutant of a rule file without faults, in the order of the file."""
    for key in ("effective_from", "effective_to"):
        for next_day in days_next_to(document.get(key) or ""):
            yield _replaced("date", document, (key,), key, next_day)
    for part in parts_of(document):
        if len(part.path) > 1:
            id = part.content["id"]
            yield Mutant("rule dropped", part.path, id, id, None, _removed(document, part.path))
        yield from _other_actions(document, part, vocabulary)
        if part.what == "flag" and "kind" in part.content:
            yield from _other_flags(document, part)
    for path, condition in conditions_of(document):
        yield from _of_condition(document, path, condition, str(_at(document, path[:-1])["id"]), vocabulary)


def _of_condition(
    document: JsonObject, path: Path, condition: JsonObject, rule: str, vocabulary: Vocabulary
) -> Iterator[Mutant]:
    """The mutants of a condition as the file has it, notes included."""
    if "operator" in condition:
        for kind, key, value in _changes_of_test(condition, vocabulary):
            changed = _replaced_at(document, (*path, key), value)
            yield Mutant(kind, path, rule, condition, {**condition, key: value}, changed)
        return
    key = "all" if "all" in condition else "any"
    parts = condition[key]
    if len(parts) > 1:
        turned = {_GROUPS.get(name, name): value for name, value in condition.items()}
        yield Mutant("group", path, rule, key, _GROUPS[key], _replaced_at(document, path, turned))
    for index, part in enumerate(parts):
        part_path = (*path, key, index)
        if len(parts) > 1 and part not in parts[:index]:
            yield Mutant("test dropped", part_path, rule, part, None, _removed(document, part_path))
        yield from _of_condition(document, part_path, part, rule, vocabulary)


def _changes_of_test(test: JsonObject, vocabulary: Vocabulary) -> Iterator[tuple[str, str, Any]]:
    """Each slip in a test: its kind, the key, and the new value."""
    operator, constant = test["operator"], test["value"]
    kind = vocabulary.variables[test["name"]].kind
    operators = kind.operators()
    for name, input_type in operators.items():
        if name != operator and input_type == operators[operator]:
            yield "operator", "operator", name
    for name, variable in vocabulary.testable.items():
        same = name != test["name"] and variable.kind.type is kind.type
        if same and not variable.kind.constant_problems(operator, constant):
            yield "variable", "name", name
    for option in _other_options(constant, kind.choices):
        yield "option", "value", option
    for neighbour in kind.neighbours(constant):
        yield "constant", "value", neighbour


def _other_options(constant: Any, options: tuple[str, ...]) -> Iterator[Any]:
    """For a list, each with one option less or one more; for one option, every other one."""
    if isinstance(constant, list):
        yield from ([kept for kept in constant if kept != option] for option in dict.fromkeys(constant))
        yield from ([*constant, option] for option in options if option not in constant)
    else:
        yield from (option for option in options if option != constant)


def _other_actions(document: JsonObject, part: PartOfFile, vocabulary: Vocabulary) -> Iterator[Mutant]:
    rule = str(part.content["id"])
    for index, action in enumerate(part.content[part.action_key]):
        path = (*part.path, part.action_key, index)
        for name in vocabulary.parameters:
            if name != action["name"]:
                yield _replaced("action", document, (*path, "name"), rule, name)
        for name, value in action["params"].items():
            if isinstance(value, int) and not isinstance(value, bool):
                for number in (value - 1, value + 1):
                    term = (*path, "params", name)
                    changed = _replaced_at(document, term, number)
                    yield Mutant("action", term, rule, f"{name} {value}", f"{name} {number}", changed)


def _other_flags(document: JsonObject, part: PartOfFile) -> Iterator[Mutant]:
    now = {key: value for key, value in part.content.items() if key in ("kind", "holds")}
    rest = {key: value for key, value in part.content.items() if key != "holds"}
    for flag in _FLAGS:
        if flag != now:
            changed = _replaced_at(document, part.path, rest | flag)
            path = (*part.path, "kind")
            yield Mutant(
                "flag", path, part.content["id"], " of ".join(now.values()), " of ".join(flag.values()), changed
            )


def _replaced(kind: str, document: JsonObject, path: Path, rule: str, value: Any) -> Mutant:
    return Mutant(kind, path, rule, _at(document, path), value, _replaced_at(document, path, value))


def shortened(value: Any) -> str:
    """What a mutant changes, as a short text: a test as `name operator value`, a group by its parts."""
    if value is None:
        return "dropped"
    if isinstance(value, dict):
        if "operator" in value:
            constant = "" if value["value"] is True else f" {shortened(value['value'])}"
            return f"{value['name']} {value['operator']}{constant}"
        key = "all" if "all" in value else "any"
        return f"{key} of ({'; '.join(map(shortened, value[key]))})"
    return f"[{', '.join(map(str, value))}]" if isinstance(value, list) else str(value)


def _replaced_at(document: Any, path: Path, value: Any) -> Any:
    """The document with another value at a path, which may end in a new key."""
    return _changed(document, path, lambda holder, step: holder.__setitem__(step, value))


def _removed(document: Any, path: Path) -> Any:
    return _changed(document, path, lambda holder, step: holder.__delitem__(step))


def _at(document: Any, path: Path) -> Any:
    for step in path:
        document = document[step]
    return document


def _changed(document: Any, path: Path, change: Callable[[Any, Any], None]) -> Any:
    copy: Any = dict(document) if isinstance(document, dict) else list(document)
    if len(path) == 1:
        change(copy, path[0])
    else:
        copy[path[0]] = _changed(copy[path[0]], path[1:], change)
    return copy
