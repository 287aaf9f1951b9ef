"""Every kind of faulty request file and its exact message, from the texts of `bad/requests`.

`.json` files go through `decide`, all others through `batch`. The text holds the exit status, standard error, and each
fault of each rejected record. `MEDPOLICY_ACCEPT=1 pytest tests/batch/test_bad_requests.py` writes the texts anew.
"""

from __future__ import annotations

import json
import os
import re
from pathlib import Path
from typing import Any

import pytest
from faults import BAD, Fault, faults, parametrize

from medpolicy.cli.main import main

FAULTS = faults("requests")
ACCEPT = "MEDPOLICY_ACCEPT" in os.environ
OF_A_PROGRAM = re.compile(
    r"Traceback|pyarrow|pydantic|[A-Za-z]+(Error|Exception)\b|\b(str|int|bool|dict|None(Type)?)\b"
)


def told(fault: str, output: Path, capsys: pytest.CaptureFixture[str]) -> str:
    """What the program says of a file: its status, what it writes to standard error, the faults of the rejects."""
    command = ["decide", fault] if fault.endswith(".json") else ["batch", fault, "-o", str(output)]
    status = main(command)
    written = capsys.readouterr()
    if written.out:
        raise AssertionError("data on standard output")
    rejects = output.with_name(f"{output.name}.rejects.jsonl")
    records = [json.loads(line) for line in rejects.read_bytes().splitlines()] if rejects.exists() else []
    lines = [in_words(each, fault) for record in records for each in record["faults"]]
    return "".join([f"exit status {status}\n", written.err, *lines])


def in_words(fault: dict[str, Any], file: str) -> str:
    """A fault of a reject as standard error would show it."""
    place = ":".join(str(fault[key]) for key in ("file", "line", "column") if key in fault)
    if fault.get("file", file) != file:
        raise AssertionError("a fault of another file")
    path = f"\n  at {fault['path']}" if "path" in fault else ""
    help = f"\n  help: {fault['help']}" if "help" in fault else ""
    return f"{place}{': ' if place else ''}{fault['severity']}[{fault['code']}]: {fault['message']}{path}{help}\n"


@parametrize(FAULTS)
def test_each_fault_has_its_exact_message(
    fault: Fault, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    fault.write(tmp_path)
    (tmp_path / "output").mkdir()
    output = tmp_path / "output" / "out.jsonl"
    monkeypatch.chdir(tmp_path)
    found = told(fault.file, output, capsys)
    if ACCEPT and found != fault.message:
        fault.accept(found)
    else:
        assert found == fault.message
    assert found.startswith(("exit status 1\n", "exit status 2\n"))
    assert output.exists() is found.startswith("exit status 1\n")


@parametrize(FAULTS)
def test_no_message_shows_a_value_or_speaks_of_the_program(fault: Fault) -> None:
    text = fault.message
    assert not re.search(r"PA-[0-9]|A-[0-9]|caf|19[0-9]{2}-(?!01-01)|202[0-9]-", text)
    assert not OF_A_PROGRAM.search(text)
    for message in re.findall(r"(?:error|help)(?:\[[a-z-]+\])?: (.*)", text):
        assert not message[:1].isupper()
        assert not message.endswith(".")


def test_each_file_has_its_message() -> None:
    edited = {"three.csv", "three.jsonl", "one.json"}
    kept = {path.name for path in (BAD / "requests").iterdir() if path.suffix != ".txt"}
    assert kept - edited <= {fault.file for fault in FAULTS}
    assert len({fault.file for fault in FAULTS}) == len(FAULTS) == 89
