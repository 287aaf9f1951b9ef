"""Text with positions: what was found wrong, where it stands, and strict reading of JSON."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

import jiter
from tree_sitter import Language, Node, Parser, Tree

Path = tuple[str | int, ...]
Severity = Literal["error", "warning", "info"]

MOST_BYTES = 1 << 20
DEEPEST = 64
BYTE_ORDER_MARK = b"\xef\xbb\xbf"
UTF16_MARKS = (b"\xff\xfe", b"\xfe\xff")

_SHOWN = 60
_COMPARED = 100


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
    shown = "".join(char if char.isprintable() else "\N{REPLACEMENT CHARACTER}" for char in str(text))
    return f"`{shown[:_SHOWN]}…`" if len(shown) > _SHOWN else f"`{shown}`"


def listed(options: Iterable[object], last: str = "or") -> str:
    """Quoted options as a reader expects them: `` `a`, `b` or `c` ``."""
    shown = [quoted(option) for option in options]
    if len(shown) < 2:
        return "".join(shown)
    return f"{', '.join(shown[:-1])} {last} {shown[-1]}"


def nearest(text: object, options: Iterable[str]) -> str | None:
    """The option that a slip of the hand most likely meant, or None."""
    if not isinstance(text, str) or len(text) > _COMPARED:
        return None
    by_folded = {option.casefold(): option for option in options}
    folded = re.sub(r"[\s-]+", "_", text.strip().casefold())
    found = difflib.get_close_matches(folded, by_folded, n=1, cutoff=0.6)
    return by_folded[found[0]] if found else None


def did_you_mean(text: object, options: Iterable[str]) -> str | None:
    """The help line that names the nearest option, or None."""
    option = nearest(text, options)
    return None if option is None else f"did you mean {quoted(option)}?"


class Positions:
    """Line and column of every place in one JSON text."""

    def __init__(self, text: bytes) -> None:
        self._lines = text.split(b"\n")
        self._tree: Tree = _parser().parse(text)

    def locate(self, finding: Finding, file: str | None, line_offset: int = 0) -> Finding:
        """The finding with the position of its path, or of the nearest place that holds it."""
        node = self._node(finding.path)
        line, column = self._point(node)
        return replace(finding, file=file, line=line + line_offset, column=column)

    def repeated_keys(self) -> Iterator[tuple[Path, int, int]]:
        """Path, line and column of every key that its object already has."""
        waiting: list[tuple[Node, Path]] = [(child, ()) for child in self._tree.root_node.named_children]
        while waiting:
            node, path = waiting.pop(0)
            seen: set[str] = set()
            for place, (key, key_node, child) in enumerate(_members(node)):
                step = place if key is None else key
                if key is not None and key in seen and key_node is not None:
                    line, column = self._point(key_node)
                    yield (*path, key), line, column
                elif key is not None:
                    seen.add(key)
                if child is not None:
                    waiting.append((child, (*path, step)))

    def _node(self, path: Path) -> Node:
        children = self._tree.root_node.named_children
        node = next((child for child in children if child.type != "comment"), self._tree.root_node)
        for depth, step in enumerate(path):
            for place, (key, key_node, child) in enumerate(_members(node)):
                if step == (place if key is None else key):
                    last_key = depth == len(path) - 1 and key_node is not None
                    found = key_node if last_key and child is None else child
                    break
            else:
                return node
            if found is None:
                return node
            node = found
        return node

    def _point(self, node: Node) -> tuple[int, int]:
        row, byte_column = node.start_point
        before = self._lines[row][:byte_column]
        return row + 1, len(before.decode("utf-8", "replace")) + 1


def key_position(finding: Finding, positions: Positions, file: str | None, line_offset: int = 0) -> Finding:
    """The finding at the key its path ends with, for a key that should not be there."""
    parent = positions._node(finding.path[:-1])
    for key, key_node, _ in _members(parent):
        if key == finding.path[-1] and key_node is not None:
            line, column = positions._point(key_node)
            return replace(finding, file=file, line=line + line_offset, column=column)
    return positions.locate(finding, file, line_offset)


def parse_json(text: bytes, file: str | None = None, line_offset: int = 0) -> Any:
    """The value of a JSON text, read strictly: RFC 8259, no key twice, every number finite.

    Raises `Unusable` with the first fault of syntax; its message never repeats the text.
    """
    text = text.removeprefix(BYTE_ORDER_MARK)
    fault = _encoding_fault(text)
    if fault is None:
        try:
            return jiter.from_json(text, catch_duplicate_keys=True, allow_inf_nan=False)
        except ValueError as error:
            fault = _syntax_fault(str(error), text)
    raise Unusable([replace(fault, file=file, line=(fault.line or 1) + line_offset)])


def without_repeats(text: bytes) -> Any:
    """The value of a JSON text whose repeated keys are known and reported elsewhere."""
    return jiter.from_json(text.removeprefix(BYTE_ORDER_MARK), allow_inf_nan=False)


def depth_of(value: Any) -> int:
    """How many levels of objects and lists a JSON value has; a plain value has none."""
    depth = 0
    level: Sequence[Any] = [value]
    while level := [item for item in level if isinstance(item, dict | list)]:
        depth += 1
        level = [part for item in level for part in (item.values() if isinstance(item, dict) else item)]
    return depth


def _encoding_fault(text: bytes) -> Finding | None:
    if text.startswith(UTF16_MARKS):
        return Finding("encoding", "the text is UTF-16", help="save it as UTF-8", line=1, column=1)
    try:
        text.decode("utf-8")
    except UnicodeDecodeError as error:
        before = text[: error.start]
        line_start = before.rfind(b"\n") + 1
        column = len(before[line_start:].decode("utf-8")) + 1
        line = before.count(b"\n") + 1
        return Finding("encoding", "the text is not UTF-8", help="save it as UTF-8", line=line, column=column)
    return None


_SYNTAX = (
    ("Detected duplicate key", "duplicate-key", "a key is given twice", "keep one of the two"),
    ("trailing comma", "syntax", "a comma stands before a closing bracket", "remove the comma"),
    ("EOF while parsing a string", "syntax", "the text ends inside a string", "is the file complete?"),
    ("EOF while parsing a value", "syntax", "the text ends where a value should stand", "is the file complete?"),
    ("EOF while parsing", "syntax", "the text ends before the last bracket is closed", "is the file complete?"),
    ("trailing characters", "syntax", "text follows after the end of the document", "one file holds one document"),
    (
        "control character",
        "syntax",
        "a control character stands inside a string",
        "write it as `\\u0000` or leave it out",
    ),
    ("number out of range", "syntax", "a number has too many digits", None),
    ("invalid number", "syntax", "a number is not written as JSON writes it", None),
    ("recursion limit", "nesting", f"the text is nested deeper than {DEEPEST} levels", "flatten the groups"),
    ("hex escape", "syntax", "an escape such as `\\ud800` is half a character", "write the character itself"),
    (
        "lone leading surrogate",
        "syntax",
        "an escape such as `\\ud800` is half a character",
        "write the character itself",
    ),
    ("invalid escape", "syntax", "an escape in a string is not one that JSON has", "write a backslash as `\\\\`"),
    ("key must be a string", "syntax", "a key must stand in double quotes", None),
    ("expected `:`", "syntax", "a colon is missing after a key", None),
    ("expected `,` or `]`", "syntax", "a comma or a closing bracket is missing", None),
    ("expected `,` or `}`", "syntax", "a comma or a closing brace is missing", None),
)


def _syntax_fault(said: str, text: bytes) -> Finding:
    at = re.search(r" at line (\d+) column (\d+)$", said)
    line, byte_column = (int(at[1]), int(at[2])) if at else (1, 1)
    code, message, advice = next(
        ((code, message, advice) for sign, code, message, advice in _SYNTAX if sign in said),
        ("syntax", "a value is not written as JSON writes it", None),
    )
    lines = text.split(b"\n")
    here = lines[line - 1] if line <= len(lines) else b""
    if code == "duplicate-key":
        for path, key_line, key_column in Positions(text).repeated_keys():
            return Finding(
                code, f"the key {quoted(path[-1])} is given twice", (), advice, line=key_line, column=key_column
            )
    start = here[max(byte_column - 1, 0) :]
    if not text.strip():
        message, advice = "the text is empty", None
    elif start.lstrip()[:1] in (b"/", b"#"):
        message, advice = "JSON has no comments", "remove it; a rule file has the key `note` for remarks"
    elif re.match(rb"[+-]?(nan|inf)", start.lstrip(), re.IGNORECASE):
        message, advice = "`NaN` and `Infinity` are not numbers of JSON", None
    elif start.startswith(b"'"):
        message, advice = "text stands in double quotes in JSON", None
    column = len(here[: max(byte_column - 1, 0)].decode("utf-8", "replace")) + 1
    return Finding(code, message, help=advice, line=line, column=column)


def _step(step: str | int) -> str:
    if isinstance(step, int):
        return f"[{step}]"
    if re.fullmatch(r"[A-Za-z_$][A-Za-z0-9_$]*", step):
        return f".{step}"
    return f"[{quoted(step)[1:-1]!r}]".replace("'", '"')


def _parser() -> Parser:
    import tree_sitter_json

    return Parser(Language(tree_sitter_json.language()))


def _members(node: Node) -> Iterator[tuple[str | None, Node | None, Node | None]]:
    """Key, its node and the value's node of an object's pairs; None and the items of an array."""
    if node.type == "array":
        for child in node.named_children:
            if child.type != "comment":
                yield None, None, child
    elif node.type == "object":
        for pair in node.named_children:
            key_node = pair.child_by_field_name("key")
            if pair.type == "pair" and key_node is not None and key_node.text is not None:
                yield str(_key_text(key_node.text)), key_node, pair.child_by_field_name("value")


def _key_text(text: bytes) -> str:
    try:
        return str(jiter.from_json(text))
    except ValueError:
        return text.decode("utf-8", "replace").strip('"')
