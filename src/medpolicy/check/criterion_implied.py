"""A criterion that is met wherever another criterion of its pathway is."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from medpolicy.check.criterion_never_fails import never_failing
from medpolicy.check.subject import Subject
from medpolicy.solve import Formula, every
from medpolicy.source import Finding, Path, quoted

CODE = "criterion-implied"


def find(subject: Subject) -> Iterator[Finding]:
    """A finding for each such criterion; of two that say the same, for the later one."""
    side = subject.side
    never, _ = never_failing(subject)
    for pathway in subject.revision.pathways:
        of_it = {id: path for owner, id, path in subject.criteria() if owner == pathway.id}
        met = {id: side.status(id).met for id in of_it}
        possible, untold = subject.which(met, side.status(pathway.id).met)
        if possible | untold == set(met):  # else any follows from the one that cannot be met
            left = {id: each for id, each in met.items() if id not in never}
            for id in reversed(list(left)):
                found = _implied(subject, pathway.id, id, left, of_it[id])
                if found is not None:
                    yield found
                    del left[id]


def _implied(subject: Subject, pathway: str, id: str, met: Mapping[str, Formula], path: Path) -> Finding | None:
    side = subject.side
    applies, others = side.status(pathway).met, {other: each for other, each in met.items() if other != id}
    if not others:
        return None
    together = applies & every(others.values())
    opened = subject.possible(together & ~met[id])
    if opened is None:
        return subject.not_proven(f"whether other criteria imply {quoted(id)}", path)
    if opened or not subject.possible(together):
        return None
    counter, untold = subject.which({other: each & ~met[id] for other, each in others.items()}, applies)
    alone = next((other for other in others if other not in counter | untold), None)
    by = "the others of its pathway together" if alone is None else quoted(alone)
    message = f"the criterion {quoted(id)} is implied by {by}: it rules out no approval"
    advice = "remove it, or look for a wrong constant in one of them"
    severity = "info" if alone is None else "warning"
    example = applies & side.status(id).not_met
    return subject.shown(CODE, message, path, advice, severity, example, applies)  # type: ignore[arg-type]
