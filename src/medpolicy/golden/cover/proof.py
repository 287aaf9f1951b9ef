"""Whether any request shows an obligation: decided by trying all classes where these are few, otherwise by the solver."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import product
from math import prod

from medpolicy.golden.cover.obligations import Obligation, counts
from medpolicy.solve import LIMIT, Formula, Point, Solver, Space
from medpolicy.solve.deadline import Deadline
from medpolicy.solve.formula import In, Within, mapped

MOST_POINTS = 20_000
"""Combinations of classes that are tried one by one; where there are more, the solver is asked."""


def feasible(wanted: Iterable[Obligation], solver: Solver) -> Mapping[Obligation, bool | None]:
    """Whether some request shows each obligation of the solver's first revision; None where that is undecided."""
    found = {obligation: _among_the_classes(obligation.shown, solver.space) for obligation in wanted}
    for obligation in [obligation for obligation, possible in found.items() if possible is None]:
        with solver.prover.assuming(counts(obligation, solver.revisions[0])):
            found[obligation] = solver.prover.possible(Deadline(LIMIT))
    return found


def _among_the_classes(formula: Formula, space: Space) -> bool | None:
    """Whether a formula is true of some request, by trying all classes; None where they do not tell or are too many."""
    names = _names_of(formula)
    if names is None or not _independent(names, space):
        return None
    domains = [sorted(space.codes(name)) for name in names]
    if prod(map(len, domains)) > MOST_POINTS:
        return None
    return any(Point(dict(zip(names, codes, strict=True)), {}).holds(formula) for codes in product(*domains))


def _names_of(formula: Formula) -> list[str] | None:
    """The variables whose classes a formula reads, or None where it reads values."""
    atoms: list[In | Within] = []

    def noted(atom: In | Within) -> Formula:
        atoms.append(atom)
        return atom

    mapped(formula, noted)
    return None if any(isinstance(atom, Within) for atom in atoms) else sorted({atom.name for atom in atoms})


def _independent(names: list[str], space: Space) -> bool:
    """Whether some request has each combination of their classes: no part is shared, and none stands in an order of days."""
    parts = [part for name in names for part in space.vocabulary.variables[name].parts]
    in_order = {name for pair in space.vocabulary.request.earlier for name in pair}
    return len(parts) == len(set(parts)) and in_order.isdisjoint(parts)
