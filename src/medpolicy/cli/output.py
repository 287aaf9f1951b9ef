"""What a command gives: data on standard output, findings on standard error, a status to the shell."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Iterable, Mapping
from typing import Any

from medpolicy.text.findings import Finding

DONE = 0
FOUND = 1
"""The command ran and found what it looks for: faults, rejected records, changed decisions."""
UNUSABLE = 2
"""The call, its input, or a rule file that it needs cannot be used."""
INTERRUPTED = 130
BROKEN_PIPE = 141
PIPED_WIDTH = 80


def write_text(text: str) -> None:
    """Write a text, with `?` for what the output's encoding cannot hold."""
    encoding = sys.stdout.encoding or "utf-8"
    sys.stdout.write(text.encode(encoding, "replace").decode(encoding))


def write_json(value: Any) -> None:
    """Write a value as one line of JSON in UTF-8, whatever the output's encoding."""
    from pydantic_core import to_json

    write_utf8(to_json(value) + b"\n")


def write_utf8(text: bytes) -> None:
    """Write bytes as they are."""
    sys.stdout.flush()
    sys.stdout.buffer.write(text)


def complain(findings: Iterable[Finding]) -> None:
    """Report findings to standard error."""
    for finding in findings:
        print(finding, file=sys.stderr)


def remark(text: str) -> None:
    """Tell what a command did, on standard error."""
    print(text, file=sys.stderr)


def width() -> int:
    """The columns of the terminal, and `PIPED_WIDTH` where there is none."""
    return shutil.get_terminal_size((PIPED_WIDTH, 24)).columns


def writable(marks: Mapping[str, str], otherwise: Mapping[str, str]) -> Mapping[str, str]:
    """The marks, or others where the output's encoding cannot hold them."""
    try:
        "".join(marks.values()).encode(sys.stdout.encoding or "utf-8")
    except UnicodeEncodeError:
        return otherwise
    return marks
