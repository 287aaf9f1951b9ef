"""A file of requests decided into a file of answers; every record is accounted for, and nothing half-done is left."""

from __future__ import annotations

import os
import tempfile
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import IO, Any, Protocol, cast

import pyarrow as pa

from medpolicy.batch.answer import Answerer
from medpolicy.batch.csv import Csv
from medpolicy.batch.files import check_paths, format_of, rejects_path, unusable
from medpolicy.batch.jsonl import JsonLines
from medpolicy.batch.parquet import Parquet
from medpolicy.batch.write import json_line, writer_for
from medpolicy.columns.chunk import Chunk, Decided, Extra, frame_faults
from medpolicy.columns.ids import SeenIds
from medpolicy.policy import Policy
from medpolicy.source import Finding, Unusable

Progress = Callable[[int], None]


class Source(Protocol):
    """A file of requests: pieces in their order, each of which can be read on any thread."""

    def pieces(self) -> Iterator[Any]:
        """The pieces of the file."""

    def read(self, piece: Any) -> Chunk:
        """The records of a piece."""


@dataclass(frozen=True, slots=True)
class Summary:
    """What became of the records of a batch: `read` is the sum of the other two."""

    decided: int = 0
    rejected: int = 0

    @property
    def read(self) -> int:
        """The number of records."""
        return self.decided + self.rejected

    def __str__(self) -> str:
        return f"read {self.read} = decided {self.decided} + rejected {self.rejected}"


def decide_file(
    policy: Policy,
    source: Path,
    output: Path,
    *,
    revision: str | None = None,
    extra: Extra = "refuse",
    progress: Progress | None = None,
) -> Summary:
    """Decide the requests of a file into another; formats are told by the suffixes.

    Rejected records go to the output's neighbour `*.rejects.jsonl`. Raises `Unusable` where a file cannot be used; then,
    and when the run is killed, there is no output. Running again gives the same bytes.
    """
    check_paths(source, output)
    opened = _open(policy, source, extra)
    if extra == "keep" and format_of(source) == "jsonl" and format_of(output) != "jsonl":
        message = "the extra keys of JSON Lines can be kept in JSON Lines only"
        raise unusable("extra-keys", message, output, "choose an output with `.jsonl`, or `--extra ignore`")
    answerer = Answerer(policy, revision, extra, as_lines=format_of(output) == "jsonl")
    with _replacing(output, rejects_path(output)) as (file, rejects):
        seen = SeenIds()
        summary = _run(opened, answerer, file, rejects, output, seen, None, progress)
        suspected = seen.suspected()
        if len(suspected):
            for each in (file, rejects):
                each.seek(0)
                each.truncate()
            summary = _run(opened, answerer, file, rejects, output, SeenIds(), SeenIds(suspected), progress)
    return summary


def _open(policy: Policy, path: Path, extra: Extra) -> Source:
    """The source that a file is. Raises `Unusable` with every fault of its columns."""
    frames = policy.frames()
    format = format_of(path)
    if format == "jsonl":
        return JsonLines(path, frames.request, frames.given, extra)
    opened = (Csv if format == "csv" else Parquet)(path, frames.request, frames.given, extra)
    text = isinstance(opened, Csv)
    schema = pa.schema([(name, pa.string()) for name in opened.columns]) if isinstance(opened, Csv) else opened.schema
    faults = frame_faults(schema, frames, extra, text)
    if faults:
        raise Unusable([replace(each, file=str(path), line=1 if text else None) for each in faults])
    return opened


def _run(
    source: Source,
    answerer: Answerer,
    file: IO[bytes],
    rejects: IO[bytes],
    output: Path,
    seen: SeenIds,
    exact: SeenIds | None,
    progress: Progress | None,
) -> Summary:
    """One pass over a source; with `exact` ids are compared in their order, so that one piece follows another."""
    writer = writer_for(format_of(output), file, output)
    summary = Summary()
    for decided in _decided(source, answerer, exact):
        seen.note(decided.hashes)
        writer.write(decided)
        rejects.writelines(json_line(each.to_dict()) for each in decided.rejects)
        summary = Summary(summary.decided + decided.rows, summary.rejected + len(decided.rejects))
        if progress is not None:
            progress(summary.read)
    if summary.read == 0:
        writer.write(answerer.nothing())
    writer.close()
    return summary


def _decided(source: Source, answerer: Answerer, exact: SeenIds | None) -> Iterator[Decided]:
    """The pieces decided, in their order, as many at once as there are cores."""
    if exact is not None:
        yield from (answerer.answer(source.read(piece), exact) for piece in source.pieces())
        return
    workers = os.cpu_count() or 1
    waiting: deque[Future[Decided]] = deque()
    with ThreadPoolExecutor(workers) as pool:
        try:
            for piece in source.pieces():
                waiting.append(pool.submit(lambda each: answerer.answer(source.read(each)), piece))
                if len(waiting) > workers:
                    yield waiting.popleft().result()
            while waiting:
                yield waiting.popleft().result()
        finally:
            for each in waiting:
                each.cancel()


@contextmanager
def _replacing(output: Path, rejects: Path) -> Iterator[tuple[IO[bytes], IO[bytes]]]:
    """Files that take the place of the output and its rejects when all is done, the output last."""
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


@contextmanager
def _temporary(path: Path) -> Iterator[IO[bytes]]:
    """A file beside a path, gone at the end unless it was renamed."""
    try:
        file = tempfile.NamedTemporaryFile(  # noqa: SIM115 - it is closed below, and renamed only at the end
            prefix=f".{path.name}.", suffix=".part", dir=path.parent, delete=False
        )
    except OSError as error:
        message = f"cannot be written: {(error.strerror or 'unknown reason').lower()}"
        raise Unusable([Finding("unwritable", message, file=str(path))]) from None
    umask = os.umask(0)
    os.umask(umask)
    try:
        os.chmod(file.name, 0o666 & ~umask)
        with file:
            yield cast(IO[bytes], file)
    finally:
        Path(file.name).unlink(missing_ok=True)
