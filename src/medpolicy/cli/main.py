"""The command line: which command runs. Data goes to standard output, all else to standard error."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from contextlib import suppress
from importlib import import_module

from medpolicy._version import __version__
from medpolicy.cli.output import BROKEN_PIPE, DONE, INTERRUPTED, UNUSABLE, complain
from medpolicy.cli.parser import Parser, usage_fault
from medpolicy.policy import UndecidedRequest
from medpolicy.text.diagnostics import report_failure
from medpolicy.text.findings import Finding, Unusable, did_you_mean, listed, quoted

COMMANDS = {
    "decide": "decide one request, and say why",
    "batch": "decide a file of requests: JSON Lines, CSV or Parquet",
    "check": "find the faults of rule files",
    "diff": "tell whose answers change between two revisions, with proof",
    "show": "print the policy as a table, each criterion beside the passage it comes from",
    "sql": "print the policy as a SELECT that decides each row of a table",
    "cases": "run the golden cases, accept changed answers, or write the cases that are needed",
    "cover": "tell what the golden cases show of the rules, and what they do not",
    "mutate": "tell which slips in the rules the golden cases would not notice",
    "schema": "print the JSON Schema of a policy's rule files, for editors",
}
"""Each command with what it does: `NAME` is the module `medpolicy.cli.NAME` with `configure(parser)` and `run(options)`."""


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command. No error leaves it as an exception, and no message holds a member's data."""
    arguments = list(sys.argv[1:] if argv is None else argv)
    if sys.stdout is None:
        complain([Finding("io", "standard output is closed")])
        return UNUSABLE
    try:
        try:
            status = _run(arguments)
        except (Unusable, UndecidedRequest) as error:
            complain(error.findings if isinstance(error, Unusable) else [Finding("internal", str(error))])
            status = UNUSABLE
        sys.stdout.flush()
        return status
    except KeyboardInterrupt:
        return INTERRUPTED
    except BrokenPipeError:
        _drop_output()
        return BROKEN_PIPE
    except OSError as error:
        report_failure(error)
        complain([Finding("io", f"cannot read or write: {(error.strerror or 'unknown reason').lower()}")])
        return UNUSABLE
    except Exception as error:
        report_failure(error)
        complain([Finding("internal", f"unexpected error ({type(error).__name__})", help="please report it")])
        return UNUSABLE


def _run(arguments: list[str]) -> int:
    first = arguments[0] if arguments else None
    if first in ("-h", "--help", "help"):
        print(_help())
        return DONE
    if first == "--version":
        print(f"medpolicy {__version__}")
        return DONE
    if first is None:
        print(_help(), file=sys.stderr)
        return UNUSABLE
    if first.startswith("-"):
        message = f"{quoted(first)} stands before the name of a command"
        raise usage_fault(message, "options stand after the command's name", "medpolicy")
    if first not in COMMANDS:
        advice = did_you_mean(first, COMMANDS) or f"the commands are {listed(COMMANDS, last='and')}"
        raise usage_fault(f"unknown command {quoted(first)}", advice, "medpolicy")
    command = import_module(f"medpolicy.cli.{first}")
    parser = Parser(first, command.__doc__)
    command.configure(parser)
    options = parser.parse(arguments[1:])
    return DONE if options is None else int(command.run(options))


def _help() -> str:
    width = max(map(len, COMMANDS))
    lines = "\n".join(f"  {name:<{width}}  {does}" for name, does in COMMANDS.items())
    head = "usage: medpolicy COMMAND [OPTIONS]\n\nCoverage policies of health plans as code."
    return f"{head}\n\n{lines}\n\n`medpolicy COMMAND --help` tells more of one."


def _drop_output() -> None:
    """Nobody reads on: let the interpreter write what is left to nowhere, without a word."""
    with suppress(OSError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
