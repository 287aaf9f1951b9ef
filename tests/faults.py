r"""Faulty files, each written as an edit of a file without fault, with the exact message below it.

A text of `tests/bad` holds faults of one family with a blank line between them; its first line may name the file that
they edit. In a fault, `-` lines hold text that stands in that file once, and the `+` lines below hold what replaces it;
`+` lines alone are a whole file, which ends with a line break unless `\ no line break` follows. A fault with neither is
kept as a file in the same folder. The other lines are the message, which names the faulty file in front of a colon.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import groupby
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
        self.text.write_text(self.text.read_text("utf-8").replace(self.message, message), "utf-8")


def faults(folder: str) -> list[Fault]:
    return [fault for path in sorted((BAD / folder).glob("*.txt")) for fault in _read(path)]


def parametrize(faults: list[Fault]) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("fault", faults, ids=[fault.stem for fault in faults])


def _read(path: Path) -> list[Fault]:
    text = path.read_bytes().decode()
    edited = ""
    if text.startswith("Edits of "):
        first, text = text.split("\n\n", 1)
        edited = (path.parent / first.removeprefix("Edits of ")).read_bytes().decode()
    return [_fault(block.removesuffix("\n").split("\n"), edited, path) for block in text.split("\n\n")]


def _fault(lines: list[str], edited: str, text: Path) -> Fault:
    message = "".join(f"{line}\n" for line in lines if line[:1] not in ("-", "+", "\\"))
    named = re.search(r"^([\w.-]+):", message, re.MULTILINE)
    if named is None:
        raise AssertionError(f"no file is named in {lines}")
    file = named[1]
    hunks = [(sign, "\n".join(line[2:] for line in group)) for sign, group in groupby(lines, lambda line: line[:1])]
    signs = [sign for sign, _ in hunks]
    if "-" in signs:
        content = _edit(edited, hunks).encode()
    elif "+" in signs:
        content = (dict(hunks)["+"] + ("" if "\\" in signs else "\n")).encode()
    else:
        content = (text.parent / file).read_bytes()
    return Fault(file, content, message, text)


def _edit(text: str, hunks: list[tuple[str, str]]) -> str:
    for (sign, old), (following, new) in zip(hunks, [*hunks[1:], ("", "")], strict=True):
        if sign == "-":
            if text.count(old) != 1:
                raise AssertionError(f"{old!r} stands {text.count(old)} times")
            text = text.replace(old, new if following == "+" else "")
    return text
