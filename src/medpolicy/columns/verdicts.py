"""The verdicts of one revision on rows: the distinct ones, and for each row the number of its own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from medpolicy.columns.indices import IndexedFrame, Indices
from medpolicy.columns.masks import Bits, RevisionMasks

Marks = npt.NDArray[np.bool_]
"""A matrix of rows and what they have."""

# Three steps transpose the 8 by 8 bits of a 64-bit word: blocks of 1, 2 and 4 bits change places.
_STEPS = ((7, 0x00AA00AA00AA00AA), (14, 0x0000CCCC0000CCCC), (28, 0x00000000F0F0F0F0))


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


def verdicts_on(frame: IndexedFrame, revision: RevisionMasks) -> Verdicts:
    """The verdicts of a revision on the rows of a frame without a fault; what is sorted in the answer is sorted here."""
    ruling, missing = revision.ruling(frame)
    parts: dict[str, Mapping[Any, Bits]] = {
        "decided": ruling.decided,
        "covered": ruling.covered,
        "on_pathway": ruling.on_pathway,
        "approved_by": ruling.approved_by,
        "not_met": dict(sorted(ruling.not_met.items())),
        "missing": missing,
        "denied_for": dict(sorted(ruling.denied_for.items())),
        "acts": ruling.acts,
    }
    masks = [mask for part in parts.values() for mask in part.values()]
    keys, numbers = distinct_keys(keys_of(masks, frame.rows))
    ends = np.cumsum([len(part) for part in parts.values()])
    marks = dict(zip(parts, np.split(marks_of(keys, len(masks)), ends[:-1], axis=1), strict=True))
    return Verdicts({name: tuple(part) for name, part in parts.items()}, marks, numbers)


def keys_of(masks: Sequence[Bits], rows: int) -> Bits:
    """For each row its bit of every mask, in bytes."""
    size = -(-rows // 8)
    stacked = np.zeros((-(-len(masks) // 8), 8, size), dtype=np.uint8)
    for number, mask in enumerate(masks):
        stacked[number // 8, number % 8] = mask
    words = np.ascontiguousarray(stacked.transpose(0, 2, 1)).view("<u8")[..., 0]
    for shift, changed in _STEPS:
        swapped = (words ^ (words >> np.uint64(shift))) & np.uint64(changed)
        words ^= swapped ^ (swapped << np.uint64(shift))
    return np.ascontiguousarray(words.view(np.uint8).T[:rows])


def distinct_keys(keys: Bits) -> tuple[Bits, Indices]:
    """The distinct keys, and for each row the number of its own."""
    rows, width = keys.shape
    coded = pa.FixedSizeBinaryArray.from_buffers(pa.binary(width), rows, [None, pa.py_buffer(keys)]).dictionary_encode()
    known = np.frombuffer(coded.dictionary.buffers()[1], dtype=np.uint8)[: len(coded.dictionary) * width]
    return known.reshape(-1, width), coded.indices.to_numpy()


def marks_of(keys: Bits, count: int) -> Marks:
    """For each key its bits of `count` masks."""
    return np.unpackbits(keys, axis=1, count=count, bitorder="little").view(np.bool_)
