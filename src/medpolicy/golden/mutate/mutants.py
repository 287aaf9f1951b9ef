"""Every single fault that a rule file may have got by a slip: `docs/coverage.md` lists them.

A mutant is a whole document, changed in one place. What only changes a text, a citation or a note is none.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from medpolicy.golden.mutate.edit import at, removed, replaced
from medpolicy.language.fields import Choice, ChoiceSet, day
from medpolicy.language.vocabulary import Vocabulary
from medpolicy.load.parts import PartOfFile, conditions_of, parts_of
from medpolicy.text.findings import Path

KINDS = (
    "constant",
    "option",
    "operator",
    "variable",
    "group",
    "test dropped",
    "rule dropped",
    "action",
    "flag",
    "date",
)

OF_CONDITIONS = frozenset({"constant", "option", "operator", "variable", "group", "test dropped"})
"""Kinds that change one condition, and nothing of what rules do where it is met or not."""

Document = Mapping[str, Any]


@dataclass(frozen=True, slots=True, eq=False)
class Mutant:
    """A rule file with one fault: of which kind, at which path, in which rule, and what it was and became."""

    kind: str
    path: Path
    rule: str
    was: Any
    now: Any
    document: Document

    def __str__(self) -> str:
        return f"{said(self.was)} -> {said(self.now)}"


def mutants(document: Document, vocabulary: Vocabulary) -> Iterator[Mutant]:
    """Every mutant of a rule file without faults, in the order of the file."""
    for key in ("effective_from", "effective_to"):
        for other in _next_days(document.get(key)):
            yield _replaced("date", document, (key,), key, other)
    owners = {(*part.path, part.condition_key): part for part in parts_of(document)}
    for part in parts_of(document):
        yield from _dropped_rule(document, part)
        yield from _other_actions(document, part, vocabulary)
        if part.what == "flag" and "kind" in part.content:
            yield from _other_kinds(document, part)
    for path, condition in conditions_of(document):
        yield from _of_condition(document, path, condition, str(owners[path].content["id"]), vocabulary)


def _of_condition(
    document: Document, path: Path, condition: Any, rule: str, vocabulary: Vocabulary
) -> Iterator[Mutant]:
    for key, other in (("all", "any"), ("any", "all")):
        parts = condition.get(key)
        if parts is None:
            continue
        if len(parts) > 1:
            swapped = {other if each == key else each: value for each, value in condition.items()}
            yield Mutant("group", path, rule, key, other, replaced(document, path, swapped))
        for place, part in enumerate(parts):
            inner = (*path, key, place)
            if len(parts) > 1 and part not in parts[:place]:
                yield Mutant("test dropped", inner, rule, part, None, removed(document, inner))
            yield from _of_condition(document, inner, part, rule, vocabulary)
    if "operator" in condition:
        yield from _of_test(document, path, condition, rule, vocabulary)


def _of_test(document: Document, path: Path, test: Document, rule: str, vocabulary: Vocabulary) -> Iterator[Mutant]:
    kind = vocabulary.variables[test["name"]].kind
    operators = kind.operators()
    for other, takes in operators.items():
        if other != test["operator"] and takes == operators[test["operator"]]:
            yield Mutant(
                "operator",
                path,
                rule,
                test,
                {**test, "operator": other},
                replaced(document, (*path, "operator"), other),
            )
    for name in _exchangeable(test, vocabulary):
        changed = replaced(document, (*path, "name"), name)
        yield Mutant("variable", path, rule, test, {**test, "name": name}, changed)
    value = test["value"]
    options = kind.options if isinstance(kind, Choice | ChoiceSet) else ()
    if isinstance(value, list):
        fewer = [[each for each in value if each != option] for option in dict.fromkeys(value)]
        more = [[*value, option] for option in options if option not in value]
        others: list[tuple[str, Any]] = [("option", each) for each in (*fewer, *more)]
    elif options:
        others = [("option", option) for option in options if option != value]
    elif isinstance(value, bool):
        others = []
    elif isinstance(value, int):
        others = [("constant", value - 1), ("constant", value + 1)]
    else:
        others = [("constant", other) for other in _next_days(value)]
    for what, other in others:
        yield Mutant(what, path, rule, test, {**test, "value": other}, replaced(document, (*path, "value"), other))


def _exchangeable(test: Document, vocabulary: Vocabulary) -> Iterator[str]:
    """The other variables that a test could ask for as it is."""
    kind = vocabulary.variables[test["name"]].kind
    for name, variable in vocabulary.testable.items():
        same = name != test["name"] and variable.kind.type is kind.type
        if same and not variable.kind.constant_problems(test["operator"], test["value"]):
            yield name


def _dropped_rule(document: Document, part: PartOfFile) -> Iterator[Mutant]:
    if len(part.path) > 1:
        id = part.content["id"]
        yield Mutant("rule dropped", part.path, id, id, None, removed(document, part.path))


def _other_actions(document: Document, part: PartOfFile, vocabulary: Vocabulary) -> Iterator[Mutant]:
    rule = str(part.content["id"])
    for place, action in enumerate(part.content[part.action_key]):
        path = (*part.path, part.action_key, place)
        for name in vocabulary.parameters:
            if name != action["name"]:
                yield _replaced("action", document, (*path, "name"), rule, name)
        for name, value in action["params"].items():
            if isinstance(value, int) and not isinstance(value, bool):
                for other in (value - 1, value + 1):
                    at_value = (*path, "params", name)
                    changed = replaced(document, at_value, other)
                    yield Mutant("action", at_value, rule, f"{name} {value}", f"{name} {other}", changed)


def _other_kinds(document: Document, part: PartOfFile) -> Iterator[Mutant]:
    flag, rule = part.content, str(part.content["id"])
    forms = [("gate", None), ("hold", "approved"), ("hold", "denied"), ("note", None)]
    is_now = (flag["kind"], flag.get("holds"))
    for kind, holds in forms:
        if (kind, holds) != is_now:
            other = {key: value for key, value in flag.items() if key != "holds"} | {"kind": kind}
            other |= {} if holds is None else {"holds": holds}
            changed = replaced(document, part.path, other)
            yield Mutant("flag", (*part.path, "kind"), rule, _form(*is_now), _form(kind, holds), changed)


def _replaced(kind: str, document: Document, path: Path, rule: str, value: Any) -> Mutant:
    return Mutant(kind, path, rule, at(document, path), value, replaced(document, path, value))


def _form(kind: str, holds: str | None) -> str:
    return kind if holds is None else f"{kind} of {holds}"


def _next_days(value: Any) -> Iterator[str]:
    known = day(value) if isinstance(value, str) else None
    for days in (-1, 1) if known is not None else ():
        if known is not None and date.min.toordinal() <= known.toordinal() + days <= date.max.toordinal():
            yield (known + timedelta(days)).isoformat()


def said(value: Any) -> str:
    """What a mutant changes, as a short text: a test as `name operator value`, a group by its parts."""
    if value is None:
        return "dropped"
    if isinstance(value, dict):
        if "operator" in value:
            constant = "" if value["value"] is True else f" {said(value['value'])}"
            return f"{value['name']} {value['operator']}{constant}"
        key = "all" if "all" in value else "any"
        return f"{key} of ({'; '.join(said(part) for part in value[key])})"
    return f"[{', '.join(map(str, value))}]" if isinstance(value, list) else str(value)
