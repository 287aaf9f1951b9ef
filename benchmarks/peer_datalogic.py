"""datalogic-py: the policy as JSONLogic, compiled once; its fastest call on a mapping is `Session.evaluate`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from datalogic_py import Engine

from benchmarks.lowered import Both, Choose, Compare, Either, Formula, Lowered


def decision(lowered: Lowered) -> Callable[[Any], str]:
    """A function from a prepared request to its decision."""
    return _compiled(_choose(lowered.decision))


def decision_and_reasons(lowered: Lowered) -> Callable[[Any], Any]:
    """A function from a prepared request to its decision and the ids of the criteria that are not met."""
    ids = [
        {"if": [_logic(applies), {"merge": [{"if": [_logic(met), [], id]} for id, met in criteria]}, []]}
        for applies, criteria in lowered.not_met
    ]
    return _compiled({"decision": _choose(lowered.decision), "not_met": {"merge": ids}})


def prepared(lowered: Lowered, record: dict[str, Any]) -> dict[str, Any]:
    """A request without its missing facts, which the engine reads as null."""
    return {name: value for name, value in lowered.prepared(record).items() if value is not None}


def _compiled(logic: Any) -> Callable[[Any], Any]:
    engine = Engine(templating=True)
    rule, evaluate = engine.compile(logic), engine.session().evaluate
    return lambda facts: evaluate(rule, facts)


def _choose(answer: Choose | str) -> Any:
    if isinstance(answer, str):
        return answer
    return {"if": [_logic(answer.condition), _choose(answer.then), _choose(answer.otherwise)]}


def _logic(formula: Formula) -> Any:
    if isinstance(formula, Both | Either):
        return {"and" if isinstance(formula, Both) else "or": [_logic(part) for part in formula.parts]}
    value: Any = {"var": formula.name}
    if len(formula.parts) > 1:
        value = {"+": [{"var": part} for part in formula.parts]}
    return _comparison(formula, value)


def _comparison(test: Compare, value: Any) -> Any:
    constant = list(test.constant) if isinstance(test.constant, tuple) else test.constant
    return {
        "==": {"===": [value, constant]},
        "in": {"in": [value, constant]},
        "contains": {"in": [constant, value]},
        "<=": {"<=": [value, constant]},
        "<": {"<": [value, constant]},
        ">=": {">=": [value, constant]},
        "known": {"!==": [value, None]},
        "missing": {"===": [value, None]},
        "true": value,
        "false": {"!": [value]},
    }[test.operator]
