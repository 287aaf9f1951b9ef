"""The records that make a transition, decided in columns, each with the changed parts that bring it about."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, cached_property

import pyarrow as pa
import pyarrow.compute as pc

from medpolicy.columns.codes import distinct_rows
from medpolicy.columns.frame import ColumnDecider
from medpolicy.columns.indices import IndexedFrame
from medpolicy.diff.compare import Comparison
from medpolicy.diff.parts import Part, exchanged
from medpolicy.evaluate.compiled import Compiled
from medpolicy.evaluate.decide import Decider
from medpolicy.evaluate.tables import Table
from medpolicy.language.determination import Decision
from medpolicy.language.revision import Revision
from medpolicy.solve import DECISIONS

Pair = tuple[Decision, Decision]
PAIRS: tuple[Pair, ...] = tuple((before, after) for before in DECISIONS for after in DECISIONS if before != after)


@dataclass(frozen=True)
class _OnSharedTables(Compiled):
    """A revision on the tables of a space; they may have more classes than it needs."""

    shared: Mapping[str, Table]

    @cached_property
    def tables(self) -> Mapping[str, Table]:
        return self.shared


class TransitionDecider(ColumnDecider):
    """Both revisions of a comparison, ready to decide frames. Threads may share it."""

    def __init__(self, comparison: Comparison) -> None:
        self._space = comparison.space
        self._old, self._new = (side.revision for side in comparison.solver.revisions)
        super().__init__([self._compiled(self._old)], pinned=True)
        self._both = [side.policy.column_decider(side.revision.revision) for side in comparison.solver.revisions]
        self._parts = {
            (change.before, change.after): [part for part in comparison.parts if part.id in change.criteria]
            for change in comparison.transitions
        }
        ids = dict.fromkeys(part.id for parts in self._parts.values() for part in parts)
        words, masks = ("request_id", "before", "after"), [(id, pa.bool_()) for id in ids]
        self.columns = pa.schema([*((word, pa.string()) for word in words), *masks])
        self._exchanged = cache(self._deciders_exchanged)

    def decide(self, ids: pa.Array, frame: IndexedFrame) -> pa.Table:
        """A row for each record that makes a transition, in their order for each of these.

        `request_id`, the decisions `before` and `after`, and for the id of each part whether it brings this about; null
        where it cannot.
        """
        before, after = (_decisions(decider, ids, frame) for decider in self._both)
        tables = [self.columns.empty_table()]
        for pair in PAIRS:
            rows = pc.indices_nonzero(pc.and_(pc.equal(before, pair[0]), pc.equal(after, pair[1])))
            if len(rows):
                tables.append(self._transition(pair, ids.take(rows), frame.only(rows.to_numpy())))
        return pa.concat_tables(tables)

    def _transition(self, pair: Pair, ids: pa.Array, frame: IndexedFrame) -> pa.Table:
        """The rows of records that all make one transition; what brings it about is decided for distinct ones alone."""
        rows, numbers = distinct_rows(self._space.tables, frame)
        some_ids, some = ids.take(pa.array(rows)), frame.only(rows)
        masks: dict[str, pa.Array] = {}
        for part in self._parts.get(pair, ()):
            without, alone = (_decisions(decider, some_ids, some) for decider in self._exchanged(part))
            matters = pc.or_(pc.not_equal(without, pair[1]), pc.equal(alone, pair[1]))
            masks[part.id] = pc.or_(masks[part.id], matters) if part.id in masks else matters
        columns = [ids.cast(pa.string()), pa.repeat(pair[0], len(ids)), pa.repeat(pair[1], len(ids))]
        for id in self.columns.names[len(columns) :]:
            columns.append(masks[id].take(pa.array(numbers)) if id in masks else pa.nulls(len(ids), pa.bool_()))
        return pa.table(columns, schema=self.columns)

    def _deciders_exchanged(self, part: Part) -> list[ColumnDecider]:
        revisions = exchanged(self._old, self._new, part)
        return [ColumnDecider([self._compiled(revision)], pinned=True) for revision in revisions]

    def _compiled(self, revision: Revision) -> Compiled:
        return _OnSharedTables(Decider(revision, "", self._space.vocabulary), self._space.tables)


def _decisions(decider: ColumnDecider, ids: pa.Array, frame: IndexedFrame) -> pa.Array:
    return decider.decide(ids, frame).column("decision").cast(pa.string()).combine_chunks()
