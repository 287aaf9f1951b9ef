"""Running the command line inside the test process, and files to run it on."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from project import EXAMPLES, RULE_FILE

from cli.running import Ran, Run
from medpolicy.cli.main import main
from medpolicy.load.folder import RULES_VARIABLE


@pytest.fixture(autouse=True)
def _in_a_folder_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv(RULES_VARIABLE, raising=False)
    monkeypatch.setenv("COLUMNS", "80")


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Run:
    def once(*arguments: object) -> Ran:
        capsys.readouterr()
        status = main([str(argument) for argument in arguments])
        written = capsys.readouterr()
        return Ran(status, written.out, written.err)

    return once


@pytest.fixture
def request_file(tmp_path: Path) -> Callable[..., str]:
    """Write a request that is approved, with changes (None removes a key), and name its file."""

    def write(**changes: Any) -> str:
        record = json.loads((EXAMPLES / "approved-relapsed-single-agent.json").read_bytes()) | changes
        given = {key: value for key, value in record.items() if value is not None}
        (tmp_path / "request.json").write_text(json.dumps(given, indent=2), "utf-8")
        return "request.json"

    return write


@pytest.fixture
def rules(tmp_path: Path) -> Callable[..., Path]:
    """Write a rules folder with the shipped rule file, texts in it replaced, and name the rule file."""

    def write(*replacements: tuple[str, str], name: str = "2026-04-02.json") -> Path:
        text = RULE_FILE.read_text("utf-8")
        for old, new in replacements:
            if old not in text:
                raise LookupError(old)
            text = text.replace(old, new, 1)
        file = Path("rules", "inotuzumab-ozogamicin", name)
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, "utf-8")
        return file

    return write
