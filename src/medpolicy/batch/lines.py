"""A text file in pieces of whole records, however long it is."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO

import numpy as np
import numpy.typing as npt

from medpolicy.batch.files import opened, unreadable, unusable
from medpolicy.text.json_text import BYTE_ORDER_MARK

PIECE = 8 << 20
LONGEST_RECORD = 32 << 20
Positions = npt.NDArray[np.int64]

_LINE_BREAK, _NO_ASCII = 0x0A, 0x80
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
    def ended(self) -> bytes:
        """The text with a line break at its end."""
        return self.text if self.text.endswith(b"\n") else self.text + b"\n"


@dataclass(frozen=True)
class Records:
    """The records of a text of whole lines: where each begins and the last one ends, and the line (from 0) of each.

    `several` tells that some of them have several lines.
    """

    text: bytes
    bounds: Positions
    lines: Positions
    several: bool = False

    def at(self, positions: Iterable[int] | Positions) -> Positions:
        """The records that stand at positions in the text."""
        return np.unique(np.searchsorted(self.bounds, np.array([*positions], dtype=np.int64), side="right") - 1)

    def with_match(self, pattern: re.Pattern[bytes]) -> Positions:
        """The records in which a pattern is found."""
        return self.at(found.start() for found in pattern.finditer(self.text))

    def in_other_encodings(self) -> Positions:
        """The records that are not UTF-8."""
        if is_utf8(self.text):
            return np.empty(0, dtype=np.int64)
        suspected = self.at(np.flatnonzero(codes_of(self.text) >= _NO_ASCII))
        return np.array([record for record in suspected.tolist() if not is_utf8(self.written(record))], dtype=np.int64)

    def written(self, record: int) -> bytes:
        """The text of a record without its last line break."""
        text = self.text[self.bounds[record] : self.bounds[record + 1]]
        return text.removesuffix(b"\n").removesuffix(b"\r")

    def without(self, aside: Positions) -> bytes:
        """The text of all records but some."""
        if not len(aside):
            return self.text
        starts, view = np.append(0, self.bounds[aside + 1]), memoryview(self.text)
        ends = np.append(self.bounds[aside], len(self.text))
        return b"".join(view[start:end] for start, end in zip(starts.tolist(), ends.tolist(), strict=True))


def records_of_lines(text: bytes) -> Records:
    """The lines of a text of whole lines as its records."""
    bounds = np.append(0, np.flatnonzero(codes_of(text) == _LINE_BREAK) + 1)
    return Records(text, bounds, np.arange(len(bounds) - 1))


def codes_of(text: bytes) -> npt.NDArray[np.uint8]:
    """The bytes of a text as numbers."""
    return np.frombuffer(text, dtype=np.uint8)


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
    """The pieces of a file, without a byte order mark. `end_of` says where in a text the last whole record ends (0: nowhere)."""
    line, size = 1, PIECE
    with opened(path) as file:
        position = len(BYTE_ORDER_MARK) if _read(path, file, 0, len(BYTE_ORDER_MARK)) == BYTE_ORDER_MARK else 0
        while True:
            rest_of_line = _read(path, file, position + size, None)
            text = _read(path, file, position, size + len(rest_of_line))
            end = end_of(text)
            if not end and len(text) > LONGEST_RECORD:
                message = f"a record is longer than {LONGEST_RECORD >> 20} MiB"
                raise unusable("too-large", message, path, "is a line break or a quote missing?", line)
            if not rest_of_line:
                if text:
                    yield Piece(text, line)
                return
            size = PIECE if end else 2 * size
            if end:
                whole = text if end == len(text) else text[:end]
                yield Piece(whole, line)
                line += int(np.count_nonzero(codes_of(whole) == _LINE_BREAK))
                position += end


def _read(path: Path, file: IO[bytes], position: int, size: int | None) -> bytes:
    """Some bytes of a file, or the rest of a line."""
    try:
        file.seek(position)
        return file.readline(LONGEST_RECORD) if size is None else file.read(size)
    except OSError as error:
        raise unreadable(path, error) from None
