from __future__ import annotations

from pathlib import Path

import pytest
from faults import VALID_RULES

from medpolicy.load import RuleFile, read_rule_file
from medpolicy.load.overlap import revisions_overlap

VALID = VALID_RULES.decode()


def read(*edits: tuple[str, str], name: str = "x.json") -> RuleFile:
    text = VALID
    for old, new in edits:
        assert old in text
        text = text.replace(old, new, 1)
    return read_rule_file(Path(name), text.encode())


def told(file: RuleFile) -> list[tuple[str, str]]:
    return [(finding.code, finding.message) for finding in file.findings]


# What is not used


def test_while_a_passage_is_misspelled_none_is_said_to_be_uncited() -> None:
    file = read(
        ('"continuation.cycles", "cites": ["item-2"]', '"continuation.cycles", "cites": ["other"]'),
        ('["item-2"]', '["item-1"]'),
    )
    assert told(file) == [("unknown-passage", "unknown passage `other`")]


def test_while_a_variable_is_misspelled_none_is_said_to_be_unread() -> None:
    assert told(read(('"ph_status"', '"chromosome"'))) == [("unknown-variable", "unknown variable `chromosome`")]


def test_a_variable_counts_as_read_where_one_that_is_worked_out_from_it_is() -> None:
    assert VALID.count("cycles_received") == 0
    assert told(read()) == []
    without = read(('"name": "total_cycles", "operator": "less_than_or_equal_to"', '"name": "cycles_requested", "operator": "less_than_or_equal_to"'))  # fmt: skip
    assert told(without) == [("unread-variable", "no rule reads the variable `cycles_received`")]


def test_what_every_request_has_need_not_be_read() -> None:
    assert not {"request_id", "service_start_date", "cycles_requested"} & set(VALID.split('"'))
    assert told(read()) == []


def test_a_passage_may_be_cited_and_listed_as_informative() -> None:
    assert told(read(('["title"]', '["title", "item-1"]'))) == []


# Ids


def test_an_id_that_is_given_three_times_is_told_at_the_second_and_the_third() -> None:
    file = read(('"id": "documents"', '"id": "initial"'), ('"id": "young"', '"id": "initial"'))
    assert [finding.path for finding in file.findings] == [("review_flags", 0, "id"), ("review_flags", 2, "id")]
    assert {finding.help for finding in file.findings} == {"the first one is at $.pathways[0].id"}


def test_a_passage_may_have_the_id_of_a_pathway_and_a_revision_that_of_its_policy() -> None:
    assert told(read(('"title": {"where"', '"initial": {"where"'), ('["title"]', '["initial"]'))) == []
    assert told(read(('"revision": "2026-04-02"', '"revision": "inotuzumab-ozogamicin"'))) == []


def test_faults_of_the_whole_are_told_beside_faults_of_shape() -> None:
    file = read(
        ('"title": "A small policy"', '"title": 5'),
        ('"effective_to": null', '"effective_to": "2026-04-01"'),
        (' "holds": "denied",', ""),
        ('"id": "young"', '"id": "initial"'),
    )
    assert [finding.code for finding in file.findings] == [
        "wrong-type",
        "date-order",
        "hold-without-holds",
        "repeated-id",
    ]


# Revisions side by side


def pair(first: str, second: str) -> list[tuple[str, str]]:
    """Two revisions, each from its first day on, until the last day that is written after it, if one is."""
    files = []
    for place, written in enumerate((first, second)):
        begin, _, end = written.partition(" to ")
        files.append(
            read(
                ('"revision": "2026-04-02"', f'"revision": "r{place}"'),
                ('"effective_from": "2026-04-02"', f'"effective_from": "{begin}"'),
                ('"effective_to": null', f'"effective_to": "{end}"' if end else '"effective_to": null'),
                name=f"{place}.json",
            )
        )
    revisions = [(file.name, file.revision) for file in files if file.revision is not None]
    assert len(revisions) == 2
    return [(name, finding.message) for name, finding in revisions_overlap(revisions)]


@pytest.mark.parametrize(
    ("first", "second", "file", "day"),
    [
        ("2026-04-02", "2027-01-01", "1.json", "2027-01-01"),
        ("2027-01-01", "2026-04-02", "0.json", "2027-01-01"),
        ("2026-04-02 to 2027-01-01", "2027-01-01", "1.json", "2027-01-01"),
        ("2026-04-02 to 2027-12-31", "2027-01-01 to 2027-01-01", "1.json", "2027-01-01"),
        ("2026-04-02", "2026-04-02", "1.json", "2026-04-02"),
        ("2026-04-02", "2199-12-31", "1.json", "2199-12-31"),
    ],
)
def test_two_revisions_in_effect_on_one_day_are_a_fault_of_the_later_one(
    first: str, second: str, file: str, day: str
) -> None:
    ((name, message),) = pair(first, second)
    assert name == file
    assert message.endswith(f" are both in effect on {day}")


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("2026-04-02 to 2026-12-31", "2027-01-01"),
        ("2027-01-01", "2026-04-02 to 2026-12-31"),
        ("2026-04-02 to 2026-04-02", "2026-04-03"),
        ("2026-04-02 to 2026-05-01", "2027-01-01"),
    ],
)
def test_revisions_that_follow_each_other_are_no_fault(first: str, second: str) -> None:
    assert pair(first, second) == []
