"""Whether any request shows an obligation: by going through the classes where they are few, else by the solver."""

from __future__ import annotations

from itertools import product
from math import prod

from medpolicy.coverage.obligations import Obligation, counts
from medpolicy.fields import Day
from medpolicy.solve import Formula, GaveUp, Impossible, Point, Side, Space
from medpolicy.solve.formula import Always, Differ, Every, In, Not, Some, Within

MOST_POINTS = 20_000


def possible(obligation: Obligation, space: Space, side: Side, limit: float) -> bool | None:
    """Whether some request shows an obligation; None where the solver gave up after `limit` seconds."""
    names = names_of(obligation.shown)
    if names is not None and _independent(names, space):
        domains = [sorted(space.codes(name)) for name in names]
        if prod(map(len, domains)) <= MOST_POINTS:
            points = (Point(dict(zip(names, codes, strict=True)), {}) for codes in product(*domains))
            return any(point.holds(obligation.shown) for point in points)
    found = space.find(counts(obligation, side), limit, sides=())
    return None if isinstance(found, GaveUp) else not isinstance(found, Impossible)


def names_of(formula: Formula) -> list[str] | None:
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
                waiting += (each.one, each.other)
            case Always():
                pass
    return list(names)


def _independent(names: list[str], space: Space) -> bool:
    """Whether every combination of their classes is that of a request: no part is shared, and no day has an order."""
    variables = space.words.variables
    parts = [part for name in names for part in variables[name].parts]
    return len(parts) == len(set(parts)) and not any(isinstance(variables[part].kind, Day) for part in parts)
