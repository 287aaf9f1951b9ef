"""A review flag that acts on no request."""

from __future__ import annotations

from collections.abc import Iterator

from medpolicy.check.analysis import AS_MEANT, CONTRADICTION, Analysis
from medpolicy.text.findings import Finding, quoted

CODE = "flag-never-acts"


def find(analysis: Analysis) -> Iterator[Finding]:
    """A finding for each such flag."""
    formulas = analysis.formulas
    can_be, undecided = analysis.which(formulas.acts)
    knowing, _ = analysis.which({id: formulas.acts[id] & formulas.status(id).met for id in can_be})
    for flag, path in analysis.flags():
        id, status = flag.id, formulas.status(flag.id)
        if id in undecided:
            yield analysis.not_proven(f"whether the {flag.kind} {quoted(id)} can act", path)
        elif id not in can_be:
            message = f"the {flag.kind} {quoted(id)} can never act"
            of_its_kind = analysis.now if flag.holds is None else formulas.covered[flag.holds]
            if flag.holds is not None and analysis.possible(status.possible):
                message += f": no request that would be {flag.holds} meets its condition"
            yield analysis.shown(CODE, message, path, CONTRADICTION, "error", of_its_kind, analysis.now)
        elif id not in knowing and analysis.possible(formulas.acts[id] & status.met) is False:
            message = f"the {flag.kind} {quoted(id)} acts only while facts are missing, and never once they are known"
            yield analysis.shown(CODE, message, path, AS_MEANT, "info", formulas.acts[id])
