"""CEL by `cel-expr-python`, the binding of CEL's C++ runtime, in its fastest call: a compiled expression on a mapping.

Of the maintained CEL packages it was the fastest here: `common-expression-language` (cel-rust) took 1.4 times as long,
and `cel-python`, written in Python, is a class slower.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from cel_expr_python import cel  # type: ignore[import-untyped]

from benchmarks.data import SCHEMA
from benchmarks.infix import Language
from benchmarks.lowered import Lowered

CEL = Language("&&", "||", lambda text, part: f"{text}.contains({part})")


def decision(lowered: Lowered) -> Callable[[Any], Any]:
    """A function from a prepared request to its decision."""
    return _compiled(CEL.choose(lowered.decision))


def decision_and_reasons(lowered: Lowered) -> Callable[[Any], Any]:
    """A function from a prepared request to its decision and the ids of the criteria that are not met."""
    ids = " + ".join(
        f"({CEL.formula(applies)} ? {' + '.join(_unless(id, CEL.formula(met)) for id, met in criteria)} : [])"
        for applies, criteria in lowered.not_met
    )
    return _compiled(f'{{"decision": {CEL.choose(lowered.decision)}, "not_met": {ids}}}')


def prepared(lowered: Lowered, record: dict[str, Any]) -> dict[str, Any]:
    """A request with every key, since the language knows no missing variable but null."""
    return lowered.prepared(record)


def _unless(id: str, met: str) -> str:
    return f"({met} ? [] : [{json.dumps(id)}])"


def _compiled(expression: str) -> Callable[[Any], Any]:
    environment = cel.NewEnv(variables=dict.fromkeys(SCHEMA.names, cel.Type.DYN))
    evaluate = environment.compile(expression).eval
    return lambda facts: evaluate(data=facts).plain_value()
