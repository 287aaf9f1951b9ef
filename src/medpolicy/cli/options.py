"""The options that several commands share, and what they stand for."""

from __future__ import annotations

import argparse
import os
import sys
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

from medpolicy.cli.parser import one_of, usage_fault
from medpolicy.language.installed import known_policies
from medpolicy.language.vocabulary import unknown_policy
from medpolicy.load.file import read_bytes
from medpolicy.load.folder import RULES_VARIABLE, rule_files
from medpolicy.policy import Policy, load_policy
from medpolicy.text.findings import Finding, Unusable, listed
from medpolicy.text.json_text import MOST_BYTES

STANDARD_INPUT = "-"
MOST_SECONDS = 1_000_000


def add_policy(parser: argparse.ArgumentParser) -> None:
    """Add `--policy`."""
    parser.add_argument("--policy", metavar="NAME", help="the policy, where several are installed")


def add_rules(parser: argparse.ArgumentParser) -> None:
    """Add `--policy` and `--rules`."""
    add_policy(parser)
    parser.add_argument(
        "--rules",
        metavar="DIR",
        help=f"a folder with a folder of rule files for each policy (default: {RULES_VARIABLE}, or the installed rules)",
    )


def add_revision(parser: argparse.ArgumentParser, otherwise: str) -> None:
    """Add `--revision`; `otherwise` says which one is used without it."""
    parser.add_argument("--revision", metavar="ID", help=f"the revision (default: {otherwise})")


def add_extra(parser: argparse.ArgumentParser) -> None:
    """Add `--extra`."""
    parser.add_argument(
        "--extra",
        metavar="WHAT",
        type=one_of("ignore", "keep"),
        help="what to do with names that the policy does not know: ignore or keep (default: they are faults)",
    )


def add_json(parser: argparse.ArgumentParser) -> None:
    """Add `--json`."""
    parser.add_argument("--json", action="store_true", help="print JSON, for programs")


def add_limit(parser: argparse.ArgumentParser) -> None:
    """Add `--limit`."""
    from medpolicy.solve import LIMIT

    parser.add_argument(
        "--limit", metavar="SECONDS", type=_seconds, default=LIMIT, help=f"what one proof may take (default: {LIMIT:g})"
    )


def rules_given(options: argparse.Namespace) -> Path | None:
    """The rules folder of the call or of the environment, or None. Raises `Unusable` where it is no folder."""
    given: str | None = options.rules or os.environ.get(RULES_VARIABLE) or None
    if given is None:
        return None
    folder = Path(given)
    if not folder.is_dir():
        message = "is a file, not a folder" if folder.exists() else "there is no such folder"
        raise Unusable([Finding("no-such-folder", message, file=given, help="`--rules` takes a folder")])
    return folder


def policy_name(options: argparse.Namespace) -> str:
    """The policy that a call means: the one it names, or the only one there is."""
    names = known_policies()
    if options.policy is not None:
        if options.policy not in names:
            raise Unusable([replace(unknown_policy(options.policy), path=())])
        return str(options.policy)
    folder = rules_given(options) if hasattr(options, "rules") else None
    there = [name for name in names if folder is None or rule_files(folder / name)]
    if len(there) == 1:
        return there[0]
    if not names:
        raise Unusable([Finding("no-policy", "no policy is installed")])
    if not there:
        wanted = f"a rules folder holds a folder for each policy: {listed(names, last='and')}"
        message = "holds no rule file of an installed policy"
        raise Unusable([Finding("no-rule-files", message, help=wanted, file=str(folder))])
    message = f"there are several policies: {listed(there, last='and')}"
    raise usage_fault(message, "name one with `--policy`", "medpolicy")


def load(options: argparse.Namespace) -> Policy:
    """The policy that a call means. Raises `Unusable` with every fault of its rule files."""
    return load_policy(policy_name(options), rules_given(options))


def read_input(path: str) -> tuple[str, bytes]:
    """The name and the bytes of a file, or of standard input for `-`. Raises `Unusable`, also where it is too large."""
    if path != STANDARD_INPUT:
        return path, read_bytes(Path(path))
    if sys.stdin is None:
        raise Unusable([Finding("io", "standard input is closed")])
    text = sys.stdin.buffer.read(MOST_BYTES + 1)
    if len(text) > MOST_BYTES:
        raise Unusable([Finding("too-large", f"is larger than {MOST_BYTES >> 20} MiB", file="<stdin>")])
    return "<stdin>", text


def shown_path(path: Path) -> Path:
    """A path as a person would write it: below the current folder where it is."""
    try:
        return path.resolve().relative_to(Path.cwd())
    except (ValueError, OSError, RuntimeError):  # it stands elsewhere, or is a link that leads to itself
        return path


def _seconds(text: str) -> float:
    with suppress(ValueError):
        if 0 <= (seconds := float(text)) <= MOST_SECONDS:
            return seconds
    raise argparse.ArgumentTypeError(f"must be a number of seconds, at most {MOST_SECONDS}")
