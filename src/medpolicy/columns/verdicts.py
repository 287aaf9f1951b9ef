"""The verdicts of one revision on rows: the distinct ones, and for each row the number of its own."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from medpolicy.columns.codes import coding
from medpolicy.columns.indices import IndexedFrame, Indices
from medpolicy.columns.keys import Marks, distinct_keys, keys_of, marks_of
from medpolicy.columns.masks import Bits, RevisionMasks
from medpolicy.evaluate.compiled import Compiled


@dataclass(frozen=True, slots=True)
class Verdicts:
    """Distinct verdicts, and for each row of a frame the number of its verdict.

    `marks` has for each part of the ruling a matrix of verdicts and the ids in `about`, which the part is about.
    """

    about: Mapping[str, tuple[str, ...]]
    marks: Mapping[str, Marks]
    numbers: Indices

    def number_in(self, part: str) -> Indices:
        """For each verdict the number of the one id that it has in a part; the number of ids if it has none."""
        marks = self.marks[part]
        numbers: Indices = np.where(marks.any(axis=1), marks.argmax(axis=1), marks.shape[1])
        return numbers

    def except_for(self, outside: Indices, flags: tuple[str, ...]) -> Verdicts:
        """The same verdicts, but the one that no revision is in effect, with one of the flags, where its number is given."""
        verdicts, more = len(self.marks["acts"]), len(flags)
        marks = {part: np.pad(found, ((0, more), (0, more * (part == "acts")))) for part, found in self.marks.items()}
        marks["acts"][verdicts:, -more:] = np.eye(more, dtype=np.bool_)
        for part in ("decided", "covered"):
            marks[part][verdicts:, self.about[part].index("pended")] = True
        about = {**self.about, "acts": self.about["acts"] + flags}
        return Verdicts(about, marks, np.where(outside >= 0, verdicts + outside, self.numbers))


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
        ends = np.cumsum([len(part) for part in parts.values()])
        marks = dict(zip(parts, np.split(marks_of(keys, len(masks)), ends[:-1], axis=1), strict=True))
        return Verdicts({name: tuple(part) for name, part in parts.items()}, marks, numbers)

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
