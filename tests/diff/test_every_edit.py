"""Edits of the shipped revision held against an independent model: no transition is missed, and none is invented.

`MEDPOLICY_EXAMPLES=1000` takes every edit, which lasts ten minutes; without it the test takes some.
"""

from __future__ import annotations

import json
import os
import random
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import oracle
import pytest
from project import RULE_FILE

from diff.axes import CHOICES, JOINED, Axis, axis, every_test, given
from diff.edits import edits
from diff.model import DECISIONS, Grid, Sides, Space, answers
from medpolicy import load_policy
from medpolicy.diff.compare import Change, Comparison, compare
from medpolicy.evaluate.tables import MISSING
from medpolicy.load import read_rule_file

POLICY = load_policy("inotuzumab-ozogamicin")
SHIPPED = POLICY.revisions[0]
DOCUMENT = json.loads(RULE_FILE.read_bytes())
EVERY = list(edits(DOCUMENT))
SOME = EVERY if int(os.environ.get("MEDPOLICY_EXAMPLES", 0)) >= 1000 else EVERY[7::29]

Json = dict[str, Any]

APPROVED: Json = {
    "request_type": "initial",
    "service_start_date": date(2026, 4, 2),
    "disease": "acute_lymphoblastic_leukemia",
    "lineage": "b_cell_precursor",
    "disease_setting": "relapsed",
    "cd22_status": "positive",
    "cd22_test_submitted": True,
    "ph_status": "positive",
    "combination_regimen": frozenset({"dasatinib"}),
    "cycles_received": 2,
    "cycles_requested": 2,
    "total_cycles": 4,
    "age_years": None,
    "therapy_exclusion": False,
}


def making(sides: Sides, before: str, after: str) -> Grid:
    """The requests whose answer changes from one decision to another, or otherwise where the two are the same."""
    old, new = (DECISIONS.index(decision) for decision in (before, after))
    grid: Grid = (sides.decided[0] == old) & (sides.decided[1] == new) & sides.differ
    return grid


@pytest.mark.parametrize(("name", "document"), SOME, ids=[name for name, _ in SOME])
def test_the_changes_of_an_edit_are_those_that_there_are(name: str, document: Json) -> None:
    file = read_rule_file(Path("edited.json"), json.dumps(document).encode())
    if file.revision is None or file.errors:
        assert {finding.code for finding in file.errors} <= {"pathways-overlap", "wrong-value"}
        return
    grids = list(answers(DOCUMENT, document))
    found = compare(POLICY.vocabulary, SHIPPED, file.revision, 60)
    there = {
        (before, after)
        for before in DECISIONS
        for after in DECISIONS
        if any(making(sides, before, after).any() for sides in grids)
    }
    changes = (*found.transitions, *found.reasons)
    assert {(change.before, change.after) for change in changes} == there
    assert all(transition.before != transition.after for transition in found.transitions)
    assert found.open == ()
    assert found.equivalent is not bool(there)
    for change in changes:
        check_region(found, change, grids)
        assert change.witness.smallest
        facts = {name: facts for name, facts in change.witness.facts.items() if name != "request_id"}
        assert given(facts) == min(fewest(sides, making(sides, change.before, change.after)) for sides in grids)


def fewest(sides: Sides, changing: Grid) -> int:
    """The least number of facts that a request of a grid has to name to be one of some."""
    total = np.zeros(changing.shape, int)
    for place, read in enumerate(sides.axes):
        total += np.array(read.fewest()).reshape([-1 if n == place else 1 for n in range(changing.ndim)])
    return int(total[changing].min()) if changing.any() else 1000


def check_region(found: Comparison, change: Change, grids: list[Sides]) -> None:
    """Every request of the region changes in the way that it is said to."""
    inside = 0
    for sides in grids:
        rows = [[any(map(within(found, change), group)) for group in axis.groups] for axis in sides.axes]
        changing = making(sides, change.before, change.after)[np.ix_(*map(np.array, rows))]
        assert changing.all()
        inside += changing.size
    assert inside


def within(found: Comparison, change: Change) -> Any:
    tables, classes = found.space.tables, change.region.classes

    def is_within(facts: Json) -> bool:
        return all(
            (MISSING if value is None else tables[name].code(value)) in classes[name]
            for name, value in facts.items()
            if name in classes
        )

    return is_within


def test_the_model_agrees_with_the_oracle() -> None:
    """On requests drawn over all that the shipped rules tell apart, in every part of the answer."""
    drawn = list(requests(3000))
    said = Space([Axis(tuple(drawn[0]), [[facts] for facts in drawn])]).answer(DOCUMENT)
    seen = set()
    for place, facts in enumerate(drawn):
        expected = oracle.decide({name: written(value) for name, value in facts.items()})
        there = {part for part, grid in said.items() if grid[place]}
        assert DECISIONS[said["decision",][place]] == expected["decision"]
        assert ("not_met", "unknown", "met")[said["coverage",][place]] == expected["coverage"]
        assert named(there, "pathway") == [id for id in [expected["pathway"]] if id]
        assert named(there, "not met") == expected["not_met"]
        assert named(there, "reason") == expected["denial_reasons"]
        assert named(there, "missing") == expected["missing"]
        assert named(there, "flag") == sorted(expected["review_flags"])
        assert named(there, "terms") == (["12"] if expected["authorization"] else [])
        seen.add(expected["decision"])
    assert seen == set(DECISIONS)


def requests(count: int) -> Iterator[Json]:
    """The facts of requests; every other one is approved but for two."""
    draw = random.Random(7)
    read: dict[tuple[str, ...], list[Json]] = {}
    for test in every_test(DOCUMENT):
        read.setdefault(JOINED.get(test["name"], (test["name"],)), []).append(test)
    axes = [axis(names, tests) for names, tests in read.items()]
    for number in range(count):
        other = draw.sample(axes, len(axes) if number % 2 else 2)
        names = [name for axis in axes for name in axis.names]
        facts = {name: False if CHOICES.get(name) == [False, True] else None for name in names} | APPROVED
        yield facts | {name: value for axis in other for name, value in draw.choice(draw.choice(axis.groups)).items()}


def named(there: set[tuple[str, ...]], kind: str) -> list[str]:
    """The ids of one kind among the parts of an answer."""
    return sorted(part[1] for part in there if part[0] == kind)


def written(value: Any) -> Any:
    """A value in its JSON form."""
    return sorted(value) if isinstance(value, frozenset) else value.isoformat() if isinstance(value, date) else value
