"""The rules of a revision and the tests in their conditions, each with its place in the rule file."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from medpolicy.language.revision import All, Condition, Revision, Test
from medpolicy.load import RuleFile
from medpolicy.solve import Steps
from medpolicy.text.findings import Finding, Path


@dataclass(frozen=True, slots=True)
class Rule:
    """A pathway (*applies*), criterion or flag: its condition, its path in the file, and the pathway that it is of."""

    id: str
    kind: str
    """`pathway`, `criterion`, `gate`, `hold` or `note`."""
    condition: Condition
    path: Path
    pathway: str | None = None


@dataclass(frozen=True, slots=True)
class Occurrence:
    """One test where it stands in a condition."""

    test: Test
    steps: Steps
    path: Path


def rules(revision: Revision) -> Iterator[Rule]:
    """Every rule that has a condition, in the order of the file."""
    for place, pathway in enumerate(revision.pathways):
        yield Rule(pathway.id, "pathway", pathway.applies, ("pathways", place, "applies"), pathway.id)
        for inner, criterion in enumerate(pathway.criteria):
            path: Path = ("pathways", place, "criteria", inner, "conditions")
            yield Rule(criterion.id, "criterion", criterion.conditions, path, pathway.id)
    for place, flag in enumerate(revision.review_flags):
        yield Rule(flag.id, flag.kind, flag.conditions, ("review_flags", place, "conditions"))


def occurrences(condition: Condition, path: Path, steps: Steps = ()) -> Iterator[Occurrence]:
    """Every test of a condition, in the order of the file."""
    if isinstance(condition, Test):
        yield Occurrence(condition, steps, path)
        return
    key = "all" if isinstance(condition, All) else "any"
    for place, part in enumerate(condition.parts):
        yield from occurrences(part, (*path, key, place), (*steps, place))


def line_of(rules: RuleFile, path: Path) -> int | None:
    """The line of a rule file, from 1, on which the value at a path begins."""
    return rules.placed(Finding("", "", path)).line


def json_path(path: Path) -> str:
    """A path as a JSONPath expression, `$.pathways[0].applies`."""
    return Finding("", "", path).json_path
