"""Questions about every request of which some statements are true, within the time for all of them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from time import monotonic
from typing import Any

from medpolicy.solve import Formula, Solver
from medpolicy.solve.deadline import Deadline
from medpolicy.solve.sample import DRAWN, Sample

SHARE = 4
"""A question gets no more than this part of the time that is left for all: later ones get some too."""
LEAST = 0.01
"""Seconds with which it is worth while to begin."""


class Time:
    """Seconds for many questions together, each of which may take no more than `limit`; none begins after `until`."""

    def __init__(self, seconds: float, limit: float, until: float) -> None:
        self.left = seconds
        self._limit = limit
        self._until = until

    @contextmanager
    def question(self) -> Iterator[float]:
        """The seconds for one more question; what it takes is no longer left."""
        begun = monotonic()
        yield max(0.0, min(self._limit, self.left / SHARE, self._until - begun))
        self.left -= monotonic() - begun


class Asker:
    """Asks about requests of a space: first those of a sample, then, of what none of them shows, the solver."""

    def __init__(self, solver: Solver, time: Time, sample: bool) -> None:
        self._prover = solver.prover
        self._sample = Sample(solver.space, drawn=DRAWN if sample else 0)
        self._time = time
        self._given: tuple[Formula, ...] | None = None
        self._inside = ExitStack()
        self._open = False
        self._literals: dict[Formula, Any] = {}

    @contextmanager
    def given(self, *formulas: Formula) -> Iterator[None]:
        """Inside, every question is about requests of which formulas are true; one cannot be inside another."""
        if self._given is not None:
            raise RuntimeError("a question inside a question")
        self._given = formulas
        try:
            yield
        finally:
            self._close()
            self._given = None

    def possible(self, *formulas: Formula) -> bool | None:
        """Whether there is such a request of which formulas are true too; None where that could not be told in time."""
        given = self._given or ()
        with self._time.question() as seconds:
            if self.shown(*formulas):
                return True
            if seconds < LEAST:
                return None
            if not self._open:
                self._inside.enter_context(self._prover.assuming(*given))
                self._open = True
            found = self._prover.possible(Deadline(seconds), *map(self._literal, formulas))
            if found:
                self._sample.add(self._prover.point())
            if found is None:  # the solver has stopped: the next question needs another
                self._close()
            return found

    def clash(self, statements: Mapping[str, Formula]) -> list[str]:
        """Of statements that cannot all be true, as few as can be found that cannot either, by their keys."""
        left = list(statements)
        if self.possible(*statements.values()) is False and self._open:
            core = self._prover.core()
            left = [key for key in left if self._prover.name(self._literal(statements[key])) in core]
            for key in left.copy():
                if self.possible(*(statements[each] for each in left if each != key)) is False:
                    left.remove(key)
        return left

    def shown(self, *formulas: Formula) -> bool:
        """Whether a request at hand is such a one; where it is not, there may be others."""
        return self._sample.shows(*(self._given or ()), *formulas)

    def _literal(self, formula: Formula) -> Any:
        if formula not in self._literals:
            self._literals[formula] = self._prover.literal(formula)
        return self._literals[formula]

    def _close(self) -> None:
        self._inside.close()
        self._open = False
        self._literals = {}
