"""The answers to one piece of a batch: columns for columnar outputs, whole determinations for JSON Lines."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import pyarrow as pa

from medpolicy.batch.write import json_line
from medpolicy.columns.chunk import Chunk, Decided, Extra, decide_chunk, id_column, repeats, with_repeat
from medpolicy.columns.frame import COLUMNS, Frames
from medpolicy.columns.ids import SeenIds, hash_ids
from medpolicy.columns.rejects import Reject, findings_of, id_of, record_of
from medpolicy.policy import Policy, UndecidedRequest
from medpolicy.request import InvalidRequest
from medpolicy.source import Finding


@dataclass(frozen=True)
class Answerer:
    """A policy, or a pinned revision of it, as it answers a batch. Threads may share it."""

    policy: Policy
    revision: str | None
    extra: Extra
    as_lines: bool

    @cached_property
    def frames(self) -> Frames:
        """The policy ready for columns."""
        return self.policy.frames(self.revision)

    def answer(self, chunk: Chunk, seen: SeenIds | None = None) -> Decided:
        """The answers to a piece. Where the program itself fails, each of the records is a reject that says so."""
        try:
            if self.as_lines:
                return self._lines(chunk, seen)
            return decide_chunk(self.frames, chunk, self.extra, seen)
        except Exception as error:
            return self._undecided(chunk, error)

    def nothing(self) -> Decided:
        """The answer to a batch without records."""
        return Decided(COLUMNS.empty_table(), (), hash_ids(pa.array([], pa.large_string())))

    def _lines(self, chunk: Chunk, seen: SeenIds | None) -> Decided:
        """A determination for each row, as the single request gets it."""
        hashes, repeated, rejected_again = repeats(chunk, id_column(chunk), seen)
        rejects = [with_repeat(each, place in rejected_again) for place, each in enumerate(chunk.rejects)]
        lines = []
        for row, values in enumerate(chunk.table.to_pylist()):
            record = record_of(values, self.frames.given, chunk.text)
            again = repeated is not None and bool(repeated[row])
            try:
                determination = self.policy.decide(record, revision=self.revision)
            except (InvalidRequest, UndecidedRequest) as error:
                found = self._worded(chunk, row, values, record, error)
                rejects.append(with_repeat(Reject(int(chunk.numbers[row]), id_of(record), found), again))
                continue
            if again:
                rejects.append(with_repeat(Reject(int(chunk.numbers[row]), id_of(record), ()), again))
                continue
            kept = self._kept(chunk, row, values)
            lines.append(json_line(determination.to_dict() | kept) if kept else determination.to_json() + b"\n")
        in_order = tuple(sorted(rejects, key=lambda each: each.record))
        return Decided(COLUMNS.empty_table(), in_order, hashes, tuple(lines))

    def _worded(
        self, chunk: Chunk, row: int, values: Mapping[str, Any], record: Mapping[str, Any], error: Exception
    ) -> tuple[Finding, ...]:
        if isinstance(error, UndecidedRequest):
            return (Finding("undecided", str(error)),)
        return chunk.faults(row, values) if chunk.faults else findings_of(self.frames.request, record, repeated=False)

    def _kept(self, chunk: Chunk, row: int, values: Mapping[str, Any]) -> dict[str, Any]:
        if self.extra != "keep":
            return {}
        if chunk.extras is not None:
            return dict(chunk.extras[row])
        return {name: value for name, value in values.items() if name not in self.frames.given}

    def _undecided(self, chunk: Chunk, error: Exception) -> Decided:
        message = f"the request could not be decided ({type(error).__name__})"
        finding = Finding("undecided", message)
        ids = id_column(chunk)
        rejects = list(chunk.rejects)
        for number, id in zip(chunk.numbers.tolist(), ids.to_pylist(), strict=True):
            rejects.append(Reject(number, id or None, (finding,)))
        return Decided(COLUMNS.empty_table(), tuple(sorted(rejects, key=lambda each: each.record)), hash_ids(ids))
