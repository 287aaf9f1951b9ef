"""The verdicts of one revision on many rows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import reduce
from operator import or_

import numpy as np
import pyarrow as pa

from medpolicy.columns.clause_words import ClauseWords, Words, distinct_words
from medpolicy.columns.indices import IndexedFrame
from medpolicy.columns.lists import Codes
from medpolicy.columns.planes import NEVER, Listing, Planes, marks_of, numbers_of
from medpolicy.evaluate.compiled import Compiled
from medpolicy.evaluate.written_out import Ruled

_OF_ONE_ID = ("decided", "covered", "on_pathway", "approved_by")


@dataclass(frozen=True, slots=True)
class Verdicts:
    """For each row the number of the one id that some parts of the ruling have, and its lists of ids for the others."""

    numbers: Mapping[str, Codes]
    lists: Sequence[pa.BinaryArray]

    def take(self, rows: pa.Int32Array) -> Verdicts:
        """The verdicts of some rows, in this order."""
        taken = rows.to_numpy()
        numbers = {part: found.take(taken) for part, found in self.numbers.items()}
        return Verdicts(numbers, [found.take(rows) for found in self.lists])


class RevisionVerdicts:
    """One revision ready to rule on frames. Threads may share it.

    Ids in lists are coded by their position in `vocabulary`, which is sorted. A row on whose day no revision is in
    effect gets one of `flags`.
    """

    def __init__(self, compiled: Compiled, vocabulary: Sequence[str], flags: Sequence[str]) -> None:
        self._clauses = ClauseWords(compiled, len(flags))
        self._ruling = compiled.ruling_of_many
        self.about = about = self._ruling.about
        code_of = {id: code for code, id in enumerate(vocabulary)}
        self._not_met = Listing([code_of[id] for id in about.not_met], in_order=True)
        self._missing = Listing([code_of[id] for id in about.missing], in_order=True)
        self._acts = Listing([code_of[id] for id in (*about.acts, *flags)])
        self._unlisted = code_of[compiled.decider.revision.unlisted.id]

    def on(self, frame: IndexedFrame) -> Verdicts:
        """The verdicts on the rows of a frame without a fault."""
        words = self._clauses.of(frame)
        if len(words) > 1:
            return self._ruled(words, frame.outside is not None)
        distinct, numbers = distinct_words(words)
        return self._ruled(distinct, frame.outside is not None).take(numbers)

    def _ruled(self, words: Words, some_are_outside: bool) -> Verdicts:
        rows, planes = words.shape[1], Planes(words)
        ruled = self._ruling.truths((planes.plane, NEVER))
        if some_are_outside:
            ruled = self._without_revision(ruled, planes)
        not_met = self._not_met.lists(ruled.not_met, rows, self._unlisted)
        denied = marks_of(ruled.decided[self.about.decided.index("denied")], rows)
        unlisted = marks_of(ruled.denied_for[-1], rows)
        reasons = pa.array(np.where(unlisted, rows, np.arange(rows)), mask=~denied)
        return Verdicts(
            {part: numbers_of(getattr(ruled, part), rows) for part in _OF_ONE_ID},
            [
                not_met[:rows],
                self._missing.lists(ruled.missing, rows),
                not_met.take(reasons),
                self._acts.lists(ruled.acts, rows),
            ],
        )

    def _without_revision(self, ruled: Ruled, planes: Planes) -> Ruled:
        """The ruling where no revision is in effect on some days: those rows are pended, and one flag is listed."""
        outside = [planes.plane(bit) for bit in self._clauses.outside]
        anywhere = reduce(or_, outside)
        inside = {
            part: [plane & ~anywhere for plane in getattr(ruled, part)]
            for part in (*_OF_ONE_ID, "not_met", "missing", "denied_for", "acts")
        }
        for part in ("decided", "covered"):
            inside[part][getattr(self.about, part).index("pended")] |= anywhere
        inside["acts"] += outside
        return ruled._replace(**{part: tuple(found) for part, found in inside.items()})
