"""A file of requests decided into a file of answers; every record is accounted for, and nothing half-done is left."""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path
from typing import IO, Any, Protocol, TypeVar

import pyarrow as pa

from medpolicy.batch.answer import Answerer
from medpolicy.batch.csv import Csv
from medpolicy.batch.files import check_content, check_paths, format_of, rejects_path, unusable
from medpolicy.batch.jsonl import JsonLines
from medpolicy.batch.parquet import Parquet
from medpolicy.batch.replace import replacing
from medpolicy.batch.write import Writer, json_line, writer_for
from medpolicy.columns.chunk import Chunk, Decided, frame_faults
from medpolicy.columns.ids import Hashes, SeenIds, hashes_to_note
from medpolicy.language.extra import Extra, check_extra
from medpolicy.policy import Policy
from medpolicy.text.findings import Unusable

Progress = Callable[[int], None]
Given = TypeVar("Given")
Made = TypeVar("Made")


class Source(Protocol):
    """A file of requests: pieces in their order, each of which can be read on any thread."""

    @property
    def schema(self) -> pa.Schema:
        """The columns of the file."""

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
    source: str | os.PathLike[str],
    output: str | os.PathLike[str],
    *,
    revision: str | None = None,
    extra: Extra = "refuse",
    progress: Progress | None = None,
) -> Summary:
    """Decide the requests of a file into another; formats are told by the suffixes.

    Rejected records go to the output's neighbour `*.rejects.jsonl`. Raises `Unusable` where a file cannot be used (and
    `InvalidPolicy`, which is one, for an unknown revision); then, and when the run is killed, there is no output.
    Running again gives the same bytes.
    """
    check_extra(extra)
    source, output = Path(source), Path(output)
    check_paths(source, output)
    answerer = Answerer(policy, revision, extra, as_lines=format_of(output) == "jsonl")
    batch = _Batch(_opened(answerer, source, output), answerer, progress)
    schema = answerer.schema(batch.source.schema)
    with replacing(output, rejects_path(output)) as (file, rejects):
        seen = SeenIds()
        summary = batch.run(writer_for(format_of(output), file, output, schema), rejects, batch.at_once(seen))
        suspected = seen.suspected()
        if len(suspected):
            for each in (file, rejects):
                each.seek(0)
                each.truncate()
            marked = batch.marked(SeenIds(suspected))
            summary = batch.run(writer_for(format_of(output), file, output, schema), rejects, marked)
    return summary


def _opened(answerer: Answerer, path: Path, output: Path) -> Source:
    """The source that a file is. Raises `Unusable` with every fault of its columns."""
    frames, extra, format = answerer.frames, answerer.extra, format_of(path)
    check_content(path, frames.given)
    if format == "jsonl":
        if extra == "keep" and not answerer.as_lines:
            message = "the extra keys of JSON Lines can be kept in JSON Lines only"
            raise unusable("extra-keys", message, output, "choose an output with `.jsonl`, or `--extra ignore`")
        return JsonLines(path, frames.request, frames.given, extra)
    opened = (Csv if format == "csv" else Parquet)(path, frames.request, frames.given, extra)
    faults = frame_faults(opened.schema, frames, extra, text=format == "csv")
    if faults:
        raise Unusable([replace(each, file=str(path), line=1 if format == "csv" else None) for each in faults])
    return opened


@dataclass(frozen=True)
class _Batch:
    """A source and who answers it."""

    source: Source
    answerer: Answerer
    progress: Progress | None

    def run(self, writer: Writer, rejects: IO[bytes], answers: Iterator[Decided]) -> Summary:
        """Write all answers, in their order."""
        summary = Summary()
        try:
            for decided in answers:
                writer.write(decided)
                rejects.writelines(json_line(each.to_dict()) for each in decided.rejects)
                summary = Summary(summary.decided + decided.rows, summary.rejected + len(decided.rejects))
                if self.progress is not None:
                    self.progress(summary.read)
            writer.close()
        except BaseException:
            writer.abandon()
            raise
        return summary

    def at_once(self, seen: SeenIds) -> Iterator[Decided]:
        """The answers as they are where no id is repeated; the hashes of the ids are noted in `seen`."""

        def answered(piece: Any) -> tuple[Hashes, Decided]:
            chunk = self.source.read(piece)
            return hashes_to_note(chunk.all_ids), self.answerer.answer(chunk)

        with ThreadPoolExecutor(_cores()) as pool:
            for hashes, decided in _in_order(pool, answered, self.source.pieces()):
                seen.note(hashes)
                yield decided

    def marked(self, seen: SeenIds) -> Iterator[Decided]:
        """The answers where repeated ids are told apart, one piece after another, by those in `seen`."""
        with ThreadPoolExecutor(_cores()) as pool:
            chunks = _in_order(pool, self.source.read, self.source.pieces())
            yield from _in_order(pool, self.answerer.answer, (chunk.marked(seen) for chunk in chunks))


def _in_order(pool: ThreadPoolExecutor, make: Callable[[Given], Made], items: Iterable[Given]) -> Iterator[Made]:
    """What is made of items, in their order, as many at once as there are cores."""
    waiting: deque[Future[Made]] = deque()
    try:
        for item in items:
            waiting.append(pool.submit(make, item))
            if len(waiting) > _cores():
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()
    finally:
        for each in waiting:
            each.cancel()


def _cores() -> int:
    return os.cpu_count() or 1
