"""A criterion that can never be met while its pathway applies."""

from __future__ import annotations

from collections.abc import Iterator

from medpolicy.check.analysis import CONTRADICTION, Analysis
from medpolicy.text.findings import Finding, quoted

CODE = "criterion-never-met"


def find(analysis: Analysis) -> Iterator[Finding]:
    """A finding for each such criterion."""
    formulas = analysis.formulas
    met = {id: formulas.status(pathway).met & formulas.status(id).met for pathway, id, _ in analysis.criteria()}
    can_be, undecided = analysis.which(met)
    for pathway, id, path in analysis.criteria():
        if id in undecided:
            yield analysis.not_proven(f"whether the criterion {quoted(id)} can be met", path)
        elif id not in can_be:
            applies, status = formulas.status(pathway).met, formulas.status(id)
            message = f"the criterion {quoted(id)} can never be met where {quoted(pathway)} applies"
            yield analysis.shown(CODE, message, path, CONTRADICTION, "error", applies & status.not_met, applies)
