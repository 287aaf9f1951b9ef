"""A criterion that never fails while its pathway may apply."""

from __future__ import annotations

from collections.abc import Iterator

from medpolicy.check.analysis import AS_MEANT, Analysis
from medpolicy.solve import Formula, KleeneFormula, every, some
from medpolicy.text.findings import Finding, listed, quoted

CODE = "criterion-never-fails"


def never_failing(analysis: Analysis) -> tuple[frozenset[str], frozenset[str]]:
    """The criteria that never fail, and those for which that is undecided."""
    formulas = analysis.formulas
    fails = {
        id: formulas.status(pathway).possible & formulas.status(id).not_met for pathway, id, _ in analysis.criteria()
    }
    can_be, undecided = analysis.which(fails)
    return frozenset(fails) - can_be - undecided, undecided


def find(analysis: Analysis) -> Iterator[Finding]:
    """A finding for each such criterion; for information only if it still waits for facts."""
    formulas = analysis.formulas
    never, undecided = never_failing(analysis)
    for pathway, id, path in analysis.criteria():
        if id in undecided:
            yield analysis.not_proven(f"whether the criterion {quoted(id)} can fail", path)
        if id not in never:
            continue
        applies, status = formulas.status(pathway).met, formulas.status(id)
        opened = applies & status.unknown
        waits = analysis.possible(opened)
        if waits is None:
            yield analysis.not_proven(
                f"whether the criterion {quoted(id)}, which can never fail, waits for a fact", path
            )
        elif waits:
            facts = _asked_for(analysis, id, applies, status)
            message = f"the criterion {quoted(id)} can never fail; it only " + (
                f"demands that {listed(facts, last='and')} be known" if facts else "waits for facts that are missing"
            )
            yield analysis.shown(CODE, message, path, AS_MEANT, "info", opened)
        else:
            message = f"the criterion {quoted(id)} can never fail: it is met wherever {quoted(pathway)} applies"
            advice = "look for an option or a constant too many, or remove it"
            yield analysis.shown(CODE, message, path, advice, "warning", applies)


def _asked_for(analysis: Analysis, id: str, applies: Formula, status: KleeneFormula) -> list[str]:
    """The facts of which the criterion demands just that they be known; empty if it demands anything else."""
    space = analysis.space
    missing = {name: space.missing(name) for name in sorted(space.asks_for(analysis.formulas.conditions[id]))}
    missing = {name: formula for name, formula in missing.items() if space.may_be_missing(name)}
    alone = {
        name: formula & every(~other for other in missing.values() if other is not formula) & ~status.met
        for name, formula in missing.items()
    }
    needed, _ = analysis.which(alone, applies)
    known = every(~missing[name] for name in needed)
    other = known & ~status.met | some(missing[name] for name in needed) & status.met
    return sorted(needed) if analysis.possible(applies & other) is False else []
