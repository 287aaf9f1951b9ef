"""A file of golden cases with faults: each is told, with its line, and all of them at once."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest
from faults import VALID_RULES
from tiny import request

from medpolicy.golden import cases_beside, golden_cases, read_cases
from medpolicy.language.vocabulary import find_vocabulary
from medpolicy.load.file import MOST_VALUES
from medpolicy.text.findings import Unusable

WORDS = find_vocabulary("inotuzumab-ozogamicin")
DENIED = {
    "decision": "denied",
    "coverage": "not_met",
    "pathway": None,
    "not_met": [],
    "missing": [],
    "review_flags": [],
    "authorization": None,
}
APPROVED = DENIED | {
    "authorization": {"start": "2026-05-01", "end": "2027-04-30", "months": 12, "cycles": 2, "max_total_cycles": 6}
}


def case(id: str = "R-1", shows: Any = "It is denied.", expected: Any = DENIED, **facts: Any) -> dict[str, Any]:
    return {"shows": shows, "request": request(id, **facts), "expected": expected}


@pytest.fixture
def faults(tmp_path, monkeypatch):
    """The findings of a file with some lines."""
    monkeypatch.chdir(tmp_path)

    def read(*lines: Any) -> list[str]:
        text = "".join((line if isinstance(line, str) else json.dumps(line)) + "\n" for line in lines)
        Path("cases.jsonl").write_text(text, "utf-8")
        with pytest.raises(Unusable) as refused:
            read_cases(Path("cases.jsonl"), WORDS)
        return [str(finding) for finding in refused.value.findings]

    return read


def test_the_nearest_key_is_named(faults):
    [fault] = faults({**case(), "shos": "x"} | {})
    assert fault == (
        "cases.jsonl:1:" + fault.split(":")[2] + ": error[unknown-key]: unknown key `shos`\n  at $.shos\n"
        "  help: the keys here are `shows`, `request` and `expected`"
    )


def test_a_slip_of_a_key_is_one_fault(faults):
    slipped = {"show": "It is denied.", "request": request("R-1"), "expected": DENIED}
    [fault] = faults(slipped)
    assert (
        fault == "cases.jsonl:1:2: error[unknown-key]: unknown key `show`\n  at $.show\n  help: did you mean `shows`?"
    )


def test_the_help_of_a_broken_line_names_the_line_of_the_file(faults):
    [open_brace, repeated] = faults("", '{"shows": {{', "", '{"shows": "a", "shows": "b"}')
    assert open_brace.endswith("help: the `{` of line 2 is not closed yet")
    assert repeated.endswith("help: the first one is in line 4; keep one of the two")


def test_every_fault_of_every_line_is_told_in_the_order_of_the_file(faults):
    found = faults(
        case(),
        {**case("R-2"), "expected": {**DENIED, "decision": "deny", "missing": "lineage"}},
        case("R-3", disease="leukemia"),
        "",
        '{"shows": "cut"',
        case("R-4", shows=" ", expected=None),
        "[]",
    )
    assert [(text.split(":")[1], text.split("[")[1].split("]")[0]) for text in found] == [
        ("2", "unknown-option"),
        ("2", "wrong-type"),
        ("3", "not-allowed"),
        ("5", "syntax"),
        ("6", "empty"),
        ("6", "wrong-type"),
        ("7", "not-a-case"),
    ]


@pytest.mark.parametrize("key", DENIED)
def test_no_key_of_the_answer_may_be_left_out(key, faults):
    [fault] = faults(case(expected={name: value for name, value in DENIED.items() if name != key}))
    assert f"error[missing-key]: the key `{key}` is missing\n  at $.expected\n" in fault


@pytest.mark.parametrize(
    ("changed", "code", "message"),
    [
        ({"coverage": "yes"}, "unknown-option", '`coverage` must be `met`, `not_met` or `unknown`, not `"yes"`'),
        ({"pathway": 1}, "wrong-type", "`pathway` must be text or `null`, not `1`"),
        ({"not_met": [1]}, "wrong-type", "an entry of `not_met` must be text, not `1`"),
        ({"missing": ["a", "a"]}, "repeated-entry", "`a` is listed twice"),
        ({"review_flags": None}, "wrong-type", "`review_flags` must be a list, not `null`"),
        ({"authorization": []}, "wrong-type", "`authorization` must be an object or `null`, not `[]`"),
        ({"authorization": {"months": 12}}, "missing-key", "the key `start` is missing"),
    ],
)
def test_a_part_of_the_answer_has_its_form(changed, code, message, faults):
    assert f"error[{code}]: {message}" in faults(case(expected=DENIED | changed))[0]


@pytest.mark.parametrize(
    ("term", "value", "message"),
    [
        (
            "end",
            "2027-04-31",
            '`end` must be a day from 1900-01-01 to 9999-12-31, written `YYYY-MM-DD`, not `"2027-04-31"`',
        ),
        ("months", "12", '`months` must be a whole number from 0 to 9007199254740991, not `"12"`'),
        ("months", None, "`months` must be a whole number from 0 to 9007199254740991, not `null`"),
    ],
)
def test_a_term_of_an_authorization_has_its_form(term, value, message, faults):
    expected = APPROVED | {"authorization": APPROVED["authorization"] | {term: value}}
    [fault] = faults(case(expected=expected))
    assert f"error[wrong-value]: {message}" in fault


def test_a_fault_of_a_request_is_told_at_its_place_without_the_value(faults):
    [fault] = faults(case(lineage="b_cell_precursr"))
    assert "at $.request.lineage" in fault
    assert "help: did you mean `b_cell_precursor`?" in fault
    assert "precursr" not in fault


def test_an_id_is_that_of_one_case(faults):
    [fault] = faults(case(), case("R-2"), case())
    assert fault.startswith("cases.jsonl:3:")
    assert "error[repeated-id]: the request id `R-1` is also that of line 1" in fault


@pytest.mark.parametrize(
    ("lines", "message"),
    [
        (['{"shows": "a", "shows": "b"}'], "1:16: error[duplicate-key]: the key `shows` is given twice\n"),
        (["[]"], "1:1: error[not-a-case]: a case must be an object"),
        ([], "1:1: error[no-cases]: the file has no case"),
        (["", " "], "1:1: error[no-cases]: the file has no case"),
    ],
)
def test_what_holds_no_case_is_a_fault(faults, lines, message):
    [fault] = faults(*lines)
    assert fault.startswith(f"cases.jsonl:{message}")


def test_blank_lines_windows_line_ends_and_a_byte_order_mark_are_read_over(tmp_path):
    path = tmp_path / "cases.jsonl"
    path.write_bytes(b"\xef\xbb\xbf" + json.dumps(case()).encode() + b"\r\n\r\n" + json.dumps(case("R-2")).encode())
    assert [(case.id, case.line) for case in read_cases(path, WORDS)] == [("R-1", 1), ("R-2", 3)]


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "cases").mkdir()
    (tmp_path / "first.json").write_bytes(VALID_RULES)
    return tmp_path


def told(refused: Any) -> list[str]:
    return [finding.code for finding in refused.value.findings]


def test_cases_are_named_after_the_rule_file_or_the_revision(folder):
    name = "inotuzumab-ozogamicin"
    (folder / "cases" / "2026-04-02.jsonl").write_text(json.dumps(case()))
    assert (
        len(golden_cases(name, folder)[0].cases) == len(cases_beside(folder / "cases" / "2026-04-02.jsonl").cases) == 1
    )
    (folder / "cases" / "first.jsonl").write_text(json.dumps(case()) + "\n" + json.dumps(case("R-2")))
    assert len(golden_cases(name, folder)[0].cases) == len(cases_beside(folder / "cases" / "first.jsonl").cases) == 2


def test_cases_of_no_rule_file_are_a_fault(folder):
    path = folder / "cases" / "frist.jsonl"
    path.write_text(json.dumps(case()))
    for reading in (lambda: golden_cases("inotuzumab-ozogamicin", folder), lambda: cases_beside(path)):
        with pytest.raises(Unusable) as refused:
            reading()
        assert told(refused) == ["cases-without-rules"]
        assert refused.value.findings[0].help == "did you mean `first`?"


def test_a_fault_of_the_rule_file_comes_first(folder):
    (folder / "first.json").write_bytes(VALID_RULES.replace(b'"operator": "is_none_of"', b'"operator": "is_nothing"'))
    (folder / "cases" / "first.jsonl").write_text("{}")
    for reading in (
        lambda: golden_cases("inotuzumab-ozogamicin", folder),
        lambda: cases_beside(folder / "cases" / "first.jsonl"),
    ):
        with pytest.raises(Unusable) as refused:
            reading()
        assert told(refused) == ["unknown-operator"]


def test_an_unknown_revision_is_told_with_the_nearest_one(folder):
    with pytest.raises(Unusable) as refused:
        golden_cases("inotuzumab-ozogamicin", folder, "2026-04-20")
    assert refused.value.findings[0].help == "did you mean `2026-04-02`?"


def test_a_revision_without_a_file_of_cases_has_none(folder):
    assert golden_cases("inotuzumab-ozogamicin", folder)[0].cases == ()


# Files made to be slow


def test_more_faults_than_anybody_reads_end_the_reading(faults):
    told = faults(*["{}"] * 100_000)
    assert len(told) == 501
    assert told[-1] == "cases.jsonl:1:1: error[more-findings]: there are more findings than these 500"
    assert sum("error[missing-key]" in fault for fault in told) == 500


def test_a_case_that_is_given_again_and_again_ends_the_reading(faults):
    told = faults(*[case()] * 20_000)
    assert [len(told), sum("error[repeated-id]" in fault for fault in told)] == [501, 500]


@pytest.mark.parametrize(("place", "count"), [("request", 1), ("expected", 501)])
@pytest.mark.parametrize("keys", [600, 50_000])
def test_a_case_of_thousands_of_keys_is_cut(faults, place: str, count: int, keys: int) -> None:
    made = case()
    made[place] = made[place] | {f"k{number}": 1 for number in range(keys)}
    told = faults(made)
    assert len(told) == count
    assert "error[unknown-key]" in told[0]


def test_a_case_of_more_values_than_a_person_writes_is_refused_unread(faults):
    many = [str(number) for number in range(MOST_VALUES)]
    [fault] = faults(case(), case("R-2", expected=DENIED | {"not_met": many}))
    assert fault == "cases.jsonl:2:1: error[too-large]: holds more than 60000 values"


def test_an_entry_that_is_listed_again_among_thousands_is_found_at_once(faults):
    many = [str(number) for number in range(20_000)]
    [fault] = faults(case(expected=DENIED | {"missing": [*many, "7"]}))
    assert "error[repeated-entry]: `7` is listed twice\n  at $.expected.missing[20000]" in fault


def test_a_pipe_that_nobody_writes_to_is_no_file_of_cases(folder):
    os.mkfifo(folder / "cases" / "first.jsonl")
    with pytest.raises(Unusable, match=r"first\.jsonl: error\[not-a-file\]: is a pipe, not a file"):
        golden_cases("inotuzumab-ozogamicin", folder)
