"""Every finding about the logic of one rule file, and what became of its invariants."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from medpolicy.check import (
    criterion_implied,
    criterion_never_fails,
    criterion_never_met,
    flag_always_acts,
    flag_never_acts,
    invariant_broken,
    invariant_never_applies,
    pathway_cannot_approve,
    without_effect,
)
from medpolicy.check.analysis import NOT_PROVEN, Analysis
from medpolicy.check.invariants import Proof
from medpolicy.load import RuleFile
from medpolicy.solve import LIMIT
from medpolicy.text.findings import Finding

FINDERS: tuple[Callable[[Analysis], Iterator[Finding]], ...] = (
    criterion_never_met.find,
    criterion_never_fails.find,
    pathway_cannot_approve.find,
    flag_never_acts.find,
    flag_always_acts.find,
    invariant_never_applies.find,
    without_effect.find,
    criterion_implied.find,
)
"""The slow ones stand last."""

MOST_UNDECIDED = 3
"""Undecided questions of one kind that are reported one by one."""


@dataclass(frozen=True, slots=True)
class Logic:
    """Findings about one rule file in the order of the file, and what became of each invariant."""

    findings: tuple[Finding, ...]
    proofs: tuple[Proof, ...]


def checked(file: RuleFile, limit: float = LIMIT) -> Logic:
    """Findings and proofs; none of a file with errors. `limit` is in seconds for each question, within a limit for all.

    Raises `Unusable` where the extra `prove` is not installed.
    """
    if file.revision is None or file.vocabulary is None:
        return Logic((), ())
    analysis = Analysis(file.revision, file.vocabulary, limit)
    broken, proofs = invariant_broken.find(analysis, file.name)
    findings = [finding for find in FINDERS for finding in _few_undecided(list(find(analysis)))]
    placed = [file.placed(finding) for finding in (*broken, *findings)]
    placed.sort(key=lambda finding: (finding.line or 0, finding.column or 0, finding.code))
    return Logic(tuple(placed), tuple(proofs))


def _few_undecided(findings: list[Finding]) -> Iterator[Finding]:
    """Findings of one kind, with no more undecided questions among them than anybody reads."""
    undecided = [finding for finding in findings if finding.code == NOT_PROVEN]
    for finding in findings:
        if finding.code != NOT_PROVEN or finding in undecided[:MOST_UNDECIDED]:
            yield finding
    more = len(undecided) - MOST_UNDECIDED
    if more > 0:
        message = f"{more} more question{'s' if more > 1 else ''} like this one {'are' if more > 1 else 'is'} undecided"
        yield replace(undecided[MOST_UNDECIDED - 1], message=message)
