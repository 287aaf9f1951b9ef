"""A criterion that is met wherever another criterion of its pathway is."""

from __future__ import annotations

from collections.abc import Container, Iterator, Mapping
from dataclasses import dataclass

from medpolicy.check.analysis import AS_MEANT, Analysis
from medpolicy.check.criterion_never_fails import never_failing
from medpolicy.solve import KleeneFormula, every
from medpolicy.text.findings import Finding, Path, Severity, quoted

CODE = "criterion-implied"
BY_ALL = "the others of its pathway together"


@dataclass(frozen=True, slots=True)
class _Criterion:
    """A criterion of a pathway that can approve, and the others of its pathway that are not implied themselves."""

    id: str
    path: Path
    pathway: str
    applies: KleeneFormula
    status: KleeneFormula
    others: Mapping[str, KleeneFormula]


def find(analysis: Analysis) -> Iterator[Finding]:
    """A finding for each such criterion; if two say the same, for the later one."""
    never, _ = never_failing(analysis)
    for position, pathway in enumerate(analysis.revision.pathways):
        can_approve = analysis.possible(analysis.formulas.satisfied[pathway.id].met)
        if can_approve:  # else any criterion follows from what cannot be met
            yield from _of_pathway(analysis, pathway.id, never)
        elif can_approve is None:
            what = f"whether criteria of {quoted(pathway.id)} imply each other"
            yield analysis.not_proven(what, ("pathways", position, "criteria"))


def _of_pathway(analysis: Analysis, pathway: str, never: Container[str]) -> Iterator[Finding]:
    formulas = analysis.formulas
    paths = {id: path for owner, id, path in analysis.criteria() if owner == pathway and id not in never}
    remaining = {id: formulas.status(id) for id in paths}
    for id in reversed(paths):
        others = {other: status for other, status in remaining.items() if other != id}
        criterion = _Criterion(id, paths[id], pathway, formulas.status(pathway), remaining[id], others)
        by = _implied_by(analysis, criterion)
        if by is None:
            yield analysis.not_proven(f"whether other criteria imply {quoted(id)}", paths[id])
        elif by:
            del remaining[id]
            yield _finding(analysis, criterion, by)


def _implied_by(analysis: Analysis, of: _Criterion) -> str | None:
    """What implies a criterion, in words; empty if nothing does, None if that is undecided."""
    not_met = of.applies.met & ~of.status.met
    met = [status.met for status in of.others.values()]
    with analysis.given(not_met) as ask:
        if ask.shown(*met):
            return ""
        if ask.possible() is False:
            return f"the condition of its pathway {quoted(of.pathway)}"
        for other, status in of.others.items():
            if ask.possible(status.met) is False:
                return quoted(other)
        opened = ask.possible(*met)
    return None if opened is None else "" if opened else BY_ALL


def _finding(analysis: Analysis, of: _Criterion, by: str) -> Finding:
    message = f"the criterion {quoted(of.id)} is implied by {by}: it rules out no approval"
    nothing_else_denies = of.applies.possible & every(status.possible for status in of.others.values())
    denied_early = nothing_else_denies & of.status.not_met
    if analysis.possible(denied_early) is not False:
        message += ", and only denies while facts are missing that would pend the request"
        return analysis.shown(CODE, message, of.path, AS_MEANT, "info", denied_early)
    advice = "remove it, or look for a wrong constant in one of them"
    severity: Severity = "info" if by == BY_ALL else "warning"
    return analysis.shown(CODE, message, of.path, advice, severity, of.applies.met & of.status.not_met, of.applies.met)
