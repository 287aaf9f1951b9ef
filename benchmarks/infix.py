"""Formulas as text, for the two peers whose languages look alike."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass

from benchmarks.lowered import Both, Choose, Either, Formula


@dataclass(frozen=True)
class Language:
    """How a language writes what they do not all write alike."""

    both: str
    either: str
    contains: Callable[[str, str], str]

    def choose(self, answer: Choose | str) -> str:
        """A choice among answers."""
        if isinstance(answer, str):
            return json.dumps(answer)
        return f"({self.formula(answer.condition)} ? {self.choose(answer.then)} : {self.choose(answer.otherwise)})"

    def formula(self, formula: Formula) -> str:
        """A formula."""
        if isinstance(formula, Both | Either):
            word = self.both if isinstance(formula, Both) else self.either
            return "(" + f" {word} ".join(map(self.formula, formula.parts)) + ")"
        name, constant = formula.name, json.dumps(formula.constant)
        if len(formula.parts) > 1:
            name = f"({' + '.join(formula.parts)})"
        return {
            "contains": self.contains(name, constant),
            "known": f"{name} != null",
            "missing": f"{name} == null",
            "true": f"{name} == true",
            "false": f"{name} == false",
        }.get(formula.operator, f"{name} {formula.operator} {constant}")
