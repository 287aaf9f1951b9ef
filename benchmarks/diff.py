"""`medpolicy diff`: the shipped revision as a process, policies of 300 criteria, and a corpus against two batch runs.

The conditions of the large policies are drawn over all variables of the shipped one, so that classes are as many as they can
be: real policies are easier.
"""

from __future__ import annotations

import json
import random
import sys
import time
from copy import deepcopy
from itertools import product
from pathlib import Path
from statistics import median
from typing import Any

from benchmarks.data import Kind
from benchmarks.files import spent, write_parquet
from benchmarks.report import Target, section, table, times
from benchmarks.timing import Contender, race
from medpolicy import load_policy
from medpolicy.batch import decide_file
from medpolicy.diff.compare import Comparison, compare
from medpolicy.diff.corpus import count_changes
from medpolicy.language.fields import Day, WholeNumber, YesNo
from medpolicy.language.revision import Revision

POLICY = load_policy("inotuzumab-ozogamicin")
TESTED = POLICY.vocabulary.testable
TARGET = 30.0
SHIPPED_TARGET = 3.0

Json = dict[str, Any]


def test(draw: random.Random) -> Json:
    """A random test of any variable but those that tell pathways apart."""
    name = draw.choice([each for each in TESTED if each not in ("request_type", "disease_setting")])
    kind: Any = TESTED[name].kind
    operator, takes = draw.choice(sorted(kind.operators().items()))
    value: Any = True
    if isinstance(kind, WholeNumber):
        value = draw.randint(kind.lowest, min(kind.highest, 40))
    elif isinstance(kind, Day):
        value = f"{draw.randint(1950, 2030)}-{draw.randint(1, 12):02d}-{draw.randint(1, 28):02d}"
    elif not isinstance(kind, YesNo):
        few = draw.sample(kind.options, draw.randint(1, max(1, len(kind.options) // 2)))
        value = few[0] if takes == "select" else few
    return {"name": name, "operator": operator, "value": value}


def condition(draw: random.Random, ways: int) -> Json:
    """A condition that can be met in some ways, each of up to three tests."""
    return {"any": [{"all": [test(draw) for _ in range(draw.randint(1, 3))]} for _ in range(ways)]}


def policy(draw: random.Random, pathways: int, criteria: int, ways: int) -> Json:
    """A rule file as large as asked for, with the flags of the shipped one."""
    document: Json = json.loads(POLICY.revisions[0].model_dump_json(by_alias=True))
    kind: Any = TESTED["disease_setting"].kind
    applies = [(type, setting) for type in ("initial", "continuation") for setting in kind.options]
    document["pathways"] = []
    for place, (type, setting) in enumerate(applies[:pathways]):
        tests = [
            {"name": "request_type", "operator": "equal_to", "value": type},
            {"name": "disease_setting", "operator": "equal_to", "value": setting},
        ]
        asked = [
            {
                "id": f"p{place}.c{each}",
                "cites": ["title"],
                "conditions": condition(draw, ways),
                "otherwise": [{"name": "deny", "params": {"reason": "no"}}],
            }
            for each in range(criteria)
        ]
        document["pathways"].append(
            {
                "id": f"p{place}",
                "title": "t",
                "cites": ["title"],
                "applies": {"all": tests},
                "criteria": asked,
                "actions": [{"name": "approve", "params": {"months": 12, "max_total_cycles": 6}}],
            }
        )
    return document


def edited(draw: random.Random, document: Json, changes: int, ways: int) -> Json:
    """The rule file with other conditions of some criteria."""
    other = deepcopy(document)
    asked = [each for pathway in other["pathways"] for each in pathway["criteria"]]
    for each in draw.sample(asked, changes):
        each["conditions"] = condition(draw, ways)
    return other


def rewritten(draw: random.Random, document: Json) -> Json:
    """The rule file with every condition, criterion and flag written otherwise: another order, nested, twice, other operators."""
    other = deepcopy(document)
    for pathway in other["pathways"]:
        pathway["applies"] = otherwise(draw, pathway["applies"])
        for each in pathway["criteria"]:
            each["conditions"] = otherwise(draw, each["conditions"])
        draw.shuffle(pathway["criteria"])
    for each in other["review_flags"]:
        each["conditions"] = otherwise(draw, each["conditions"])
    return other


def otherwise(draw: random.Random, of: Json) -> Json:
    """A condition in other words."""
    for group in ("all", "any"):
        if group in of:
            parts = [otherwise(draw, part) for part in of[group]]
            parts.append(draw.choice(parts))
            draw.shuffle(parts)
            return {group: [parts[0], {group: parts[1:]}]}
    name, operator, value = of["name"], of["operator"], of["value"]
    if operator == "less_than_or_equal_to" and value < 40:
        return {"name": name, "operator": "less_than", "value": value + 1}
    if operator == "is_one_of":
        return {"any": [{"name": name, "operator": "equal_to", "value": each} for each in value]}
    others = {"equal_to": "is_one_of", "not_equal_to": "is_none_of"}
    if isinstance(value, str) and operator in others and not isinstance(TESTED[name].kind, Day):
        return {"name": name, "operator": others[operator], "value": [value]}
    return of


def timed(old: Json, new: Json) -> tuple[float, Comparison]:
    """The seconds that a comparison takes, and what it found."""
    before, after = (Revision.model_validate_json(json.dumps(each)) for each in (old, new))
    start = time.perf_counter()
    found = compare(POLICY.vocabulary, before, after)
    return time.perf_counter() - start, found


def run(rounds: int, rows: int, kind: Kind, folder: Path) -> list[Target]:
    """Measure, print, and tell the targets."""
    old, new = (folder / f"{name}.json" for name in ("old", "new"))
    document: Json = json.loads(POLICY.revisions[0].model_dump_json(by_alias=True))
    old.write_text(json.dumps(document), "utf-8")
    document["pathways"][1]["criteria"][4]["conditions"]["all"][0]["value"] = 8
    new.write_text(json.dumps(document), "utf-8")
    return [_process(rounds, old, new), _large(), _corpus(rounds, rows, kind, old, new)]


def _process(rounds: int, old: Path, new: Path) -> Target:
    command = [str(Path(sys.executable).with_name("medpolicy")), "diff", str(old), str(new)]
    seconds = median(spent(command, found=1).elapsed for _ in range(rounds))
    what = "`medpolicy diff` of the shipped revision as a process"
    return Target(what, f"at most {SHIPPED_TARGET:g} s", f"{seconds:.2f} s", seconds <= SHIPPED_TARGET)


def _large() -> Target:
    section(
        "Comparing policies of 300 criteria",
        "Ways: how many alternatives a criterion has. Changed: criteria made anew.",
    )
    rows = []
    slowest = 0.0
    sizes = ((6, 50, 6), (3, 100, 3), (10, 30, 2))
    for (pathways, criteria, ways), again, changes in product(sizes, (False, True), (0, 1, 10, 300)):
        if changes == 0 and not again:
            continue
        draw = random.Random(5)
        old = policy(draw, pathways, criteria, ways)
        new = edited(draw, old, changes, ways)
        seconds, found = timed(old, rewritten(draw, new) if again else new)
        slowest = max(slowest, seconds)
        shape = (pathways, ways, "yes" if again else "no", changes)
        rows.append((*shape, len(found.transitions), len(found.open), f"{seconds:.1f}"))
    table(("pathways", "ways", "rewritten", "changed", "transitions", "not settled", "seconds"), rows)
    return Target("comparing policies of 300 criteria", f"at most {TARGET:g} s", f"{slowest:.1f} s", slowest <= TARGET)


def _corpus(rounds: int, rows: int, kind: Kind, old: Path, new: Path) -> Target:
    source, output = write_parquet(old.parent / "corpus.parquet", rows, kind), old.parent / "answers.parquet"
    before, after = (Revision.model_validate_json(each.read_bytes()) for each in (old, new))
    comparison = compare(POLICY.vocabulary, before, after)
    policies = [side.policy for side in comparison.solver.revisions]

    def twice() -> None:
        for each in policies:
            decide_file(each, source, output, revision=each.revisions[0].revision)

    runs = race(
        [Contender("corpus", lambda: count_changes(source, comparison)), Contender("batch", twice)], max(2, rounds // 3)
    )
    ratio = runs["corpus"].wall / runs["batch"].wall
    what = f"`diff --corpus` of {rows:,} records (Parquet)"
    measured = f"{times(ratio)} times ({runs['corpus'].wall:.2f} s)"
    return Target(what, "at most 3 times two batch runs", measured, ratio <= 3)
