"""The verdicts of one revision on many rows."""

from __future__ import annotations

from collections.abc import Sequence
from functools import reduce
from operator import or_
from typing import NamedTuple

import numpy as np

from medpolicy.columns.clause_words import ClauseWords, Words, distinct_words
from medpolicy.columns.indices import IndexedFrame
from medpolicy.columns.lists import Codes, Lists
from medpolicy.columns.planes import NEVER, Listing, Planes, marks_of, numbers_of
from medpolicy.evaluate.compiled import Compiled
from medpolicy.evaluate.written_out import Ruled

_PARTS = ("decided", "covered", "on_pathway", "approved_by", "not_met", "missing", "denied_for", "acts")


class Verdicts(NamedTuple):
    """For each row the number of the one word of a part of the ruling, or its list of words by their codes."""

    decided: Codes
    covered: Codes
    on_pathway: Codes
    approved_by: Codes
    not_met: Lists
    missing: Lists
    denied_for: Lists
    acts: Lists

    def take(self, rows: Codes) -> Verdicts:
        """The verdicts of some rows, in this order."""
        return Verdicts(*(part.take(rows) for part in self))


class RevisionVerdicts:
    """One revision ready to rule on frames. Threads may share it.

    Words in lists are coded by their position in `vocabulary`, which is sorted. A row on whose day no revision is in
    effect is listed under one of `flags`.
    """

    def __init__(self, compiled: Compiled, vocabulary: Sequence[str], flags: Sequence[str]) -> None:
        self._words = ClauseWords(compiled, len(flags))
        self._ruling = compiled.ruling_of_many
        self.about = about = self._ruling.about
        code_of = {word: code for code, word in enumerate(vocabulary)}
        self._not_met = Listing([code_of[id] for id in about.not_met], in_order=True)
        self._missing = Listing([code_of[id] for id in about.missing], in_order=True)
        self._acts = Listing([code_of[id] for id in (*about.acts, *flags)])
        self._unlisted = code_of[compiled.decider.revision.unlisted.id]

    def on(self, frame: IndexedFrame) -> Verdicts:
        """The verdicts on the rows of a frame without a fault."""
        words = self._words.of(frame)
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
        return Verdicts(
            numbers_of(ruled.decided, rows),
            numbers_of(ruled.covered, rows),
            numbers_of(ruled.on_pathway, rows),
            numbers_of(ruled.approved_by, rows),
            Lists(not_met.counts[:-1], not_met.codes[:-1]),
            self._missing.lists(ruled.missing, rows),
            not_met.take(np.where(unlisted, rows, np.arange(rows)), where=denied),
            self._acts.lists(ruled.acts, rows),
        )

    def _without_revision(self, ruled: Ruled, planes: Planes) -> Ruled:
        """The ruling where no revision is in effect on some days: those rows are pended, and one flag is listed."""
        outside = [planes.plane(bit) for bit in self._words.outside]
        anywhere = reduce(or_, outside)
        inside = {part: [plane & ~anywhere for plane in getattr(ruled, part)] for part in _PARTS}
        for part in ("decided", "covered"):
            inside[part][getattr(self.about, part).index("pended")] |= anywhere
        inside["acts"] += outside
        return ruled._replace(**{part: tuple(found) for part, found in inside.items()})
