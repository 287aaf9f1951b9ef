"""Strict reading of JSON text, and the line and column of every value and key in it."""

from __future__ import annotations

import math
import re
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Literal

import jiter

from medpolicy.text.findings import Finding, Path, Unusable, quoted

if TYPE_CHECKING:
    from medpolicy.text.scan import Place

MOST_BYTES = 1 << 20
DEEPEST_BRACKETS = 201
"""The deepest nesting that `jiter` reads."""
BYTE_ORDER_MARK = b"\xef\xbb\xbf"
UTF16_MARKS = (b"\xff\xfe", b"\xfe\xff")
_CACHED: Literal["keys"] = "keys"
"""What `jiter` keeps to use again. If it kept values, it would hold thousands of texts of requests for good."""


class Positions:
    """Line and column of every value and key in one JSON text."""

    def __init__(self, text: bytes) -> None:
        from medpolicy.text.flat import flat_object
        from medpolicy.text.scan import Place, Repeat, Scan

        written = text.removeprefix(BYTE_ORDER_MARK).decode("utf-8", "replace")
        root, self._repeats = flat_object(written), list[Repeat]()
        if root is None:
            scan = Scan(written)
            root, self._repeats = scan.root or Place(0), scan.repeats
        self._root = root
        self._lines = _Lines(written)

    def locate(self, finding: Finding, file: str | None, line_offset: int = 0) -> Finding:
        """The finding with the position of its path, or of the nearest place that holds it."""
        place, _ = self._place(finding.path)
        return self._at(place.start, finding, file, line_offset)

    def locate_key(self, finding: Finding, file: str | None, line_offset: int = 0) -> Finding:
        """The finding at the key its path ends with, for a key that should not be there."""
        place, exact = self._place(finding.path)
        at = place.start if place.key_start is None or not exact else place.key_start
        return self._at(at, finding, file, line_offset)

    def repeated_keys(self) -> Iterator[tuple[Path, int, int]]:
        """Path, line and column of every key that its object already has."""
        for repeat in self._repeats:
            yield repeat.path, *self._lines.at(repeat.at)

    def _at(self, offset: int, finding: Finding, file: str | None, line_offset: int) -> Finding:
        line, column = self._lines.at(offset)
        return replace(finding, file=file, line=line + line_offset, column=column)

    def _place(self, path: Path) -> tuple[Place, bool]:
        """The place of a path, or of what holds it, and whether it is the path's own."""
        place = self._root
        for step in path:
            if step not in place.parts:
                return place, False
            place = place.parts[step]
        return place, True


class _Lines:
    """The lines of a text; converts an offset to line and column, both from 1."""

    def __init__(self, text: str) -> None:
        self._starts = [0, *(found.end() for found in re.finditer("\n", text))]

    def at(self, offset: int) -> tuple[int, int]:
        line = bisect_right(self._starts, offset)
        return line, offset - self._starts[line - 1] + 1


def parse_json(text: bytes, file: str | None = None, line_offset: int = 0) -> Any:
    """The value of a JSON text, read strictly: RFC 8259, no key twice, every number finite.

    Raises `Unusable` with the first fault of syntax; its message repeats nothing of the text but a key given twice.
    """
    text = text.removeprefix(BYTE_ORDER_MARK)
    try:
        value = jiter.from_json(text, catch_duplicate_keys=True, allow_inf_nan=False, cache_mode=_CACHED)
        if _finite(value):
            return value
    except ValueError:
        pass
    fault = _encoding_fault(text) or _syntax_fault(text, line_offset)
    raise Unusable([replace(fault, file=file, line=(fault.line or 1) + line_offset)])


def without_repeats(text: bytes) -> Any:
    """The value of a JSON text that may repeat keys; the last one counts."""
    return jiter.from_json(text.removeprefix(BYTE_ORDER_MARK), allow_inf_nan=False, cache_mode=_CACHED)


def _finite(value: Any) -> bool:
    """Whether all numbers are finite: one that is too large for a `float` is read as infinite."""
    if type(value) is float:
        return math.isfinite(value)
    parts = value.values() if type(value) is dict else value if type(value) is list else ()
    nested = [part for part in parts if type(part) in _WITH_NUMBERS]
    return all(map(_finite, nested))


_WITH_NUMBERS = {float, dict, list}


def _encoding_fault(text: bytes) -> Finding | None:
    if text.startswith(UTF16_MARKS) or text[:2].count(0) == 1:
        return Finding("encoding", "the text is UTF-16", help="save it as UTF-8", line=1, column=1)
    try:
        text.decode("utf-8")
    except UnicodeDecodeError as error:
        before = text[: error.start]
        column = len(before[before.rfind(b"\n") + 1 :].decode("utf-8")) + 1
        line = before.count(b"\n") + 1
        return Finding("encoding", "the text is not UTF-8", help="save it as UTF-8", line=line, column=column)
    return None


def _syntax_fault(text: bytes, line_offset: int) -> Finding:
    """The first fault of a text that is not JSON; its help counts lines from the beginning of the file."""
    from medpolicy.text.scan import Scan
    from medpolicy.text.tokens import Fault

    written = text.decode("utf-8")
    scan, lines = Scan(written, DEEPEST_BRACKETS, line_offset + 1), _Lines(written)
    fault = scan.fault
    if scan.repeats and (fault is None or scan.repeats[0].at < fault.at):
        repeat = scan.repeats[0]
        message = f"the key {quoted(repeat.path[-1])} is given twice"
        advice = f"the first one is in line {lines.at(repeat.first_at)[0] + line_offset}; keep one of the two"
        fault = Fault(repeat.at, message, advice, "duplicate-key")
    fault = fault or Fault(0, "the text is not JSON")
    line, column = lines.at(fault.at)
    return Finding(fault.code, fault.message, help=fault.help, line=line, column=column)
