"""The counts of a corpus are those of deciding its records one by one."""

from __future__ import annotations

import json
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet
import pytest
from project import CASES

from medpolicy import load_policy
from medpolicy.batch import lines
from medpolicy.batch.csv import Csv
from medpolicy.batch.lines import Piece
from medpolicy.diff.attribution import TransitionDecider
from medpolicy.diff.compare import Comparison, compare
from medpolicy.diff.corpus import Corpus, count_changes
from medpolicy.diff.parts import with_part
from medpolicy.language.revision import Revision
from medpolicy.solve import Disagreement, RevisionFormulas

Json = dict[str, Any]

POLICY = load_policy("inotuzumab-ozogamicin")
RECORDS = [json.loads(line)["request"] for line in CASES.read_text("utf-8").splitlines()]


def edited() -> Revision:
    """Seven cycles for six in two pathways, one criterion fewer, a hold fewer."""
    document = json.loads(POLICY.revisions[0].model_dump_json(by_alias=True))
    for pathway in document["pathways"][:2]:
        for criterion in pathway["criteria"]:
            if criterion["id"].endswith("cycle_cap"):
                criterion["conditions"]["all"][0]["value"] = 7
    document["pathways"][0]["criteria"] = [
        criterion for criterion in document["pathways"][0]["criteria"] if criterion["id"] != "frontline.ph_negative"
    ]
    document["review_flags"] = [flag for flag in document["review_flags"] if flag["id"] != "unlisted_tki"]
    return Revision.model_validate_json(json.dumps(document))


@pytest.fixture(scope="module")
def comparison() -> Comparison:
    return compare(POLICY.vocabulary, POLICY.revisions[0], edited())


def decider(comparison: Comparison, revision: Revision) -> Callable[[Json], str]:
    policy = RevisionFormulas(comparison.space, revision).policy
    return lambda record: policy.decide(record, revision=revision.revision).decision


def written(folder: Path, format: str, records: list[Json]) -> Path:
    path = folder / f"requests.{format}"
    if format == "jsonl":
        path.write_text("".join(json.dumps(record) + "\n" for record in records), "utf-8")
        return path
    names = list(dict.fromkeys(name for record in records for name in record))
    if format == "parquet":
        pa.parquet.write_table(pa.table({name: [record.get(name) for record in records] for name in names}), path)
        return path
    cells = [[cell(record.get(name)) for name in names] for record in records]
    path.write_text("".join(",".join(row) + "\n" for row in [names, *cells]), "utf-8")
    return path


def cell(value: Any) -> str:
    if isinstance(value, list):
        return ";".join(value) or "none"
    return "" if value is None else str(value).lower() if isinstance(value, bool) else str(value)


@pytest.mark.parametrize("format", ["jsonl", "csv", "parquet"])
def test_counts_are_those_of_deciding_one_by_one(comparison: Comparison, tmp_path: Path, format: str) -> None:
    old, new = (side.revision for side in comparison.solver.revisions)
    before, after = decider(comparison, old), decider(comparison, new)
    mixed = {
        part.id: (
            decider(comparison, with_part(new, part, part.old)),
            decider(comparison, with_part(old, part, part.new)),
        )
        for part in comparison.parts
    }
    corpus = count_changes(written(tmp_path, format, RECORDS), comparison)
    expected: dict[tuple[str, str], list[str]] = {}
    by_criterion: dict[tuple[str, str], Counter[str]] = {}
    for record in RECORDS:
        pair = before(record), after(record)
        if pair[0] == pair[1]:
            continue
        expected.setdefault(pair, []).append(record["request_id"])
        for id, (without, alone) in mixed.items():
            if without(record) != pair[1] or alone(record) == pair[1]:
                by_criterion.setdefault(pair, Counter())[id] += 1
    assert {pair: share.count for pair, share in corpus.transitions.items()} == {
        pair: len(ids) for pair, ids in expected.items()
    }
    for pair, share in corpus.transitions.items():
        assert share.examples == tuple(expected[pair][:5])
        assert share.by_criterion == by_criterion[pair]
    assert len(expected) == 2
    assert len(by_criterion["denied", "approved"]) == 4
    assert (corpus.summary.decided, corpus.summary.rejected) == (len(RECORDS), 0)


def test_faulty_records_and_repeated_ids_count_for_nothing(comparison: Comparison, tmp_path: Path) -> None:
    good = written(tmp_path, "jsonl", RECORDS)
    expected = count_changes(good, comparison)
    faulty = {**RECORDS[0], "request_id": "faulty", "cycles_requested": 0}
    mixed = written(tmp_path, "jsonl", [faulty, *RECORDS, *RECORDS])
    found = count_changes(mixed, comparison)
    assert found.transitions == expected.transitions
    assert (found.summary.decided, found.summary.rejected) == (len(RECORDS), len(RECORDS) + 1)


def test_shares_are_of_the_records_decided(comparison: Comparison, tmp_path: Path) -> None:
    corpus: Corpus = count_changes(written(tmp_path, "jsonl", RECORDS), comparison)
    pair, share = next(iter(corpus.transitions.items()))
    told = corpus.told(share)
    assert told["count"] == share.count
    assert told["share"] == share.count / len(RECORDS)
    assert told["examples"] == list(share.examples)
    assert set(told["by_criterion"]) <= {part.id for part in comparison.parts}
    assert pair[0] != pair[1]


def test_a_record_that_does_the_impossible_is_an_error(tmp_path: Path) -> None:
    same = compare(POLICY.vocabulary, POLICY.revisions[0], POLICY.revisions[0])
    other = compare(POLICY.vocabulary, POLICY.revisions[0], edited())
    false = Comparison(other.solver, other.parts, other.alike, same.transitions, same.reasons, same.open)
    with pytest.raises(Disagreement, match="proven impossible"):
        count_changes(written(tmp_path, "jsonl", RECORDS), false)


def test_the_file_is_read_once_and_in_pieces(
    comparison: Comparison, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = written(tmp_path, "csv", RECORDS)
    expected = count_changes(path, comparison)
    monkeypatch.setattr(lines, "PIECE", 2000)
    passes: list[int] = []
    pieces = Csv.pieces

    def counted(source: Csv) -> Iterator[Piece]:
        found = list(pieces(source))
        passes.append(len(found))
        return iter(found)

    monkeypatch.setattr(Csv, "pieces", counted)
    monkeypatch.setattr(tempfile, "mkstemp", lambda *_, **__: pytest.fail("a temporary file"))
    monkeypatch.setattr(tempfile, "mkdtemp", lambda *_, **__: pytest.fail("a temporary folder"))
    assert count_changes(path, comparison) == expected
    assert len(passes) == 1
    assert passes[0] > 3


def test_records_that_the_program_fails_on_count_for_nothing(
    comparison: Comparison, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = written(tmp_path, "jsonl", RECORDS)
    decide = TransitionDecider.decide

    def failing(self: TransitionDecider, ids: pa.Array, placed: Any) -> pa.Table:
        if RECORDS[0]["request_id"] in ids.to_pylist():
            raise KeyError("a value")
        return decide(self, ids, placed)

    monkeypatch.setattr(TransitionDecider, "decide", failing)
    summary = count_changes(path, comparison).summary
    assert (summary.decided, summary.rejected) == (len(RECORDS) - 1, 1)
    monkeypatch.setattr(TransitionDecider, "decide", lambda *_: 1 / 0)
    found = count_changes(path, comparison)
    assert (found.summary.decided, found.summary.rejected, found.transitions) == (0, len(RECORDS), {})
