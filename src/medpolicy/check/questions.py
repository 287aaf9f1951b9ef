"""Questions about all requests that satisfy some statements, within one time budget."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from time import monotonic
from typing import Any

from medpolicy.solve import Formula, Solver
from medpolicy.solve.deadline import Deadline
from medpolicy.solve.sample import DRAWN, Sample

SHARE_OF_TIME = 4
"""A question gets no more than one part in so many of the remaining time, so that later ones get some too."""
LEAST_SECONDS = 0.01
"""With fewer seconds than this a question is not worth starting."""


class TimeBudget:
    """A time budget in seconds for many questions, each limited to `limit`; none begins after `until`."""

    def __init__(self, seconds: float, limit: float, until: float) -> None:
        self.left = seconds
        self._limit = limit
        self._until = until

    @contextmanager
    def question(self) -> Iterator[float]:
        """The seconds that one more question may take; what it takes is deducted."""
        begun = monotonic()
        yield max(0.0, min(self._limit, self.left / SHARE_OF_TIME, self._until - begun))
        self.left -= monotonic() - begun


class Asker:
    """Asks about requests of a space: first a sample of them, then the solver about what the sample does not show."""

    def __init__(self, solver: Solver, time: TimeBudget, sample: bool) -> None:
        self._prover = solver.prover
        self._sample = Sample(solver.space, drawn=DRAWN if sample else 0)
        self._time = time
        self._given: tuple[Formula, ...] | None = None
        self._inside = ExitStack()
        self._open = False
        self._literals: dict[Formula, Any] = {}

    @contextmanager
    def given(self, *formulas: Formula) -> Iterator[None]:
        """Inside, every question is about requests that satisfy some formulas; blocks do not nest."""
        if self._given is not None:
            raise RuntimeError("a question inside a question")
        self._given = formulas
        try:
            yield
        finally:
            self._close()
            self._given = None

    def possible(self, *formulas: Formula) -> bool | None:
        """Whether such a request also satisfies some formulas; None if undecided within the time limit."""
        given = self._given or ()
        with self._time.question() as seconds:
            if self.shown(*formulas):
                return True
            if seconds < LEAST_SECONDS:
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
        """The keys of a minimal subset, as far as it is found, of statements that cannot all be true."""
        remaining = list(statements)
        if self.possible(*statements.values()) is False and self._open:
            core = self._prover.core()
            remaining = [key for key in remaining if self._prover.name(self._literal(statements[key])) in core]
            for key in remaining.copy():
                if self.possible(*(statements[other] for other in remaining if other != key)) is False:
                    remaining.remove(key)
        return remaining

    def shown(self, *formulas: Formula) -> bool:
        """Whether a request of the sample satisfies them; if none does, others may."""
        return self._sample.shows(*(self._given or ()), *formulas)

    def _literal(self, formula: Formula) -> Any:
        if formula not in self._literals:
            self._literals[formula] = self._prover.literal(formula)
        return self._literals[formula]

    def _close(self) -> None:
        self._inside.close()
        self._open = False
        self._literals = {}
