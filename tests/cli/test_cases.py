"""`medpolicy cases`, `cover` and `mutate` on files of golden cases."""

from __future__ import annotations

import json
import stat
from pathlib import Path

import pytest
from drawing import asks
from tiny import INITIAL, document, flag, pathway, request

CONTENT = document(
    [pathway("first", {"all": [INITIAL]}, {"first.cap": {"all": [asks("total_cycles", "less_than_or_equal_to", 6)]}})],
    [flag("conflict", "gate", {"all": [asks("plan_document_conflict", "is_true")]})],
)
FOLDER = Path("rules", "inotuzumab-ozogamicin")
CASES = FOLDER / "cases" / "2026-04-02.jsonl"
DENIED = {
    "decision": "denied",
    "coverage": "not_met",
    "pathway": "first",
    "not_met": ["first.cap"],
    "missing": [],
    "review_flags": [],
    "authorization": None,
}


@pytest.fixture
def tiny():
    """A rules folder with a small policy and, where there are any, its cases."""

    def write(*lines, content=CONTENT):
        FOLDER.mkdir(parents=True)
        (FOLDER / "2026-04-02.json").write_text(json.dumps(content), "utf-8")
        if lines:
            CASES.parent.mkdir()
            CASES.write_bytes(
                b"".join(line if isinstance(line, bytes) else json.dumps(line).encode() + b"\n" for line in lines)
            )

    return write


def case(id="R-1", received=5, expected=DENIED, **facts):
    facts = {"cycles_received": received, "cycles_requested": 2, **facts}
    return {"shows": f"Case {id}.", "request": request(id, **facts), "expected": expected}


def test_cases_that_pass(run, tiny):
    tiny(case())
    ran = run("cases", "--rules", "rules")
    assert ran == type(ran)(0, "", f"{CASES}: 1 passed, 0 not as expected\n")


def test_a_case_that_fails_is_told_with_its_line_and_why(run, tiny):
    tiny(case(), case("R-2", received=4))
    ran = run("cases", "--rules", "rules")
    assert ran.status == 1
    assert ran.out == (
        f"{CASES}:2: R-2\n"
        "  Case R-2.\n"
        "    decision: expected denied, got approved\n"
        "    coverage: expected not_met, got met\n"
        "    not_met: expected first.cap, got nothing\n"
        "    authorization: expected nothing, got start 2026-05-01, end 2027-04-30,\n"
        "    months 12, cycles 2, max_total_cycles 6\n"
        "    why: `first.cap` is met: it asks for Total cycles is at most 6 (observed:\n"
        "    Total cycles: 6)\n"
        "    why: every criterion of `first` is met, and no gate or hold acts\n"
    )


def test_the_differences_in_json(run, tiny):
    tiny(case(plan_document_conflict=True))
    ran = run("cases", "--rules", "rules", "--json")
    [told] = json.loads(ran.out)["revisions"]
    [failed] = told["failed"]
    assert ran.status == 1
    assert told["passed"] == 0
    assert failed["differences"] == [
        {"field": "decision", "expected": "denied", "got": "pended"},
        {"field": "review_flags", "expected": [], "got": ["conflict"]},
    ]
    assert failed["why"][1].startswith("`conflict` is met: it asks for Conflict with plan documents: yes")


def test_an_answer_is_the_same_in_whichever_order_its_lists_are_written(run, tiny):
    two = {"all": [asks("lineage", "equal_to", "t_cell"), asks("disease", "equal_to", "other")]}
    missing = {**DENIED, "decision": "pended", "coverage": "unknown", "not_met": [], "missing": ["lineage", "disease"]}
    tiny(case(expected=missing), content=document([pathway("first", {"all": [INITIAL]}, {"first.cap": two})]))
    assert run("cases", "--rules", "rules").status == 0


def test_no_cases_and_faulty_cases_are_unusable(run, tiny):
    tiny()
    ran = run("cases", "--rules", "rules")
    assert ran.status == 2
    assert "error[no-cases]: there are no golden cases" in ran.err
    CASES.parent.mkdir()
    CASES.write_text('{"shows": 1}', "utf-8")
    for command in ("cases", "cover", "mutate"):
        assert run(command, "--rules", "rules").status == 2


ODD = (
    b'{"expected":   {"decision":"approved",  "coverage": "not_met", "not_met": [ "first.cap" ], "missing": [], '
    b'"review_flags": ["gone"], "authorization": null, "pathway": "first"}, "shows": "Sp\xc3\xa4t: \\"so\\".", '
    b'"request": {"request_id": "R-9", "request_type": "initial", "service_start_date": "2026-05-01", '
    b'"cycles_received": 7, "cycles_requested": 1}}\r\n'
)


def test_accepting_changes_nothing_but_the_values_that_differ(run, tiny):
    tiny(b"\xef\xbb\xbf", case(), b"\n", ODD, case("R-2"))
    CASES.chmod(0o640)
    before = CASES.read_bytes()
    ran = run("cases", "--rules", "rules", "--accept")
    assert ran.status == 0
    assert "decision: expected approved, got denied" in ran.out
    assert ran.err == f"{CASES}: 2 passed, 1 accepted\n"
    expected = before.replace(b'"decision":"approved"', b'"decision":"denied"').replace(b'["gone"]', b"[]")
    assert CASES.read_bytes() == expected != before
    assert stat.S_IMODE(CASES.stat().st_mode) == 0o640
    assert [path.name for path in CASES.parent.iterdir()] == [CASES.name]
    assert run("cases", "--rules", "rules").status == 0


def test_accepting_after_a_change_of_the_rules_and_back_gives_the_same_file(run, tiny):
    terms = {"start": "2026-05-01", "end": "2027-04-30", "months": 12, "cycles": 2, "max_total_cycles": 6}
    approved = {**DENIED, "decision": "approved", "coverage": "met", "not_met": [], "authorization": terms}
    tiny(case(), case("R-2", received=4, expected=approved))
    before = CASES.read_bytes()
    rules = FOLDER / "2026-04-02.json"
    rules.write_text(rules.read_text().replace('"value": 6', '"value": 5'))
    assert run("cases", "--rules", "rules", "--accept").status == 0
    assert CASES.read_bytes() != before
    rules.write_text(rules.read_text().replace('"value": 5', '"value": 6'))
    assert run("cases", "--rules", "rules", "--accept").status == 0
    assert CASES.read_bytes() == before


def unread(stat):
    """The state of a file but for the time of its last reading."""
    return stat.st_ino, stat.st_mode, stat.st_size, stat.st_mtime_ns, stat.st_ctime_ns


def test_accepting_where_nothing_differs_writes_nothing(run, tiny):
    tiny(case())
    CASES.chmod(0o440)
    before = unread(CASES.stat())
    assert run("cases", "--rules", "rules", "--accept").status == 0
    assert unread(CASES.stat()) == before


def test_a_complete_set_covers_everything_and_is_read_back_where_there_was_no_folder_of_cases(run, tiny):
    tiny()
    ran = run("cases", "--rules", "rules", "--complete", "-o", CASES)
    assert ran.status == 0
    assert ran.err.endswith("cases with today's answers: read each before you keep it\n")
    assert run("cases", "--rules", "rules").status == 0
    assert run("cover", "--rules", "rules").status == 0
    lacking = run("cases", "--rules", "rules", "--complete", "--lacking", "-o", "more.jsonl")
    assert lacking == type(lacking)(0, "", "nothing is lacking: the golden cases show all there is to show\n")
    assert not Path("more.jsonl").exists()


def test_of_what_is_lacking_only_that_is_written(run, tiny):
    tiny()
    run("cases", "--rules", "rules", "--complete", "-o", CASES)
    first, *others = CASES.read_bytes().splitlines(keepends=True)
    CASES.write_bytes(b"".join(others))
    ran = run("cases", "--rules", "rules", "--complete", "--lacking", "-o", "more.jsonl")
    assert ran.err == "1 case with today's answer: read it before you keep it\n"
    with CASES.open("ab") as file:
        file.write(Path("more.jsonl").read_bytes())
    assert run("cover", "--rules", "rules").status == 0
    assert CASES.read_bytes() == b"".join(others) + first


def test_a_complete_set_is_of_one_revision(run, tiny):
    tiny(content={**CONTENT, "effective_to": "2026-12-31"})
    later = {**CONTENT, "revision": "2027-01-01", "effective_from": "2027-01-01"}
    (FOLDER / "2027-01-01.json").write_text(json.dumps(later), "utf-8")
    message = run("cases", "--rules", "rules", "--complete").refusal
    assert "error[usage]: a file of cases is of one revision" in message
    assert "help: name it with `--revision`: `2026-04-02` or `2027-01-01`" in message
    assert run("cases", "--rules", "rules", "--complete", "--revision", "2027-01-01").status == 0


def test_a_complete_set_overwrites_no_file(run, tiny):
    tiny(case())
    ran = run("cases", "--rules", "rules", "--complete", "-o", CASES)
    assert ran.status == 2
    assert "error[file-exists]: there is such a file already" in ran.err
    ran = run("cases", "--rules", "rules", "--complete", "-o", FOLDER)
    assert ran.status == 2
    assert f"{FOLDER}: error[file-exists]: is a folder" in ran.err


def test_a_file_that_cannot_be_written_is_named_as_it_was_given(run, tiny):
    tiny()
    ran = run("cases", "--rules", "rules", "--complete", "-o", "no/such/cases.jsonl")
    assert ran.status == 2
    assert "\nno/such/cases.jsonl: error[unwritable]: cannot be written: no such file or directory\n" in ran.err


@pytest.mark.parametrize(
    "arguments", [("--complete", "--accept"), ("--complete", "--json"), ("--lacking",), ("-o", "made.jsonl")]
)
def test_options_that_do_not_go_together(run, tiny, arguments):
    tiny(case())
    ran = run("cases", "--rules", "rules", *arguments)
    assert ran.status == 2
    assert "error[usage]" in ran.err


def test_cover_without_cases_says_so_and_covers_nothing(run, tiny):
    tiny()
    ran = run("cover", "--rules", "rules")
    assert ran.status == 1
    assert f"there is no {CASES}: revision 2026-04-02 has no golden cases" in ran.err
    assert "  0 %  tests deciding alone (MC/DC): 0 covered, 0 infeasible, 3 not covered\n" in ran.out


def test_cover_marks_each_line_of_the_policy(run, tiny):
    tiny(case(), case("R-3", received=9))
    ran = run("cover", "--rules", "rules")
    assert ran.status == 1
    assert f"{CASES}: 2 cases\n✓ covered, ∅ infeasible, ✗ not covered\n" in ran.out
    assert (
        "first.cap (criterion)\n"
        "  ✗ Total cycles is at most 6\n"
        "      met: no case; not met: R-1 (line 1)\n"
        "      ✗ at 6: no case\n"
        "      ✓ at 7: R-1\n"
        "  ✗ cycles_received missing: no case\n"
        "  ✗ cycles_requested missing: no case\n"
    ) in ran.out
    assert ran.out.endswith("1 of 2 cases is needed for these figures: R-1\n")


def test_cover_tells_of_cases_that_are_not_as_expected(run, tiny):
    tiny(case(), case("R-2", received=4))
    assert run("cover", "--rules", "rules").err == (
        f"{CASES}: 1 case is not as expected, which `medpolicy cases` shows; the figures count what the requests show\n"
    )


def test_cover_in_json(run, tiny):
    tiny(case())
    [told] = json.loads(run("cover", "--rules", "rules", "--json").out)["revisions"]
    [_, cap, _] = told["rules"]
    [tested] = cap["tests"]
    assert tested["path"] == "$.pathways[0].criteria[0].conditions.all[0]"
    assert tested["test"] == {"name": "total_cycles", "operator": "less_than_or_equal_to", "value": 6}
    assert (tested["state"], tested["pair"]) == ("not_covered", None)
    assert tested["not_met"] == {"state": "covered", "cases": ["R-1"]}
    assert told["figures"]["tests"] == {"total": 3, "covered": 0, "infeasible": 0, "not_covered": 3, "percent": 0}
    assert [case["case"] for case in told["essential"]] == ["R-1"]


def test_mutate_tells_what_goes_unnoticed(run, tiny):
    tiny(case())
    ran = run("mutate", "--rules", "rules")
    assert ran.status == 1
    assert f"{FOLDER / '2026-04-02.json'}:1: surviving (constant) in first.cap\n" in ran.out
    assert "unnoticed, 0 undecided" in ran.out.replace("\n", " ")
    assert ran.out.endswith("1 of 1 cases is needed for these figures: R-1\n")


def test_mutate_in_json(run, tiny):
    tiny(case())
    [told] = json.loads(run("mutate", "--rules", "rules", "--json").out)["revisions"]
    by_change = {(mutant["was"], mutant["now"]): mutant for mutant in told["mutants"]}
    more = by_change["total_cycles less_than_or_equal_to 6", "total_cycles less_than_or_equal_to 7"]
    less = by_change["total_cycles less_than_or_equal_to 6", "total_cycles less_than_or_equal_to 5"]
    assert (more["outcome"], more["killed_by"]) == ("killed", ["R-1"])
    assert less["outcome"] == "surviving"
    assert less["answer"] != less["answer_of_mutant"]
    assert by_change["approve", "deny"]["fault"]["code"] == "wrong-action"


def test_mutants_of_a_failing_suite_tell_nothing(run, tiny):
    tiny(case(received=0))
    ran = run("mutate", "--rules", "rules")
    assert ran.status == 2
    assert "error[cases-fail]: 1 golden case fails" in ran.err
    assert "help: `medpolicy cases` shows the differences" in ran.err


def test_a_complete_set_with_the_requests_that_mutate_shows_leaves_nothing_unnoticed(run, tiny):
    tiny()
    CASES.parent.mkdir()
    run("cases", "--rules", "rules", "--complete", "-o", CASES)
    [told] = json.loads(run("mutate", "--rules", "rules", "--json").out)["revisions"]
    surviving = [mutant for mutant in told["mutants"] if mutant["outcome"] == "surviving"]
    with CASES.open("a") as file:
        for number, survivor in enumerate(surviving):
            made = {**survivor["request"], "request_id": f"S-{number}"}
            file.write(
                json.dumps({"shows": f"Survivor {number}.", "request": made, "expected": survivor["answer"]}) + "\n"
            )
    assert run("mutate", "--rules", "rules").status == 0
