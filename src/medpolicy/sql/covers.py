"""Sets of options in few words: a sum of products over *has this option*."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

Member = frozenset[str]


@dataclass(frozen=True, slots=True)
class Product:
    """The sets that have some options and lack some others."""

    has: tuple[str, ...]
    lacks: tuple[str, ...]

    def __len__(self) -> int:
        """The number of options it mentions."""
        return len(self.has) + len(self.lacks)


def products(options: Sequence[str], members: Iterable[Member]) -> list[Product]:
    """Products that together hold of exactly these sets, none of which can be left out.

    Minato, S. (1993), Fast generation of prime-irredundant covers from binary decision diagrams; here on truth tables,
    whole numbers with a bit for each of the 2^n sets.
    """
    bit_of = {option: 1 << position for position, option in enumerate(options)}
    bits = bytearray(-(-(1 << len(options)) // 8))
    for member in members:
        number = sum(bit_of[option] for option in member)
        bits[number >> 3] |= 1 << (number & 7)
    truth = int.from_bytes(bits, "little")
    found, _ = _cover(truth, truth, len(options))
    return [
        Product(*(tuple(option for option in options if bit_of[option] & mask) for mask in masks)) for masks in found
    ]


def _cover(least: int, most: int, options: int) -> tuple[list[tuple[int, int]], int]:
    """Products (options had, options lacked) that hold of all sets in `least` and none outside `most`, and the sets they hold of."""
    everything = (1 << (1 << options)) - 1
    if least == 0:
        return [], 0
    if most == everything:
        return [(0, 0)], everything
    last = options - 1
    half, bit = 1 << last, 1 << last
    low = (1 << half) - 1
    least_without, least_with = least & low, least >> half
    most_without, most_with = most & low, most >> half
    without, covered_without = _cover(least_without & ~most_with, most_without, last)
    having, covered_with = _cover(least_with & ~most_without, most_with, last)
    remaining = (least_without & ~covered_without) | (least_with & ~covered_with)
    either, covered = _cover(remaining, most_without & most_with, last)
    found = [(has, lacks | bit) for has, lacks in without] + [(has | bit, lacks) for has, lacks in having] + either
    return found, (covered_without | covered) | (covered_with | covered) << half
