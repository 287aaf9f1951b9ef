"""A text file in pieces of whole records, however long it is."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from medpolicy.batch.files import opened, unreadable, unusable
from medpolicy.text.json_text import BYTE_ORDER_MARK

PIECE = 8 << 20
LONGEST_RECORD = 32 << 20
_BLANKS = b" \t\r\n"


@dataclass(frozen=True, slots=True)
class Piece:
    """Some whole lines of a file, and the number of the first one."""

    text: bytes
    first_line: int

    @property
    def lines(self) -> list[bytes]:
        """The lines, without their line breaks."""
        return lines_of(self.text)

    @property
    def plain(self) -> bytes:
        """The text with line breaks as Unix has them."""
        return self.text.replace(b"\r\n", b"\n") if b"\r" in self.text else self.text


def lines_of(text: bytes) -> list[bytes]:
    """The lines of a text, without their line breaks."""
    lines = text.split(b"\n")
    if not lines[-1]:
        lines.pop()
    return [line.removesuffix(b"\r") for line in lines]


def is_empty(text: bytes) -> bool:
    """Whether a line or a text holds nothing but blanks, tabs and line breaks, and so no record."""
    return not text.strip(_BLANKS)


def is_utf8(text: bytes) -> bool:
    """Whether a text can be decoded."""
    try:
        text.decode()
    except UnicodeDecodeError:
        return False
    return True


def end_of_last_line(text: bytes) -> int:
    """Where the last whole line ends."""
    return text.rfind(b"\n") + 1


def pieces(path: Path, end_of: Callable[[bytes], int] = end_of_last_line) -> Iterator[Piece]:
    """The pieces of a file. `end_of` says where in a text the last whole record ends (0 where none does)."""
    line, carried = 1, b""
    with opened(path) as file:
        for block in _blocks(path, file.read):
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


def _blocks(path: Path, read: Callable[[int], bytes]) -> Iterator[bytes]:
    """What a file holds, without a byte order mark."""
    size, mark = max(PIECE, len(BYTE_ORDER_MARK)), BYTE_ORDER_MARK
    while True:
        try:
            block = read(size)
        except OSError as error:
            raise unreadable(path, error) from None
        if not block:
            return
        yield block.removeprefix(mark)
        size, mark = PIECE, b""
