"""`pytest rules/` runs golden cases, with failures that a policy author can read."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys

import pytest
from drawing import asks
from project import ROOT
from tiny import INITIAL, document, pathway, request

pytest_plugins = ["pytester"]

FILE = "rules/some-policy/cases/2026-04-02.jsonl"
CONTENT = document(
    [pathway("first", {"all": [INITIAL]}, {"first.cap": {"all": [asks("total_cycles", "less_than_or_equal_to", 6)]}})]
)
APPROVED = {
    "decision": "approved",
    "coverage": "met",
    "pathway": "first",
    "not_met": [],
    "missing": [],
    "review_flags": [],
    "authorization": {"start": "2026-05-01", "end": "2027-04-30", "months": 12, "cycles": 2, "max_total_cycles": 6},
}


def case(shows, id, received, expected=APPROVED):
    return {"shows": shows, "request": request(id, cycles_received=received, cycles_requested=2), "expected": expected}


@pytest.fixture
def write(pytester):
    def once(*cases, name="2026-04-02.jsonl"):
        folder = pytester.mkdir("rules") / "some-policy"
        (folder / "cases").mkdir(parents=True)
        (folder / "2026-04-02.json").write_text(json.dumps(CONTENT), "utf-8")
        lines = "".join((line if isinstance(line, str) else json.dumps(line)) + "\n" for line in cases)
        (folder / "cases" / name).write_text(lines, "utf-8")

    return once


@pytest.fixture
def run(pytester):
    """Run with the plugin, also where the package was installed before it had one."""
    quiet = ("-W", "ignore::pytest.PytestAssertRewriteWarning")  # the plugin is imported by this run already
    return lambda *arguments: pytester.runpytest_inprocess("-p", "medpolicy_pytest", *quiet, *arguments)


def test_each_case_is_a_test_named_by_its_id_and_sentence(write, run):
    write(case("Six cycles are within the cap.", "R-1", 4), case("Two cycles are within the cap.", "R-2", 0))
    result = run("rules", "-v")
    result.assert_outcomes(passed=2)
    result.stdout.fnmatch_lines(
        [
            f"{FILE}::R-1[[]Six cycles are within the cap.[]] PASSED*",
            f"{FILE}::R-2[[]Two cycles are within the cap.[]] PASSED*",
        ]
    )


def test_a_failure_tells_the_differences_and_why_and_shows_no_traceback(write, run):
    write(case("Six cycles are within the cap.", "R-1", 4), case("Seven cycles are within the cap.", "R-2", 5))
    result = run("rules")
    result.assert_outcomes(passed=1, failed=1)
    told = result.stdout.str()
    assert (
        "rules/some-policy/cases/2026-04-02.jsonl:2: R-2, not as expected\n"
        "  decision: expected approved, got denied\n"
        "  coverage: expected met, got not_met\n"
        "  not_met: expected nothing, got first.cap\n"
        "  authorization: expected start 2026-05-01, end 2027-04-30, months 12, cycles 2, max_total_cycles 6, got nothing\n"
        "  why: `first.cap` is not met: it asks for Total cycles is at most 6 (observed: Total cycles: 7)\n"
    ) in told
    assert "Traceback" not in told
    assert ".py:" not in told


def test_a_faulty_file_of_cases_tells_every_fault(write, run):
    write(case("Six.", "R-1", "four"), {**case("Two.", "R-2", 0), "expected": {**APPROVED, "decision": "aproved"}})
    result = run("rules")
    result.assert_outcomes(errors=1)
    told = result.stdout.str()
    assert "2026-04-02.jsonl:1:" in told
    assert "error[not-allowed]: `cycles_received` must be a whole number from 0 to 999" in told
    assert "help: did you mean `approved`?" in told
    assert "Traceback" not in told


def test_cases_of_no_rule_file_are_an_error(write, run):
    write(case("Six.", "R-1", 4), name="2026-04-03.jsonl")
    result = run("rules")
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines(["*error[[]cases-without-rules[]]: there is no rule file of these cases"])


@pytest.mark.parametrize("lines", [["{"], []], ids=["a broken line", "an empty file"])
def test_a_file_that_cannot_be_read_is_an_error_and_never_passed_over(write, run, lines):
    told = (
        "1:2: error[syntax]: the text ends before the `{` of line 1 is closed"
        if lines
        else "1:1: error[no-cases]: the file has no case"
    )
    write(*lines)
    result = run("rules")
    result.assert_outcomes(errors=1)
    assert f"2026-04-02.jsonl:{told}" in result.stdout.str()
    assert result.ret != 0


@pytest.mark.parametrize(
    ("right", "wrong", "message", "help"),
    [
        ("total_cycles", "total_cycle", "unknown variable `total_cycle`", "did you mean `total_cycles`?"),
        ('"pathways"', '"pathway"', "unknown key `pathway`", "did you mean `pathways`?"),
        ('"policy"', '"polici"', "unknown key `polici`", "did you mean `policy`?"),
        ("inotuzumab-ozogamicin", "inotuzumab", "unknown policy `inotuzumab`", "did you mean `inotuzumab-ozogamicin`?"),
    ],
)
def test_a_faulty_rule_file_is_told_once(write, run, pytester, right, wrong, message, help):
    write(case("Six.", "R-1", 4))
    path = pytester.path / "rules" / "some-policy" / "2026-04-02.json"
    path.write_text(path.read_text().replace(right, wrong))
    result = run("rules")
    result.assert_outcomes(errors=1)
    assert result.stdout.str().count(message) == 1
    assert f"help: {help}" in result.stdout.str()


def test_a_rule_file_in_another_encoding_is_told(write, run, pytester):
    write(case("Six.", "R-1", 4))
    path = pytester.path / "rules" / "some-policy" / "2026-04-02.json"
    path.write_text(path.read_text(), "utf-16")
    result = run("rules")
    result.assert_outcomes(errors=1)
    assert "error[encoding]: the text is UTF-16" in result.stdout.str()


def test_other_folders_named_cases_are_left_alone(pytester, run):
    folder = pytester.mkdir("cases")
    (folder / "some.jsonl").write_text("{not json at all")
    (pytester.path / "package.json").write_text('{"policy": 1, "pathways": 2}')
    pytester.mkdir("folder.json")
    (pytester.path / "gone.json").symlink_to("nowhere")
    run().assert_outcomes()


def test_a_case_is_chosen_by_its_id_its_name_and_the_words_of_its_sentence(write, run):
    write(case("Six cycles are within the cap.", "R-1", 4), case("Two cycles: within [too]::so.", "R-2", 0))
    run(f"{FILE}::R-2").assert_outcomes(passed=1)
    run(f"{FILE}::R-1[Six cycles are within the cap.]").assert_outcomes(passed=1)
    run(f"{FILE}::R-2[Two cycles: within [too]:so.]").assert_outcomes(passed=1)
    run("rules", "-k", "two").assert_outcomes(passed=1, deselected=1)
    run("rules", "-k", "R-1").assert_outcomes(passed=1, deselected=1)


def test_a_file_and_a_folder_of_cases_can_be_named_also_from_another_folder(write, run, pytester, monkeypatch):
    write(case("Six cycles are within the cap.", "R-1", 4), case("Two cycles are within the cap.", "R-2", 0))
    run(FILE).assert_outcomes(passed=2)
    run("rules/some-policy/cases/").assert_outcomes(passed=2)
    run("rules", FILE).assert_outcomes(passed=2)
    away = pytester.mkdir("away")
    monkeypatch.chdir(away)
    run(pytester.path / "rules").assert_outcomes(passed=2)


def test_the_cases_are_listed_without_being_run(write, run):
    write(case("Eight cycles are within the cap.", "R-1", 6))
    result = run("rules", "--collect-only", "-q")
    assert f"{FILE}::R-1[Eight cycles are within the cap.]" in result.stdout.str()
    result.assert_outcomes()


def test_the_run_stops_at_the_first_failure_and_the_next_one_begins_there(write, run):
    write(*(case(f"{received + 2} cycles.", f"R-{received}", received) for received in range(7)))
    run("rules", "-x").assert_outcomes(passed=5, failed=1)
    run("rules", "--lf").assert_outcomes(failed=1)
    run("rules", "--ff", "-x").assert_outcomes(failed=1)


def test_two_processes_share_the_cases(write, pytester):
    write(*(case(f"{received + 2} cycles.", f"R-{received}", received) for received in range(6)))
    result = pytester.runpytest_subprocess("-p", "medpolicy_pytest", "-n", "2", "rules")
    result.assert_outcomes(passed=5, failed=1)
    assert f"{FILE}:6: R-5, not as expected\n  decision: expected approved, got denied" in result.stdout.str()


@pytest.mark.parametrize("folder", ["rules/some-policy", "rules/some-policy/cases"])
def test_it_may_be_called_in_any_folder(write, run, pytester, monkeypatch, folder):
    write(case("Six cycles are within the cap.", "R-1", 4), case("Seven cycles are within the cap.", "R-2", 5))
    monkeypatch.chdir(pytester.path / folder)
    run().assert_outcomes(passed=1, failed=1)


def test_the_shipped_cases_pass_in_a_process_of_its_own(pytester):
    shutil.copytree(ROOT / "rules", pytester.path / "rules")
    pytester.runpytest_subprocess("-p", "medpolicy_pytest", "rules", "-q").stdout.re_match_lines(
        [r"\d{3} passed in .*"]
    )


def test_a_run_without_cases_never_imports_the_program(pytester):
    (pytester.mkdir("cases") / "some.jsonl").write_text("{}")
    pytester.makepyfile("import sys\ndef test_it():\n    assert not sys.modules.keys() & {'medpolicy', 'pydantic'}")
    plugins = ("-p", "no:hypothesispytest", "-p", "medpolicy_pytest")
    pytester.runpytest_subprocess(*plugins, ".", "-q").assert_outcomes(passed=1)


def test_the_plugin_costs_other_runs_nothing():
    told = "import sys, medpolicy_pytest; print(*(name for name in sys.modules if name.split('.')[0] in ('medpolicy', 'pydantic')))"
    ended = subprocess.run([sys.executable, "-c", told], capture_output=True, text=True, timeout=60, check=True)
    assert ended.stdout.split() == []
