"""A frame of requests decided in columns, by all revisions of a policy."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from medpolicy.columns.answer import answer_columns
from medpolicy.columns.indices import IndexedFrame, Indices, Mask, either, index_column, index_derived
from medpolicy.columns.revision import RevisionColumns
from medpolicy.columns.verdicts import WithoutRevision
from medpolicy.evaluate.compiled import Compiled


class ColumnDecider:
    """The revisions of a policy, or one pinned revision, ready to decide frames. Threads may share it."""

    def __init__(self, compiled: Sequence[Compiled], pinned: bool = False) -> None:
        vocabulary = compiled[0].decider.vocabulary
        variables = vocabulary.variables
        self.request = vocabulary.request
        self.columns = answer_columns(vocabulary.quantity)
        self.given = {name: variable for name, variable in variables.items() if variable.derived is None}
        self._kinds = {name: variable.kind for name, variable in variables.items()}
        self._derived = {name: variable.derived for name, variable in variables.items() if variable.derived is not None}
        self._pinned = pinned
        words = _words_in_lists(compiled)
        self._revisions = [RevisionColumns(revision, self._kinds, words) for revision in compiled]

    def index(self, table: pa.Table, text: bool = False) -> IndexedFrame:
        """The indices of a frame's columns; an absent column is missing throughout."""
        indices: dict[str, Indices] = {}
        faulty: Mask | None = None
        for name, variable in self.given.items():
            column = _column(table, name)
            if variable.kind.size:
                indexed = index_column(variable, column, text)
                indices[name] = indexed.indices
                faulty = either(faulty, indexed.faulty)
            else:
                faulty = either(faulty, _without_text(column))
        for before, after in self.request.earlier:
            faulty = either(faulty, self._is_later(before, after, indices))
        for name, derived in self._derived.items():
            indices[name] = index_derived(derived, self._kinds, indices)
        return IndexedFrame(table.num_rows, indices, faulty)

    def _is_later(self, before: str, after: str, indices: Mapping[str, Indices]) -> Mask:
        """The rows on which the first of two dates comes after the second."""
        (first, of_first), (second, of_second) = ((indices[name], self._kinds[name]) for name in (before, after))
        wrong: Mask = first + (of_first.origin - of_second.origin) > second
        wrong &= (first != of_first.size) & (second != of_second.size)
        return wrong

    def decide(self, ids: pa.Array, frame: IndexedFrame) -> pa.Table:
        """The answers to rows without a fault, in their order."""
        if self._pinned:
            return self._revisions[0].answers(ids, frame, None)
        days = frame.indices[self.request.service_day]
        outside, answering = np.ones(frame.rows, dtype=np.bool_), []
        for revision in self._revisions:
            inside = revision.in_effect(days)
            if inside.any():
                answering.append((revision, inside))
                outside &= ~inside
        without = self._without(days, outside)
        if len(answering) < 2:
            return (answering[0][0] if answering else self._revisions[0]).answers(ids, frame, without)
        answering[0] = answering[0][0], answering[0][1] | outside
        return self._joined(ids, frame, without, answering)

    def _joined(
        self,
        ids: pa.Array,
        frame: IndexedFrame,
        without: WithoutRevision | None,
        answering: Sequence[tuple[RevisionColumns, Mask]],
    ) -> pa.Table:
        """The answers of several revisions, each to its rows, in the order of the rows."""
        parts: list[pa.Table] = []
        rows_of_parts: list[Indices] = []
        for revision, inside in answering:
            rows = np.flatnonzero(inside)
            kept = None if without is None else without.only(rows)
            parts.append(revision.answers(ids.take(pa.array(rows)), frame.only(rows), kept))
            rows_of_parts.append(rows)
        order = np.argsort(np.concatenate(rows_of_parts), kind="stable")
        return pa.concat_tables(parts).unify_dictionaries().take(pa.array(order))

    def _without(self, days: Indices, outside: Mask) -> WithoutRevision | None:
        """The rows on whose day no revision is in effect, or None; their flags are those of the nearest revision."""
        if not outside.any():
            return None
        flags = tuple(revision.decider.revision.not_in_effect.id for revision in self._revisions)
        starts = np.array([revision.first_day for revision in self._revisions])
        return WithoutRevision(outside, np.maximum(np.searchsorted(starts, days, side="right") - 1, 0), flags)


def _column(table: pa.Table, name: str) -> pa.Array:
    """A column in one piece, all nulls if it is absent."""
    if name not in table.column_names:
        return pa.nulls(table.num_rows)
    column = table.column(name)
    if column.num_chunks == 1:
        return column.chunk(0)
    return column.combine_chunks() if column.num_chunks else pa.nulls(0, column.type)


def _without_text(column: pa.Array) -> Mask | None:
    """The rows of a text column without any text."""
    if pa.types.is_null(column.type):
        return np.ones(len(column), dtype=np.bool_)
    absent = pc.equal(pc.binary_length(column.cast(pa.large_string())), 0).fill_null(True)
    return absent.to_numpy(zero_copy_only=False) if pc.any(absent).as_py() else None


def _words_in_lists(compiled: Sequence[Compiled]) -> tuple[str, ...]:
    """Every word that a list of the answer may hold, sorted; revisions share the codes, so that tables can be joined."""
    found: set[str] = set()
    for revision in compiled:
        found |= set(revision.decider.recorded) | set(revision.decider.vocabulary.variables)
    return tuple(sorted(found))
