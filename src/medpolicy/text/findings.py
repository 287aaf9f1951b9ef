"""What was found wrong, where, and what to do about it."""

from __future__ import annotations

import difflib
import json
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from medpolicy.text.visible import on_one_line

Path = tuple[str | int, ...]
Severity = Literal["error", "warning", "info"]

MOST_FINDINGS = 500
_ABOUT_A_KEY = {"unknown-key", "reserved-key", "mixed-group", "unknown-parameter", "holds-without-hold"}

_SHOWN = 60
_COMPARED = 100
_COMPARED_WITH = 1000
_TELLING = 3


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
    def at_key(self) -> bool:
        """Whether it is about the key that its path ends with, not about the value there."""
        return self.code in _ABOUT_A_KEY

    @property
    def place(self) -> str:
        """`file:line:column`, the known parts of it."""
        parts = (self.file, self.line, self.column)
        return ":".join(str(part) for part in parts if part is not None)

    def __str__(self) -> str:
        where = f"{self.place}: " if self.place else ""
        lines = [f"{where}{self.severity}[{self.code}]: {self.message}"]
        if self.path:
            lines.append(f"  at {self.json_path}")
        if self.help:
            lines.append(f"  help: {self.help}")
        return "\n".join(map(on_one_line, lines))

    def to_dict(self) -> dict[str, Any]:
        """The finding as plain values, without what is not known."""
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
        super().__init__()

    def __str__(self) -> str:
        return "\n".join(str(finding) for finding in self.findings)

    def __repr__(self) -> str:
        return f"{type(self).__name__}({str(self)!r})"

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (self.findings,)


def extra_missing(extra: str) -> Unusable:
    """What is raised where a package of an extra is not installed."""
    help = f"install it with `pip install 'medpolicy[{extra}]'`"
    return Unusable([Finding("extra-missing", f"this needs the extra `{extra}`", help=help)])


def quoted(text: object) -> str:
    """An author's text in backticks, on one line, without control characters, shortened when long."""
    written = str(text)
    shown = written[:_SHOWN]
    if not shown.isprintable():
        shown = "".join(char if char.isprintable() else "\N{REPLACEMENT CHARACTER}" for char in shown)
    return f"`{shown}…`" if len(written) > _SHOWN else f"`{shown}`"


def listed(options: Iterable[object], last: str = "or") -> str:
    """Quoted options as a reader expects them: `` `a`, `b` or `c` ``."""
    return joined([quoted(option) for option in options], last)


def joined(words: Sequence[str], last: str) -> str:
    """`a, b and c`."""
    return f"{', '.join(words[:-1])} {last} {words[-1]}" if len(words) > 1 else "".join(words)


def nearest(text: object, options: Iterable[str]) -> str | None:
    """The option that a misspelled text most likely means, or None."""
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


def _folded(text: str) -> str:
    """A text without what is easily mistyped: case, blanks around it, the sign between words."""
    return re.sub(r"[\s-]+", "_", text.strip().casefold())


def _step(step: str | int) -> str:
    if isinstance(step, int):
        return f"[{step}]"
    if len(step) <= _SHOWN and re.fullmatch(r"[A-Za-z_$][A-Za-z0-9_$]*", step):
        return f".{step}"
    return f"[{json.dumps(quoted(step)[1:-1], ensure_ascii=False)}]"
