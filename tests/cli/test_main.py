from __future__ import annotations

import os
import shlex
import subprocess
import sys
from collections.abc import Callable
from importlib import import_module
from pathlib import Path

import pytest
from project import EXAMPLES, RULE_FILE

from cli.running import Run
from medpolicy import UndecidedRequest, __version__
from medpolicy.cli import decide
from medpolicy.cli.main import COMMANDS, main
from medpolicy.policy import Policy

APPROVED = EXAMPLES / "approved-relapsed-single-agent.json"


@pytest.mark.parametrize(
    ("call", "told"),
    [
        ("decid x.json", "medpolicy: error[usage]: unknown command `decid`\n  help: did you mean `decide`?\n"),
        ("xyzzy", "medpolicy: error[usage]: unknown command `xyzzy`\n  help: the commands are `…"),
        (
            "--json decide x",
            "medpolicy: error[usage]: `--json` stands before the name of a command\n  help: options stand after the command's name\n",
        ),
        (
            "decide --jsno --rule=x",
            "medpolicy decide: error[usage]: unknown option `--jsno`\n  help: did you mean `--json`?\nmedpolicy decide: error[usage]: unknown option `--rule`\n  help: did you mean `--rules`?\n",
        ),
        ("decide x --rev 2026-04-02", "medpolicy decide: error[usage]: unknown option `--rev`…"),
        ("decide x --revision", "medpolicy decide: error[usage]: `--revision` needs a value\n"),
        ("decide x --json=yes", "medpolicy decide: error[usage]: `--json` takes no value\n"),
        ("decide", "medpolicy decide: error[usage]: `REQUEST` is missing\n  help: usage: medpolicy decide …"),
        ("decide x another.json", "medpolicy decide: error[usage]: unexpected argument `another.json`\n…"),
        ("decide x --extra drop", "medpolicy decide: error[usage]: `--extra` must be `ignore` or `keep`\n"),
        ("batch in.csv -o --extra keep", "medpolicy batch: error[usage]: `-o/--output` needs a value\n"),
        ("batch in.csv", "medpolicy batch: error[usage]: `-o/--output` is missing\n…"),
        (
            "batch in.csv -o out.csv --extra drop",
            "medpolicy batch: error[usage]: `--extra` must be `ignore` or `keep`\n",
        ),
        ("batch --extra keep", "medpolicy batch: error[usage]: `IN` and `-o/--output` is missing\n  help: usage: …"),
        ("sql", "medpolicy sql: error[usage]: `--dialect` is missing\n…"),
        (
            "check x --limit soon",
            "medpolicy check: error[usage]: `--limit` must be a number of seconds, at most 1000000\n",
        ),
        (
            "check x --limit inf",
            "medpolicy check: error[usage]: `--limit` must be a number of seconds, at most 1000000\n",
        ),
        (
            "diff x y --limit=-1",
            "medpolicy diff: error[usage]: `--limit` must be a number of seconds, at most 1000000\n",
        ),
        (
            "diff x y --limit nan",
            "medpolicy diff: error[usage]: `--limit` must be a number of seconds, at most 1000000\n",
        ),
        ("diff x y --json --html", "medpolicy diff: error[usage]: `--json` and `--html` are two forms of one answer\n"),
    ],
)
def test_a_call_that_is_wrong_is_told_what_is(run: Run, call: str, told: str) -> None:
    """What follows on `…` may be anything."""
    message, more, _ = told.partition("…")
    refusal = run(*call.split()).refusal
    assert refusal.startswith(message) if more else refusal == message


@pytest.mark.parametrize("name", ["decide", "batch", "show", "sql"])
def test_a_revision_that_there_is_not_is_refused(run: Run, name: str) -> None:
    calls = {
        "decide": [APPROVED],
        "batch": [EXAMPLES / "requests.csv", "-o", "out.csv"],
        "sql": ["--dialect", "duckdb"],
    }
    assert run(name, *calls.get(name, []), "--revision", "2026-04-20").refusal == (
        "error[unknown-revision]: unknown revision `2026-04-20` of `inotuzumab-ozogamicin`\n"
        "  help: did you mean `2026-04-02`?\n"
    )
    assert list(Path().iterdir()) == []


@pytest.mark.parametrize("name", ["decide", "schema"])
def test_a_policy_that_there_is_not_is_refused(run: Run, name: str) -> None:
    calls = {"decide": [APPROVED], "schema": []}
    assert run(name, *calls[name], "--policy", "inotuzumab").refusal == (
        "error[unknown-policy]: unknown policy `inotuzumab`\n  help: did you mean `inotuzumab-ozogamicin`?\n"
    )


@pytest.mark.parametrize(
    "call",
    [
        "decide APPROVED --rules rules",
        "batch CSV -o out.csv --rules rules",
        "diff SHIPPED FAULTY",
        "show --rules rules",
    ],
)
def test_faulty_rules_are_told_and_nothing_is_done(run: Run, rules: Callable[..., Path], call: str) -> None:
    faulty = rules(('"name": "ph_status"', '"name": "ph_statsu"'))
    files = {"APPROVED": APPROVED, "CSV": EXAMPLES / "requests.csv", "SHIPPED": RULE_FILE, "FAULTY": faulty}
    message = run(*(files.get(word, word) for word in call.split())).refusal
    assert message.startswith(f"{faulty}:310:22: error[unknown-variable]: unknown variable `ph_statsu`\n")
    assert [path.name for path in Path().iterdir()] == ["rules"]


def test_without_a_command_the_help_goes_to_standard_error(run: Run) -> None:
    assert run().refusal.startswith("usage: medpolicy COMMAND [OPTIONS]\n")


@pytest.mark.parametrize("asked", ["-h", "--help", "help"])
def test_the_help_names_every_command(run: Run, asked: str) -> None:
    assert [line.split()[0] for line in run(asked).output.splitlines() if line.startswith("  ")] == list(COMMANDS)


def test_the_version_is_printed(run: Run) -> None:
    assert run("--version").output == f"medpolicy {__version__}\n"


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_of_the_table_has_a_module_and_help(run: Run, name: str) -> None:
    module = import_module(f"medpolicy.cli.{name}")
    assert callable(module.configure)
    assert callable(module.run)
    assert run(name, "--help").output.startswith(f"usage: medpolicy {name} ")


def test_an_interrupt_ends_with_130_and_no_word(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(options: object) -> int:
        raise KeyboardInterrupt

    monkeypatch.setattr(decide, "run", interrupted)
    ran = run("decide", APPROVED)
    assert (ran.status, ran.out, ran.err) == (130, "", "")


def test_an_unexpected_error_is_one_line_that_names_its_type_alone(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(options: object) -> int:
        raise KeyError("a member's data")

    monkeypatch.setattr(decide, "run", broken)
    assert run("decide", APPROVED).refusal == "error[internal]: unexpected error (KeyError)\n  help: please report it\n"


def test_a_request_that_the_program_fails_on_says_so_without_its_content(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    def failed(*_: object, **__: object) -> None:
        raise UndecidedRequest("the request could not be decided (KeyError)")

    monkeypatch.setattr(Policy, "decide", failed)
    assert run("decide", APPROVED).refusal == "error[internal]: the request could not be decided (KeyError)\n"


def test_output_that_cannot_be_written_is_one_line(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(options: object) -> int:
        raise OSError(28, "No space left on device", "/some/where")

    monkeypatch.setattr(decide, "run", full)
    ran = run("decide", APPROVED)
    assert (ran.status, ran.err) == (2, "error[io]: cannot read or write: no space left on device\n")


def test_the_arguments_of_the_process_are_the_default(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "argv", ["medpolicy", "--version"])
    assert main() == 0
    assert capsys.readouterr().out == f"medpolicy {__version__}\n"


def command(*arguments: object) -> list[str]:
    return [sys.executable, "-m", "medpolicy", *map(str, arguments)]


@pytest.mark.skipif(sys.platform == "win32", reason="pipes break otherwise there")
def test_a_reader_that_goes_away_ends_it_quietly() -> None:
    reader, writer = os.pipe()
    os.close(reader)
    with os.fdopen(writer, "wb") as pipe:
        ended = subprocess.run(command("show"), stdout=pipe, stderr=subprocess.PIPE, timeout=60, check=False)
    assert (ended.returncode, ended.stderr) == (141, b"")


@pytest.mark.skipif(sys.platform == "win32", reason="the shell has another language there")
@pytest.mark.parametrize(("closed", "name"), [(">&-", "output"), ("<&-", "input")])
def test_a_closed_stream_is_said_to_be_closed(closed: str, name: str) -> None:
    ended = subprocess.run(
        f"{shlex.join(command('decide', '-'))} {closed}", shell=True, stderr=subprocess.PIPE, timeout=60, check=False
    )
    assert (ended.returncode, ended.stderr.decode()) == (2, f"error[io]: standard {name} is closed\n")


def test_an_answer_without_asserts_is_the_same() -> None:
    arguments = command("decide", EXAMPLES / "denied-frontline-over-six-cycles.json", "--json")
    plain = subprocess.run(arguments, capture_output=True, timeout=60, check=True)
    optimized = subprocess.run([arguments[0], "-O", *arguments[1:]], capture_output=True, timeout=60, check=True)
    assert (optimized.stdout, optimized.stderr) == (plain.stdout, plain.stderr)
