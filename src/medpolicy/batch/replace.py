"""Files that take the place of others when all is done: whole, or not at all."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import IO, cast

from medpolicy.batch.files import unwritable


@contextmanager
def replacing(output: Path, rejects: Path) -> Iterator[tuple[IO[bytes], IO[bytes]]]:
    """Files that take the place of the output and its rejects when all is done, the output last.

    An output never stands beside the rejects of another run. Raises `Unusable` where the system refuses to write.
    """
    try:
        with ExitStack() as stack:
            files = [stack.enter_context(_temporary(path)) for path in (output, rejects)]
            yield files[0], files[1]
            some_rejected = files[1].tell() > 0
            for each in files:
                each.flush()
                os.fsync(each.fileno())
            output.unlink(missing_ok=True)
            if some_rejected:
                os.replace(files[1].name, rejects)
            else:
                rejects.unlink(missing_ok=True)
            os.replace(files[0].name, output)
    except OSError as error:
        raise unwritable(output, error) from None


@contextmanager
def _temporary(path: Path) -> Iterator[IO[bytes]]:
    """A file beside a path, gone at the end unless it was renamed."""
    file = tempfile.NamedTemporaryFile(  # noqa: SIM115 - it is closed below, and renamed only at the end
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
