"""The files of a batch, and whether they can be used together."""

from __future__ import annotations

import os
from collections.abc import Collection
from pathlib import Path
from typing import IO

from medpolicy.text.findings import Finding, Unusable, listed, quoted
from medpolicy.text.formats import NAMES, SUFFIXES, Format, format_of_content
from medpolicy.text.json_text import BYTE_ORDER_MARK
from medpolicy.text.replace import reason_of

REJECTS = ".rejects.jsonl"

_BEGINNING = 1 << 16
_PACKED = {
    b"\x1f\x8b": "gzip",
    b"PK\x03\x04": "a zip archive or a workbook",
    b"\x28\xb5\x2f\xfd": "zstandard",
    b"\xfd7zXZ\0": "xz",
    b"7z\xbc\xaf\x27\x1c": "7-Zip",
    b"\x04\x22\x4d\x18": "lz4",
    **{b"BZh%d1AY&SY" % level: "bzip2" for level in range(1, 10)},
}
_WIDE = (b"\xff\xfe", b"\xfe\xff")


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
    """Where the rejected records of a batch go: beside its output, under its whole name, since `a.csv` and `a.parquet` differ."""
    return output.with_name(output.name + REJECTS)


def check_source(source: Path) -> None:
    """Raises `Unusable` where the input is no file of a known format."""
    format_of(source)
    if source.is_dir():
        raise unusable("not-a-file", "is a folder, not a file", source)
    if not source.exists():
        raise unusable("no-such-file", "there is no such file", source)
    if not source.is_file():
        raise unusable("not-a-file", "is no regular file, and a batch may read its input twice", source)


def check_output(output: Path, source: Path) -> None:
    """Raises `Unusable` where the output cannot be written without losing something."""
    rejects = rejects_path(output)
    if not target_of(output).parent.is_dir():
        raise unusable("no-such-folder", "the folder of the output does not exist", output)
    if target_of(rejects) == target_of(output):
        raise unusable(
            "same-file", "is a link to the output; the file of rejected records must be another file", rejects
        )
    for path, what in ((output, "output"), (rejects, "file of rejected records")):
        if path.is_dir():
            raise unusable("not-a-file", f"is a folder; the {what} must be a file", path)
        if path.exists() and not path.is_file():
            raise unusable("not-a-file", f"is no regular file; the {what} must be one", path)
        if path.exists() and path.samefile(source):
            raise unusable("same-file", f"is the input itself; the {what} must be another file", path)


def target_of(path: Path) -> Path:
    """The file that is written for a path: where it leads if it is a symbolic link."""
    return Path(os.path.realpath(path))


def check_content(path: Path, names: Collection[str]) -> None:
    """Raises `Unusable` where a file is empty, or begins as its format does not; `names` are those of the variables."""
    format = format_of(path)
    with opened(path) as file:
        start = file.read(_BEGINNING)
    text = start.removeprefix(BYTE_ORDER_MARK)
    if not text:
        raise unusable("empty-file", "the file is empty", path)
    packed = next((what for mark, what in _PACKED.items() if start.startswith(mark)), None)
    if packed is not None:
        raise unusable("packed", f"the file is {packed}", path, f"unpack it, or save it as {NAMES[format]}")
    found = format_of_content(start, names)
    if found is not None and found != format:
        suffixes = listed(suffix for suffix, named in SUFFIXES.items() if named == found)
        message = f"the file is {NAMES[found]}, and its suffix says {NAMES[format]}"
        raise unusable("wrong-suffix", message, path, f"let its name end in {suffixes}")
    if format == "parquet":
        if found is None:
            raise unusable("not-parquet", "the file does not begin as Parquet does", path)
        return
    if start.startswith(_WIDE) or b"\0" in start[:4]:
        raise unusable("encoding", "the text is UTF-16 or UTF-32", path, "save it as UTF-8", 1)
    if b"\r" in start.rstrip(b"\r") and b"\n" not in start:
        message = "the lines end in a carriage return alone"
        raise unusable("line-breaks", message, path, "save it with line breaks as Unix or Windows has them", 1)
    if format == "jsonl" and text.lstrip().startswith(b"["):
        message = "the file is a list in JSON"
        raise unusable("not-json-lines", message, path, "write each record on a line of its own, without the list", 1)


def opened(path: Path) -> IO[bytes]:
    """A file to read. Raises `Unusable` where that cannot be."""
    try:
        return path.open("rb")
    except OSError as error:
        raise unreadable(path, error) from None


def unreadable(path: Path, error: OSError) -> Unusable:
    """The error for a file that the system does not let us read."""
    return unusable("unreadable", f"cannot be read: {reason_of(error)}", path)


def unusable(code: str, message: str, path: Path, help: str | None = None, line: int | None = None) -> Unusable:
    """The error for a file that cannot be used."""
    return Unusable([Finding(code, message, help=help, file=str(path), line=line)])
