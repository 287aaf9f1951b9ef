"""The files of a batch: which format each has, and whether they can be used together."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from medpolicy.source import Finding, Unusable, listed, quoted

Format = Literal["jsonl", "csv", "parquet"]
SUFFIXES: dict[str, Format] = {
    ".jsonl": "jsonl",
    ".ndjson": "jsonl",
    ".csv": "csv",
    ".parquet": "parquet",
}
REJECTS = ".rejects.jsonl"


def format_of(path: Path) -> Format:
    """The format that a file's suffix names. Raises `Unusable` for any other."""
    found = SUFFIXES.get(path.suffix.lower())
    if found is None:
        message = (
            f"the suffix {quoted(path.suffix)} names no format" if path.suffix else "has no suffix to tell its format"
        )
        raise unusable("unknown-format", message, path, f"the suffixes are {listed(SUFFIXES, last='and')}")
    return found


def rejects_path(output: Path) -> Path:
    """Where the rejected records of a batch go: beside its output."""
    return output.with_name(output.stem + REJECTS)


def check_paths(source: Path, output: Path) -> None:
    """Raises `Unusable` where the input cannot be read, or the output cannot be written without losing something."""
    format_of(source)
    format_of(output)
    if source.is_dir():
        raise unusable("not-a-file", "is a folder, not a file", source)
    if not source.exists():
        raise unusable("no-such-file", "there is no such file", source)
    if output.is_dir():
        raise unusable("not-a-file", "is a folder; the output must be a file", output)
    if not output.parent.is_dir():
        raise unusable("no-such-folder", "the folder of the output does not exist", output)
    for path in (output, rejects_path(output)):
        if path.exists() and path.samefile(source):
            raise unusable("same-file", "is the input itself; the output must be another file", path)


def unusable(code: str, message: str, path: Path, help: str | None = None, line: int | None = None) -> Unusable:
    """The error for a file that cannot be used."""
    return Unusable([Finding(code, message, help=help, file=str(path), line=line)])


def size_of(path: Path) -> int:
    """A file's size in bytes; an empty one is `Unusable`."""
    size = path.stat().st_size
    if size == 0:
        raise unusable("empty-file", "the file is empty", path)
    return size
