"""The records of a file decided under both revisions: how many make each transition, and which criteria bring it about."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pyarrow.compute as pc

from medpolicy.batch import Summary
from medpolicy.batch.files import check_source
from medpolicy.batch.in_pieces import in_pieces
from medpolicy.batch.open_source import open_source
from medpolicy.columns.chunk import Chunk, Decided, decide_chunk, decide_surely
from medpolicy.diff.attribution import PAIRS, Pair, TransitionDecider
from medpolicy.diff.compare import Change, Comparison, Undecided
from medpolicy.solve import Disagreement
from medpolicy.text.visible import on_one_line

_MOST_EXAMPLES = 5


@dataclass(frozen=True)
class Share:
    """The records that make one transition: their number, some of their ids, and how many each criterion brings about."""

    count: int = 0
    examples: tuple[str, ...] = ()
    by_criterion: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class Corpus:
    """A file of requests under both revisions; records with a fault are decided under neither."""

    name: str
    summary: Summary
    transitions: Mapping[Pair, Share]

    def part(self, count: int) -> float:
        """A number of records as a share of those decided."""
        return count / self.summary.decided if self.summary.decided else 0.0

    def told(self, share: Share) -> dict[str, Any]:
        """A share in the form for programs."""
        return {
            "count": share.count,
            "share": self.part(share.count),
            "examples": list(share.examples),
            "by_criterion": {
                id: {"count": count, "share": self.part(count)} for id, count in share.by_criterion.items()
            },
        }


def count_changes(path: Path, comparison: Comparison) -> Corpus:
    """Decide the requests of a file (JSON Lines, CSV, Parquet) under both revisions, each pinned.

    Raises `Unusable` where the file cannot be used, `Disagreement` where a record does what was proven impossible.
    """
    check_source(path)
    decider = TransitionDecider(comparison)

    def answer(chunk: Chunk) -> tuple[int, Decided]:
        changed = decide_surely(lambda part: decide_chunk(decider, part), chunk, decider)
        return len(chunk.numbers) + len(chunk.rejects), changed

    summary, shares = in_pieces(open_source(path, decider), answer, _collect)
    possible: tuple[Change | Undecided, ...] = (*comparison.transitions, *comparison.open)
    for before, after in shares:
        if not any((change.before, change.after) == (before, after) for change in possible):
            raise Disagreement(f"a record goes from {before} to {after}, which was proven impossible")
    return Corpus(on_one_line(path.name), summary, shares)


def _collect(answers: Iterator[tuple[int, Decided]]) -> tuple[Summary, dict[Pair, Share]]:
    """What became of the records of all pieces, and the share of each transition that some of them make."""
    read = rejected = 0
    counts: Counter[Pair] = Counter()
    examples: dict[Pair, list[str]] = {pair: [] for pair in PAIRS}
    by_criterion: dict[Pair, Counter[str]] = {pair: Counter() for pair in PAIRS}
    for records, changed in answers:
        read, rejected = read + records, rejected + len(changed.rejects)
        for pair in PAIRS:
            table = changed.table.filter((pc.field("before") == pair[0]) & (pc.field("after") == pair[1]))
            counts[pair] += table.num_rows
            examples[pair] += table.column("request_id").slice(0, _MOST_EXAMPLES - len(examples[pair])).to_pylist()
            by_criterion[pair] += Counter({id: pc.sum(table.column(id)).as_py() or 0 for id in table.column_names[3:]})
    shares = {pair: Share(counts[pair], tuple(examples[pair]), by_criterion[pair]) for pair in PAIRS if counts[pair]}
    return Summary(read - rejected, rejected), shares
