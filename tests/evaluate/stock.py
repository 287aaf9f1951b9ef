"""The stock engine with one fact of each of its own types, and what a rule file with such a rule is refused for."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from business_rules.actions import BaseActions, rule_action
from business_rules.engine import check_conditions_recursively
from business_rules.fields import FIELD_TEXT
from business_rules.variables import (
    BaseVariables,
    boolean_rule_variable,
    numeric_rule_variable,
    select_rule_variable,
    string_rule_variable,
)
from faults import VALID_RULES

from medpolicy.load import read_rule_file

VALID = json.loads(VALID_RULES)
LINEAGE = {"name": "lineage", "operator": "equal_to", "value": "b_cell_precursor"}
CYCLES = {"name": "total_cycles", "operator": "less_than_or_equal_to", "value": 6}


class Facts(BaseVariables):  # type: ignore[misc]  # business-rules has no type hints
    """One fact of each stock type."""

    def __init__(self, value: Any) -> None:
        self.value = value
        self.called: list[str] = []

    @numeric_rule_variable()  # type: ignore[untyped-decorator]
    def number(self) -> Any:
        return self.value

    @string_rule_variable()  # type: ignore[untyped-decorator]
    def text(self) -> Any:
        return self.value

    @boolean_rule_variable()  # type: ignore[untyped-decorator]
    def yes(self) -> Any:
        return self.value

    @select_rule_variable()  # type: ignore[untyped-decorator]
    def option(self) -> Any:
        return self.value

    def undecorated(self) -> Any:
        self.called.append("undecorated")
        return self.value


class Actions(BaseActions):  # type: ignore[misc]  # business-rules has no type hints
    """Actions that remember what was done."""

    def __init__(self) -> None:
        self.done: list[str] = []

    @rule_action(params={"reason": FIELD_TEXT})  # type: ignore[untyped-decorator]
    def deny(self, reason: str) -> None:
        self.done.append("deny")

    @rule_action()  # type: ignore[untyped-decorator]
    def approve(self) -> None:
        self.done.append("approve")

    def _private(self) -> None:
        self.done.append("_private")

    def undecorated(self) -> None:
        self.done.append("undecorated")


def stock(condition: Any, value: Any = None) -> bool:
    return bool(check_conditions_recursively(condition, Facts(value)))


def asks(name: str, operator: str, value: Any = None) -> dict[str, Any]:
    return {"name": name, "operator": operator, "value": value}


def refused(condition: Any = LINEAGE, action: Any = None, otherwise: Any = None) -> set[str]:
    """The codes of what `check` has against a rule file with another condition, or other actions."""
    document = json.loads(json.dumps(VALID))
    pathway = document["pathways"][0]
    pathway["criteria"][0]["conditions"] = condition
    pathway["actions"] = pathway["actions"] if action is None else action
    pathway["criteria"][0]["otherwise"] = otherwise or pathway["criteria"][0]["otherwise"]
    file = read_rule_file(Path("x.json"), json.dumps(document).encode())
    return {finding.code for finding in file.errors}
