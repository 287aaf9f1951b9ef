"""Accepting today's answers: rewriting the changed expectations of a file of cases, and nothing else in it."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path

from medpolicy.golden.case import MOST_BYTES
from medpolicy.golden.compare import Compared
from medpolicy.load.file import read_bytes
from medpolicy.text.json_text import BYTE_ORDER_MARK
from medpolicy.text.replace import replace_file
from medpolicy.text.scan import Scan


def accept(path: Path, changed: Iterable[Compared]) -> None:
    """Make the changed cases of a file expect what was answered; the file is replaced whole or not at all.

    Only the values of parts that differ are replaced: keys, order, blanks, line ends and all other lines stay.
    """
    text = read_bytes(path, MOST_BYTES)
    mark = BYTE_ORDER_MARK if text.startswith(BYTE_ORDER_MARK) else b""
    lines = text.removeprefix(mark).split(b"\n")
    for compared in changed:
        index = compared.case.line - 1
        answers = {difference.field: difference.got for difference in compared.differences}
        lines[index] = _rewritten(lines[index].decode(), answers).encode()
    replace_file(path, mark + b"\n".join(lines))


def _rewritten(line: str, values: dict[str, object]) -> str:
    root = Scan(line).root
    parts = {} if root is None else root.parts["expected"].parts
    decoder = json.JSONDecoder()
    spans = sorted(((parts[field].start, field) for field in values), reverse=True)
    for start, field in spans:
        _, end = decoder.raw_decode(line, start)
        line = line[:start] + json.dumps(values[field], ensure_ascii=False) + line[end:]
    return line
