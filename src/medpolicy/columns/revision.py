"""One revision in columns: from the indices of rows to the columns of the answer."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from itertools import pairwise
from typing import cast

import numpy as np
import pyarrow as pa

from medpolicy.columns.answer import COVERAGES, answer_columns, bits_of, column_of, words_of
from medpolicy.columns.indices import IndexedFrame, Indices, Mask
from medpolicy.columns.lists import Codes, list_column
from medpolicy.columns.verdicts import RevisionVerdicts, Verdicts
from medpolicy.evaluate.compiled import Compiled
from medpolicy.evaluate.decide import COVERAGE_OF
from medpolicy.evaluate.ruling import DECISIONS
from medpolicy.language.determination import Terms
from medpolicy.language.fields import Kind

DENIED = DECISIONS.index("denied")
MOST_BITS = 1 << 26
"""Rows are answered in blocks of at most so many rows times conditions and variables, which bounds the memory."""


class RevisionColumns:
    """One revision ready to answer rows. Threads may share it."""

    def __init__(
        self, compiled: Compiled, kinds: Mapping[str, Kind], words: Sequence[str], flags: tuple[str, ...]
    ) -> None:
        self._decider = compiled.decider
        self._words = pa.array(words, pa.string())
        self._verdicts = RevisionVerdicts(compiled, words, flags)
        self._rows_at_once = max(MOST_BITS // (len(compiled.conditions) + len(compiled.tables)), 1)
        self._kinds = kinds
        self._service_day = compiled.decider.vocabulary.service_day
        self._quantity = compiled.decider.vocabulary.quantity
        revision, days = compiled.decider.revision, kinds[self._service_day]
        self.first_day = days.index(revision.effective_from)
        self._last_day = days.index(revision.effective_to or date.max)

    def in_effect(self, days: Indices) -> Mask:
        """The rows whose service starts while this revision is in effect."""
        inside: Mask = (days >= self.first_day) & (days <= self._last_day)
        return inside

    def answers(self, ids: pa.Array, frame: IndexedFrame) -> pa.Table:
        """The answers to rows, in their order."""
        count = max(-(-frame.rows // self._rows_at_once), 1)
        ends = [frame.rows * number // count for number in range(count + 1)]
        blocks = [slice(first, end) for first, end in pairwise(ends)]
        parts = [self._answers(ids[rows], frame.only(rows)) for rows in blocks]
        return parts[0] if len(parts) == 1 else pa.concat_tables(parts).combine_chunks()

    def _answers(self, ids: pa.Array, frame: IndexedFrame) -> pa.Table:
        verdicts, revision = self._verdicts.on(frame), self._decider.revision
        decided = verdicts.numbers["decided"]
        always = np.zeros(frame.rows, dtype=np.int32)
        in_effect = always if frame.outside is None else (frame.outside >= 0).astype(np.int32)
        coverages = np.array([COVERAGES.index(COVERAGE_OF[decision]) for decision in DECISIONS], dtype=np.int32)
        columns = [
            ids.cast(pa.string()),
            words_of([revision.policy], always),
            words_of([revision.revision], in_effect),
            words_of([self._decider.digest], in_effect),
            words_of(DECISIONS, decided),
            words_of(COVERAGES, coverages.take(verdicts.numbers["covered"])),
            pa.Array.from_buffers(pa.bool_(), frame.rows, [None, bits_of(decided == DENIED)]),
            words_of(self._verdicts.about.on_pathway, verdicts.numbers["on_pathway"]),
            *(list_column(lists, self._words) for lists in verdicts.lists),
            *self._authorizations(verdicts, frame),
        ]
        return pa.table(columns, schema=answer_columns(self._quantity))

    def _authorizations(self, verdicts: Verdicts, frame: IndexedFrame) -> Iterator[pa.Array]:
        """Start, end and the declared quantity; null where a row is not approved."""
        starts = (frame.indices[self._service_day] + self._kinds[self._service_day].origin).astype(np.int32)
        terms = [cast(Terms, self._decider.recorded[pathway]) for pathway in self._verdicts.about.approved_by]
        approved_by = verdicts.numbers["approved_by"]
        months = np.array([*(term.months or 0 for term in terms), 0]).take(approved_by)
        ends = np.zeros_like(starts)
        for count in {term.months for term in terms if term.months}:
            rows = np.flatnonzero(months == count)
            coded = pa.array(starts[rows]).dictionary_encode()
            ends[rows] = last_days(coded.dictionary.to_numpy(), count).take(coded.indices.to_numpy())
        approved = approved_by < len(terms)
        yield column_of(starts, pa.date32(), approved)
        yield column_of(ends, pa.date32(), months > 0)
        if self._quantity is not None:
            requested, kind = frame.indices[self._quantity.variable], self._kinds[self._quantity.variable]
            yield column_of(requested * kind.step + kind.origin, pa.int64(), approved & (requested < kind.size))


def last_days(starts: Codes, months: int) -> Codes:
    """The last day of so many months from each day on, as `last_day` has it; in days since 1970."""
    in_month = starts.astype("datetime64[D]").astype("datetime64[M]")
    first, after = ((in_month + count).astype("datetime64[D]").astype(np.int32) for count in (months, months + 1))
    days_before = starts - in_month.astype("datetime64[D]").astype(np.int32)
    ends: Codes = first + np.minimum(days_before, after - first - 1) - 1
    return ends
