"""The workflow of docs/workflow.yml: each of its steps, run as GitHub would, in a repository with a change."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parents[1]
WORKFLOW = yaml.safe_load((ROOT / "docs" / "workflow.yml").read_text("utf-8"))
STEPS = {each["name"]: each for each in WORKFLOW["jobs"]["policy"]["steps"] if "name" in each}
COMPARE, POST = "What the change does to decisions", "Post it"
RULES = "rules/inotuzumab-ozogamicin"
REVISION = f"{RULES}/2026-04-02.json"

Ended = subprocess.CompletedProcess[str]


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """A clone of a repository with the shipped rules, on a branch of its own."""
    origin, clone = tmp_path / "origin", tmp_path / "clone"
    shutil.copytree(ROOT / "rules", origin / "rules")
    git(origin, "init", "-q", "-b", "main")
    commit(origin)
    git(tmp_path, "clone", "-q", str(origin), str(clone))
    git(clone, "checkout", "-q", "-b", "change")
    return clone


def git(folder: Path, *arguments: str) -> None:
    author = {"GIT_AUTHOR_NAME": "a", "GIT_AUTHOR_EMAIL": "a@example.org"}
    author |= {name.replace("AUTHOR", "COMMITTER"): value for name, value in author.items()}
    subprocess.run(["git", *arguments], cwd=folder, check=True, env={**os.environ, **author}, capture_output=True)


def commit(folder: Path) -> None:
    git(folder, "add", ".")
    git(folder, "commit", "-q", "-m", "change")


def edit(folder: Path, *changes: tuple[str, str], path: str = REVISION) -> None:
    """Change the text of a file, and commit."""
    text = (folder / path).read_text("utf-8")
    for old, new in changes:
        assert old in text
        text = text.replace(old, new, 1)
    (folder / path).write_text(text, "utf-8")
    commit(folder)


@pytest.fixture
def run(repository: Path, tmp_path: Path) -> Callable[[str], Ended]:
    """Run a step, with the program of this environment and a `gh` that writes down how it is called."""
    programs = tmp_path / "programs"
    programs.mkdir()
    for name, text in {
        "medpolicy": f'exec "{sys.executable}" -m medpolicy "$@"',
        "gh": f'echo "$@" > "{tmp_path}/called"; cat "$5" >> "{tmp_path}/called"',
    }.items():
        (programs / name).write_text(f"#!/bin/sh\n{text}\n")
        (programs / name).chmod(0o755)
    environment = {**os.environ, **WORKFLOW["env"], "PATH": f"{programs}{os.pathsep}{os.environ['PATH']}"}
    environment |= {"BASE": "origin/main", "NUMBER": "7", "GITHUB_STEP_SUMMARY": str(tmp_path / "summary")}

    def once(name: str) -> Ended:
        command = ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", STEPS[name]["run"]]
        return subprocess.run(
            command, cwd=repository, env=environment, capture_output=True, text=True, timeout=300, check=False
        )

    return once


def test_no_script_holds_what_a_pull_request_may_write() -> None:
    assert [name for name, step in STEPS.items() if "${{" in step.get("run", "")] == []


def test_it_may_read_the_repository_and_write_comments_and_uses_official_actions_alone() -> None:
    assert WORKFLOW["permissions"] == {"contents": "read", "pull-requests": "write"}
    used = [each["uses"] for each in WORKFLOW["jobs"]["policy"]["steps"] if "uses" in each]
    assert all(re.fullmatch(r"actions/[a-z-]+@v\d+", each) for each in used)


def test_it_installs_this_version() -> None:
    version = subprocess.run(
        [sys.executable, "-m", "medpolicy", "--version"], capture_output=True, text=True, check=True
    )
    assert STEPS["Install"]["run"] == f'pip install "medpolicy[prove]=={version.stdout.split()[-1]}"'


@pytest.mark.parametrize(
    ("step", "told"),
    [
        ("Rule files", "1 file, 0 errors, 0 warnings"),
        ("Golden cases", " passed, 0 not as expected"),
        ("What the cases show", "100 % tests deciding alone (MC/DC)"),
        ("What the cases would notice", "0 unnoticed, 0 undecided"),
    ],
)
def test_the_steps_about_the_rules_pass_for_those_that_are_shipped(
    run: Callable[[str], Ended], step: str, told: str
) -> None:
    ended = run(step)
    assert ended.returncode == 0
    assert told in " ".join((ended.stdout + ended.stderr).split())


def test_a_change_of_decisions_is_posted_and_fails_no_step(
    repository: Path, run: Callable[[str], Ended], tmp_path: Path
) -> None:
    edit(repository, ('"value": 6', '"value": 7'))
    compared = run(COMPARE)
    assert (compared.returncode, compared.stderr) == (0, "")
    assert "frontline.cycle_cap" in (tmp_path / "summary").read_text()
    assert run(POST).returncode == 0
    first, *comment = (tmp_path / "called").read_text().splitlines()
    assert first == "pr comment 7 --body-file diff.md --edit-last --create-if-none"
    assert comment == (tmp_path / "summary").read_text().splitlines()
    assert run("Golden cases").returncode == 1


def test_a_change_that_decides_nothing_says_so(repository: Path, run: Callable[[str], Ended], tmp_path: Path) -> None:
    text = json.loads((repository / REVISION).read_text("utf-8"))
    edit(repository, (text["title"], "Inotuzumab"))
    assert run(COMPARE).returncode == 0
    assert "Equivalent" in (tmp_path / "summary").read_text()


def test_where_no_rule_file_changed_nothing_is_posted(
    repository: Path, run: Callable[[str], Ended], tmp_path: Path
) -> None:
    edit(repository, ("leaves a choice", "leaves open"), path=f"{RULES}/notes.md")
    assert run(COMPARE).returncode == 0
    assert run(POST).returncode == 0
    assert not (tmp_path / "called").exists()


def test_a_new_revision_is_compared_with_the_one_before_it_and_a_removed_one_is_named(
    repository: Path, run: Callable[[str], Ended], tmp_path: Path
) -> None:
    new = f"{RULES}/2027-01-01.json"
    shutil.copy(repository / REVISION, repository / new)
    dated = (
        ('"revision": "2026-04-02"', '"revision": "2027-01-01"'),
        ('"effective_from": "2026-04-02"', '"effective_from": "2027-01-01"'),
    )
    edit(repository, *dated, path=new)
    assert run(COMPARE).returncode == 0
    told = (tmp_path / "summary").read_text()
    assert REVISION in told
    assert new in told
    git(repository, "rm", "-q", REVISION)
    commit(repository)
    assert run(COMPARE).returncode == 0
    told = (tmp_path / "summary").read_text()
    assert f"Removed: `{REVISION}`." in told
    assert f"New: `{new}`, the first revision there." in told


def test_a_comparison_that_cannot_be_made_fails_the_step(repository: Path, run: Callable[[str], Ended]) -> None:
    edit(repository, ('"ph_status"', '"ph_statsu"'))
    compared = run(COMPARE)
    assert compared.returncode == 2
    assert "did you mean `ph_status`?" in compared.stderr


def test_a_comparison_that_is_too_long_for_a_comment_is_referred_to(
    repository: Path, run: Callable[[str], Ended], tmp_path: Path
) -> None:
    (repository / "diff.md").write_text("x" * 65_001)
    assert run(POST).returncode == 0
    assert "too long for a comment" in (tmp_path / "called").read_text()
