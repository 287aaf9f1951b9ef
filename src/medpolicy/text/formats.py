"""The formats of files of requests: by a file's suffix, and by what it begins with."""

from __future__ import annotations

import re
from collections.abc import Collection
from typing import Literal

from medpolicy.text.json_text import BYTE_ORDER_MARK

Format = Literal["jsonl", "csv", "parquet"]
SUFFIXES: dict[str, Format] = {
    ".jsonl": "jsonl",
    ".ndjson": "jsonl",
    ".csv": "csv",
    ".parquet": "parquet",
}
NAMES: dict[Format, str] = {"jsonl": "JSON Lines", "csv": "CSV", "parquet": "Parquet"}

_PARQUET = b"PAR1"
_SEPARATORS = re.compile(r"[,;\t|]")
_FEWEST_NAMES = 2
"""A first line with so many names of variables is a header."""


def format_of_content(start: bytes, names: Collection[str]) -> Format | None:
    """The format that a file begins as, or None where that cannot be told; `names` are those of the variables.

    A text in braces counts as JSON Lines, though it may be one record or a list of them.
    """
    if start.startswith(_PARQUET):
        return "parquet"
    text = start.removeprefix(BYTE_ORDER_MARK).lstrip()
    if text.startswith((b"{", b"[")):
        return "jsonl"
    header = (text.splitlines() or [b""])[0].decode("utf-8", "replace").replace('"', "").strip()
    return "csv" if len(set(names) & set(_SEPARATORS.split(header))) >= _FEWEST_NAMES else None
