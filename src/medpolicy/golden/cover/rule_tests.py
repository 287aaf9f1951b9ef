"""The rules of a revision and the tests in their conditions, each with its path in the rule file."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from medpolicy.language.condition import Condition, Test
from medpolicy.language.revision import Revision
from medpolicy.language.walk import Steps, walk
from medpolicy.text.findings import Path


@dataclass(frozen=True, slots=True)
class LocatedRule:
    """A pathway (*applies*), criterion or flag with its condition, and the path of the condition."""

    id: str
    kind: str
    """`pathway`, `criterion`, `gate`, `hold` or `note`."""
    condition: Condition
    path: Path
    pathway: str | None = None
    """The pathway that a criterion belongs to."""


@dataclass(frozen=True, slots=True)
class Occurrence:
    """A test at one position in a condition."""

    test: Test
    steps: Steps
    path: Path


def rules(revision: Revision) -> Iterator[LocatedRule]:
    """Every rule that has a condition, in the order of the file."""
    for index, pathway in enumerate(revision.pathways):
        yield LocatedRule(pathway.id, "pathway", pathway.applies, ("pathways", index, "applies"))
        for inner_index, criterion in enumerate(pathway.criteria):
            path: Path = ("pathways", index, "criteria", inner_index, "conditions")
            yield LocatedRule(criterion.id, "criterion", criterion.conditions, path, pathway.id)
    for index, flag in enumerate(revision.review_flags):
        yield LocatedRule(flag.id, flag.kind, flag.conditions, ("review_flags", index, "conditions"))


def occurrences(rule: LocatedRule) -> list[Occurrence]:
    """Every test of a rule, in the order of the file."""
    return [
        Occurrence(part, steps, (*rule.path, *path))
        for part, path, steps in walk(rule.condition)
        if isinstance(part, Test)
    ]
