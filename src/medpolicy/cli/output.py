"""What a command gives: data on standard output, findings on standard error, a status to the shell.

A name or a text of someone else's may hold signs that a terminal obeys; whatever is written here has them by their number.
"""

from __future__ import annotations

import json
import shutil
import sys
from collections.abc import Iterable, Mapping
from typing import Any

from medpolicy.text.findings import Finding
from medpolicy.text.visible import on_one_line, visible

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
    sys.stdout.write(visible(text).encode(encoding, "replace").decode(encoding))


def write_json(value: Any) -> None:
    """Write a value as one line of JSON in UTF-8, whatever the output's encoding."""
    from pydantic_core import PydanticSerializationError, to_json, to_jsonable_python

    try:
        text = to_json(value).decode()
    except PydanticSerializationError:  # a file's name has bytes that are not UTF-8
        text = json.dumps(to_jsonable_python(value), separators=(",", ":"))
    write_utf8(f"{text}\n")


def write_utf8(text: str) -> None:
    """Write a text in UTF-8, whatever the output's encoding; JSON means the same as before."""
    sys.stdout.flush()
    sys.stdout.buffer.write(visible(text).encode())


def complain(findings: Iterable[Finding]) -> None:
    """Report findings to standard error."""
    for finding in findings:
        print(visible(str(finding)), file=sys.stderr)


def remark(text: str) -> None:
    """Tell in one line what a command did, on standard error."""
    print(on_one_line(text), file=sys.stderr)


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
