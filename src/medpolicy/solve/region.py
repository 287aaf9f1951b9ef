"""A region about a request: classes of some variables, such that a statement is true of every request with these."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from medpolicy.evaluate.tables import MISSING
from medpolicy.solve.deadline import Deadline
from medpolicy.solve.formula import Formula, Point, restricted_to
from medpolicy.solve.prover import Prover
from medpolicy.solve.space import Space

ClassCodes = frozenset[int]


@dataclass(frozen=True, slots=True)
class Region:
    """Every request in which each of these variables has one of these classes (0 is *missing*); others are free."""

    classes: Mapping[str, ClassCodes]


class Widening:
    """Widens a request of which a formula is true to a region throughout which it is.

    Facts that do not matter are dropped first. Then each remaining variable is widened to the classes with which the
    formula is true of the request itself, less those for which the solver finds an exception. Each step is proven;
    at the time limit the region reached so far stands.
    """

    def __init__(self, space: Space, prover: Prover, deadline: Deadline) -> None:
        self._space = space
        self._prover = prover
        self._deadline = deadline
        self._literal = cache(lambda name, among: prover.literal(space.is_in(name, among)))

    def region(self, formula: Formula, point: Point) -> Region:
        """The region around a request."""
        with self._prover.assuming(~formula):
            classes = self._needed({name: frozenset({code}) for name, code in point.codes.items()})
            for name in list(classes):
                classes[name] = self._widened(classes, name, point.codes[name], formula, point)
        return Region({name: among for name, among in classes.items() if among != self._space.codes(name)})

    def _needed(self, classes: dict[str, ClassCodes]) -> dict[str, ClassCodes]:
        """The classes that matter; a derived variable rather than its parts."""
        parts = {part for name in classes for part in self._space.vocabulary.variables[name].parts if part != name}
        for names in (parts, *({name} for name in sorted(classes, key=lambda name: name not in parts))):
            fewer = {name: among for name, among in classes.items() if name not in names}
            if names & classes.keys() and self._exception(fewer) is False:
                core = self._prover.core()
                classes = {
                    name: among
                    for name, among in fewer.items()
                    if self._prover.name(self._literal(name, among)) in core
                }
        return classes

    def _widened(
        self, classes: Mapping[str, ClassCodes], name: str, code: int, formula: Formula, point: Point
    ) -> ClassCodes:
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
                codes = {table: self._prover.code(table) for table in self._space.tables}
                among = self._true_with(name, among, formula, Point(codes, point.facts))
            among = self._near(name, code, among | {code})
        return classes[name]

    def _true_with(self, name: str, codes: ClassCodes, formula: Formula, point: Point) -> ClassCodes:
        """The classes with which a formula is true of a request that is otherwise as it is."""
        wanted = restricted_to(name, formula, point)
        return frozenset(code for code in codes if Point({name: code}, point.facts).holds(wanted))

    def _near(self, name: str, code: int, codes: ClassCodes) -> ClassCodes:
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
        bound = {name for of, derived in vocabulary.derived.items() for name in (of, *derived.parts)}
        return name not in bound and not any(name in pair for pair in vocabulary.request.earlier)

    def _exception(self, classes: Mapping[str, ClassCodes]) -> bool | None:
        """Whether the formula is false of some request with these classes; None if the time limit was reached."""
        literals = [self._literal(name, among) for name, among in classes.items()]
        return self._prover.possible(self._deadline, *literals)
