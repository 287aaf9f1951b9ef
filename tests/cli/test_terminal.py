"""Nothing that another person wrote reaches a terminal as a sign that it obeys: control characters are refused at load,
and whatever a command writes has them by their number."""

from __future__ import annotations

import ast
import json
import logging
import shutil
import unicodedata
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from faults import VALID_RULES
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator
from project import APPROVED, CASES, NAME, ROOT, RULE_FILE

from cli.running import Ran, Run
from medpolicy.cli.main import COMMANDS
from medpolicy.golden.case import read_cases
from medpolicy.language.vocabulary import find_vocabulary
from medpolicy.load import read_rule_file
from medpolicy.load.schema import policy_schema
from medpolicy.policy import load_policy
from medpolicy.text.findings import Finding, Unusable
from medpolicy.text.visible import on_one_line, visible

Steps = tuple[str | int, ...]

LINE_FEED = "\n"
CONTROLS = [
    char for char in map(chr, range(0x110000))
    if char != LINE_FEED and (unicodedata.category(char) in ("Cc", "Zl", "Zp") or unicodedata.bidirectional(char) in
    ("LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI"))
]  # fmt: skip
"""By Unicode: control characters, separators of lines and paragraphs, and what embeds, overrides or isolates a direction."""
ESCAPE = "\x1b[2J\x9b31m\u202e"
"""Clears the screen, turns it red, and turns the line around."""


def texts(value: Any, path: Steps = ()) -> Iterator[Steps]:
    """The path of every text of a document."""
    if isinstance(value, str):
        yield path
    for step, inner in (
        value.items() if isinstance(value, dict) else enumerate(value if isinstance(value, list) else ())
    ):
        yield from texts(inner, (*path, step))


def with_text(document: Any, path: Steps, change: Callable[[str], str]) -> Any:
    """The document with one of its texts changed."""
    changed = json.loads(json.dumps(document))
    holder = changed
    for step in path[:-1]:
        holder = holder[step]
    holder[path[-1]] = change(holder[path[-1]])
    return changed


def noted(value: Any) -> Any:
    """A document with a note wherever one may stand."""
    if isinstance(value, list):
        return [noted(inner) for inner in value]
    if not isinstance(value, dict):
        return value
    takes_note = not {"operator", "months", "reason", "text", "where"} & (value.keys() - {"never", "when"})
    inner = {key: noted(part) for key, part in value.items()}
    is_map = all(isinstance(part, dict) for part in value.values())
    return inner | {"note": "why"} if takes_note and not is_map else inner


SMALL = json.loads(VALID_RULES) | {
    "$schema": "policy.schema.json",
    "invariants": [
        {"id": "i", "text": "Never.", "cites": ["item-1"], "never": "approved",
         "when": {"name": "ph_status", "operator": "equal_to", "value": "positive"}},
    ],
}  # fmt: skip
DOCUMENT = noted(SMALL)
PATHS = list(texts(DOCUMENT))
CASE = json.loads(CASES.read_bytes().splitlines()[0])
CASE_PATHS = list(texts(CASE))
VOCABULARY = find_vocabulary(NAME)
SCHEMA = Draft202012Validator(policy_schema(VOCABULARY))


def without_controls(text: str) -> bool:
    return not any(char in text for char in CONTROLS)


def test_the_document_that_is_damaged_is_sound_and_has_every_key_that_holds_text() -> None:
    assert read_rule_file(Path("x.json"), json.dumps(DOCUMENT).encode()).errors == ()
    keys = {path[-1] for path in PATHS} | {path[-2] for path in PATHS if isinstance(path[-1], int)}
    assert {"title", "says", "where", "note", "id", "cites", "informative", "reason", "text", "$schema"} <= keys
    assert {"publisher", "document", "status", "policy", "revision", "sha256", "name", "operator", "value"} <= keys


def test_the_control_characters_are_those_of_unicode() -> None:
    assert len(CONTROLS) == 64 + 2 + 9
    assert [char for char in map(chr, range(0xD800)) if visible(char) != char] == CONTROLS
    assert visible(LINE_FEED) == LINE_FEED
    assert on_one_line("a\nb") == "a\\nb"
    assert visible("\udcff") == "\\udcff"


@given(st.sampled_from(PATHS), st.sampled_from(CONTROLS), st.booleans())
def test_a_control_character_in_any_text_of_a_rule_file_is_the_one_finding_of_its_place(
    path: Steps, char: str, raw: bool
) -> None:
    damaged = with_text(DOCUMENT, path, lambda text: text[:1] + char + text[1:])
    written = json.dumps(damaged, ensure_ascii=not (raw and char >= " "))
    file = read_rule_file(Path("x.json"), written.encode())
    at = [finding for finding in file.errors if finding.path == path]
    assert [finding.code for finding in at] == ["control-character"]
    assert f"U+{ord(char):04X} " in at[0].message
    assert all(without_controls(str(finding)) for finding in file.findings)
    assert list(SCHEMA.iter_errors(damaged)), "an editor says so too"


@given(st.sampled_from([path for path in PATHS if path[-1] in ("title", "says", "note", "reason", "text", "status")]))
def test_a_line_feed_may_stand_in_a_sentence(path: Steps) -> None:
    changed = with_text(DOCUMENT, path, lambda text: f"{text}\nAnd more.")
    assert read_rule_file(Path("x.json"), json.dumps(changed).encode()).errors == ()
    assert not list(SCHEMA.iter_errors(changed))


@given(st.sampled_from(CASE_PATHS), st.sampled_from(CONTROLS))
def test_a_control_character_in_any_text_of_a_golden_case_is_the_one_finding_of_its_place(
    tmp_path_factory: pytest.TempPathFactory, path: Steps, char: str
) -> None:
    file = tmp_path_factory.mktemp("cases") / "x.jsonl"
    file.write_text(json.dumps(with_text(CASE, path, lambda text: text + char)), "utf-8")
    with pytest.raises(Unusable) as refused:
        read_cases(file, VOCABULARY)
    at = [finding for finding in refused.value.findings if finding.path == path]
    assert [(finding.code, finding.line) for finding in at] == [("control-character", 1)]
    assert f"U+{ord(char):04X} " in at[0].message
    assert without_controls(str(refused.value))


@given(st.text(st.characters(codec="utf-8") | st.sampled_from(CONTROLS)))
def test_what_is_shown_of_a_text_in_json_is_the_same_json(text: str) -> None:
    assert json.loads(visible(json.dumps(text, ensure_ascii=False))) == text
    assert without_controls(visible(text))


# All commands


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A rules folder and requests whose names hold what a terminal obeys, and a line break."""
    hostile = tmp_path / f"r{ESCAPE}\n{NAME}: 0 errors"
    shutil.copytree(RULE_FILE.parent, hostile / NAME)
    (hostile / f"request{ESCAPE}.json").write_text(json.dumps(APPROVED | {"request_id": ESCAPE + "\nx"}), "utf-8")
    (hostile / f"requests{ESCAPE}\n.jsonl").write_text(json.dumps(APPROVED | {"request_id": ESCAPE + "\nx"}), "utf-8")
    edited = RULE_FILE.read_text("utf-8").replace('"less_than_or_equal_to", "value": 6', '"less_than", "value": 6')
    (hostile / f"new{ESCAPE}\n.json").write_text(edited, "utf-8")
    return hostile


def clean(ran: Ran, *lines: str) -> str:
    """What a run wrote, which has no sign to a terminal, and no line that a name of a file began."""
    written = ran.out + ran.err
    assert without_controls(written), [char for char in CONTROLS if char in written]
    assert not [line for line in written.splitlines() if line.startswith((NAME + ": 0 errors", ".json", ".jsonl"))]
    assert "error[internal]" not in written
    return written


CALLS: dict[str, list[str]] = {
    "decide": ["decide", "{folder}/request{escape}.json", "--rules", "{folder}"],
    "decide --json": ["decide", "{folder}/request{escape}.json", "--rules", "{folder}", "--json"],
    "a request that is not there": ["decide", "{folder}/{escape}\n.json"],
    "batch": ["batch", "{folder}/requests{escape}\n.jsonl", "-o", "{folder}/out{escape}.csv", "--rules", "{folder}"],
    "batch of a file that is not there": ["batch", "{folder}/{escape}.jsonl", "-o", "{folder}/out{escape}\n.csv"],
    "check": ["check", "--rules", "{folder}"],
    "check of files": ["check", "{folder}/new{escape}\n.json", "{folder}/{escape}"],
    "check --json": ["check", "--json", "{folder}/new{escape}\n.json"],
    "check --source": ["check", "--rules", "{folder}", "--source", "{folder}/new{escape}\n.json"],
    "diff": ["diff", "{rules}", "{folder}/new{escape}\n.json", "--corpus", "{folder}/requests{escape}\n.jsonl"],
    "diff --markdown": ["diff", "{rules}", "{folder}/new{escape}\n.json", "--markdown"],
    "diff --html": ["diff", "{rules}", "{folder}/new{escape}\n.json", "--html"],
    "diff --json": ["diff", "{rules}", "{folder}/new{escape}\n.json", "--json"],
    "diff of a commit": ["diff", "{rules}", "{escape}:{escape}"],
    "show": ["show", "--rules", "{folder}"],
    "show --source": ["show", "--rules", "{folder}", "--source", "{folder}/new{escape}\n.json"],
    "sql": ["sql", "--rules", "{folder}", "--dialect", "duckdb"],
    "sql of a table": ["sql", "--rules", "{folder}", "--dialect", "duckdb", "--table", '"a{escape}\nb"'],
    "cases": ["cases", "--rules", "{folder}"],
    "cases --json": ["cases", "--rules", "{folder}", "--json"],
    "cover": ["cover", "--rules", "{folder}"],
    "mutate": ["mutate", "--rules", "{folder}"],
    "schema": ["schema", "--policy", "{escape}\n"],
    "an unknown command": ["{escape}\n"],
    "an unknown option": ["check", "--{escape}\n"],
    "an argument too many": ["decide", "x", "{escape}\n"],
    "an unknown policy": ["show", "--policy", "../{escape}\n"],
    "an unknown revision": ["show", "--revision", "{escape}\n"],
    "an unknown dialect": ["sql", "--dialect", "{escape}\n"],
}


def test_every_command_is_called_with_hostile_names() -> None:
    assert {call[0] for call in CALLS.values() if "{" not in call[0]} == set(COMMANDS)


@pytest.mark.parametrize("call", CALLS.values(), ids=CALLS)
def test_a_hostile_name_reaches_no_terminal(call: list[str], folder: Path, run: Run) -> None:
    names = {"folder": str(folder), "escape": ESCAPE, "rules": str(RULE_FILE)}
    clean(run(*(part.format(**names) for part in call)))


def hostile_rules(tmp_path: Path, path: Steps) -> Path:
    folder = tmp_path / "rules" / NAME
    shutil.copytree(RULE_FILE.parent, folder)
    document = with_text(json.loads(RULE_FILE.read_bytes()), path, lambda text: text + ESCAPE)
    (folder / RULE_FILE.name).write_text(json.dumps(document, ensure_ascii=False).replace("\x1b", "\\u001b"), "utf-8")
    return tmp_path / "rules"


@pytest.mark.parametrize("command", [[name] for name in COMMANDS if name not in ("schema", "batch", "decide", "diff", "sql")]
    + [["sql", "--dialect", "spark"], ["decide", str(ROOT / "examples/approved-continuation.json")]], ids=lambda call: call[0])  # fmt: skip
@pytest.mark.parametrize("path", [("title",), ("pathways", 0, "criteria", 0, "id"), ("passages", "title", "says")])
def test_a_hostile_text_of_a_rule_file_is_refused_by_every_command(
    command: list[str], path: Steps, tmp_path: Path, run: Run
) -> None:  # fmt: skip
    ran = run(*command, "--rules", hostile_rules(tmp_path, path))
    assert "[control-character]: the control character U+001B stands inside a string" in clean(ran)
    assert ran.status == (1 if command[0] == "check" else 2)


def test_hostile_golden_cases_are_refused_and_none_is_shown(tmp_path: Path, run: Run) -> None:
    folder = tmp_path / "rules" / NAME
    shutil.copytree(RULE_FILE.parent, folder)
    hostile = with_text(CASE, ("request", "request_id"), lambda text: text + ESCAPE)
    (folder / "cases" / CASES.name).write_text(
        json.dumps(hostile, ensure_ascii=False).replace("\x1b", "\\u001b"), "utf-8"
    )
    for command in ("cases", "cover", "mutate"):
        ran = run(command, "--rules", tmp_path / "rules")
        assert (ran.status, clean(ran).count("[control-character]")) == (2, 1)
    ran = run("diff", RULE_FILE, folder / RULE_FILE.name)  # which reads cases as they are
    assert "\\u001b" in clean(ran)


def test_a_hostile_document_of_the_publisher_is_shown_by_number(tmp_path: Path, run: Run) -> None:
    source = tmp_path / "source.txt"
    source.write_text(f"{ESCAPE} a paragraph of it\n\nanother{ESCAPE}\n", "utf-8")
    assert "unaccounted-paragraph" in clean(run("check", RULE_FILE, "--source", source))
    clean(run("show", "--source", source))


def test_a_name_that_is_not_utf_8_is_shown_and_written_as_json(tmp_path: Path, run: Run) -> None:
    odd = tmp_path / "odd\udcff.json"
    shutil.copy(RULE_FILE, odd)
    for form, shown in ((), "odd\\udcff.json"), (["--markdown"], "odd&#92;udcff.json"), (["--html"], "odd\\udcff.json"):
        assert shown in clean(run("diff", RULE_FILE, odd, *form))
    ran = run("check", odd, "--json")
    assert json.loads(ran.out)["files"][0]["file"] == "odd\udcff.json"


def test_the_log_has_one_line_for_each_message(caplog: pytest.LogCaptureFixture, tmp_path: Path) -> None:
    caplog.set_level(logging.DEBUG)
    shutil.copytree(RULE_FILE.parent, tmp_path / f"a{ESCAPE}\nb" / NAME)
    load_policy(NAME, tmp_path / f"a{ESCAPE}\nb")
    assert len(caplog.messages) == 2
    assert all(without_controls(message) and LINE_FEED not in message for message in caplog.messages)


def test_a_finding_is_told_in_the_lines_that_it_has() -> None:
    finding = Finding("x", f"a{ESCAPE}\nb", ("c",), "d\ne", "error", "f\ng", 1, 2)
    assert str(finding) == (
        "f\\ng:1:2: error[x]: a\\u001b[2J\\u009b31m\\u202e\\nb\n  at $.c\n  help: d\\ne"
    )  # fmt: skip


PRINTERS = {
    "cli/output.py": "the one place",
    "cli/main.py": "its own help",
    "cli/batch.py": "the line that counts records",
    "text/diagnostics.py": "tracebacks, made visible there",
    "__main__.py": "flushes alone",
}


def test_nothing_is_printed_but_through_the_one_place() -> None:
    source = ROOT / "src" / "medpolicy"
    found = set()
    for module in source.rglob("*.py"):
        nodes = [
            ast.unparse(node) for node in ast.walk(ast.parse(module.read_text("utf-8"))) if isinstance(node, ast.expr)
        ]
        if {"print", "sys.stdout", "sys.stderr"} & set(nodes):
            found.add(str(module.relative_to(source)))
    assert found == set(PRINTERS)
