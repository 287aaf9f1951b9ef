"""The verdicts of one revision on rows: the distinct ones, and for each row the number of its own."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from medpolicy.columns.codes import coding
from medpolicy.columns.indices import IndexedFrame, Indices, Mask, Rows
from medpolicy.columns.keys import Marks, distinct_keys, keys_of, marks_of
from medpolicy.columns.masks import Bits, RevisionMasks
from medpolicy.evaluate.compiled import Compiled


@dataclass(frozen=True, slots=True)
class WithoutRevision:
    """Rows on whose day no revision is in effect, and for each the number of its flag, that of the nearest revision."""

    rows: Mask
    numbers: Indices
    flags: tuple[str, ...]

    def only(self, rows: Rows) -> WithoutRevision:
        """Some of the rows."""
        return WithoutRevision(self.rows[rows], self.numbers[rows], self.flags)


@dataclass(frozen=True, slots=True)
class Verdicts:
    """Distinct verdicts, one in each row of `marks`, and for each row of a frame the number of its verdict.

    A column of `marks` is about one id in one part of the ruling; `about` holds the ids of each part.
    """

    about: Mapping[str, tuple[str, ...]]
    marks: Marks
    numbers: Indices

    def part(self, name: str) -> Marks:
        """The columns of one part."""
        first = 0
        for part, ids in self.about.items():
            if part == name:
                return self.marks[:, first : first + len(ids)]
            first += len(ids)
        raise KeyError(name)

    def number_in(self, name: str) -> Indices:
        """For each verdict the number of the one id that it has in a part; the number of ids if it has none."""
        marks = self.part(name)
        numbers: Indices = np.where(marks.any(axis=1), marks.argmax(axis=1), marks.shape[1])
        return numbers

    def except_for(self, without: WithoutRevision) -> Verdicts:
        """The same verdicts, but on some rows the one that no revision is in effect."""
        verdicts, more = len(self.marks), len(without.flags)
        about = {**self.about, "acts": self.about["acts"] + without.flags}
        marks = np.pad(self.marks, ((0, more), (0, more)))
        marks[verdicts:, -more:] = np.eye(more, dtype=np.bool_)
        found = Verdicts(about, marks, np.where(without.rows, verdicts + without.numbers, self.numbers))
        for name in ("decided", "covered"):
            found.part(name)[verdicts:, about[name].index("pended")] = True
        return found


class RevisionVerdicts:
    """One revision ready to rule on frames. Threads may share it."""

    def __init__(self, compiled: Compiled) -> None:
        self._masks = RevisionMasks(compiled)
        self._codes = {name: coding(table) for name, table in compiled.tables.items()}

    def __call__(self, frame: IndexedFrame) -> Verdicts:
        """The verdicts on the rows of a frame without a fault."""
        parts = self._parts(frame)
        masks = [mask for part in parts.values() for mask in part.values()]
        keys, numbers = distinct_keys(keys_of(masks, frame.rows))
        return Verdicts({name: tuple(part) for name, part in parts.items()}, marks_of(keys, len(masks)), numbers)

    def _parts(self, frame: IndexedFrame) -> dict[str, Mapping[Any, Bits]]:
        """What the answer shows of the ruling, by id; lists that are sorted in the answer are sorted here."""
        ruling, missing = self._masks.ruling({name: code(frame.indices[name]) for name, code in self._codes.items()})
        return {
            "decided": ruling.decided,
            "covered": ruling.covered,
            "on_pathway": ruling.on_pathway,
            "approved_by": ruling.approved_by,
            "not_met": dict(sorted(ruling.not_met.items())),
            "missing": missing,
            "denied_for": dict(sorted(ruling.denied_for.items())),
            "acts": ruling.acts,
        }
