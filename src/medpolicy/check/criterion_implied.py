"""A criterion that is met wherever another criterion of its pathway is."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from medpolicy.check.criterion_never_fails import never_failing
from medpolicy.check.subject import Subject
from medpolicy.solve import Three, every
from medpolicy.source import Finding, Path, Severity, quoted

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
            left = {id: side.status(id) for id in of_it if id not in never}
            for id in reversed(list(left)):
                found = _implied(subject, pathway.id, id, left, of_it[id])
                if found is not None:
                    yield found
                    if found.code == CODE:
                        del left[id]


def _implied(subject: Subject, pathway: str, id: str, of_it: Mapping[str, Three], path: Path) -> Finding | None:
    """The finding that what else a pathway asks implies a criterion, or that it was not worked out whether."""
    applies, status = subject.side.status(pathway), of_it[id]
    others = {other: each for other, each in of_it.items() if other != id}
    together = applies.met & every(each.met for each in others.values())
    opened = subject.possible(together & ~status.met)
    if opened is None:
        return subject.not_proven(f"whether other criteria imply {quoted(id)}", path)
    if opened or not subject.possible(together):
        return None
    if subject.possible(applies.met & ~status.met) is False:
        by, alone = f"the condition of its pathway {quoted(pathway)}", True
    else:
        counter, untold = subject.which({other: each.met & ~status.met for other, each in others.items()}, applies.met)
        one = next((other for other in others if other not in counter | untold), None)
        by, alone = "the others of its pathway together" if one is None else quoted(one), one is not None
    message = f"the criterion {quoted(id)} is implied by {by}: it rules out no approval"
    sooner = applies.possible & every(each.possible for each in others.values()) & status.not_met
    if subject.possible(sooner) is not False:
        message += ", and only denies while facts are missing that would pend the request"
        return subject.shown(CODE, message, path, "nothing is to do if that is meant", "info", sooner)
    advice = "remove it, or look for a wrong constant in one of them"
    severity: Severity = "warning" if alone else "info"
    return subject.shown(CODE, message, path, advice, severity, applies.met & status.not_met, applies.met)
