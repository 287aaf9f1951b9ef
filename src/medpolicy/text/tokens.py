"""What can be wrong inside a single token of a JSON text."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass

MOST_DIGITS = 4300
"""The most digits that `jiter` reads of one number."""

_ESCAPE = re.compile(
    r'\\(?:["\\/bfnrt]'
    r"|u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}"
    r"|(?P<half>u[dD][89a-fA-F][0-9a-fA-F]{2})"
    r"|u[0-9a-fA-F]{4}"
    r"|(?P<wrong>))"
)


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong at an offset; the message never repeats a value of the text."""

    at: int
    message: str
    help: str | None = None
    code: str = "syntax"


def escape_fault(token: str, at: int) -> Fault | None:
    """The first escape of a string that JSON does not have."""
    for escape in _ESCAPE.finditer(token):
        start = at + escape.start()
        if escape["half"] is not None:
            return Fault(start, "an escape such as `\\ud800` is half a character", "write the character itself")
        if escape["wrong"] is not None:
            return Fault(start, "an escape in a string is not one that JSON has", "write a backslash as `\\\\`")
    return None


def size_fault(number: str, at: int) -> Fault | None:
    """What keeps a well-formed number from being read."""
    if len(number) > MOST_DIGITS:
        return Fault(at, "a number has too many digits")
    if not math.isfinite(float(number)) and not number.lstrip("-").isdecimal():
        return Fault(at, "a number is too large")
    return None
