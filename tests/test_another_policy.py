"""docs/another-policy.md: the package and the rules that it shows are a policy that works, found through entry points."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from project import ROOT

PAGE = (ROOT / "docs" / "another-policy.md").read_text("utf-8")
PROPERTIES = """
from hypothesis import given

import medpolicy
from medpolicy.testing import near_boundaries, requests

policy = medpolicy.load_policy("example-drug", "rules")


@given(requests(policy) | near_boundaries(policy))
def test_no_approval_goes_beyond_the_cap(request):
    approved = policy.decide(request).decision == "approved"
    assert not approved or request["cycles_received"] + request["cycles_requested"] <= 8
"""


def block(language: str) -> str:
    [found] = re.findall(rf"```{language}\n(.*?)```", PAGE, re.DOTALL)
    return found


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the package as if it were installed there, and the rules."""
    folder = tmp_path_factory.mktemp("project")
    described = tomllib.loads(block("toml"))
    [package] = described["tool"]["setuptools"]["packages"]
    (folder / package).mkdir()
    (folder / package / "__init__.py").touch()
    (folder / package / "drug.py").write_text(block("python"), "utf-8")
    installed = folder / "example_policies-1.0.dist-info"
    installed.mkdir()
    (installed / "METADATA").write_text("Metadata-Version: 2.1\nName: example-policies\nVersion: 1.0\n")
    groups = described["project"]["entry-points"]
    entries = [
        f"[{group}]\n" + "".join(f"{name} = {value}\n" for name, value in of.items()) for group, of in groups.items()
    ]
    (installed / "entry_points.txt").write_text("\n".join(entries))
    rules = folder / "rules" / "example-drug"
    rules.mkdir(parents=True)
    (rules / "2026-01-01.json").write_text(block("json"), "utf-8")
    (folder / "test_properties.py").write_text(PROPERTIES, "utf-8")
    return folder


def run(project: Path, *command: str) -> subprocess.CompletedProcess[str]:
    environment = {key: value for key, value in os.environ.items() if not key.startswith("PYTEST_")}
    environment |= {"PYTHONPATH": str(project), "MEDPOLICY_RULES": "rules"}
    return subprocess.run(
        [sys.executable, "-m", *command],
        cwd=project,
        env=environment,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )


def test_the_commands_of_the_page_work_in_their_order(project: Path) -> None:
    commands = [line for line in block("sh").splitlines() if line.startswith(("medpolicy", "pytest"))]
    assert len(commands) == 4
    told = []
    for command in commands:
        ended = run(project, *command.split())
        assert ended.returncode == 0, ended.stdout + ended.stderr
        told.append(ended.stdout + ended.stderr)
    checked, completed, covered, tested = told
    assert "1 file, 0 errors, 0 warnings" in checked
    assert "cases with today's answers: read each before you keep it" in completed
    assert "100 %  tests deciding alone (MC/DC)" in covered
    assert re.search(r"\d+ passed", tested)


def test_the_policy_has_a_schema_and_properties_as_the_shipped_one_has(project: Path) -> None:
    assert '"second_line"' not in run(project, "medpolicy", "schema", "--policy", "example-drug").stdout
    assert '"total_cycles"' in run(project, "medpolicy", "schema", "--policy", "example-drug").stdout
    ended = run(project, "pytest", "-q", "test_properties.py")
    assert "1 passed" in ended.stdout, ended.stdout


def test_cases_of_a_policy_that_is_not_installed_are_an_error(project: Path, tmp_path: Path) -> None:
    folder = tmp_path / "rules" / "example-drug"
    (folder / "cases").mkdir(parents=True)
    (folder / "2026-01-01.json").write_text(block("json"), "utf-8")
    (folder / "cases" / "2026-01-01.jsonl").write_text("{}\n")
    ended = run(tmp_path, "pytest", "rules")
    assert ended.returncode == 2
    assert "error[unknown-policy]: unknown policy `example-drug`" in ended.stdout
    assert "Traceback" not in ended.stdout
