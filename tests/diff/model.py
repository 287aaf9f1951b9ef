"""A second reading of rule files of the shipped policy, for all requests at once: what changes between two of them.

Written by hand from sections 1 to 5 of the contract. It shares no code with the machine: domains and operators are listed
in `axes.py`, and a rule file is read as plain JSON. `tests/oracle.py` checks it for the shipped revision. A fact, or two
that are read together (both numbers of cycles, both days), is an axis of a grid of requests.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import reduce
from typing import Any, NamedTuple

import numpy as np

from diff.axes import CHOICES, FALSE, JOINED, PARTS, TRUE, UNKNOWN, Axis, Json, axis, every_test, status

Grid = np.ndarray[Any, Any]

DECISIONS = ("denied", "pended", "approved")


class Sides(NamedTuple):
    """What two rule files make of every request of one type: arrays with one dimension for each axis."""

    axes: list[Axis]
    decided: tuple[Grid, Grid]
    differ: Grid
    """Where the two answers are not the same in some part."""


def answers(old: Json, new: Json) -> Iterator[Sides]:
    """The answers of two rule files to every request, type by type."""
    for type in CHOICES["request_type"]:
        files = [without_settled(for_type(document, type)) for document in (old, new)]
        read: dict[tuple[str, ...], list[Json]] = {}
        for test in every_test(files):
            read.setdefault(JOINED.get(test["name"], (test["name"],)), []).append(test)
        axes = [axis(names, tests) for names, tests in read.items()]
        space = Space([*axes, Axis(("request_type",), [[{"request_type": type}]])])
        before, after = (space.answer(file) for file in files)
        parts = before.keys() | after.keys()
        none = np.zeros((1,) * len(space.axes), bool)
        differing = [before.get(part, none) != after.get(part, none) for part in parts]
        decided = tuple(np.broadcast_to(said_by["decision",], space.shape) for said_by in (before, after))
        differ = np.broadcast_to(reduce(np.logical_or, differing), space.shape)
        yield Sides(space.axes, decided, differ)


def for_type(part: Any, type: str) -> Any:
    """A rule file for requests of one type: tests of the type are settled, and what they settle."""
    if isinstance(part, list):
        return [for_type(inner, type) for inner in part]
    if not isinstance(part, dict):
        return part
    if "operator" in part:
        return status(part, type) if part["name"] == "request_type" else part
    for key, deciding in (("all", FALSE), ("any", TRUE)):
        if key in part:
            parts = for_type(part[key], type)
            left = [part for part in parts if part not in (FALSE, TRUE)]
            return deciding if deciding in parts else {key: left} if left else TRUE - deciding
    return {key: for_type(value, type) for key, value in part.items() if key not in ("invariants", "passages")}


def without_settled(file: Json) -> Json:
    """A rule file without the pathways and flags that are ruled out for every request."""
    pathways = [pathway for pathway in file["pathways"] if pathway["applies"] != FALSE]
    flags = [flag for flag in file["review_flags"] if flag["conditions"] != FALSE]
    return {**file, "pathways": pathways, "review_flags": flags}


class Space:
    """Requests of one type as a grid with one dimension for each axis."""

    def __init__(self, axes: list[Axis]) -> None:
        self.axes = axes
        self.shape = tuple(len(axis.groups) for axis in axes)

    def along(self, name: str, told: Callable[[Any], Any]) -> Grid:
        """What is told of the values of one fact, along its axis."""
        place = next(n for n, axis in enumerate(self.axes) if name in axis.groups[0][0])
        row = np.array([told(group[0][name]) for group in self.axes[place].groups])
        return row.reshape([-1 if n == place else 1 for n in range(len(self.axes))])

    def status(self, condition: Any) -> Grid:
        """False, unknown or true: `all` is the least of its parts, `any` the greatest."""
        if isinstance(condition, int):
            return np.full((1,) * len(self.axes), condition)
        if "operator" in condition:
            return self.along(condition["name"], lambda value: status(condition, value))
        key = "all" if "all" in condition else "any"
        return reduce(np.minimum if key == "all" else np.maximum, map(self.status, condition[key]))

    def waits(self, condition: Any) -> dict[str, Grid]:
        """For each given fact where it is missing and stands in an open test, below open groups alone."""
        if isinstance(condition, int):
            return {}
        here = self.status(condition) == UNKNOWN
        if "operator" in condition:
            parts = PARTS.get(condition["name"], (condition["name"],))
            return {part: here & self.along(part, lambda value: value is None) for part in parts}
        inside = united(map(self.waits, condition.get("all") or condition.get("any")))
        return {name: here & grid for name, grid in inside.items()}

    def answer(self, file: Json) -> dict[tuple[str, ...], Grid]:
        """Every part of the answer: a grid for each, false (or 0) where the part is not there."""
        pathways = file["pathways"]
        applies = [self.status(pathway["applies"]) for pathway in pathways]
        asked = [[self.status(criterion["conditions"]) for criterion in one["criteria"]] for one in pathways]
        whole = [reduce(np.minimum, criteria, first) for first, criteria in zip(applies, asked, strict=True)]
        none = np.zeros((1,) * len(self.axes), bool)
        coverage = reduce(np.maximum, whole, none.astype(int))
        said: dict[tuple[str, ...], Grid] = {("coverage",): coverage}
        acting: list[Grid] = []
        waiting = []
        for flag in file["review_flags"]:
            here = self.status(flag["conditions"])
            acts = here == TRUE if flag["kind"] == "note" else here != FALSE
            if flag["kind"] == "hold":
                acts = acts & (coverage == DECISIONS.index(flag["holds"]))
            said["flag", flag["id"], flag["kind"]] = acts
            if flag["kind"] != "note":
                acting.append(acts)
                waiting.append({name: acts & grid for name, grid in self.waits(flag["conditions"]).items()})
        decision = np.where(reduce(np.logical_or, acting, none), UNKNOWN, coverage)
        said["decision",] = decision
        for pathway, first, criteria, all in zip(pathways, applies, asked, whole, strict=True):
            said["pathway", pathway["id"]] = first == TRUE
            for criterion, known in zip(pathway["criteria"], criteria, strict=True):
                not_met = said.get(("not met", criterion["id"]), none) | ((first != FALSE) & (known == FALSE))
                said["not met", criterion["id"]] = not_met
                said["reason", criterion["id"]] = not_met & (decision == FALSE)
            terms = tuple(map(str, pathway["actions"][0]["params"].values()))
            approved = (decision == TRUE) & (all == TRUE)
            said["terms", *terms] = said.get(("terms", *terms), approved) | approved
            still_open = (coverage == UNKNOWN) & (all != FALSE)
            for condition in (pathway["applies"], *(criterion["conditions"] for criterion in pathway["criteria"])):
                waiting.append({name: still_open & grid for name, grid in self.waits(condition).items()})
        ruled_out = reduce(np.logical_and, [status == FALSE for status in applies], ~none)
        said["reason", file["unlisted"]["id"]] = (decision == FALSE) & ruled_out
        return said | {("missing", name): grid for name, grid in united(waiting).items()}


def united(parts: Iterable[Mapping[str, Grid]]) -> dict[str, Grid]:
    """Where one of several says so, name by name."""
    found: dict[str, Grid] = {}
    for part in parts:
        for name, value in part.items():
            found[name] = found[name] | value if name in found else value
    return found
