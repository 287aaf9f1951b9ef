"""Policies with any number of criteria: the shipped one, its criteria replaced by tests of its variables with varied constants."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import medpolicy
from benchmarks.data import LINEAGES, REGIMENS

POLICY = "inotuzumab-ozogamicin"

Json = dict[str, Any]


def write_rules(folder: Path, criteria: int) -> Path:
    """A rules folder whose one revision has so many criteria, shared out to its pathways."""
    (revision,) = medpolicy.load_policy(POLICY).revisions
    document: Json = json.loads(revision.model_dump_json(by_alias=True, exclude_none=True))
    document.setdefault("effective_to", None)
    pathways = document["pathways"]
    cites = pathways[0]["criteria"][0]["cites"]
    for pathway in pathways:
        pathway["criteria"] = []
    for number, condition in zip(range(criteria), _conditions(), strict=False):
        pathway = pathways[number % len(pathways)]
        pathway["criteria"].append(
            {
                "id": f"{pathway['id']}.c{number:04}",
                "cites": cites,
                "conditions": condition,
                "otherwise": [
                    {"name": "deny", "params": {"reason": f"Criterion {number} of a made-up policy is not met."}}
                ],
            }
        )
    cited = {name for part in _objects(document) for name in part.get("cites", ())}
    document["informative"] = [name for name in document["passages"] if name not in cited]
    target = folder / str(criteria) / POLICY
    target.mkdir(parents=True)
    (target / f"{document['revision']}.json").write_text(json.dumps(document), encoding="utf-8")
    return target.parent


def _conditions() -> Iterator[Json]:
    """Conditions of the shapes that the shipped policy has, without end."""
    number = 0
    while True:
        number += 1
        day = str(date(1930, 1, 1) + timedelta(days=37 * number % 30_000))
        options = [option for bit, option in enumerate(REGIMENS) if number >> bit & 1] or [REGIMENS[0]]
        yield from (
            _all(_test("total_cycles", "less_than_or_equal_to", 5 + number % 1000)),
            _all(_test("birth_date", "after", day)),
            _all(_test("lineage", "is_one_of", [LINEAGES[0], LINEAGES[1 + number % 2]])),
            _any(_test("combination_regimen", "is_exactly", options), _test("combination_regimen", "is_exactly", [])),
            _all(_test("age_years", "greater_than_or_equal_to", number % 100)),
            _any(
                _test("ph_status", "equal_to", ("positive", "negative")[number % 2]),
                _test("combination_regimen", "does_not_contain", REGIMENS[number % len(REGIMENS)]),
                _test("cycles_received", "less_than", 2 + number % 900),
            ),
            _all(_test("therapy_exclusion", "is_false", True), _test("cd22_status", "equal_to", "positive")),
            _all(_test("cycles_requested", "less_than", 3 + number % 900)),
            _all(
                _test("service_start_date", "on_or_before", str(date(2027, 1, 1) + timedelta(days=11 * number % 9_000)))
            ),
            _any(
                _test("disease_progression", "is_false", True),
                _all(
                    _test("request_type", "equal_to", "initial"), _test("total_cycles", "less_than", 4 + number % 900)
                ),
            ),
        )


def _test(name: str, operator: str, value: Any) -> Json:
    return {"name": name, "operator": operator, "value": value}


def _all(*parts: Json) -> Json:
    return {"all": list(parts)}


def _any(*parts: Json) -> Json:
    return {"any": list(parts)}


def _objects(value: Any) -> Iterator[Json]:
    if isinstance(value, dict):
        yield value
        value = list(value.values())
    if isinstance(value, list):
        for part in value:
            yield from _objects(part)
