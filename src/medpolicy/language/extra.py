"""What becomes of names in a request that its policy does not know."""

from __future__ import annotations

from typing import Any, Literal, get_args

from medpolicy.text.findings import listed, quoted

Extra = Literal["refuse", "ignore", "keep"]
"""They are faults, or dropped, or carried to the answer."""
EXTRAS: tuple[Extra, ...] = get_args(Extra)


def check_extra(given: Any) -> None:
    """Raises `ValueError` where a caller gives another word: a slip must not read as one of them."""
    if given not in EXTRAS:
        raise ValueError(f"`extra` must be {listed(EXTRAS)}, not {quoted(given)}")
