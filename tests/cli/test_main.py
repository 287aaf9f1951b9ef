from __future__ import annotations

import os
import shlex
import subprocess
import sys
from importlib import import_module

import pytest
from project import EXAMPLES

from cli.running import Run
from medpolicy import UndecidedRequest, __version__
from medpolicy.cli import decide
from medpolicy.cli.main import COMMANDS, main
from medpolicy.policy import Policy

APPROVED = EXAMPLES / "approved-relapsed-single-agent.json"


def test_an_unknown_command_is_refused_with_the_nearest_one(run: Run) -> None:
    message = run("decid", "x.json").refusal
    assert message == "medpolicy: error[usage]: unknown command `decid`\n  help: did you mean `decide`?\n"


def test_an_unknown_command_like_none_is_refused_with_all_of_them(run: Run) -> None:
    ran = run("xyzzy")
    assert ran.status == 2
    assert ran.err.startswith("medpolicy: error[usage]: unknown command `xyzzy`\n  help: the commands are `")


def test_an_option_before_the_command_is_refused(run: Run) -> None:
    assert run("--json", "decide", APPROVED).refusal == (
        "medpolicy: error[usage]: `--json` stands before the name of a command\n"
        "  help: options stand after the command's name\n"
    )


def test_every_unknown_option_is_refused_with_the_nearest_one(run: Run) -> None:
    assert run("decide", "--jsno", "--rule=x").refusal == (
        "medpolicy decide: error[usage]: unknown option `--jsno`\n  help: did you mean `--json`?\n"
        "medpolicy decide: error[usage]: unknown option `--rule`\n  help: did you mean `--rules`?\n"
    )


def test_an_abbreviated_option_is_an_unknown_one(run: Run) -> None:
    assert "unknown option `--rev`" in run("decide", APPROVED, "--rev", "2026-04-02").err


def test_an_option_without_its_value_is_refused(run: Run) -> None:
    ran = run("decide", APPROVED, "--revision")
    assert (ran.status, ran.err) == (2, "medpolicy decide: error[usage]: `--revision` needs a value\n")


def test_a_value_for_an_option_that_takes_none_is_refused(run: Run) -> None:
    ran = run("decide", APPROVED, "--json=yes")
    assert (ran.status, ran.err) == (2, "medpolicy decide: error[usage]: `--json` takes no value\n")


def test_an_option_before_an_option_needs_a_value_of_its_own(run: Run) -> None:
    ran = run("batch", "in.csv", "-o", "--extra", "keep")
    assert (ran.status, ran.err) == (2, "medpolicy batch: error[usage]: `-o/--output` needs a value\n")


def test_every_missing_argument_is_named(run: Run) -> None:
    ran = run("batch", "--extra", "keep")
    assert ran.status == 2
    assert ran.err.startswith("medpolicy batch: error[usage]: `IN` and `-o/--output` is missing\n  help: usage: ")
    assert " -o OUT " in ran.err


def test_a_missing_argument_is_refused_with_the_usage(run: Run) -> None:
    message = run("decide").refusal
    assert message.startswith("medpolicy decide: error[usage]: `REQUEST` is missing\n  help: usage: medpolicy decide ")


def test_an_argument_too_many_is_refused(run: Run) -> None:
    ran = run("decide", APPROVED, "another.json")
    assert ran.status == 2
    assert ran.err.startswith("medpolicy decide: error[usage]: unexpected argument `another.json`\n")


def test_without_a_command_the_help_goes_to_standard_error(run: Run) -> None:
    assert run().refusal.startswith("usage: medpolicy COMMAND [OPTIONS]\n")


@pytest.mark.parametrize("asked", ["-h", "--help", "help"])
def test_the_help_names_every_command(run: Run, asked: str) -> None:
    assert [line.split()[0] for line in run(asked).output.splitlines() if line.startswith("  ")] == list(COMMANDS)


def test_the_version_is_printed(run: Run) -> None:
    ran = run("--version")
    assert (ran.status, ran.out, ran.err) == (0, f"medpolicy {__version__}\n", "")


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
