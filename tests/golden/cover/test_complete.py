"""The cases that `medpolicy cases --complete` writes: they show all there is to show, and none is needless."""

from __future__ import annotations

import json
import re
from collections import Counter
from datetime import date, timedelta
from pathlib import Path

import pytest
from drawing import asks
from hypothesis import example, given, settings
from tiny import INITIAL, document, flag, pathway, tiny

from golden.cover.test_mcdc import CONDITIONS
from medpolicy.golden import RevisionCases, answer, read_cases
from medpolicy.golden.cover import bundling
from medpolicy.golden.cover.case_lines import as_jsonl, case_lines
from medpolicy.golden.cover.complete import completing_requests
from medpolicy.golden.cover.measure import measured
from medpolicy.golden.cover.obligations import Obligation
from medpolicy.golden.cover.report import all_covered, described
from medpolicy.text.findings import Unusable

CONDITION = {
    "any": [
        {"all": [asks("cd22_status", "equal_to", "positive"), asks("total_cycles", "less_than_or_equal_to", 6)]},
        asks("combination_regimen", "is_exactly", ["imatinib"]),
    ]
}
CONTENT = document(
    [pathway("first", {"all": [INITIAL]}, {"asked": CONDITION})],
    [
        flag("young", "note", {"all": [asks("age_years", "less_than", 1)]}),
        flag("held", "hold", {"all": [asks("disease_progression", "is_true")]}, "denied"),
    ],
    effective_to="2026-12-31",
)


def with_cases(file: RevisionCases, text: bytes, folder: Path) -> RevisionCases:
    path = folder / "cases.jsonl"
    path.write_bytes(text)
    return RevisionCases(file.rules, file.decider, path, read_cases(path, file.vocabulary))


@pytest.fixture(scope="module")
def completed(tmp_path_factory):
    file = tiny(CONTENT)
    lines = case_lines(file, completing_requests(file))
    return file, lines, with_cases(file, as_jsonl(lines), tmp_path_factory.mktemp("complete"))


def test_everything_is_covered_or_infeasible(completed):
    found = measured(completed[2])
    assert {found.state(obligation) for obligation in found.shown_by} == {"covered"}


def test_no_case_is_needless(completed):
    assert set(measured(completed[2]).essential) == set(completed[2].cases)


def test_the_answers_are_those_of_today(completed):
    file, lines, _ = completed
    assert [line["expected"] for line in lines] == [answer(file.policy.decide(line["request"])) for line in lines]


def test_each_case_has_a_sentence_and_an_id_of_its_own(completed):
    _, lines, _ = completed
    assert (
        len({line["shows"] for line in lines}) == len({line["request"]["request_id"] for line in lines}) == len(lines)
    )
    assert all(line["shows"].endswith(".") for line in lines)


def test_no_sentence_tells_a_fact_twice():
    regimens = [["imatinib"], ["dasatinib"], ["nilotinib"]]
    condition = {"any": [asks("combination_regimen", "is_exactly", regimen) for regimen in regimens]}
    file = tiny(document([pathway("first", {"all": [INITIAL]}, {"asked": condition})], effective_to="2026-12-31"))
    for line in case_lines(file, completing_requests(file)):
        assert max(Counter(re.findall(r"[A-Z][^:;.]+:", line["shows"])).values()) == 1, line["shows"]


def test_a_birthday_is_met_to_the_day(completed):
    file, lines, _ = completed
    years = file.vocabulary.variables["age_years"].derived.value
    seen = set()
    for line in lines:
        if line["request"].get("birth_date") is not None:
            born, day = (date.fromisoformat(line["request"][name]) for name in ("birth_date", "service_start_date"))
            seen.add((years(born - timedelta(1), day), years(born, day), years(born + timedelta(1), day)))
    assert seen >= {(1, 1, 0), (1, 0, 0)}


def test_the_ends_of_the_revision_are_seen_from_both_sides(completed):
    days = {line["request"]["service_start_date"] for line in completed[1]}
    assert {"2026-04-01", "2026-04-02", "2026-12-31", "2027-01-01"} <= days


def test_a_missing_fact_that_is_asked_for_is_written_as_missing(completed):
    for line in completed[1]:
        for name in line["expected"]["missing"]:
            assert line["request"][name] is None


def test_only_what_the_cases_lack_is_written(completed, tmp_path):
    file, lines, whole = completed
    part = with_cases(file, as_jsonl(lines[1:]), tmp_path)
    [left] = completing_requests(part, lacking=True)
    found = measured(whole)
    alone = [obligation for obligation, cases in found.shown_by.items() if cases == (whole.cases[0],)]
    assert len(left.alone) >= len(alone) > 0
    assert completing_requests(whole, lacking=True) == ()


def test_what_cannot_be_shown_is_left_out():
    known = {"any": [asks("cd22_status", "equal_to", option) for option in ("positive", "negative")]}
    file = tiny(document([pathway("first", {"all": [INITIAL]}, {"asked": known})]))
    found = measured(file)
    feasible = {named(obligation) for obligation, known in found.feasible.items() if known}
    feasible -= {shown for shown in feasible if shown[:2] == ("met", "asked")}  # the other half cannot be shown
    assert {named(obligation) for one in completing_requests(file) for obligation in one.shows} == feasible
    assert {shown[0] for shown in feasible if shown[1] == "asked"} == {"missing"}


def named(obligation: Obligation) -> tuple[object, ...]:
    return obligation.what, obligation.rule and obligation.rule.id, obligation.occurrence, obligation.value


EITHER_SIDE = {"any": [asks("total_cycles", operator, 4) for operator in ("less_than", "greater_than_or_equal_to")]}
ONE_YEAR = {"all": [asks("age_years", "equal_to", 1), asks("total_cycles", "less_than_or_equal_to", 4)]}
OLDER = {"all": [asks("age_years", "greater_than", 1)]}


@settings(max_examples=settings.default.max_examples // 4)
@example(EITHER_SIDE, ONE_YEAR, OLDER)  # a request shows more than it was made for
@given(CONDITIONS, CONDITIONS, CONDITIONS)
def test_everything_is_shown_and_no_case_is_needless_whatever_the_policy_is(applies, criterion, held):
    rules = [pathway("first", {"all": [INITIAL, applies]}, {"asked": criterion})]
    content = document(rules, [flag("held", "hold", held, "approved"), flag("noted", "note", held)])
    made = completing_requests(tiny(content))
    assert all(request.alone for request in made)
    found = measured(tiny(content, [without_id(request.record) for request in made]))
    assert all_covered(described(found)["figures"])
    assert len(found.essential) == len(made)


def without_id(record):
    return {name: value for name, value in record.items() if name != "request_id"}


def test_the_smallest_set_for_one_choice_is_one_case_for_each_class():
    only = {"all": [asks("cd22_status", "equal_to", "positive")]}
    file = tiny(document([pathway("first", {"all": [INITIAL]}, {"asked": only})]))
    # the day before (1), met (2) on an initial request, not met (3), missing (4), and one that is no initial request (5)
    assert len(completing_requests(file)) == 5


def test_without_an_answer_in_time_there_is_no_set(monkeypatch):
    monkeypatch.setattr(bundling, "LIMIT", 0.0)
    with pytest.raises(Unusable) as refused:
        completing_requests(tiny(CONTENT))
    [fault] = refused.value.findings
    assert (fault.code, fault.message) == ("gave-up", "undecided within 10 seconds")


def test_the_lines_are_json_of_one_case_each(completed):
    assert [json.loads(line) for line in as_jsonl(completed[1]).decode().splitlines()] == list(completed[1])
