"""`decide` and `batch` agree on every field, in every file format in and out."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from project import EXAMPLES

from batch import making
from batch.making import (
    FORMATS,
    GIVEN,
    POLICY,
    Batch,
    Json,
    decide,
    each_pair,
    expected,
    faults_of,
    plain_faults,
    records,
    spoiled_records,
    two_revisions,
    write,
)
from medpolicy import Policy
from medpolicy.testing import near_boundaries, requests

SOME = records(1, 3000)
FAULTY = spoiled_records(2, 1500)
ANSWERS = [expected(record) for record in SOME]
COLUMNS = [
    "request_id", "policy", "revision", "rules_digest", "decision", "coverage", "requires_clinician_review", "pathway",
    "not_met", "missing", "denial_reasons", "review_flags", "authorization_start", "authorization_end",
    "authorization_cycles",
]  # fmt: skip


@pytest.mark.parametrize(("one", "other"), each_pair())
def test_thousands_of_random_requests_get_the_same_answers(one: str, other: str, tmp_path: Path) -> None:
    source = write(tmp_path / f"in.{one}", SOME)
    found = decide(source, tmp_path / f"out.{other}")
    assert found.rejects == []
    assert found.answers == ANSWERS
    assert list(found.answers[0]) == COLUMNS
    assert str(found.summary) == f"read {len(SOME)} = decided {len(SOME)} + rejected 0"


@pytest.mark.parametrize("one", FORMATS)
def test_json_lines_hold_the_determination_of_the_single_request(one: str, tmp_path: Path) -> None:
    source, output = write(tmp_path / f"in.{one}", SOME), tmp_path / "out.jsonl"
    decide(source, output)
    assert output.read_bytes().splitlines() == [POLICY.decide(record).to_json() for record in SOME]


@pytest.mark.parametrize(("one", "other"), each_pair())
def test_faulty_requests_get_the_same_faults_and_the_others_their_answers(one: str, other: str, tmp_path: Path) -> None:
    check_faults(decide(write(tmp_path / f"in.{one}", FAULTY), tmp_path / f"out.{other}"), one, FAULTY)


def check_faults(found: Batch, format: str, rows: list[Json]) -> None:
    """Hold a batch against the single requests: order, record numbers, ids, every fault, every field."""
    faults = [faults_of(row) for row in rows]
    assert found.answers == [expected(row) for row, wrong in zip(rows, faults, strict=True) if not wrong]
    first = 2 if format == "csv" else 1
    bad = [(number, each) for number, (each, wrong) in enumerate(zip(rows, faults, strict=True), first) if wrong]
    assert [reject["record"] for reject in found.rejects] == [number for number, _ in bad]
    assert [reject["request_id"] for reject in found.rejects] == [each.get("request_id") for _, each in bad]
    assert [plain_faults(reject["faults"]) for reject in found.rejects] == [fault for fault in faults if fault]
    lines = [{fault.get("line") for fault in reject["faults"]} for reject in found.rejects]
    assert lines == [{None if format == "parquet" else reject["record"]} for reject in found.rejects]
    assert found.summary.read == len(rows)


@settings(max_examples=max(1, settings().max_examples // 10))
@given(st.lists(requests(POLICY) | near_boundaries(POLICY), min_size=1, max_size=8))
def test_requests_drawn_from_the_policy_get_the_same_answers_in_all_formats(
    tmp_path_factory: pytest.TempPathFactory, drawn: list[Json]
) -> None:
    folder = tmp_path_factory.mktemp("drawn")
    rows = [request | {"request_id": f"R-{number}"} for number, request in enumerate(drawn)]
    for one in FORMATS:
        source = write(folder / f"in.{one}", rows)
        for other in FORMATS:
            assert decide(source, folder / f"out.{other}").answers == [expected(row) for row in rows]


ids = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=8)


@settings(max_examples=max(1, settings().max_examples // 5))
@given(st.lists(ids, min_size=1, max_size=5, unique=True))
def test_ids_of_any_characters_go_through_json_lines_and_parquet_as_they_are(
    tmp_path_factory: pytest.TempPathFactory, some: list[str]
) -> None:
    folder = tmp_path_factory.mktemp("ids")
    rows = [SOME[0] | {"request_id": id} for id in some]
    for one in ("jsonl", "parquet"):
        source = write(folder / f"in.{one}", rows)
        for other in ("jsonl", "parquet"):
            assert [answer["request_id"] for answer in decide(source, folder / f"out.{other}").answers] == some


ODD_IDS = [
    "a,b", 'say "x"', "line\nbreak", "é", "日本", " blanks ", "=1+1", "'", "a;b", "none", "null", "\ttab", "0007",
]  # fmt: skip


@pytest.mark.parametrize(("one", "other"), each_pair())
def test_ids_with_marks_of_csv_go_through_every_format(one: str, other: str, tmp_path: Path) -> None:
    rows = [SOME[0] | {"request_id": id} for id in ODD_IDS]
    found = decide(write(tmp_path / f"in.{one}", rows), tmp_path / f"out.{other}")
    assert [answer["request_id"] for answer in found.answers] == ODD_IDS
    again = decide(write(tmp_path / f"in.{one}", rows), tmp_path / "again.csv")
    assert [answer["request_id"] for answer in again.answers] == ODD_IDS


# Revisions


@pytest.fixture(scope="module")
def two(tmp_path_factory: pytest.TempPathFactory) -> Policy:
    return two_revisions(tmp_path_factory.mktemp("rules"))


DAYS = ["2026-04-01", "2026-04-02", "2026-12-31", "2027-01-01", "2027-01-31", "2027-02-01", "2199-12-31", "1900-01-01"]
ON_DAYS = [
    {name: value for name, value in record.items() if name != "birth_date"}
    | {"service_start_date": DAYS[row % len(DAYS)]}
    for row, record in enumerate(SOME[:400])
]


@pytest.mark.parametrize(("one", "other"), each_pair())
def test_several_revisions_in_one_file_each_decide_their_own_days(
    one: str, other: str, tmp_path: Path, two: Policy
) -> None:
    found = decide(write(tmp_path / f"in.{one}", ON_DAYS), tmp_path / f"out.{other}", two)
    assert found.answers == [expected(record, two) for record in ON_DAYS]
    assert {answer["revision"] for answer in found.answers} == {"2026-04-02", "2027-02-01", None}
    months = {
        answer["authorization_end"] - answer["authorization_start"]
        for answer in found.answers
        if answer["authorization_end"]
    }
    assert len({span.days // 170 for span in months}) == 2


@pytest.mark.parametrize("other", FORMATS)
@pytest.mark.parametrize("day", ["2026-04-01", "2027-01-15"])
def test_a_file_on_whose_days_no_revision_is_in_effect_is_pended_throughout(
    day: str, other: str, tmp_path: Path, two: Policy
) -> None:
    rows = [record | {"service_start_date": day} for record in ON_DAYS[:20]]
    found = decide(write(tmp_path / "in.csv", rows), tmp_path / f"out.{other}", two)
    assert found.answers == [expected(row, two) for row in rows]
    assert {tuple(answer["review_flags"]) for answer in found.answers} == {("no_revision_in_effect",)}


@pytest.mark.parametrize(("one", "other"), each_pair())
@pytest.mark.parametrize("pinned", ["2026-04-02", "2027-02-01"])
def test_a_pinned_revision_decides_every_day(pinned: str, one: str, other: str, tmp_path: Path, two: Policy) -> None:
    found = decide(write(tmp_path / f"in.{one}", ON_DAYS), tmp_path / f"out.{other}", two, revision=pinned)
    assert found.answers == [expected(record, two, pinned) for record in ON_DAYS]
    assert {answer["revision"] for answer in found.answers} == {pinned}


def test_tables_of_several_revisions_agree_too(two: Policy) -> None:
    table = making.typed_table(ON_DAYS)
    assert two.decide_table(table).decided.to_pylist() == [expected(record, two) for record in ON_DAYS]
    pinned = two.decide_table(table, revision="2027-02-01").decided.to_pylist()
    assert pinned == [expected(record, two, "2027-02-01") for record in ON_DAYS]


# Examples


@pytest.mark.parametrize("name", ["requests.csv", "requests.jsonl"])
def test_the_examples_are_decided_as_one_by_one(name: str, tmp_path: Path) -> None:
    requests_ = [json.loads(line) for line in (EXAMPLES / "requests.jsonl").read_text("utf-8").splitlines()]
    for other in FORMATS:
        assert decide(EXAMPLES / name, tmp_path / f"out.{other}").answers == [
            expected(request) for request in requests_
        ]


def test_the_drawn_requests_are_of_every_kind() -> None:
    """What agrees on requests that are all alike would say little."""
    counts: dict[Any, int] = {}
    for answer in ANSWERS:
        for key in (
            answer["decision"],
            answer["coverage"],
            answer["pathway"],
            *answer["review_flags"],
            *answer["not_met"],
        ):
            counts[key] = counts.get(key, 0) + 1
    assert {"approved", "denied", "pended", "met", "not_met", "unknown", None} <= set(counts)
    criteria = {criterion.id for pathway in POLICY.revisions[0].pathways for criterion in pathway.criteria}
    criteria.remove("relapsed_refractory.ph_status_known")  # met or open, whatever is known
    flags = {flag.id for flag in POLICY.revisions[0].review_flags} | {"no_revision_in_effect"}
    assert criteria | flags <= set(counts)
    assert {name for answer in ANSWERS for name in answer["missing"]} >= {"disease", "cycles_received", "ph_status"}
    assert {answer["authorization_start"] for answer in ANSWERS} > {None, date(2026, 4, 2)}
    assert sum(bool(faults_of(record)) for record in FAULTY) > 300
    assert {name for record in FAULTY for name in GIVEN if any(f["path"] == f"$.{name}" for f in faults_of(record))} > {
        *("request_id", "birth_date", "service_start_date", "request_type", "disease", "cycles_requested")
    }
