"""Rows of requests: boundaries, gaps, and everything that is wrong."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from random import Random
from typing import Any

from project import EXAMPLES as EXAMPLES_FOLDER

from medpolicy import Policy
from medpolicy.evaluate.compiled import Compiled
from medpolicy.language.fields import Choice, ChoiceSet, Day, Kind, Text, WholeNumber, YesNo
from medpolicy.language.request import Variable

EXAMPLES = sorted(EXAMPLES_FOLDER.glob("*.json"))
MISSING_ONE_IN = 8
LEAP_DAYS = [
    date(2008, 2, 29), date(2024, 2, 29), date(2026, 2, 28), date(2026, 3, 1), date(2028, 2, 28), date(2028, 2, 29),
]  # fmt: skip


def examples() -> list[dict[str, Any]]:
    return [json.loads(path.read_bytes()) for path in EXAMPLES]


def candidates(policy: Policy) -> dict[str, list[Any]]:
    """For each given variable a value of each class that the tests of all revisions make, and the ends of its domain."""
    found: dict[str, list[Any]] = {}
    for name, variable in policy.vocabulary.variables.items():
        if variable.derived is None and not isinstance(variable.kind, Text):
            found[name] = list(_ends(variable.kind))
    for decider in policy.deciders:
        for name, table in Compiled(decider).tables.items():
            for group in table.classes:
                if name in found:
                    kept = [group.first, group.last] if group.first is not None else list(group.members)[:40]
                    found[name] += [group.representative, *kept]
        revision = decider.revision
        for day in (revision.effective_from, revision.effective_to):
            if day is not None:
                found["service_start_date"] += [day + timedelta(days) for days in (-1, 0, 1)]
    for name, values in found.items():
        kind = policy.vocabulary.variables[name].kind
        if isinstance(kind, WholeNumber):
            values += [number for number in (0, 1, 2, 5, 6, 7) if not kind.problems(number)]
        elif isinstance(kind, Day):
            values += LEAP_DAYS
    return {
        name: [_plain(policy.vocabulary.variables[name].kind, value) for value in values]
        for name, values in found.items()
    }


def class_rows(policy: Policy, bases: Sequence[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """Each base with one variable changed to each candidate, and to nothing."""
    for at, base in enumerate(bases):
        for name, values in candidates(policy).items():
            for place, value in enumerate([*values, *([None] if _optional(policy.vocabulary.variables[name]) else [])]):
                yield {**base, name: value, "request_id": f"class {at} {name} {place}"}


def random_rows(policy: Policy, bases: Sequence[dict[str, Any]], count: int, seed: int) -> Iterator[dict[str, Any]]:
    """Bases with a few variables redrawn, or all of them; one redrawn value in eight is missing."""
    random = Random(seed)
    values = candidates(policy)
    for number in range(count):
        row = dict(random.choice(bases))
        names = random.sample(list(values), random.choice([1, 2, 3, 4, 6, len(values)]))
        for name in names:
            gap = _optional(policy.vocabulary.variables[name]) and random.randrange(MISSING_ONE_IN) == 0
            row[name] = None if gap else random.choice(values[name])
        for name, value in row.items():
            if isinstance(value, list) and value:  # repeats count once, and the order does not count
                several = [*value, *random.choices(value, k=random.randrange(3))]
                row[name] = random.sample(several, len(several))
        yield {**row, "request_id": f"random {seed} {number:05}"}


def faulty_rows(policy: Policy, base: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Every kind of fault that a table of natural types can hold, alone and together."""
    wrong: dict[str, list[Any]] = {}
    for name, variable in policy.vocabulary.variables.items():
        if variable.derived is None and not isinstance(variable.kind, YesNo):
            wrong[name] = [*_outside(variable.kind), *([None] if variable.required else [])]
    for name, values in wrong.items():
        for place, value in enumerate(values):
            id = value if name == "request_id" else f"fault {name} {place}"
            yield {**base, "request_id": id, name: value}
    everything = {name: values[0] for name, values in wrong.items() if name != "request_id"}
    yield {**base, **everything, "request_id": "fault everywhere"}
    largest = {name: values[-1] for name, values in wrong.items() if isinstance(values[-1], int)}
    yield {**base, **largest, "request_id": "fault of numbers that cannot be added"}
    for before, after in policy.vocabulary.request.earlier:
        yield {**base, "request_id": "fault of order", before: "2026-05-02", after: "2026-05-01"}
        yield {**base, "request_id": "no fault of order", before: "2026-05-01", after: "2026-05-01"}
    for times in (2, 3):
        yield from ({**base, "request_id": f"fault of {times}"} for _ in range(times))
    yield {**base, "request_id": "Fault of 2"}
    yield from ({**base, "request_id": None} for _ in range(2))


def _ends(kind: Kind) -> Iterator[Any]:
    if isinstance(kind, Choice):
        yield from kind.options
    elif isinstance(kind, YesNo):
        yield from (False, True)
    elif isinstance(kind, WholeNumber | Day):
        yield from (kind.lowest, kind.highest)
    elif isinstance(kind, ChoiceSet):
        yield from (frozenset(), frozenset(kind.options), *(frozenset({option}) for option in kind.options))


def _outside(kind: Kind) -> Iterator[Any]:
    if isinstance(kind, Choice):
        option = kind.options[0]
        yield from (
            "",
            " ",
            option.upper(),
            f"{option} ",
            f" {option}",
            "null",
            option + "\u200b",
            "it's; --",
            "\\",
            "%s",
        )
    elif isinstance(kind, WholeNumber):
        yield from (kind.lowest - 1, kind.highest + 1, -(2**31), 2**31 - 1)
    elif isinstance(kind, Day):
        yield from (kind.lowest - timedelta(1), kind.highest + timedelta(1), date.max)
    elif isinstance(kind, ChoiceSet):
        option = kind.options[0]
        yield from ([None], [option, None], ["nothing like it"], [option, ""], [option.upper()], [None, "x", "x"])
        yield from (["; ".join(kind.options[:2])], [" + ".join(kind.options[:2])], [f"{option} "])
    elif isinstance(kind, Text):
        yield ""


def _plain(kind: Kind, value: Any) -> Any:
    return kind.plain(value)


def _optional(variable: Variable) -> bool:
    return not variable.required
