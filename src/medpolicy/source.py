"""Text with positions: what was found wrong, where it stands, and strict reading of JSON."""

from __future__ import annotations

import difflib
import json
import math
import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Literal

import jiter

if TYPE_CHECKING:
    from medpolicy.scan import Place

Path = tuple[str | int, ...]
Severity = Literal["error", "warning", "info"]

MOST_BYTES = 1 << 20
MOST_FINDINGS = 500
DEEPEST_BRACKETS = 201
"""What `jiter` reads."""
BYTE_ORDER_MARK = b"\xef\xbb\xbf"
UTF16_MARKS = (b"\xff\xfe", b"\xfe\xff")

_SHOWN = 60
_COMPARED = 100
_COMPARED_WITH = 1000
_TELLING = 3
_MAY_BE_INFINITE = re.compile(rb"[0-9.][eE]\+?[0-9]{3}|[0-9]{309}")


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is wrong: lower case, no full stop, the author's text in backticks.

    `path` leads to the place in a JSON document; `line` and `column` count from 1, in characters.
    """

    code: str
    message: str
    path: Path = ()
    help: str | None = None
    severity: Severity = "error"
    file: str | None = None
    line: int | None = None
    column: int | None = None

    @property
    def json_path(self) -> str:
        """The path as a JSONPath expression, `$.pathways[0].id`."""
        return "$" + "".join(_step(step) for step in self.path)

    @property
    def place(self) -> str:
        """`file:line:column`, as far as each is known, else an empty string."""
        parts = (self.file, self.line, self.column)
        return ":".join(str(part) for part in parts if part is not None)

    def __str__(self) -> str:
        where = f"{self.place}: " if self.place else ""
        lines = [f"{where}{self.severity}[{self.code}]: {self.message}"]
        if self.path:
            lines.append(f"  at {self.json_path}")
        if self.help:
            lines.append(f"  help: {self.help}")
        return "\n".join(lines)

    def to_dict(self) -> dict[str, Any]:
        """The finding for a program that reads it; what is not known is left out."""
        named = {
            "code": self.code,
            "severity": self.severity,
            "message": self.message,
            "help": self.help,
            "path": self.json_path if self.path else None,
            "file": self.file,
            "line": self.line,
            "column": self.column,
        }
        return {key: value for key, value in named.items() if value is not None}


class Unusable(ValueError):
    """Something given cannot be used: `findings` holds every reason."""

    def __init__(self, findings: Iterable[Finding]) -> None:
        self.findings: tuple[Finding, ...] = tuple(findings)
        super().__init__("\n".join(str(finding) for finding in self.findings))

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (self.findings,)


def quoted(text: object) -> str:
    """An author's text in backticks: on one line, without control characters, cut when long."""
    written = str(text)
    shown = "".join(char if char.isprintable() else "\N{REPLACEMENT CHARACTER}" for char in written[:_SHOWN])
    return f"`{shown}…`" if len(written) > _SHOWN else f"`{shown}`"


def listed(options: Iterable[object], last: str = "or") -> str:
    """Quoted options as a reader expects them: `` `a`, `b` or `c` ``."""
    shown = [quoted(option) for option in options]
    if len(shown) < 2:
        return "".join(shown)
    return f"{', '.join(shown[:-1])} {last} {shown[-1]}"


def nearest(text: object, options: Iterable[str]) -> str | None:
    """The option that a slip of the hand most likely meant, or None."""
    options = tuple(options)
    if not isinstance(text, str) or len(text) > _COMPARED or len(options) > _COMPARED_WITH:
        return None
    by_folded = {_folded(option): option for option in options}
    folded = _folded(text)
    begun = [option for option in by_folded if option.startswith(folded)]
    if len(begun) == 1 and len(folded) >= _TELLING:
        return by_folded[begun[0]]
    found = difflib.get_close_matches(folded, by_folded, n=1, cutoff=0.6)
    return by_folded[found[0]] if found else None


def did_you_mean(text: object, options: Iterable[str]) -> str | None:
    """The help line that names the nearest option, or None."""
    option = nearest(text, options)
    return None if option is None else f"did you mean {quoted(option)}?"


class Positions:
    """Line and column of every place in one JSON text."""

    def __init__(self, text: bytes) -> None:
        from medpolicy.scan import Place, Scan

        written = text.removeprefix(BYTE_ORDER_MARK).decode("utf-8", "replace")
        scan = Scan(written)
        self._root, self._repeats = scan.root or Place(0), scan.repeats
        self._lines = _Lines(written)

    def locate(self, finding: Finding, file: str | None, line_offset: int = 0) -> Finding:
        """The finding with the position of its path, or of the nearest place that holds it."""
        place, _ = self._place(finding.path)
        return self._at(place.start, finding, file, line_offset)

    def locate_key(self, finding: Finding, file: str | None, line_offset: int = 0) -> Finding:
        """The finding at the key its path ends with, for a key that should not be there."""
        place, whole = self._place(finding.path)
        at = place.start if place.key_start is None or not whole else place.key_start
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
    """The lines of a text, to tell line and column of an offset, both from 1."""

    def __init__(self, text: str) -> None:
        self._starts = [0, *(found.end() for found in re.finditer("\n", text))]

    def at(self, offset: int) -> tuple[int, int]:
        line = bisect_right(self._starts, offset)
        return line, offset - self._starts[line - 1] + 1


def key_position(finding: Finding, positions: Positions, file: str | None, line_offset: int = 0) -> Finding:
    """The finding at the key its path ends with, for a key that should not be there."""
    return positions.locate_key(finding, file, line_offset)


def parse_json(text: bytes, file: str | None = None, line_offset: int = 0) -> Any:
    """The value of a JSON text, read strictly: RFC 8259, no key twice, every number finite.

    Raises `Unusable` with the first fault of syntax; its message repeats nothing of the text but a key given twice.
    """
    text = text.removeprefix(BYTE_ORDER_MARK)
    fault = _encoding_fault(text)
    if fault is None:
        try:
            value = jiter.from_json(text, catch_duplicate_keys=True, allow_inf_nan=False)
        except ValueError:
            fault = _syntax_fault(text, line_offset)
        else:
            if not _MAY_BE_INFINITE.search(text) or _finite(value):
                return value
            fault = _syntax_fault(text, line_offset)
    raise Unusable([replace(fault, file=file, line=(fault.line or 1) + line_offset)])


def without_repeats(text: bytes) -> Any:
    """The value of a JSON text whose repeated keys are known and reported elsewhere."""
    return jiter.from_json(text.removeprefix(BYTE_ORDER_MARK), allow_inf_nan=False)


def _finite(value: Any) -> bool:
    waiting = [value]
    while waiting:
        each = waiting.pop()
        if isinstance(each, float) and not math.isfinite(each):
            return False
        waiting += each.values() if isinstance(each, dict) else each if isinstance(each, list) else ()
    return True


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
    """The first fault of a text that is not JSON; the lines that its help names are those of the file."""
    from medpolicy.scan import Fault, Scan

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


def _folded(text: str) -> str:
    """Without what hands slip on: upper case, blanks around it, and the sign between words."""
    return re.sub(r"[\s-]+", "_", text.strip().casefold())


def _step(step: str | int) -> str:
    if isinstance(step, int):
        return f"[{step}]"
    if len(step) <= _SHOWN and re.fullmatch(r"[A-Za-z_$][A-Za-z0-9_$]*", step):
        return f".{step}"
    return f"[{json.dumps(quoted(step)[1:-1], ensure_ascii=False)}]"
