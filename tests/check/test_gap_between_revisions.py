from __future__ import annotations

from check.faulty import Edit, Json, file_of
from medpolicy.check import Shown, gap_between_revisions
from medpolicy.policy import policy_of
from medpolicy.source import Finding


def dated(begin: str, end: str | None) -> Edit:
    def edit(document: Json) -> None:
        document |= {"revision": begin, "effective_from": begin, "effective_to": end}

    return edit


def gaps(*dates: tuple[str, str | None]) -> list[Finding]:
    files = [file_of(dated(*each), name=f"{each[0]}.json") for each in dates]
    found = list(gap_between_revisions.find(files))
    for each in found:
        assert isinstance(each, Shown)
        assert each.request is not None
        assert files[0].words is not None
        determination = policy_of(files[0].words, files).decide(dict(each.request))
        assert (determination.decision, determination.revision) == (each.decision, None)
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
