"""What README.md shows is what happens: its commands are run, and their answers compared."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from project import ROOT

README = (ROOT / "README.md").read_text(encoding="utf-8")
LEFT_OUT = "…"


def sessions() -> list[str]:
    return re.findall(r"```console\n(.*?)```", README, re.DOTALL)


def steps(session: str) -> list[tuple[str, list[str]]]:
    """Each command of a session with the lines that it prints."""
    found: list[tuple[str, list[str]]] = []
    for line in session.splitlines():
        if line.startswith("$ "):
            found.append((line[2:], []))
        else:
            found[-1][1].append(line)
    return found


def shown_in(expected: list[str], printed: list[str]) -> bool:
    """Whether the expected lines, with some left out, are what was printed."""
    pattern = "".join(r"(?:.*\n)*?" if line == LEFT_OUT else re.escape(line) + r"\n" for line in expected)
    return re.fullmatch(pattern, "".join(f"{line}\n" for line in printed)) is not None


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A copy of what the commands read."""
    for name in ("examples", "rules"):
        shutil.copytree(ROOT / name, tmp_path / name)
    return tmp_path


def test_the_readme_shows_sessions() -> None:
    assert len(sessions()) >= 4


@pytest.mark.parametrize("session", sessions(), ids=lambda session: session.splitlines()[0])
def test_each_session_of_the_readme_is_what_happens(session: str, folder: Path) -> None:
    environment = {
        **os.environ,
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
        "COLUMNS": "80",
    }
    environment["PYTHONIOENCODING"] = "utf-8"
    for command, expected in steps(session):
        done = subprocess.run(
            command,
            shell=True,
            cwd=folder,
            env=environment,
            text=True,
            encoding="utf-8",
            capture_output=True,
            check=False,
        )
        printed = (done.stdout + done.stderr).splitlines()
        assert shown_in(expected, printed), f"{command}\n{done.stdout}{done.stderr}"


def test_each_folder_and_file_that_the_readme_links_to_exists() -> None:
    links = [link for link in re.findall(r"\]\(([^)]+)\)", README) if not link.startswith("http")]
    assert links
    assert [link for link in links if not (ROOT / link).exists()] == []


def test_the_rule_that_the_readme_shows_is_the_shipped_one() -> None:
    rules = (ROOT / "rules" / "inotuzumab-ozogamicin" / "2026-04-02.json").read_text(encoding="utf-8")
    for block in re.findall(r"```json\n(.*?)```", README, re.DOTALL):
        assert re.sub(r"\s+", " ", block).strip() in re.sub(r"\s+", " ", rules)


def test_the_python_of_the_readme_runs() -> None:
    code = re.findall(r"```python\n(.*?)```", README, re.DOTALL)[0]
    table = "import pyarrow; table = pyarrow.table({'request_id': ['a'], 'request_type': ['initial'], 'service_start_date': ['2026-05-01']})\n"
    done = subprocess.run([sys.executable, "-c", table + code], text=True, capture_output=True, check=False)
    assert done.stderr == ""
    assert done.stdout.startswith("pended (")
