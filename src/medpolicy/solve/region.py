"""A region about a request: classes of some variables, such that a statement is true of every request with these."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from medpolicy.fields import Day, WholeNumber
from medpolicy.solve.formula import Formula
from medpolicy.solve.prover import Deadline, Prover
from medpolicy.tables import MISSING

if TYPE_CHECKING:
    from medpolicy.solve.space import Space


@dataclass(frozen=True, slots=True)
class Region:
    """Every request in which each of these variables has one of these classes (0 is *missing*); others are free."""

    classes: Mapping[str, frozenset[int]]


class Widening:
    """Takes a request of which a formula is true to a region where it always is.

    Facts that do not matter are dropped first, then each one left takes in every class that it may. Each step is
    proven; when the time runs out, the region reached so far stands.
    """

    def __init__(self, space: Space, prover: Prover, deadline: Deadline) -> None:
        self._space = space
        self._prover = prover
        self._deadline = deadline
        self._literals: dict[tuple[str, frozenset[int]], Any] = {}

    def region(self, formula: Formula, codes: Mapping[str, int]) -> Region:
        """The region around a request with these class codes."""
        with self._prover.assuming(~formula):
            classes = self._needed({name: frozenset({code}) for name, code in codes.items()})
            for name in list(classes):
                classes[name] = self._widened(classes, name, codes[name])
        return Region({name: among for name, among in classes.items() if among != self._space.codes(name)})

    def _needed(self, classes: dict[str, frozenset[int]]) -> dict[str, frozenset[int]]:
        """The classes that matter; a derived variable rather than its parts."""
        tables = self._space.tables
        parts = {part for name in classes if tables[name].variable.derived for part in tables[name].variable.parts}
        for name in sorted(classes, key=lambda each: each not in parts):
            fewer = {each: among for each, among in classes.items() if each != name}
            if name in classes and self._always(fewer):
                core = self._prover.core()
                classes = {each: among for each, among in fewer.items() if str(self._literal(each, among)) in core}
        return classes

    def _widened(self, classes: Mapping[str, frozenset[int]], name: str, code: int) -> frozenset[int]:
        """Every class of a variable with which the formula still always is true; a number's are neighbours."""
        among, possible = classes[name], self._space.codes(name)
        known = possible - {MISSING}
        if code in known and known != possible and self._always({**classes, name: known}):
            return known
        if isinstance(self._space.tables[name].variable.kind, WholeNumber | Day):
            for step in (-1, 1):
                while (following := (min, max)[step > 0](among) + step) in known:
                    if not self._always({**classes, name: among | {following}}):
                        break
                    among |= {following}
            return among
        for each in sorted(possible - among):
            if self._always({**classes, name: frozenset({each})}):
                among |= {each}
        return among

    def _always(self, classes: Mapping[str, Iterable[int]]) -> bool:
        """Whether it is proven that the formula is true of every request with these classes."""
        literals = [self._literal(name, frozenset(among)) for name, among in classes.items()]
        return self._prover.possible(self._deadline, *literals) is False

    def _literal(self, name: str, among: frozenset[int]) -> Any:
        if (name, among) not in self._literals:
            self._literals[name, among] = self._prover.literal(self._space.is_in(name, among))
        return self._literals[name, among]
