"""What docs/security.md promises: each line has tests that exist, and here are those that belong to no room."""

from __future__ import annotations

import ast
import builtins
import json
import os
import re
import stat
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from project import APPROVED, CASES, EXAMPLES, NAME, ROOT, RULE_FILE

from medpolicy import Policy, load_policy
from medpolicy.batch import decide_file
from medpolicy.cli.main import main
from medpolicy.text.replace import temporary_beside

PAGE = (ROOT / "docs" / "security.md").read_text("utf-8")
ROWS = [line for line in PAGE.splitlines() if line.startswith("| ") and "| held by |" not in line]
SOURCE = ROOT / "src" / "medpolicy"
CANARY = "C4NARY"


@pytest.mark.parametrize("row", ROWS, ids=[row.split("|")[1].strip()[:60] for row in ROWS])
def test_each_promise_is_held_by_tests_that_exist(row: str) -> None:
    _, promise, tests, _ = row.split("|")
    assert promise.strip().endswith(".")
    named = re.findall(r"`(tests/[\w/]+\.py)::(\w+)`", tests)
    assert named
    assert re.sub(r"`[^`]*`|[, ]", "", tests) == "", "nothing but tests stands there"
    for file, name in named:
        tree = ast.parse((ROOT / file).read_text("utf-8"))
        assert name in {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}


def test_each_file_that_the_page_names_is_there() -> None:
    assert all((ROOT / file).is_file() for file in re.findall(r"tests/[\w/]+\.py", PAGE))
    assert all((ROOT / "docs" / file).is_file() for file in re.findall(r"\]\(([\w.]+)\)", PAGE))
    assert len(ROWS) >= 30


# What is shown


@pytest.mark.parametrize("suffix", ["jsonl", "csv", "parquet"])
def test_a_rejects_file_holds_numbers_ids_and_faults_alone(suffix: str, policy: Policy, tmp_path: Path) -> None:
    texts = {name: CANARY for name, value in APPROVED.items() if isinstance(value, str)}
    odd = APPROVED | texts | {"request_id": "R-1", "combination_regimen": [CANARY], "cycles_received": CANARY}
    source = tmp_path / "in.jsonl"
    source.write_text(f"{json.dumps(odd)}\n{json.dumps(CANARY)}\n" + '{"disease": "C4NARY', "utf-8")
    decide_file(policy, source, tmp_path / f"out.{suffix}")
    [rejects] = tmp_path.glob("*.rejects.jsonl")
    written = rejects.read_text("utf-8")
    told = [json.loads(line) for line in written.splitlines()]
    assert [(reject["record"], reject["request_id"]) for reject in told] == [(1, "R-1"), (2, None), (3, None)]
    assert {key for reject in told for key in reject} == {"record", "request_id", "faults"}
    assert CANARY not in written


# What is kept and run

CONNECTING = {"socket", "socketserver", "ssl", "http", "urllib", "ftplib", "smtplib", "xmlrpc", "asyncio", "requests", "httpx"}  # fmt: skip
STARTING = {"subprocess", "multiprocessing", "pty", "webbrowser", "ctypes"}


def imports(module: Path) -> set[str]:
    nodes = list(ast.walk(ast.parse(module.read_text("utf-8"))))
    plain = {name.name for node in nodes if isinstance(node, ast.Import) for name in node.names}
    return {
        name.split(".")[0] for name in plain | {node.module or "" for node in nodes if isinstance(node, ast.ImportFrom)}
    }


def test_no_module_opens_a_connection_or_starts_a_program_but_git() -> None:
    starting = {str(module.relative_to(SOURCE)) for module in SOURCE.rglob("*.py") if imports(module) & STARTING}
    assert starting == {"diff/sources.py"}
    assert not {module for module in SOURCE.rglob("*.py") if imports(module) & CONNECTING}
    calls = [
        node
        for node in ast.walk(ast.parse((SOURCE / "diff/sources.py").read_text("utf-8")))
        if isinstance(node, ast.Call)
    ]
    [started] = [call for call in calls if ast.unparse(call.func).startswith("subprocess.")]
    assert ast.unparse(started).startswith("subprocess.run(['git', *arguments], ")
    for module in SOURCE.rglob("*.py"):
        assert not re.search(r"\bos\.(system|popen|exec\w*|spawn\w*|posix_spawn)\(", module.read_text("utf-8"))


def renamed(value: Any, ids: frozenset[str], key: str = "") -> Any:
    """A rule file in which every id and every sentence is another one that would be code."""
    if isinstance(value, dict):
        names = {name: f"exec.{name}" if key == "passages" else name for name in value}
        return {names[name]: renamed(inner, ids, name) for name, inner in value.items()}
    if isinstance(value, list):
        return [renamed(inner, ids, key) for inner in value]
    if isinstance(value, str) and value in ids and key in ("id", "cites", "informative"):
        return f"exec.{value}"
    sentences = ("title", "where", "says", "note", "reason", "text", "publisher", "document", "status")
    return "'''); import os #\n\"\"\")" if key in sentences and isinstance(value, str) else value


def ids_of(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        yield from [value["id"]] if isinstance(value.get("id"), str) else []
        yield from value["passages"] if isinstance(value.get("passages"), dict) else []
    for inner in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from ids_of(inner)


def test_no_text_of_a_rule_file_is_part_of_the_code_that_is_run(
    document: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run: list[str] = []
    plain = builtins.exec

    def noted(source: Any, *names: Any) -> None:
        if isinstance(source, str):
            run.append(source)
        plain(source, *names)

    def codes(written: dict[str, Any]) -> tuple[list[str], list[str]]:
        """What is run for one policy, and its decisions."""
        folder = tmp_path / NAME
        folder.mkdir(exist_ok=True)
        (folder / "r.json").write_text(json.dumps(written), "utf-8")
        run.clear()
        with monkeypatch.context() as patch:
            patch.setattr(builtins, "exec", noted)
            policy = load_policy(NAME, tmp_path)
            decisions = [
                policy.decide(json.loads(path.read_bytes())).decision for path in sorted(EXAMPLES.glob("*.json"))
            ]
            policy.column_decider()
        return [source for source in run if "def " in source], decisions

    usual, decisions = codes(document)
    assert usual, "some code is run"
    ids = frozenset(ids_of(document))
    assert codes(renamed(document, ids)) == (usual, decisions)


# What is written to disk


@pytest.mark.skipif(os.name == "nt", reason="permissions are others there")
@pytest.mark.parametrize("umask", [0o077, 0o022])
def test_a_file_has_its_permissions_before_it_has_its_content(umask: int, tmp_path: Path) -> None:
    before = os.umask(umask)
    try:
        with temporary_beside(tmp_path / "out.csv") as file:
            made = Path(file.name)
            assert stat.S_IMODE(made.stat().st_mode) == 0o666 & ~umask
            assert (made.parent, made.stat().st_size) == (tmp_path, 0)
            assert re.fullmatch(r"\.out\.csv\..+\.part", made.name)
    finally:
        os.umask(before)
    assert list(tmp_path.iterdir()) == []


@pytest.fixture
def cases(tmp_path: Path) -> Path:
    """A file of golden cases of which one expects another answer."""
    folder = tmp_path / "rules" / NAME
    (folder / "cases").mkdir(parents=True)
    (folder / RULE_FILE.name).write_bytes(RULE_FILE.read_bytes())
    file = folder / "cases" / CASES.name
    file.write_bytes(CASES.read_bytes().replace(b'"decision": "approved"', b'"decision": "denied"', 1))
    return file


@pytest.mark.skipif(os.name == "nt", reason="permissions are others there")
def test_accepted_cases_keep_the_permissions_of_their_file(cases: Path) -> None:
    cases.chmod(0o600)
    assert main(["cases", "--accept", "--rules", str(cases.parents[2])]) == 0
    assert stat.S_IMODE(cases.stat().st_mode) == 0o600
    assert cases.read_bytes() == CASES.read_bytes()


def elsewhere(*_: Any, **__: Any) -> Any:
    raise AssertionError("a temporary file")


def test_no_temporary_file_stands_anywhere_else(
    policy: Policy, cases: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    beside: list[Path] = []
    plain: Callable[..., Any] = tempfile.NamedTemporaryFile

    def noted(*arguments: Any, **options: Any) -> Any:
        beside.append(options["dir"])
        return plain(*arguments, **options)

    monkeypatch.setattr(tempfile, "NamedTemporaryFile", noted)
    for name in ("TemporaryFile", "SpooledTemporaryFile", "mkdtemp", "TemporaryDirectory"):
        monkeypatch.setattr(tempfile, name, elsewhere)
    source = tmp_path / "in.jsonl"
    source.write_text(f"{json.dumps(APPROVED)}\n{{}}\n", "utf-8")
    for suffix in ("jsonl", "csv", "parquet"):
        decide_file(policy, source, tmp_path / f"out.{suffix}")
    main(["cases", "--accept", "--rules", str(cases.parents[2])])
    assert set(beside) == {tmp_path, cases.parent.resolve()}
