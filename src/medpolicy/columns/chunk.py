"""One piece of a batch: its rows decided, its faulty rows rejected with every fault."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pyarrow as pa

from medpolicy.columns.arrow import type_fault
from medpolicy.columns.encoding import taken, without_bytes
from medpolicy.columns.frame import ColumnDecider
from medpolicy.columns.ids import SeenIds
from medpolicy.columns.indices import Indices, Mask, either
from medpolicy.columns.rejects import Reject, findings_of, id_of, not_utf8, record_of, repeated_id, rows_of, undecided
from medpolicy.language.determination import KEYS
from medpolicy.language.extra import Extra
from medpolicy.language.request import variables_of
from medpolicy.text.findings import Finding, listed, quoted
from medpolicy.text.names import may_be_shown, numbered, unknown_names

Faults = Callable[[int], tuple[Finding, ...]]

MOST_FAILURES = 1024
"""After so many failures of the program in one chunk, what still fails is rejected without a search for single rows."""
_ROWS_AT_ONCE = 4096


@dataclass(frozen=True)
class Chunk:
    """Some records of a batch: a frame with the number of each row, and records that could not be read into it.

    With `text`, cells are written as in CSV. `file` is the name of the file; with `by_line`, numbers are its line numbers.
    `faults` gives the faults of the record with a number, where its text tells more than its values. `extras` holds
    unknown keys that a frame cannot hold. `repeated` marks the rows whose id an earlier record has.
    """

    table: pa.Table
    numbers: Indices
    text: bool = False
    rejects: tuple[Reject, ...] = ()
    file: str | None = None
    by_line: bool = False
    faults: Faults | None = None
    extras: tuple[Mapping[str, Any], ...] | None = None
    repeated: Mask | None = None

    @property
    def ids(self) -> pa.LargeBinaryArray:
        """The ids of the rows, as bytes."""
        ids = self.table.column("request_id").cast(pa.large_string())
        return (ids.chunk(0) if ids.num_chunks == 1 else ids.combine_chunks()).view(pa.large_binary())

    @property
    def all_ids(self) -> pa.LargeBinaryArray:
        """The ids of the rows, then those of the rejects."""
        rejected = pa.array([reject.request_id for reject in self.rejects], pa.large_string())
        return pa.concat_arrays([self.ids, rejected.view(pa.large_binary())])

    def only(self, rows: Indices) -> Chunk:
        """Some of the rows, without the rejects."""
        return replace(
            self,
            table=taken(self.table, rows),
            numbers=self.numbers[rows],
            rejects=(),
            extras=None if self.extras is None else tuple(self.extras[row] for row in rows.tolist()),
            repeated=None if self.repeated is None else self.repeated[rows],
        )

    def marked(self, seen: SeenIds) -> Chunk:
        """The chunk with its repeated ids marked; call this for the chunks in their order."""
        rejected = np.array([reject.record for reject in self.rejects], dtype=np.int64)
        order = np.argsort(np.concatenate([self.numbers, rejected]), kind="stable")
        repeated = np.zeros(len(order), dtype=np.bool_)
        repeated[order] = seen.add(self.all_ids.take(pa.array(order)))
        rows, of_rejects = repeated[: len(self.numbers)], repeated[len(self.numbers) :].tolist()
        rejects = map(self._reject, self.rejects, of_rejects)
        return replace(self, rejects=tuple(rejects), repeated=rows if rows.any() else None)

    def worded(self, rows: Indices, decider: ColumnDecider) -> Iterator[Reject]:
        """Some rows as rejects, with every fault of each."""
        for first in range(0, len(rows), _ROWS_AT_ONCE):
            some = self.only(rows[first : first + _ROWS_AT_ONCE])
            table = some.table.select(["request_id"]) if self.faults else some.table
            for row, values in enumerate(rows_of(table)):
                number, record = int(some.numbers[row]), record_of(values, decider.given, self.text)
                repeated = some.repeated is not None and bool(some.repeated[row])
                found = self.faults(number) if self.faults else findings_of(decider.request, record)
                if not (found or repeated):
                    raise RuntimeError("the columns refuse a row that the model accepts")
                yield self._reject(Reject(number, id_of(record), found), repeated)

    def readable(self) -> Chunk:
        """The chunk without the rows whose text is not UTF-8, which become rejects."""
        table, rows = (self.table, None) if self.text else without_bytes(self.table)
        if rows is None:
            return self
        found = self.only(np.flatnonzero(~rows)).refused(not_utf8())
        return replace(self.only(np.flatnonzero(rows)), table=table, rejects=(*self.rejects, *found))

    def refused(self, finding: Finding) -> tuple[Reject, ...]:
        """All rows as rejects, each with the same finding."""
        marks = np.zeros(len(self.numbers), dtype=np.bool_) if self.repeated is None else self.repeated
        rows = zip(self.numbers.tolist(), self.ids.to_pylist(), marks.tolist(), strict=True)
        return tuple(self._reject(Reject(number, _text(id), (finding,)), repeated) for number, id, repeated in rows)

    def _reject(self, reject: Reject, repeated: bool) -> Reject:
        """The reject with the file and line of its findings, and with one more if its id is repeated."""
        found = (*reject.findings, repeated_id()) if repeated else reject.findings
        line = reject.record if self.by_line else None
        located = (finding if finding.file else replace(finding, file=self.file, line=line) for finding in found)
        return replace(reject, findings=tuple(located))


@dataclass(frozen=True)
class Decided:
    """The answers to a chunk's rows without a fault, and its rejects, each in the order of the input."""

    table: pa.Table
    rejects: tuple[Reject, ...]
    lines: tuple[bytes, ...] = ()
    """For JSON Lines a line for each row; then the table is empty."""

    @property
    def rows(self) -> int:
        """How many records are decided."""
        return len(self.lines) or int(self.table.num_rows)


def frame_faults(schema: pa.Schema, decider: ColumnDecider, extra: Extra, text: bool = False) -> list[Finding]:
    """The faults of a frame's columns: unknown, repeated, missing, or of another type.

    If no name is known, the names may be the values of a record, so that no message shows them.
    """
    names = schema.names
    if not any(name in decider.given for name in names):
        required = listed((name for name, variable in decider.given.items() if variable.required), last="and")
        advice = f"is there a header? every record needs {required}"
        return [Finding("no-known-column", "no column has a known name", help=advice)]
    used = [(number, name) for number, name in enumerate(names, 1) if name in decider.given or extra != "ignore"]
    places: dict[str, list[int]] = {}
    for number, name in used:
        places.setdefault(name, []).append(number)
    shown = may_be_shown(name for name in places if name not in decider.given)
    found = []
    for name in sorted(name for name, numbers in places.items() if name and len(numbers) > 1):
        if shown or name in decider.given:
            found.append(Finding("repeated-column", f"the column {quoted(name)} is there twice", (name,)))
        else:
            found.append(Finding("repeated-column", f"{numbered('column', places[name])} have the same name"))
    if "" in places:
        found.append(Finding("unnamed-column", "a column has no name", help="is there a comma too many in the header?"))
    for name, variable in decider.given.items():
        if name not in names and variable.required:
            message = f"the column {quoted(name)} is missing; every record needs it"
            found.append(Finding("missing-column", message, (name,)))
        elif len(places.get(name, ())) == 1 and not text:
            fault = type_fault(variable, schema.field(name).type)
            found += [fault] if fault is not None else []
    if extra == "refuse":
        parts = {name: variable.parts for name, variable in variables_of(decider.request).items()}
        found += unknown_names(names, parts, "column")
    for name in places if extra == "keep" else ():
        if name not in decider.given and (name in decider.columns.names or name in KEYS):
            message = f"the extra column {quoted(name)} has a name that the answer uses itself"
            found.append(Finding("taken-column", message, (name,), "rename it, or leave it out with `--extra ignore`"))
    return found


def decide_chunk(decider: ColumnDecider, chunk: Chunk, extra: Extra = "refuse") -> Decided:
    """Decide a chunk whose columns have no fault."""
    chunk = chunk.readable()
    frame = decider.index(chunk.table, chunk.text)
    faulty = either(frame.faulty, chunk.repeated)
    rejects = list(chunk.rejects)
    if faulty is not None:
        rejects += chunk.worded(np.flatnonzero(faulty), decider)
        good = np.flatnonzero(~faulty)
        frame, chunk = frame.only(good), chunk.only(good)
    answers = decider.decide(chunk.ids.view(pa.large_string()), frame)
    if extra == "keep":
        for name in (name for name in chunk.table.column_names if name not in decider.given):
            answers = answers.append_column(chunk.table.schema.field(name), chunk.table.column(name))
    return Decided(answers, in_order(rejects))


def decide_surely(decide: Callable[[Chunk], Decided], chunk: Chunk, decider: ColumnDecider) -> Decided:
    """Decide a chunk even if the program fails on some of its rows: those become rejects that say so.

    The rows are found by trying halves of the chunk, so that all others get their answers.
    """
    try:
        return decide(chunk)
    except Exception:
        done = [Decided(decider.columns.empty_table(), chunk.rejects)]
    waiting, failures = [replace(chunk, rejects=())], 0
    while waiting:
        part = waiting.pop()
        try:
            done.append(decide(part))
        except Exception as error:
            failures += 1
            rows, half = np.arange(len(part.numbers)), len(part.numbers) // 2
            if half and failures <= MOST_FAILURES:
                waiting += [part.only(rows[half:]), part.only(rows[:half])]
            else:
                done.append(Decided(decider.columns.empty_table(), part.refused(undecided(error))))
    return Decided(
        joined([decided.table for decided in done]),
        in_order(reject for decided in done for reject in decided.rejects),
        tuple(line for decided in done for line in decided.lines),
    )


def joined(tables: Sequence[pa.Table]) -> pa.Table:
    """Answers one after another in one table, with the columns of the first table that has rows."""
    filled = [table for table in tables if table.num_rows] or [*tables[:1]]
    return filled[0] if len(filled) == 1 else pa.concat_tables(filled).unify_dictionaries().combine_chunks()


def in_order(rejects: Iterable[Reject]) -> tuple[Reject, ...]:
    """Rejects in the order of the input."""
    return tuple(sorted(rejects, key=lambda reject: reject.record))


def _text(id: bytes | None) -> str | None:
    """An id as text, None if it is empty or not UTF-8."""
    try:
        return (id or b"").decode() or None
    except UnicodeDecodeError:
        return None
