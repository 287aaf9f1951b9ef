"""What a formula says of the request that another one becomes: with a fact left out, or with a number raised."""

from __future__ import annotations

from medpolicy.evaluate.tables import MISSING
from medpolicy.solve import FALSE, TRUE, Formula, Space, some
from medpolicy.solve.formula import Always, Every, In, Not, Some, Within, mapped
from medpolicy.solve.runs import runs


def without(formula: Formula, name: str, space: Space) -> Formula:
    """That a formula is true of a request once a given fact is left out of it."""
    reading = _reading(name, space)

    def atom(each: In | Within) -> Formula:
        if each.name not in reading:
            return each
        return TRUE if isinstance(each, In) and MISSING in each.codes else FALSE

    return mapped(formula, atom)


def never_gains(formula: Formula, name: str, space: Space) -> bool:
    """Whether the form of a formula shows that `without` implies it: nothing in it asks that the fact be missing."""
    reading = _reading(name, space)
    known: dict[tuple[Formula, bool], bool] = {}

    def keeps(each: Formula, value: bool) -> bool:
        """That a formula which has a value without the fact has it with the fact too."""
        if (each, value) not in known:
            known[each, value] = _keeps(each, value)
        return known[each, value]

    def _keeps(each: Formula, value: bool) -> bool:
        match each:
            case Always():
                return True
            case In():
                return each.name not in reading or value is not (MISSING in each.codes)
            case Within():
                return each.name not in reading or value
            case Every() | Some():
                return all(keeps(part, value) for part in each.parts)
            case Not():
                return keeps(each.part, not value)
        return False

    return keeps(formula, True)


def one_more(formula: Formula, name: str, space: Space) -> Formula:
    """That a formula is true of a request once a given whole number of it, if known, is raised by one.

    A derived variable that it is a part of has to rise by one too, as a sum does.
    """
    reading = _reading(name, space)

    def atom(each: In | Within) -> Formula:
        if each.name not in reading:
            return each
        if isinstance(each, Within):
            return _before(each.name, each.first, each.last, space)
        classes = space.tables[each.name].classes
        known = [
            _before(each.name, classes[first - 1].first, classes[last - 1].last, space)
            for first, last in runs(each.codes - {MISSING})
        ]
        return some([*known, space.missing(each.name) if MISSING in each.codes else FALSE])

    return mapped(formula, atom)


def _reading(name: str, space: Space) -> frozenset[str]:
    """A given fact and what is derived from it, of the variables that have classes."""
    return frozenset(each for each in space.tables if name in space.vocabulary.variables[each].parts)


def _before(name: str, first: int, last: int, space: Space) -> Formula:
    lowest = space.tables[name].classes[0].first
    return space.within(name, max(first - 1, lowest), last - 1) if last > lowest else FALSE
