"""One revision in columns: from the indices of rows to the columns of the answer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from threading import RLock

import numpy as np
import pyarrow as pa

from medpolicy.columns.answer import COLUMNS, COVERAGES, DECISIONS, lists_of, same_word, words_of
from medpolicy.columns.codes import coding
from medpolicy.columns.indices import IndexedFrame, Indices, Mask
from medpolicy.columns.lookup import LookUp
from medpolicy.columns.outcomes import CoverageState, Outcomes
from medpolicy.evaluate.compiled import Compiled
from medpolicy.evaluate.decide import Decider
from medpolicy.evaluate.status import Status
from medpolicy.language.determination import last_day
from medpolicy.language.fields import Kind


@dataclass(frozen=True, slots=True)
class WithoutRevision:
    """Rows without a revision in effect, and the flags of each row as a number of a list of flags."""

    rows: Mask
    numbers: Indices
    flags: tuple[tuple[str, ...], ...]

    def only(self, rows: Indices) -> WithoutRevision:
        """Some of the rows."""
        return WithoutRevision(self.rows[rows], self.numbers[rows], self.flags)


class RevisionColumns:
    """One revision ready to answer rows."""

    def __init__(self, compiled: Compiled, kinds: Mapping[str, Kind], vocabulary: tuple[str, ...]) -> None:
        self._words_in_lists = vocabulary
        self.decider: Decider = compiled.decider
        self._outcomes = Outcomes(compiled)
        self._codes = {name: coding(table) for name, table in compiled.tables.items()}
        self._start, self._requested = kinds["service_start_date"], kinds["cycles_requested"]
        revision = compiled.decider.revision
        self.first_day = self._start.index(revision.effective_from)
        self._last_day = self._start.index(revision.effective_to or date.max)
        self._ends: dict[int, LookUp] = {}
        self._pathways = [each.id for each in revision.pathways]
        self._lock = RLock()

    def in_effect(self, days: Indices) -> Mask:
        """The rows whose service starts while this revision is in effect."""
        inside: Mask = (days >= self.first_day) & (days <= self._last_day)
        return inside

    def answers(self, ids: pa.Array, frame: IndexedFrame, without: WithoutRevision | None) -> pa.Table:
        """The answers to rows, in their order; `without` tells those on whose day no revision is in effect."""
        codes = {name: coded(frame.indices[name]) for name, coded in self._codes.items()}
        found = self._outcomes(codes, frame.rows)
        states, rulings = tuple(self._outcomes.coverage.values), tuple(self._outcomes.rulings.values)
        missing = tuple(self._outcomes.missing.values)
        coverage, ruling, waiting = found.coverage, found.ruling, found.missing
        flags = [each.flags for each in rulings]
        if without is not None:
            coverage = np.where(without.rows, len(states), coverage)
            ruling = np.where(without.rows, len(rulings) + without.numbers, ruling)
            waiting = np.where(without.rows, len(missing), waiting)
            flags += without.flags
        decisions = np.array(
            [DECISIONS.index(each.decision) for each in rulings] + [DECISIONS.index("pended")] * len(flags)
        )[ruling]
        denied, approved = decisions == DECISIONS.index("denied"), decisions == DECISIONS.index("approved")
        unlisted = (self.decider.revision.unlisted.id,)
        not_met = [tuple(sorted(each.not_met)) for each in states]
        covered = np.array([*(int(each.coverage) for each in states), int(Status.UNKNOWN)])
        pathways = np.array([*(self._number(each.pathway) for each in states), self._number(None)])
        start, end, cycles = self._authorizations(states, coverage, approved, frame)
        none = None if without is None else without.rows
        columns = [
            ids.cast(pa.string()),
            same_word(self.decider.revision.policy, frame.rows),
            same_word(self.decider.revision.revision, frame.rows, none),
            same_word(self.decider.digest, frame.rows, none),
            words_of(DECISIONS, decisions),
            words_of(COVERAGES, covered[coverage]),
            pa.array(denied),
            words_of(self._pathways, pathways[coverage]),
            lists_of([*not_met, ()], coverage, self._words_in_lists),
            lists_of([*missing, ()], waiting, self._words_in_lists),
            lists_of(
                [*(each or unlisted for each in not_met), ()],
                np.where(denied, coverage, len(states)),
                self._words_in_lists,
            ),
            lists_of(flags, ruling, self._words_in_lists),
            start,
            end,
            cycles,
        ]
        return pa.table(columns, schema=COLUMNS)

    def _authorizations(
        self, states: Sequence[CoverageState], coverage: Indices, approved: Mask, frame: IndexedFrame
    ) -> tuple[pa.Array, pa.Array, pa.Array]:
        """Start, end and cycles; null where a row is not approved."""
        starts, requested = frame.indices["service_start_date"], frame.indices["cycles_requested"]
        by_state = [*(self._months(each.approving) for each in states), 0]
        months = np.array(by_state)[coverage]
        ends = np.zeros(frame.rows, dtype=np.int64)
        for count in set(by_state) - {0}:
            rows = np.flatnonzero(approved & (months == count))
            ends[rows] = self._end(count)(starts[rows])
        start = pa.array((starts + self._start.origin).astype(np.int32), mask=~approved).cast(pa.date32())
        end = pa.array(ends.astype(np.int32), mask=~approved).cast(pa.date32())
        unknown = ~approved | (requested == self._requested.size)
        return start, end, pa.array(requested + self._requested.origin, mask=unknown)

    def _end(self, months: int) -> LookUp:
        """For the index of a first day the last day of so many months, in days since 1970."""
        start = self._start
        with self._lock:
            if months not in self._ends:

                def end(index: int) -> int:
                    return start.index(last_day(start.value(index), months)) + start.origin

                self._ends[months] = LookUp(start.size, end, self._lock)
            return self._ends[months]

    def _months(self, approving: str | None) -> int:
        return 0 if approving is None else self._outcomes.terms(approving).months

    def _number(self, pathway: str | None) -> int:
        return len(self._pathways) if pathway is None else self._pathways.index(pathway)
