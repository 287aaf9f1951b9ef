"""A file of requests answered piece by piece, on all cores, so that memory does not grow with the file."""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any, TypeVar

from medpolicy.batch.source import Source
from medpolicy.columns.chunk import Chunk
from medpolicy.columns.ids import Hashes, SeenIds, hashes_to_note
from medpolicy.columns.indices import forget_texts

Item = TypeVar("Item")
Answer = TypeVar("Answer")
Result = TypeVar("Result")


def in_pieces(
    source: Source, answer: Callable[[Chunk], Answer], collect: Callable[[Iterator[Answer]], Result]
) -> Result:
    """What `collect` makes of the answers to all pieces of a source, in their order.

    The first pass only suspects that ids are repeated. If any are, `collect` starts anew with the answers to chunks
    whose repeated ids are marked.
    """
    pool, seen = ThreadPoolExecutor(_cores()), SeenIds()
    try:
        result = collect(_unmarked(pool, source, answer, seen))
        suspected = seen.suspected()
        if not len(suspected):
            return result
        marking = SeenIds(suspected)
        chunks = _in_order(pool, source.read, source.pieces())
        return collect(_in_order(pool, answer, (chunk.marked(marking) for chunk in chunks)))
    finally:
        pool.shutdown(cancel_futures=True)
        forget_texts()


def _unmarked(
    pool: ThreadPoolExecutor, source: Source, answer: Callable[[Chunk], Answer], seen: SeenIds
) -> Iterator[Answer]:
    """The answers if no id is repeated; the hashes of the ids are noted in `seen`."""

    def answered(piece: Any) -> tuple[Hashes, Answer]:
        chunk = source.read(piece)
        return hashes_to_note(chunk.all_ids), answer(chunk)

    for hashes, answers in _in_order(pool, answered, source.pieces()):
        seen.note(hashes)
        yield answers


def _in_order(pool: ThreadPoolExecutor, make: Callable[[Item], Answer], items: Iterable[Item]) -> Iterator[Answer]:
    """What is made of items, in their order, as many at once as there are cores."""
    waiting: deque[Future[Answer]] = deque()
    for item in items:
        waiting.append(pool.submit(make, item))
        if len(waiting) > _cores():
            yield waiting.popleft().result()
    while waiting:
        yield waiting.popleft().result()


def _cores() -> int:
    return os.cpu_count() or 1
