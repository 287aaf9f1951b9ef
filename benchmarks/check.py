"""`python -m benchmarks.check`: how long `medpolicy check` takes, as a process, also on policies of 300 criteria.

The large ones are harder than real policies: conditions are drawn over all variables, with days, sums and sets of many
constants. Some are one pathway of 300 criteria, some sixty of five, some nearly the same criterion 300 times.
"""

from __future__ import annotations

import json
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from itertools import product
from pathlib import Path
from typing import Any

from benchmarks import report
from benchmarks.diff import POLICY, TESTED, condition, test
from benchmarks.policies import write_rules
from benchmarks.report import Target

SHIPPED_TARGET = 3.0
LARGE_TARGET = 30.0

Json = dict[str, Any]

APART = ("request_type", "disease_setting", "disease", "cd22_status")


def run(folder: Path) -> list[Target]:
    """Check each policy once, as a process."""
    report.section("`medpolicy check`, with all proofs")
    files: dict[str, list[str]] = {}
    for name, document in _large().items():
        path = folder / f"check-{len(files)}.json"
        path.write_text(json.dumps(document), "utf-8")
        files[name] = [str(path)]
    files["300 criteria in three pathways, plain"] = list(map(str, write_rules(folder / "check", 300).rglob("*.json")))
    measured = {"the shipped rules": _measured([])} | {name: _measured(paths) for name, paths in files.items()}
    rows = [(name, f"{seconds:.1f}", findings, left) for name, (seconds, findings, left) in measured.items()]
    report.table(("policy", "seconds", "findings", "not proven"), rows)
    wanted = {name: SHIPPED_TARGET if name not in files else LARGE_TARGET for name in measured}
    return [
        Target(f"`check`, {name}", f"{wanted[name]:g} s at most", f"{seconds:.1f} s", seconds <= wanted[name])
        for name, (seconds, _, _) in measured.items()
    ]


def _measured(files: list[str]) -> tuple[float, int, int]:
    """Seconds, findings, and questions left open."""
    begun = time.perf_counter()
    ran = subprocess.run(
        [sys.executable, "-m", "medpolicy", "check", *files, "--json"], capture_output=True, check=False
    )
    seconds = time.perf_counter() - begun
    told = json.loads(ran.stdout)
    still_open = sum(each["code"] == "not-proven" for each in told["findings"])
    still_open += sum(each["verdict"] == "not proven" for each in told["invariants"])
    return seconds, len(told["findings"]), still_open


def _large() -> dict[str, Json]:
    draw = random.Random(11)
    return {
        "300 criteria in one pathway": _policy([_random(draw, 300, 3)]),
        "300 criteria in one pathway, six ways each": _policy([_random(draw, 300, 6)]),
        "3 pathways of 100": _policy([_random(draw, 100, 3) for _ in range(3)]),
        "6 pathways of 50, six ways each": _policy([_random(draw, 50, 6) for _ in range(6)]),
        "60 pathways of 5": _policy([_random(draw, 5, 3) for _ in range(60)]),
        "300 criteria nearly alike": _policy([_alike(draw, 300)]),
        "300 criteria nearly alike in six pathways": _policy([_alike(draw, 50) for _ in range(6)]),
    }


def _random(draw: random.Random, criteria: int, ways: int) -> list[Json]:
    return [condition(draw, ways) for _ in range(criteria)]


def _alike(draw: random.Random, criteria: int) -> list[Json]:
    """Caps on cycles, ages and days that imply each other, each beside a test that seldom matters."""
    number: list[Json] = [
        {"name": "total_cycles", "operator": "less_than_or_equal_to", "value": draw.randint(6, 900)}
        for _ in range(criteria)
    ]
    for place in range(0, criteria, 3):
        number[place] = {"name": "age_years", "operator": "greater_than_or_equal_to", "value": draw.randint(1, 90)}
    return [{"any": [each, {"all": [test(draw), test(draw)]}]} for each in number]


def _policy(pathways: list[list[Json]]) -> Json:
    """A rule file with so many pathways, told apart by a few choices, and the flags and invariants of the shipped one."""
    document: Json = json.loads(POLICY.revisions[0].model_dump_json(by_alias=True))
    document["pathways"] = []
    for place, (conditions, applies) in enumerate(zip(pathways, _apart(len(pathways)), strict=False)):
        asked = [
            {"id": f"p{place}.c{each}", "cites": ["title"], "conditions": condition, "otherwise": [_deny()]}
            for each, condition in enumerate(conditions)
        ]
        approve = {"name": "approve", "params": {"months": 12, "max_total_cycles": 6}}
        document["pathways"].append(
            {
                "id": f"p{place}",
                "title": "t",
                "cites": ["title"],
                "applies": applies,
                "criteria": asked,
                "actions": [approve],
            }
        )
    return document


def _apart(pathways: int) -> Iterator[Json]:
    options: list[list[tuple[str, str]]] = []
    count = 1
    for name in APART:
        if count < pathways or not options:
            kind: Any = TESTED[name].kind
            options.append([(name, each) for each in kind.options])
            count *= len(kind.options)
    for chosen in product(*options):
        yield {"all": [{"name": name, "operator": "equal_to", "value": value} for name, value in chosen]}


def _deny() -> Json:
    return {"name": "deny", "params": {"reason": "no"}}


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as name:
        report.targets(run(Path(name)))
