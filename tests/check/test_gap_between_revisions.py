from __future__ import annotations

import re
from datetime import date, timedelta
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from check.faulty import Edit, Json, file_of
from medpolicy.check import Shown, gap_between_revisions
from medpolicy.load import read_rule_file
from medpolicy.policy import policy_of
from medpolicy.text.findings import Finding


def dated(begin: str, end: str | None) -> Edit:
    def edit(document: Json) -> None:
        document |= {"revision": begin, "effective_from": begin, "effective_to": end}

    return edit


def gaps(*dates: tuple[str, str | None]) -> list[Finding]:
    files = [file_of(dated(*days), name=f"{days[0]}.json") for days in dates]
    found = list(gap_between_revisions.find(files))
    for finding in found:
        assert isinstance(finding, Shown)
        assert finding.request is not None
        assert files[0].vocabulary is not None
        determination = policy_of(files[0].vocabulary, files).decide(dict(finding.request))
        assert (determination.decision, determination.revision) == (finding.decision, None)
    return found


def test_days_without_a_revision_are_told() -> None:
    (found,) = gaps(("2027-01-01", None), ("2026-04-02", "2026-11-30"))
    assert found.code == "gap-between-revisions"
    assert (found.severity, found.file, found.json_path) == ("warning", "2027-01-01.json", "$.effective_from")
    assert found.message == (
        "no revision is in effect from 2026-12-01 to 2026-12-31, between `2026-04-02` and `2027-01-01`"
    )


def test_one_day_is_enough() -> None:
    (found,) = gaps(("2026-04-02", "2026-12-30"), ("2027-01-01", None))
    assert found.message == "no revision is in effect on 2026-12-31, between `2026-04-02` and `2027-01-01`"


def test_the_last_day_is_in_effect_too() -> None:
    assert gaps(("2026-04-02", "2026-12-31"), ("2027-01-01", None)) == []


def test_one_revision_has_no_gap() -> None:
    assert gaps(("2026-04-02", "2026-12-31")) == []


def test_each_gap_is_told() -> None:
    dates = [("2026-01-01", "2026-01-10"), ("2026-02-01", "2026-02-10"), ("2026-03-01", None)]
    assert len(gaps(*dates)) == 2


def test_a_revision_without_an_end_leaves_no_gap() -> None:
    assert gaps(("2026-04-02", None), ("2027-01-01", "2027-12-31"), ("2029-01-01", None)) == []


def test_the_one_that_ends_last_stands_before_a_gap() -> None:
    (found,) = gaps(("2026-01-01", "2026-03-31"), ("2026-02-01", "2026-02-10"), ("2026-04-02", None))
    assert found.message == "no revision is in effect on 2026-04-01, between `2026-01-01` and `2026-04-02`"
    assert found.help is not None
    assert "in 2026-01-01.json" in found.help


def test_a_faulty_file_may_fill_the_gap() -> None:
    files = [
        file_of(dated(*days), name=f"{days[0]}.json") for days in (("2026-01-01", "2026-01-31"), ("2026-03-01", None))
    ]
    assert len(list(gap_between_revisions.find(files))) == 1
    assert list(gap_between_revisions.find([*files, read_rule_file(Path("2026-02-01.json"), b"{}")])) == []


FIRST = date(2026, 1, 1)
SPANS = st.lists(st.tuples(st.integers(0, 20), st.none() | st.integers(0, 4)), min_size=1, max_size=5)


@settings(max_examples=60)
@given(SPANS)
def test_each_day_without_a_revision_between_two_is_in_one_gap(spans: list[tuple[int, int | None]]) -> None:
    dates = [(FIRST + timedelta(at), None if days is None else FIRST + timedelta(at + days)) for at, days in spans]
    files = [file_of(dated(str(begin), None if end is None else str(end))) for begin, end in dates]
    told = []
    for finding in gap_between_revisions.find(files):
        days = [
            date.fromisoformat(word) for word in re.findall(r"\d{4}-\d\d-\d\d", finding.message.split(", between")[0])
        ]
        told += [days[0] + timedelta(by) for by in range((days[-1] - days[0]).days + 1)]
    every = [FIRST + timedelta(by) for by in range(30)]
    covered = [day for day in every if any(begin <= day and (end is None or day <= end) for begin, end in dates)]
    until = max(begin for begin, _ in dates)
    assert told == [day for day in every if min(covered) < day < until and day not in covered]
