"""Small policies with the shipped vocabulary, and golden cases of them, made in the tests."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from drawing import asks
from faults import VALID_RULES

from medpolicy.golden import GoldenCase, RevisionCases, answer
from medpolicy.load import RuleFile, read_rule_file
from medpolicy.policy import Policy, policy_of

VALID = json.loads(VALID_RULES)
DAY = "2026-05-01"


INITIAL = asks("request_type", "equal_to", "initial")
NEVER = {"all": [INITIAL, asks("request_type", "equal_to", "continuation")]}


def flag(id: str, kind: str, condition: Any, holds: str | None = None) -> dict[str, Any]:
    actions = [{"name": "flag_for_review", "params": {"text": "Look at it."}}]
    made = {"id": id, "kind": kind, "cites": ["item-1"], "conditions": condition, "actions": actions}
    return made if holds is None else {**made, "holds": holds}


def pathway(id: str, applies: Any, criteria: Mapping[str, Any]) -> dict[str, Any]:
    made: dict[str, Any] = copy.deepcopy(VALID["pathways"][0])
    [criterion] = made["criteria"]
    return {
        **made,
        "id": id,
        "applies": applies,
        "criteria": [{**criterion, "id": id, "conditions": condition} for id, condition in criteria.items()],
    }


def document(pathways: Iterable[Any], flags: Iterable[Any] = (), **changes: Any) -> dict[str, Any]:
    return {**copy.deepcopy(VALID), "pathways": list(pathways), "review_flags": list(flags), **changes}


def read(content: Mapping[str, Any]) -> RuleFile:
    return read_rule_file(Path("tiny.json"), json.dumps(content).encode())


def tiny(content: Mapping[str, Any], requests: Iterable[Mapping[str, Any]] = ()) -> RevisionCases:
    """A policy with cases that expect what is answered today."""
    file = read(content)
    if file.vocabulary is None or file.errors:
        raise ValueError("\n".join(map(str, file.errors)))
    decider = policy_of(file.vocabulary, [file]).deciders[0]
    policy = Policy(file.vocabulary, (decider,))
    cases = []
    for line, facts in enumerate(requests, start=1):
        record = request(f"case-{line}", **facts)
        expected = answer(policy.decide(record))
        cases.append(GoldenCase(f"Case {line}.", policy.request(record), expected, record, line))
    return RevisionCases(file, decider, Path("cases", "tiny.jsonl"), tuple(cases))


def request(id: str, **facts: Any) -> dict[str, Any]:
    return {"request_id": id, "request_type": "initial", "service_start_date": DAY, **facts}
