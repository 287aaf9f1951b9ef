"""A criterion that is met wherever another criterion of its pathway is."""

from __future__ import annotations

from collections.abc import Container, Iterator, Mapping
from dataclasses import dataclass

from medpolicy.check.criterion_never_fails import never_failing
from medpolicy.check.subject import Subject
from medpolicy.solve import Formula, KleeneFormula, every
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

    @property
    def together(self) -> Formula:
        """That none of the others, nor the pathway's condition, is ruled out."""
        return self.applies.possible & every(status.possible for status in self.others.values())


def find(subject: Subject) -> Iterator[Finding]:
    """A finding for each such criterion; if two say the same, for the later one."""
    never, _ = never_failing(subject)
    for position, pathway in enumerate(subject.revision.pathways):
        can_approve = subject.possible(subject.formulas.satisfied[pathway.id].met)
        if can_approve:  # else any criterion follows from what cannot be met
            yield from _of_pathway(subject, pathway.id, never)
        elif can_approve is None:
            what = f"whether criteria of {quoted(pathway.id)} imply each other"
            yield subject.not_proven(what, ("pathways", position, "criteria"))


def _of_pathway(subject: Subject, pathway: str, never: Container[str]) -> Iterator[Finding]:
    formulas = subject.formulas
    paths = {id: path for owner, id, path in subject.criteria() if owner == pathway and id not in never}
    remaining = {id: formulas.status(id) for id in paths}
    for id in reversed(paths):
        others = {other: status for other, status in remaining.items() if other != id}
        criterion = _Criterion(id, paths[id], pathway, formulas.status(pathway), remaining[id], others)
        by = _implied_by(subject, criterion)
        if by is None:
            yield subject.not_proven(f"whether other criteria imply {quoted(id)}", paths[id])
        elif by:
            del remaining[id]
            yield _finding(subject, criterion, by)


def _implied_by(subject: Subject, of: _Criterion) -> str | None:
    """What implies a criterion, in words; empty if nothing does, None if that is undecided."""
    not_met = of.applies.met & ~of.status.met
    met = [status.met for status in of.others.values()]
    with subject.given(not_met) as ask:
        if ask.shown(*met):
            return ""
        if ask.possible() is False:
            return f"the condition of its pathway {quoted(of.pathway)}"
        for other, status in of.others.items():
            if ask.possible(status.met) is False:
                return quoted(other)
        opened = ask.possible(*met)
    return None if opened is None else "" if opened else BY_ALL


def _finding(subject: Subject, of: _Criterion, by: str) -> Finding:
    message = f"the criterion {quoted(of.id)} is implied by {by}: it rules out no approval"
    denied_early = of.together & of.status.not_met
    if subject.possible(denied_early) is not False:
        message += ", and only denies while facts are missing that would pend the request"
        return subject.shown(CODE, message, of.path, "nothing is to do if that is meant", "info", denied_early)
    advice = "remove it, or look for a wrong constant in one of them"
    severity: Severity = "info" if by == BY_ALL else "warning"
    return subject.shown(CODE, message, of.path, advice, severity, of.applies.met & of.status.not_met, of.applies.met)
