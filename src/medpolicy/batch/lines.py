"""A text file in pieces of whole lines, however long it is."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from medpolicy.batch.files import unusable
from medpolicy.source import BYTE_ORDER_MARK, UTF16_MARKS

PIECE = 8 << 20
LONGEST_RECORD = 32 << 20


@dataclass(frozen=True, slots=True)
class Piece:
    """Some whole lines of a file, and the number of the first one."""

    text: bytes
    first_line: int

    @property
    def lines(self) -> list[bytes]:
        """The lines, without their line breaks."""
        lines = self.text.split(b"\n")
        if not lines[-1]:
            lines.pop()
        return [line.removesuffix(b"\r") for line in lines]


def pieces(path: Path, end_of: Callable[[bytes], int] | None = None) -> Iterator[Piece]:
    """The pieces of a file. `end_of` says where in a text the last whole record ends (0 where none does)."""
    end_of = end_of or end_of_last_line
    line, carried = 1, b""
    with path.open("rb") as file:
        while block := file.read(PIECE):
            if line == 1 and not carried:
                if block.startswith(UTF16_MARKS):
                    raise unusable("encoding", "the text is UTF-16", path, "save it as UTF-8", 1)
                block = block.removeprefix(BYTE_ORDER_MARK)
            text = carried + block
            end = end_of(text)
            if not end and len(text) > LONGEST_RECORD:
                message = f"a record is longer than {LONGEST_RECORD >> 20} MiB"
                raise unusable("too-large", message, path, "is a line break or a quote missing?", line)
            whole, carried = text[:end], text[end:]
            if whole:
                yield Piece(whole, line)
                line += whole.count(b"\n")
    if carried:
        yield Piece(carried, line)


def end_of_last_line(text: bytes) -> int:
    """Where the last whole line ends."""
    return text.rfind(b"\n") + 1
