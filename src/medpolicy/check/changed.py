"""Formulas about a changed request: with a fact left out, or with a number raised by one."""

from __future__ import annotations

from functools import cache

from medpolicy.evaluate.tables import MISSING
from medpolicy.solve import FALSE, TRUE, Formula, Space, some
from medpolicy.solve.formula import Always, Every, In, Not, Some, Within, mapped


def without(formula: Formula, name: str, space: Space) -> Formula:
    """That a formula is true of a request after a given fact is left out of it."""
    reading = _reading(name, space)

    def atom(statement: In | Within) -> Formula:
        if statement.name not in reading:
            return statement
        return TRUE if isinstance(statement, In) and MISSING in statement.codes else FALSE

    return mapped(formula, atom)


def never_gains(formula: Formula, name: str, space: Space) -> bool:
    """Whether the form of a formula shows that `without` implies it: nothing in it asks that the fact be missing."""
    reading = _reading(name, space)

    @cache
    def keeps(part: Formula, value: bool) -> bool:
        """That a formula with a value without the fact has the same value with it."""
        match part:
            case Always():
                return True
            case In():
                return part.name not in reading or value is not (MISSING in part.codes)
            case Within():
                return part.name not in reading or value
            case Every() | Some():
                return all(keeps(inner, value) for inner in part.parts)
            case Not():
                return keeps(part.part, not value)
        return False

    return keeps(formula, True)


def one_more(formula: Formula, name: str, space: Space) -> Formula:
    """That a formula is true of a request after one of its whole numbers, if known, is raised by one.

    A derived variable that it is a part of has to rise by one too, as a sum does.
    """
    reading = _reading(name, space)

    def atom(statement: In | Within) -> Formula:
        variable = statement.name
        if variable not in reading:
            return statement
        if isinstance(statement, Within):
            return _before(variable, statement.first, statement.last, space)
        known = [_before(variable, *ends, space) for ends in space.tables[variable].ranges(statement.codes)]
        return some([*known, space.missing(variable) if MISSING in statement.codes else FALSE])

    return mapped(formula, atom)


def _reading(name: str, space: Space) -> frozenset[str]:
    """A given fact and what is derived from it, among the variables with classes."""
    return frozenset(variable for variable in space.tables if name in space.vocabulary.variables[variable].parts)


def _before(name: str, first: int, last: int, space: Space) -> Formula:
    lowest = space.tables[name].classes[0].first
    return space.within(name, max(first - 1, lowest), last - 1) if last > lowest else FALSE
