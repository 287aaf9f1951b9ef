"""The records of a file decided under both revisions: how many make each transition, and for how many it is which criterion."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from medpolicy.batch import Summary, decide_file
from medpolicy.diff.attribution import Blame, Pair
from medpolicy.diff.compare import Comparison
from medpolicy.policy import Policy
from medpolicy.solve import DECISIONS, Disagreement

PAIRS: tuple[Pair, ...] = tuple((before, after) for before in DECISIONS for after in DECISIONS if before != after)

_MOST_EXAMPLES = 5
_ROWS_AT_ONCE = 1 << 18


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
    policies = [side.policy for side in comparison.solver.revisions]
    with TemporaryDirectory(prefix="medpolicy-") as folder:
        outputs = [Path(folder, f"{place}.parquet") for place in range(len(policies))]
        summaries = [_decided(policy, path, output) for policy, output in zip(policies, outputs, strict=True)]
        if len(set(summaries)) > 1:
            raise Disagreement("the revisions do not decide the same records of a file")
        changed = _changed(*outputs)
    found = {pair: ids for pair, ids in changed.items() if ids}
    possible = {(each.before, each.after) for each in comparison.transitions}
    possible |= {(each.before, each.after) for each in comparison.open}
    for pair in found:
        if pair not in possible:
            raise Disagreement(f"a record goes from {pair[0]} to {pair[1]}, which was proven impossible")
    blamed = Blame(comparison).counts(path, found)
    shares = {pair: Share(len(ids), tuple(ids[:_MOST_EXAMPLES]), blamed[pair]) for pair, ids in found.items()}
    return Corpus(path.name, summaries[0], shares)


def _decided(policy: Policy, path: Path, output: Path) -> Summary:
    return decide_file(policy, path, output, revision=policy.revisions[0].revision)


def _changed(old: Path, new: Path) -> dict[Pair, list[str]]:
    """The ids of the records that make each transition, in the order of the file."""
    found: dict[Pair, list[str]] = {pair: [] for pair in PAIRS}
    for before, after in zip(_answers(old), _answers(new), strict=True):
        if not before.column("request_id").equals(after.column("request_id")):
            raise Disagreement("the revisions do not decide the same records of a file")
        for pair in PAIRS:
            first, second = (
                pc.equal(each.column("decision"), word) for each, word in zip((before, after), pair, strict=True)
            )
            found[pair] += before.column("request_id").filter(pc.and_(first, second)).to_pylist()
    return found


def _answers(path: Path) -> Iterator[pa.RecordBatch]:
    with pq.ParquetFile(path) as file:
        for batch in file.iter_batches(_ROWS_AT_ONCE, columns=["request_id", "decision"]):
            vocabulary = batch.column("decision").cast(pa.string())
            yield pa.record_batch({"request_id": batch.column("request_id"), "decision": vocabulary})
