"""zen-engine: the policy as a compiled expression, its fastest call, and as a decision graph in a static loader."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import zen

from benchmarks.infix import Language
from benchmarks.lowered import Lowered

ZEN = Language("and", "or", lambda text, part: f"contains({text}, {part})")


def decision(lowered: Lowered) -> Callable[[Any], Any]:
    """A function from a prepared request to its decision: an expression compiled once."""
    evaluate: Callable[[Any], Any] = zen.compile_expression(ZEN.choose(lowered.decision)).evaluate
    return evaluate


def decision_and_reasons(lowered: Lowered) -> Callable[[Any], Any]:
    """The same by a decision graph, with the ids of the criteria that are not met.

    The graph stands in a static loader, where it is compiled once; a decision made by `create_decision` took many times
    as long for each evaluation in the version measured.
    """
    ids = ", ".join(
        f"({ZEN.formula(applies)} ? ({ZEN.formula(met)} ? null : {json.dumps(id)}) : null)"
        for applies, criteria in lowered.not_met
        for id, met in criteria
    )
    expressions = {"decision": ZEN.choose(lowered.decision), "not_met": f"filter([{ids}], # != null)"}
    evaluate = zen.ZenEngine({"loader": {"type": "static", "content": {"policy": _graph(expressions)}}}).evaluate
    return lambda facts: evaluate("policy", facts)["result"]


def prepared(lowered: Lowered, record: dict[str, Any]) -> dict[str, Any]:
    """A request without its missing facts, which the engine reads as null."""
    return {name: value for name, value in lowered.prepared(record).items() if value is not None}


def _graph(expressions: dict[str, str]) -> dict[str, Any]:
    """A graph of one node that works out the expressions."""
    content = {
        "expressions": [{"id": key, "key": key, "value": value} for key, value in expressions.items()],
        "passThrough": False,
    }
    nodes = [("request", "inputNode", {}), ("rules", "expressionNode", content), ("answer", "outputNode", {})]
    ends = [("request", "rules"), ("rules", "answer")]
    return {
        "nodes": [
            {"id": id, "name": id, "type": type, "content": content, "position": {"x": 0, "y": 0}}
            for id, type, content in nodes
        ],
        "edges": [
            {"id": f"{source}-{target}", "type": "edge", "sourceId": source, "targetId": target}
            for source, target in ends
        ],
    }
