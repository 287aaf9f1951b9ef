"""A region about a request: classes of some variables, such that a statement is true of every request with these."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from medpolicy.evaluate.tables import MISSING
from medpolicy.solve.deadline import Deadline
from medpolicy.solve.formula import Formula, Point, left_of
from medpolicy.solve.prover import Prover
from medpolicy.solve.space import Space

Codes = frozenset[int]


@dataclass(frozen=True, slots=True)
class Region:
    """Every request in which each of these variables has one of these classes (0 is *missing*); others are free."""

    classes: Mapping[str, Codes]


class Widening:
    """Takes a request of which a formula is true to a region where it always is.

    Facts that do not matter are dropped first, then each one left takes in the classes that it may: those with which
    the formula is true of the request itself, less those that the solver shows an exception for. Each step is proven;
    when the time runs out, the region reached so far stands.
    """

    def __init__(self, space: Space, prover: Prover, deadline: Deadline) -> None:
        self._space = space
        self._prover = prover
        self._deadline = deadline
        self._literals: dict[tuple[str, Codes], Any] = {}

    def region(self, formula: Formula, point: Point) -> Region:
        """The region around a request."""
        with self._prover.assuming(~formula):
            classes = self._needed({name: frozenset({code}) for name, code in point.codes.items()})
            for name in list(classes):
                classes[name] = self._widened(classes, name, point.codes[name], formula, point)
        return Region({name: among for name, among in classes.items() if among != self._space.codes(name)})

    def _needed(self, classes: dict[str, Codes]) -> dict[str, Codes]:
        """The classes that matter; a derived variable rather than its parts."""
        parts = {part for name in classes for part in self._space.vocabulary.variables[name].parts if part != name}
        for names in (parts, *({name} for name in sorted(classes, key=lambda each: each not in parts))):
            fewer = {each: among for each, among in classes.items() if each not in names}
            if names & classes.keys() and self._exception(fewer) is False:
                core = self._prover.core()
                classes = {
                    each: among
                    for each, among in fewer.items()
                    if self._prover.name(self._literal(each, among)) in core
                }
        return classes

    def _widened(self, classes: Mapping[str, Codes], name: str, code: int, formula: Formula, point: Point) -> Codes:
        """Every class of a variable with which the formula still always is true; a number's are neighbours."""
        among = self._near(name, code, self._true_with(name, self._space.codes(name), formula, point))
        while among != classes[name]:
            exception = self._exception({**classes, name: among})
            if exception is False:
                return among
            if exception is None:
                break
            among -= {self._prover.code(name)}
            if self._stands_alone(name):
                codes = {each: self._prover.code(each) for each in self._space.tables}
                among = self._true_with(name, among, formula, Point(codes, point.facts))
            among = self._near(name, code, among | {code})
        return classes[name]

    def _true_with(self, name: str, codes: Codes, formula: Formula, point: Point) -> Codes:
        """The classes with which a formula is true of a request that is otherwise as it is."""
        left = left_of(formula, point, name)
        return frozenset(code for code in codes if Point({name: code}, point.facts).holds(left))

    def _near(self, name: str, code: int, codes: Codes) -> Codes:
        """Of a number's or day's classes those between which there is no gap, and *missing*."""
        if code == MISSING or not self._space.vocabulary.variables[name].kind.ordered:
            return codes
        first = last = code
        while first - 1 in codes - {MISSING}:
            first -= 1
        while last + 1 in codes:
            last += 1
        return frozenset(range(first, last + 1)) | (codes & {MISSING})

    def _stands_alone(self, name: str) -> bool:
        """Whether the class of a variable depends on no other variable."""
        vocabulary = self._space.vocabulary
        bound = {part for each in vocabulary.variables.values() for part in (each.name, *each.parts) if each.derived}
        return name not in bound and not any(name in pair for pair in vocabulary.request.earlier)

    def _exception(self, classes: Mapping[str, Codes]) -> bool | None:
        """Whether the formula is false of some request with these classes; None where the time ran out."""
        literals = [self._literal(name, among) for name, among in classes.items()]
        return self._prover.possible(self._deadline, *literals)

    def _literal(self, name: str, among: Codes) -> Any:
        if (name, among) not in self._literals:
            self._literals[name, among] = self._prover.literal(self._space.is_in(name, among))
        return self._literals[name, among]
