"""The policy in the terms that any expression language has: one formula that is true or false, for the peers.

A peer knows no *unknown*, so each condition becomes two formulas, as in the two runs of the stock engine: `certain` is
true where the condition is met, `possible` where it is not ruled out. A peer's request is prepared for it beforehand,
unmeasured and in its favour: days as numbers, a set as one text (`;a;b;`, sorted), so that each test is one comparison.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any, TypeAlias

from benchmarks.data import DEFAULTS_TO_NO, filled
from medpolicy.language.condition import All, Condition, Test
from medpolicy.policy import Policy

PARTS = {"total_cycles": ("cycles_received", "cycles_requested")}
"""A sum is written out; no formula here needs the age."""

Constant: TypeAlias = str | int | bool


@dataclass(frozen=True)
class Compare:
    """A comparison of a variable: `operator` is one of ==, in, <=, <, >=, known, missing, true, false, contains."""

    name: str
    operator: str
    constant: Constant | tuple[Constant, ...] = ""

    @property
    def parts(self) -> tuple[str, ...]:
        """The given variables whose sum is compared."""
        return PARTS.get(self.name, (self.name,))


@dataclass(frozen=True)
class Both:
    """A conjunction."""

    parts: tuple[Formula, ...]


@dataclass(frozen=True)
class Either:
    """A disjunction."""

    parts: tuple[Formula, ...]


Formula: TypeAlias = Compare | Both | Either


@dataclass(frozen=True)
class Choose:
    """One answer or another."""

    condition: Formula
    then: Choose | str
    otherwise: Choose | str


class Lowered:
    """The formulas of a policy with one revision."""

    def __init__(self, policy: Policy) -> None:
        (self._revision,) = policy.revisions
        self._policy = policy

    @cached_property
    def decision(self) -> Choose:
        """The decision; cheap tests that settle it stand first."""
        revision = self._revision
        gates = [_possible(each.conditions) for each in revision.review_flags if each.kind == "gate"]
        early = Compare("service_start_date", "<", revision.effective_from.toordinal())
        met = _any(_all(map(_certain, each)) for each in self._pathways)
        not_ruled_out = _any(_all(map(_possible, each)) for each in self._pathways)
        return Choose(
            _any([early, *gates]),
            "pended",
            Choose(
                met,
                Choose(self._held("approved"), "pended", "approved"),
                Choose(_any([not_ruled_out, self._held("denied")]), "pended", "denied"),
            ),
        )

    @cached_property
    def not_met(self) -> list[tuple[Formula, list[tuple[str, Formula]]]]:
        """For each pathway whether it is not ruled out, and for each of its criteria the id and whether it may be met."""
        in_effect = Compare("service_start_date", ">=", self._revision.effective_from.toordinal())
        return [
            (
                _all([in_effect, _possible(pathway.applies)]),
                [(each.id, _possible(each.conditions)) for each in pathway.criteria],
            )
            for pathway in self._revision.pathways
        ]

    def prepared(self, record: Mapping[str, Any]) -> dict[str, Any]:
        """A request in the form that the formulas read, missing facts as None."""
        facts = filled(record)
        regimen = facts["combination_regimen"]
        facts["combination_regimen"] = None if regimen is None else _joined(set(regimen))
        for name in ("service_start_date", "birth_date"):
            facts[name] = date.fromisoformat(facts[name]).toordinal() if facts[name] is not None else None
        return facts

    @property
    def _pathways(self) -> list[list[Condition]]:
        return [[each.applies, *(part.conditions for part in each.criteria)] for each in self._revision.pathways]

    def _held(self, decision: str) -> Formula:
        return _any(_possible(each.conditions) for each in self._revision.review_flags if each.holds == decision)


def _certain(condition: Condition) -> Formula:
    if not isinstance(condition, Test):
        parts = map(_certain, condition.parts)
        return _all(parts) if isinstance(condition, All) else _any(parts)
    test = _comparison(condition)
    if test.operator in ("==", "in", "true") or test.name in DEFAULTS_TO_NO:
        return test  # never true of a missing fact in any of the languages
    return _all([*(Compare(part, "known") for part in test.parts), test])


def _possible(condition: Condition) -> Formula:
    if not isinstance(condition, Test):
        parts = map(_possible, condition.parts)
        return _all(parts) if isinstance(condition, All) else _any(parts)
    test = _comparison(condition)
    if test.name in DEFAULTS_TO_NO or test.name == "request_type":
        return test
    return _any([*(Compare(part, "missing") for part in test.parts), test])


def _comparison(test: Test) -> Compare:
    value: Any = test.for_engine()["value"]
    if test.operator == "is_exactly":
        return Compare(test.name, "==", _joined(value))
    if test.operator == "contains":
        return Compare(test.name, "contains", f";{value};")
    if test.operator == "is_one_of":
        return Compare(test.name, "in", tuple(value))
    return Compare(test.name, _OPERATORS[test.operator], value)


_OPERATORS = {
    "equal_to": "==",
    "less_than_or_equal_to": "<=",
    "less_than": "<",
    "is_true": "true",
    "is_false": "false",
}


def _joined(options: Iterable[str]) -> str:
    return ";" + "".join(f"{option};" for option in sorted(options))


def _all(parts: Iterable[Formula]) -> Formula:
    flat = tuple(inner for part in parts for inner in (part.parts if isinstance(part, Both) else (part,)))
    return flat[0] if len(flat) == 1 else Both(flat)


def _any(parts: Iterable[Formula]) -> Formula:
    """A disjunction; equalities of one variable become one test of membership."""
    flat = [inner for part in parts for inner in (part.parts if isinstance(part, Either) else (part,))]
    values: dict[str, list[Constant]] = {}
    rest: list[Formula] = []
    for part in flat:
        if isinstance(part, Compare) and part.operator in ("==", "in") and part.name not in PARTS:
            constants = part.constant if isinstance(part.constant, tuple) else (part.constant,)
            values.setdefault(part.name, []).extend(constants)
        else:
            rest.append(part)
    for name, every in values.items():
        rest.append(Compare(name, "==", every[0]) if len(every) == 1 else Compare(name, "in", tuple(every)))
    return rest[0] if len(rest) == 1 else Either(tuple(rest))
