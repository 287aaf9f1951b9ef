"""What an attacker may put before the program: names of policies and revisions, folders of rules, the environment."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from project import EXAMPLES, NAME, RULE_FILE

from cli.running import Run
from medpolicy import InvalidPolicy, load_policy
from medpolicy.load import read_rule_file
from medpolicy.load.folder import together
from medpolicy.text.findings import MOST_FINDINGS

APPROVED = EXAMPLES / "approved-relapsed-single-agent.json"
NAMES = ["../x", "..", ".", "", "/etc", "a/b", f"{NAME}/../{NAME}", "a\0b", "a\nb", "x" * 5000, "\udcff"]


@pytest.mark.parametrize("name", NAMES)
def test_the_name_of_a_policy_is_one_that_is_installed_and_no_path(name: str, tmp_path: Path, run: Run) -> None:
    shutil.copytree(RULE_FILE.parent, tmp_path / "x")
    (tmp_path / "rules").mkdir()
    for command in ("show", "check", "cases", "cover", "mutate"):
        refusal = run(command, "--rules", tmp_path / "rules", "--policy", name).refusal
        assert refusal.startswith("error[unknown-policy]: unknown policy `")
    with pytest.raises(InvalidPolicy, match="unknown policy"):
        load_policy(name, tmp_path / "rules")


@pytest.mark.parametrize("name", [name for name in NAMES if name.isascii()])
def test_a_rule_file_names_its_policy_and_no_path(name: str, rules: Callable[..., Path]) -> None:
    file = rules((f'"policy": "{NAME}"', f'"policy": {json.dumps(name)}'))
    read = read_rule_file(file)
    assert read.revision is None
    assert {"policy"} == {finding.path[0] for finding in read.findings if finding.path}


@pytest.mark.parametrize("name", [name for name in NAMES if name])
def test_a_revision_is_one_of_the_policy_and_no_path(name: str, run: Run) -> None:
    for call in (["show"], ["sql", "--dialect", "duckdb"], ["decide", APPROVED], ["cases"]):
        assert "error[unknown-revision]: unknown revision `" in run(*call, "--revision", name).refusal
    assert run("diff", RULE_FILE, f"{name}.json").status == 2


@pytest.fixture
def folder(rules: Callable[..., Path]) -> Path:
    return rules().parent


ODD: dict[str, tuple[Callable[[Path], Any], str]] = {
    "a pipe": (lambda path: os.mkfifo(path), "error[not-a-file]: is a pipe, not a file"),
    "a folder": (lambda path: path.mkdir(), "error[not-a-file]: is a folder, not a file"),
    "a link to itself": (
        lambda path: path.symlink_to(path.name),
        "error[unreadable]: cannot be read: too many levels of",
    ),
    "a link to nothing": (lambda path: path.symlink_to("nothing"), "error[no-such-file]: there is no such file"),
    "a link without end": (lambda path: path.symlink_to("/dev/zero"), "error[too-large]: is larger than 1 MiB"),
    "a link to a request": (lambda path: path.symlink_to(APPROVED), "error[not-a-rule-file]: this is not a rule file"),
    "an empty file": (lambda path: path.touch(), "error[syntax]: the text is empty"),
    "NUL": (lambda path: path.write_bytes(b"\0" * 100), "error[syntax]: the unusual character U+0000"),
}


@pytest.mark.skipif(not Path("/dev/zero").exists(), reason="needs the files of a Unix")
@pytest.mark.parametrize(("make", "message"), ODD.values(), ids=ODD)
def test_what_is_no_rule_file_among_the_rules_is_told_and_no_command_waits(
    make: Callable[[Path], Any], message: str, folder: Path, run: Run
) -> None:
    make(folder / "odd.json")
    for call in (["show"], ["check"], ["cases"]):
        ran = run(*call, "--rules", folder.parent)
        assert ran.status in (1, 2)
        assert message in ran.out + ran.err


def test_a_document_of_thousands_of_paragraphs_is_told_as_far_as_anybody_reads(tmp_path: Path, run: Run) -> None:
    source = tmp_path / "source.txt"
    source.write_text("".join(f"{number}\n\n" for number in range(20_000)), "utf-8")
    ran = run("check", RULE_FILE, "--source", source)
    assert ran.out.count("error[unaccounted-paragraph]") == MOST_FINDINGS
    assert f"{source}:1:1: error[more-findings]: there are more findings than these 500\n" in ran.out


def test_a_link_among_the_rules_is_followed(folder: Path, run: Run) -> None:
    (folder / RULE_FILE.name).unlink()
    (folder / RULE_FILE.name).symlink_to(RULE_FILE)
    assert run("show", "--rules", folder.parent).status == 0


def test_hundreds_of_revisions_of_one_day_are_told_as_far_as_anybody_reads(folder: Path) -> None:
    files = [read_rule_file(Path(f"{number}.json"), RULE_FILE.read_bytes()) for number in range(60)]
    assert len(together(files, NAME)) == MOST_FINDINGS


ENVIRONMENTS = [
    {"COLUMNS": "-5"},
    {"COLUMNS": "\udcff"},
    {"COLUMNS": "\x1b"},
    {"MEDPOLICY_RULES": ""},
    {"MEDPOLICY_DEBUG": "yes"},
    {"PYTHONIOENCODING": "ascii"},
]


@pytest.mark.parametrize("environment", ENVIRONMENTS, ids=str)
def test_the_environment_changes_no_word(
    environment: dict[str, str], monkeypatch: pytest.MonkeyPatch, run: Run
) -> None:
    expected = run("show").output.split()
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    assert run("show").output.split() == expected


def test_a_folder_of_the_environment_that_is_none_is_told(monkeypatch: pytest.MonkeyPatch, run: Run) -> None:
    monkeypatch.setenv("MEDPOLICY_RULES", "\x1b[2J\nall is well")
    assert run("show").refusal == (
        "\\u001b[2J\\nall is well: error[no-such-folder]: there is no such folder\n  help: `--rules` takes a folder\n"
    )


@pytest.mark.parametrize("limit", ["1e308", "1e400", "nan", "inf", "-1", "1000001", "0x10", "9" * 400])
def test_a_time_limit_is_one_that_a_clock_can_hold(limit: str, run: Run) -> None:
    assert run("check", RULE_FILE, f"--limit={limit}").refusal == (
        "medpolicy check: error[usage]: `--limit` must be a number of seconds, at most 1000000\n"
    )
    assert run("check", RULE_FILE, "--limit", "1000000").status == 0


@pytest.mark.parametrize(
    "ref", ["--output=x", "-x", "--help", "HEAD --output=x", "HEAD;touch x", "$(touch x)", "../.."]
)
def test_the_name_of_a_commit_is_no_option_of_git_and_no_command(ref: str, tmp_path: Path, run: Run) -> None:
    before = sorted(tmp_path.iterdir())
    assert "error[git]" in run("diff", "--", f"{ref}:x", RULE_FILE).refusal
    assert sorted(tmp_path.iterdir()) == before


@pytest.mark.parametrize("table", ['"a\x1b[2Jb"', '"a\u202eb"'])
def test_a_select_that_a_terminal_would_obey_is_not_written(table: str, run: Run) -> None:
    assert run("sql", "--dialect", "duckdb", "--table", table).refusal.startswith(
        "error[control-character]: the SELECT holds a control character, which a terminal would obey\n"
    )
