"""The SELECT on each engine against `policy.decide`: every column, nulls included."""

from __future__ import annotations

from pathlib import Path

import pytest

from medpolicy import Policy
from sql.differences import all_rows, differences
from sql.engines import Engine
from sql.policies import changed, every_operator, strange, written
from sql.rows import examples

RANDOM_ROWS = 4000
STRANGE = {
    "request_id": "R",
    "service_start_date": "2026-05-01",
    "checked": True,
    "order": "a",
    "fault": 1,
    "revision": 2,
}


@pytest.mark.parametrize("revision", [None, "2026-04-02"], ids=["by its date", "pinned"])
def test_the_shipped_policy(engine: Engine, policy: Policy, revision: str | None) -> None:
    differing, found = differences(engine, policy, all_rows(policy, examples(), RANDOM_ROWS), revision)
    assert differing[:3] == []
    seen = {(answer["decision"], answer["coverage"], answer["pathway"]) for answer in found}
    assert {decision for decision, _, _ in seen} == {"approved", "denied", "pended", None}
    assert len(seen) > 9


@pytest.mark.parametrize("revision", [None, "2026-04-02", "2027-02"])
def test_a_policy_with_revisions_that_differ_in_every_part(
    engine: Engine, tmp_path: Path, revision: str | None
) -> None:
    policy = written(tmp_path, *changed())
    differing, found = differences(engine, policy, all_rows(policy, examples(), RANDOM_ROWS), revision)
    assert differing[:3] == []
    assert {answer["decision"] for answer in found} == {"approved", "denied", "pended", None}


@pytest.mark.parametrize("revision", [None, "every-operator"], ids=["by its date", "pinned"])
def test_every_operator_alone_and_in_groups(
    engine: Engine, policy: Policy, tmp_path: Path, revision: str | None
) -> None:
    several = written(tmp_path, *changed(), every_operator(policy))
    differing, found = differences(engine, several, all_rows(several, examples()[:2], RANDOM_ROWS // 2), revision)
    assert differing[:3] == []
    statuses = {status for answer in found for status in answer.values()}
    assert {"met", "not_met", "unknown"} <= statuses


def test_names_options_and_texts_that_try_to_break_out(engine: Engine) -> None:
    policy = strange()
    differing, found = differences(engine, policy, all_rows(policy, [STRANGE], RANDOM_ROWS // 2))
    assert differing[:3] == []
    assert {"met", "not_met", "unknown"} <= {answer["coverage"] for answer in found}
