"""The workflow of docs/workflow.md: its commands exist, and its script compares each rule file with the right one."""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path

import pytest

from medpolicy.cli.main import COMMANDS

TEXT = (Path(__file__).parents[1] / "docs" / "workflow.md").read_text("utf-8")
STEPS = TEXT.split("```yaml")[1].split("```")[0]


def script() -> str:
    """The script of the step that compares, as the shell gets it, but for the summary that GitHub shows."""
    [block] = re.findall(r"run: \|\n((?: {10}.*\n)+)", STEPS.split("- name: Post it")[0])
    return "".join(line[10:] + "\n" for line in block.splitlines() if "GITHUB_STEP_SUMMARY" not in line)


@pytest.fixture
def compare(tmp_path: Path):
    """Run the script in a repository with a branch, with a `medpolicy` that writes down how it is called."""
    repository, programs = tmp_path / "repository", tmp_path / "programs"
    programs.mkdir()

    def git(*arguments: str) -> None:
        author = {"GIT_AUTHOR_NAME": "a", "GIT_AUTHOR_EMAIL": "a@example.org"}
        author |= {name.replace("AUTHOR", "COMMITTER"): value for name, value in author.items()}
        subprocess.run(
            ["git", *arguments], cwd=repository, check=True, env={**os.environ, **author}, capture_output=True
        )

    def write(**files: str) -> None:
        for name, text in files.items():
            path = repository / "rules" / name.replace("__", "/").replace("_", "-")
            path = path.with_name(path.name + ".json")
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)

    def once(before: dict[str, str], after: dict[str, str], status: int) -> tuple[int, list[str]]:
        program = programs / "medpolicy"
        program.write_text(f'#!/bin/sh\necho "$@"\nexit {status}\n')
        program.chmod(0o755)
        repository.mkdir()
        git("init", "-q", "-b", "main", ".")
        write(**before)
        git("add", ".")
        git("commit", "-q", "-m", "before")
        git("checkout", "-q", "-b", "change")
        write(**after)
        git("add", ".")
        git("commit", "-q", "-m", "after")
        path = f"{programs}{os.pathsep}{os.environ['PATH']}"
        ended = subprocess.run(
            ["bash", "-e", "-c", script()], cwd=repository, env={**os.environ, "PATH": path, "BASE": "main"}
        )
        return ended.returncode, (repository / "diff.md").read_text().splitlines()

    return once


def test_its_commands_are_those_that_there_are():
    called = {words.split()[1] for words in re.findall(r"medpolicy [a-z]+ ?", TEXT)}
    assert {"check", "cases", "cover", "mutate", "diff"} <= called
    assert called <= {*COMMANDS, "diff"}


def test_an_edited_revision_is_compared_with_itself_and_a_new_one_with_the_one_before(compare):
    before = {"some__2026_01_01": "1", "some__2026_06_01": "1", "some__policy.schema": "{}"}
    after = {"some__2026_01_01": "2", "some__2027_01_01": "3", "some__policy.schema": "{ }"}
    status, called = compare(before, after, 1)
    assert status == 0
    assert called == [
        "diff --markdown main:rules/some/2026-01-01.json rules/some/2026-01-01.json",
        "diff --markdown rules/some/2026-06-01.json rules/some/2027-01-01.json",
    ]


def test_the_first_revision_of_a_policy_has_nothing_to_be_compared_with(compare):
    assert compare({"some__2026_01_01": "1"}, {"other__2026_01_01": "1"}, 0) == (0, [])


def test_a_comparison_that_cannot_be_made_fails_the_step(compare):
    status, _ = compare({"some__2026_01_01": "1"}, {"some__2026_01_01": "2"}, 2)
    assert status == 2
