"""Faulty files, each written as an edit of a file without fault, with the exact message below it.

A text of `tests/bad` holds faults of one family; its first line may name the file that they edit. A fault begins with
lines `- OLD => NEW`, of which OLD stands in that file once, or with lines `+ TEXT` that are a whole file; one with
neither is kept as a file in the same folder. Its other lines are the message, which names the faulty file in front of a
colon: a finding stands on one line, and ` | ` begins a further line of it. `¶` is a line break.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

BAD = Path(__file__).parent / "bad"
VALID_RULES = (BAD / "rules" / "valid.json").read_bytes()
"""The rule file without fault that the faulty ones edit."""


@dataclass(frozen=True)
class Fault:
    file: str
    content: bytes
    message: str
    text: Path

    @property
    def stem(self) -> str:
        return self.file.removesuffix(".json")

    def write(self, folder: Path) -> Path:
        path = folder / self.file
        path.write_bytes(self.content)
        return path

    def accept(self, message: str) -> None:
        """Put another message in place of this one."""
        self.text.write_text(self.text.read_text("utf-8").replace(_short(self.message), _short(message)), "utf-8")


def faults(folder: str) -> list[Fault]:
    return [fault for path in sorted((BAD / folder).glob("*.txt")) for fault in _read(path)]


def parametrize(faults: list[Fault]) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("fault", faults, ids=[fault.stem for fault in faults])


def _read(path: Path) -> list[Fault]:
    text = path.read_bytes().decode()
    first, rest = text.split("\n", 1)
    if not first.startswith("Edits of "):
        return list(_faults(text, "", path))
    return list(_faults(rest, (path.parent / first.removeprefix("Edits of ")).read_bytes().decode(), path))


def _faults(text: str, edited: str, path: Path) -> Iterator[Fault]:
    for changes, lines in re.findall(r"((?:[-+] .*\n)*)((?:exit .*\n)?(?:(?!exit |[-+] ).*\n)*)", text):
        if lines:
            message = "".join(map(_long, re.findall(r".*\n", lines)))
            named = re.search(r"^([\w.-]+):", message, re.MULTILINE)
            if named is None:
                raise AssertionError(f"no file is named in {lines}")
            kept = path.parent / named[1]
            yield Fault(named[1], _content(changes, edited) if changes else kept.read_bytes(), message, path)


def _content(changes: str, edited: str) -> bytes:
    lines = changes.removesuffix("\n").split("\n")
    if changes.startswith("+"):
        return "\n".join(line[2:] for line in lines).replace("¶", "\n").encode()
    for line in lines:
        old, new = line[2:].replace("¶", "\n").split(" => ")
        if edited.count(old) != 1:
            raise AssertionError(f"{old!r} stands {edited.count(old)} times")
        edited = edited.replace(old, new)
    return edited.encode()


def _long(line: str) -> str:
    """The finding of a line as it is written, or the status and what is said with it."""
    return (line.replace(" | ", "\n", 1) if line.startswith("exit ") else line).replace(" | ", "\n  ")


def _short(message: str) -> str:
    return re.sub(r"(exit status \d)\n", r"\1 | ", message).replace("\n  ", " | ")
