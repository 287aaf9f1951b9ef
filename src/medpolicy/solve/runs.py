"""Runs of neighbouring class codes."""

from __future__ import annotations

from collections.abc import Collection


def runs(codes: Collection[int]) -> list[tuple[int, int]]:
    """First and last of each run, in order."""
    firsts = sorted(code for code in codes if code - 1 not in codes)
    lasts = sorted(code for code in codes if code + 1 not in codes)
    return list(zip(firsts, lasts, strict=True))
