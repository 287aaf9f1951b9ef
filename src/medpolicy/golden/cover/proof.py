"""Whether any request shows an obligation: told by going through the classes where they are few, else by the solver."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import product
from math import prod

from medpolicy.golden.cover.obligations import Obligation, counts
from medpolicy.language.fields import Day
from medpolicy.solve import LIMIT, Formula, Point, RevisionFormulas, Space
from medpolicy.solve.deadline import Deadline
from medpolicy.solve.formula import Always, Differ, Every, In, Not, Some, Within
from medpolicy.solve.prover import Prover

MOST_POINTS = 20_000
"""Combinations of classes that are looked at one by one; where there are more, the solver is asked."""


def feasible(wanted: Iterable[Obligation], space: Space, side: RevisionFormulas) -> Mapping[Obligation, bool | None]:
    """For each obligation whether some request shows it; None where the solver could not tell in time."""
    found = {each: _among_the_classes(each.shown, space) for each in wanted}
    left = {each: counts(each, side) for each, known in found.items() if known is None}
    if left:
        prover = Prover(space)
        for each, formula in left.items():
            with prover.assuming(formula):
                found[each] = prover.possible(Deadline(LIMIT))
    return found


def _among_the_classes(formula: Formula, space: Space) -> bool | None:
    """Whether a formula is true of some request, by going through all classes; None where these are too many."""
    names = _names_of(formula)
    if names is None or not _independent(names, space):
        return None
    domains = [sorted(space.codes(name)) for name in names]
    if prod(map(len, domains)) > MOST_POINTS:
        return None
    return any(Point(dict(zip(names, codes, strict=True)), {}).holds(formula) for codes in product(*domains))


def _names_of(formula: Formula) -> list[str] | None:
    """The variables whose classes a formula reads, or None where it reads values."""
    names: dict[str, None] = {}
    seen: set[int] = set()
    waiting = [formula]
    while waiting:
        each = waiting.pop()
        if id(each) in seen:
            continue
        seen.add(id(each))
        match each:
            case Within():
                return None
            case In():
                names[each.name] = None
            case Every() | Some():
                waiting += each.parts
            case Not():
                waiting.append(each.part)
            case Differ():
                waiting += (each.first, each.second)
            case Always():
                pass
    return list(names)


def _independent(names: list[str], space: Space) -> bool:
    """Whether every combination of their classes is that of a request: no part is shared, and no day has an order."""
    variables = space.vocabulary.variables
    parts = [part for name in names for part in variables[name].parts]
    return len(parts) == len(set(parts)) and not any(isinstance(variables[part].kind, Day) for part in parts)
