"""For each record that makes a transition the changed parts that bring it about, decided in columns."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from medpolicy.batch.csv import Csv
from medpolicy.batch.files import format_of
from medpolicy.batch.jsonl import JsonLines
from medpolicy.batch.parquet import Parquet
from medpolicy.columns.chunk import Chunk
from medpolicy.columns.distinct import distinct_rows
from medpolicy.columns.frame import ColumnDecider
from medpolicy.diff.compare import Comparison
from medpolicy.diff.parts import Part, with_part
from medpolicy.evaluate.compiled import Compiled
from medpolicy.evaluate.decide import Decider
from medpolicy.evaluate.tables import Table
from medpolicy.language.determination import Decision
from medpolicy.language.revision import Revision

Pair = tuple[Decision, Decision]

_READERS: Mapping[str, Any] = {"csv": Csv, "jsonl": JsonLines, "parquet": Parquet}


@dataclass(frozen=True)
class _OnKnownTables(Compiled):
    """A revision on tables that are there already; they may tell more apart than it does."""

    known: Mapping[str, Table]

    @cached_property
    def tables(self) -> Mapping[str, Table]:
        return self.known


class Blame:
    """The revisions of a comparison with one part exchanged, as `Causes` has them, ready to decide frames."""

    def __init__(self, comparison: Comparison) -> None:
        self._space = comparison.space
        self._old, self._new = (side.revision for side in comparison.solver.revisions)
        self._parts = {
            (each.before, each.after): [part for part in comparison.parts if part.id in each.criteria]
            for each in comparison.transitions
        }
        self._plain = self._ready(self._old)
        self._frames: dict[Part, tuple[ColumnDecider, ColumnDecider]] = {}

    def counts(self, path: Path, changed: Mapping[Pair, Sequence[str]]) -> dict[Pair, Counter[str]]:
        """For each transition how many of its records each part brings about, by the id of the part."""
        counts: dict[Pair, Counter[str]] = {pair: Counter() for pair in changed}
        for pair, chunk in self._records(path, {id.encode(): pair for pair, ids in changed.items() for id in ids}):
            ids, placed, numbers = distinct_rows(self._plain, self._space.tables, chunk)
            by_id: dict[str, Any] = {}
            for part in self._parts.get(pair, ()):
                without, alone = (
                    frames.decide(ids, placed).column("decision").cast(pa.string()) for frames in self._both(part)
                )
                matters = pc.or_(pc.not_equal(without, pair[1]), pc.equal(alone, pair[1]))
                by_id[part.id] = pc.or_(by_id[part.id], matters) if part.id in by_id else matters
            counts[pair] += Counter({id: int(numbers[matters.to_numpy()].sum()) for id, matters in by_id.items()})
        return counts

    def _both(self, part: Part) -> tuple[ColumnDecider, ColumnDecider]:
        """The new revision without the change of a part, and the old one with that change alone."""
        if part not in self._frames:
            without, alone = with_part(self._new, part, part.old), with_part(self._old, part, part.new)
            self._frames[part] = self._ready(without), self._ready(alone)
        return self._frames[part]

    def _ready(self, revision: Revision) -> ColumnDecider:
        decider = Decider(revision, "", self._space.vocabulary)
        return ColumnDecider([_OnKnownTables(decider, self._space.tables)], pinned=True)

    def _records(self, path: Path, pair_of: dict[bytes, Pair]) -> Iterator[tuple[Pair, Chunk]]:
        """The records with some ids, in pieces of one transition. An id counts where it stands first."""
        if not pair_of:
            return
        vocabulary = self._space.vocabulary
        given = {name: each for name, each in vocabulary.variables.items() if each.derived is None}
        source = _READERS[format_of(path)](path, vocabulary.request, given, "refuse")
        for piece in source.pieces():
            chunk = source.read(piece)
            rows: dict[Pair, list[int]] = {}
            for row, id in enumerate(chunk.ids.to_pylist()):
                pair = pair_of.pop(id, None)
                if pair is not None:
                    rows.setdefault(pair, []).append(row)
            for pair, some in rows.items():
                yield pair, chunk.only(pa.array(some).to_numpy())
