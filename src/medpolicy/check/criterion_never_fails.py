"""A criterion that no request fails to which its pathway may apply."""

from __future__ import annotations

from collections.abc import Iterator

from medpolicy.check.subject import Subject
from medpolicy.solve import Formula, KleeneFormula, every, some
from medpolicy.text.findings import Finding, listed, quoted

CODE = "criterion-never-fails"


def never_failing(subject: Subject) -> tuple[frozenset[str], frozenset[str]]:
    """The criteria that never fail, and those of which that could not be told."""
    side = subject.side
    fails = {id: side.status(pathway).possible & side.status(id).not_met for pathway, id, _ in subject.criteria()}
    can_be, untold = subject.which(fails)
    return frozenset(fails) - can_be - untold, untold


def find(subject: Subject) -> Iterator[Finding]:
    """A finding for each such criterion: for information where it still waits for facts."""
    side = subject.side
    never, untold = never_failing(subject)
    for pathway, id, path in subject.criteria():
        if id in untold:
            yield subject.not_proven(f"whether the criterion {quoted(id)} can fail", path)
        if id not in never:
            continue
        applies, status = side.status(pathway).met, side.status(id)
        opened = applies & status.unknown
        waits = subject.possible(opened)
        if waits is None:
            yield subject.not_proven(
                f"whether the criterion {quoted(id)}, which can never fail, waits for a fact", path
            )
        elif waits:
            facts = _asked_for(subject, id, applies, status)
            message = f"the criterion {quoted(id)} can never fail; it only " + (
                f"demands that {listed(facts, last='and')} be known" if facts else "waits for facts that are missing"
            )
            yield subject.shown(CODE, message, path, "nothing is to do if that is meant", "info", opened)
        else:
            message = f"the criterion {quoted(id)} can never fail: it is met wherever {quoted(pathway)} applies"
            advice = "look for an option or a constant too many, or remove it"
            yield subject.shown(CODE, message, path, advice, "warning", applies)


def _asked_for(subject: Subject, id: str, applies: Formula, status: KleeneFormula) -> list[str]:
    """The facts such that the criterion is met exactly where each of them is known; none where there are none such."""
    space = subject.space
    missing = {each: space.missing(each) for each in sorted(space.asks_for(subject.side.conditions[id]))}
    missing = {each: formula for each, formula in missing.items() if space.may_be_missing(each)}
    alone = {
        each: formula & every(~other for other in missing.values() if other is not formula) & ~status.met
        for each, formula in missing.items()
    }
    needed, _ = subject.which(alone, applies)
    known = every(~missing[each] for each in needed)
    other = known & ~status.met | some(missing[each] for each in needed) & status.met
    return sorted(needed) if subject.possible(applies & other) is False else []
