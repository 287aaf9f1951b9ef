"""The output of a batch and its rejects take their places together."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from medpolicy.batch.files import target_of
from medpolicy.text.replace import temporary_beside, unwritable, write_to_disk


@contextmanager
def replacing(output: Path, rejects: Path) -> Iterator[tuple[IO[bytes], IO[bytes]]]:
    """Files that take the place of the output and its rejects when all is done, the output last.

    An output never stands beside the rejects of another run, and a symbolic link stays: what it leads to is replaced.
    Raises `Unusable` where the system refuses to write.
    """
    named, output, rejects = output, target_of(output), target_of(rejects)
    try:
        with temporary_beside(output) as new_output, temporary_beside(rejects) as new_rejects:
            yield new_output, new_rejects
            any_rejected = new_rejects.tell() > 0
            for file in (new_output, new_rejects):
                write_to_disk(file)
            output.unlink(missing_ok=True)
            if any_rejected:
                os.replace(new_rejects.name, rejects)
            else:
                rejects.unlink(missing_ok=True)
            os.replace(new_output.name, output)
    except OSError as error:
        raise unwritable(named, error) from None
