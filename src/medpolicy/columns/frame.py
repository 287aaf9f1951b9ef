"""A frame of requests decided in columns, by all revisions of a policy."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from medpolicy.columns.answer import answer_columns
from medpolicy.columns.indices import IndexedFrame, Indices, Mask, either, index_column, index_derived
from medpolicy.columns.revision import RevisionColumns
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
        recorded = {id for revision in compiled for id in revision.decider.recorded}
        words = tuple(sorted({*recorded, *variables}))  # shared by the revisions, so that tables can be joined
        not_in_effect = [revision.decider.revision.not_in_effect.id for revision in compiled]
        flags = tuple(dict.fromkeys(not_in_effect))
        self._flag_of = np.array([flags.index(id) for id in not_in_effect])
        self._revisions = [RevisionColumns(revision, self._kinds, words, flags) for revision in compiled]

    def index(self, table: pa.Table, text: bool = False) -> IndexedFrame:
        """The indices of a frame's columns; an absent column is missing throughout."""
        indices: dict[str, Indices] = {}
        faulty: Mask | None = None
        for name, variable in self.given.items():
            column = _column(table, name)
            if variable.kind.size:
                indices[name], wrong = index_column(variable, column, text)
            else:
                wrong = _without_text(column)
            faulty = either(faulty, wrong)
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
            return self._revisions[0].answers(ids, frame)
        days = frame.indices[self.request.service_day]
        inside = [revision.in_effect(days) for revision in self._revisions]
        without = np.flatnonzero(~np.logical_or.reduce(inside))
        if len(without):
            starts = np.array([revision.first_day for revision in self._revisions])
            nearest = np.maximum(np.searchsorted(starts, days[without], side="right") - 1, 0)
            outside = np.full(frame.rows, -1)
            outside[without] = self._flag_of[nearest]
            frame = replace(frame, outside=outside)
        answering = [number for number, rows in enumerate(inside) if rows.any()] or [0]
        if len(answering) == 1:
            return self._revisions[answering[0]].answers(ids, frame)
        inside[answering[0]][without] = True
        rows_of = {number: np.flatnonzero(inside[number]) for number in answering}
        parts = [
            self._revisions[number].answers(ids.take(pa.array(rows)), frame.only(rows))
            for number, rows in rows_of.items()
        ]
        order = np.argsort(np.concatenate([*rows_of.values()]), kind="stable")
        return pa.concat_tables(parts).unify_dictionaries().take(pa.array(order))


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
