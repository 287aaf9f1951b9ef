"""Files that take the place of others when all is done: whole, or not at all."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, cast

from medpolicy.text.findings import Finding, Unusable


@contextmanager
def temporary_beside(path: Path) -> Iterator[IO[bytes]]:
    """A file beside a path, with the permissions of a new file; gone at the end unless it was moved."""
    file = tempfile.NamedTemporaryFile(  # noqa: SIM115 - it is closed below, and moved only at the end
        prefix=f".{path.name}.", suffix=".part", dir=path.parent, delete=False
    )
    umask = os.umask(0)
    os.umask(umask)
    try:
        os.chmod(file.name, 0o666 & ~umask)
        with file:
            yield cast(IO[bytes], file)
    finally:
        Path(file.name).unlink(missing_ok=True)


def write_to_disk(file: IO[bytes]) -> None:
    """Bring all that was written to a file to the disk, so that it can be moved."""
    file.flush()
    os.fsync(file.fileno())


def replace_file(path: Path, text: bytes) -> None:
    """Write a file whole or not at all, with the permissions that it had; the folder of a new one is made.

    Raises `Unusable` where it cannot be written.
    """
    target = path.resolve()
    try:
        target.parent.mkdir(exist_ok=True)
        with temporary_beside(target) as file:
            file.write(text)
            write_to_disk(file)
            if target.exists():
                shutil.copymode(target, file.name)
            os.replace(file.name, target)
    except OSError as error:
        raise unwritable(path, error) from None


def unwritable(path: Path, error: OSError) -> Unusable:
    """The error for a file that the system does not let us write."""
    return Unusable([Finding("unwritable", f"cannot be written: {reason_of(error)}", file=str(path))])


def reason_of(error: OSError) -> str:
    """What the system says of a failure."""
    return (error.strerror or "unknown reason").lower()
