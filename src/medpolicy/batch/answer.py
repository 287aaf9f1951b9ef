"""The answers to one piece of a batch: columns for columnar outputs, whole determinations for JSON Lines."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import pyarrow as pa

from medpolicy.batch.write import json_line
from medpolicy.columns.chunk import Chunk, Decided, decide_chunk, decide_surely, in_order
from medpolicy.columns.frame import ColumnDecider
from medpolicy.columns.rejects import record_of, rows_of
from medpolicy.language.extra import Extra
from medpolicy.language.request import InvalidRequest
from medpolicy.policy import Policy, UndecidedRequest
from medpolicy.text.findings import Finding


@dataclass(frozen=True)
class Answerer:
    """A policy, or a pinned revision of it, as it answers a batch. Threads may share it."""

    policy: Policy
    revision: str | None
    extra: Extra
    as_lines: bool

    @cached_property
    def decider(self) -> ColumnDecider:
        """The policy ready for columns. Raises `InvalidPolicy` for an unknown revision."""
        return self.policy.column_decider(self.revision)

    def schema(self, source: pa.Schema) -> pa.Schema:
        """The columns of the answers to a source with these columns."""
        extras = [column for column in source if column.name not in self.decider.given] if self.extra == "keep" else []
        return pa.schema([*self.decider.columns, *extras])

    def answer(self, chunk: Chunk) -> Decided:
        """The answers to a piece. A record on which the program itself fails is a reject that says so."""
        return decide_surely(self._lines if self.as_lines else self._columns, chunk, self.decider)

    def _columns(self, chunk: Chunk) -> Decided:
        return decide_chunk(self.decider, chunk, self.extra)

    def _lines(self, chunk: Chunk) -> Decided:
        """A determination for each row, as the single request gets it."""
        chunk = chunk.readable()
        repeated = np.zeros(len(chunk.numbers), dtype=np.bool_) if chunk.repeated is None else chunk.repeated
        rejects, lines = list(chunk.rejects), []
        faulty: list[int] = []
        for row, values in enumerate(rows_of(chunk.table)):
            try:
                record = record_of(values, self.decider.given, chunk.text)
                determination = self.policy.decide(record, revision=self.revision)
            except InvalidRequest:
                faulty.append(row)
                continue
            except UndecidedRequest as error:
                rejects += chunk.only(np.array([row])).refused(Finding("undecided", str(error)))
                continue
            if repeated[row]:
                faulty.append(row)
                continue
            extras = self._extras(chunk, row, values)
            lines.append(json_line(determination.to_dict() | extras) if extras else determination.to_json() + b"\n")
        rejects += chunk.worded(np.array(faulty, dtype=np.int64), self.decider)
        return Decided(self.decider.columns.empty_table(), in_order(rejects), tuple(lines))

    def _extras(self, chunk: Chunk, row: int, values: Mapping[str, Any]) -> dict[str, Any]:
        """What a row has besides the policy's variables, if that is to be kept."""
        if self.extra != "keep":
            return {}
        if chunk.extras is not None:
            return dict(chunk.extras[row])
        return {name: value for name, value in values.items() if name not in self.decider.given}
