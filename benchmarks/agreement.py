"""Peers answer the same question only if they agree: nothing is measured before they do."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

Answer = tuple[str, list[str] | None]


class Disagreement(RuntimeError):
    """A peer gives another answer than medpolicy."""


def agree(name: str, wanted: Iterable[Answer], inputs: Sequence[Any], answer: Callable[[Any], Any]) -> None:
    """Raise where a peer's decision differs, or the ids of criteria not met, if it gives them."""
    for place, (given, (decision, not_met)) in enumerate(zip(inputs, wanted, strict=True)):
        found_decision, found_not_met = plain(answer(given))
        if found_decision != decision or (found_not_met is not None and sorted(found_not_met) != not_met):
            raise Disagreement(f"{name} answers request {place} with {found_decision}, {found_not_met}")


def plain(answer: Any) -> Answer:
    """A peer's answer: a decision, or one with ids."""
    if isinstance(answer, str):
        return answer, None
    if isinstance(answer, tuple):
        return answer
    return answer["decision"], answer["not_met"]
