"""Which names of columns and keys a message may show: a name that nobody gives a column may be a member's data.

Where a file has no header, or a quote in it is not closed, a record stands in the place of the names. So names are shown
only where all unknown ones look like names; otherwise they are counted and placed.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from itertools import islice
from typing import Any, Literal

from medpolicy.text.findings import Finding, did_you_mean, listed, quoted

LONGEST_NAME = 64
MOST_NUMBERS = 5
MOST_UNKNOWN = 20
"""So many unknown names have a finding of their own; the others are counted."""

_NAME = re.compile(r"[A-Za-z_](?:[A-Za-z_ .-]|[0-9]{1,2}(?![0-9]))*+|")
_NOT_SHOWN = {
    True: "has an unknown name, which is not shown: it may be data",
    False: "have unknown names, which are not shown: they may be data",
}
_HELP = {"key": None, "column": "does a record stand in the place of the names, or is a quote not closed?"}


def may_be_shown(names: Iterable[object]) -> bool:
    """Whether all names look like names of columns.

    Such a name begins with an ASCII letter or `_` and goes on with letters, `_`, blanks, full stops, hyphens and at most two
    digits in a row, up to 64 characters. Dates, numbers, ids and text with line breaks are none. Without characters it
    shows nothing.
    """
    return all(
        isinstance(name, str) and len(name) <= LONGEST_NAME and _NAME.fullmatch(name) is not None for name in names
    )


def numbered(what: str, numbers: Sequence[int]) -> str:
    """Columns or keys by their numbers: `column 3`, `columns 3, 5 and 2 more`."""
    shown = [str(number) for number in numbers[:MOST_NUMBERS]]
    if len(numbers) == 1:
        return f"{what} {shown[0]}"
    last = shown.pop() if len(numbers) <= MOST_NUMBERS else f"{len(numbers) - MOST_NUMBERS} more"
    return f"{what}s {', '.join(shown)} and {last}"


def unknown_names(
    names: Iterable[Any], parts: Mapping[str, tuple[str, ...]], what: Literal["key", "column"] = "key"
) -> list[Finding]:
    """Findings for those of a record's or a frame's names that no given variable has.

    `parts` has every variable with the given ones that it stands for: itself, or the parts of a derived one. A column
    without a name is left to the caller.
    """
    known = [name for name in parts if parts[name] == (name,)]
    unknown: dict[Any, int] = {}
    for number, name in enumerate(names, 1):
        if not (isinstance(name, str) and (name in known or (what == "column" and not name))):
            unknown.setdefault(name, number)
    if not may_be_shown(unknown):
        message = f"{numbered(what, list(unknown.values()))} {_NOT_SHOWN[len(unknown) == 1]}"
        return [Finding(f"unknown-{what}", message, help=_help(unknown, known, parts) or _HELP[what])]
    found = [
        Finding(f"unknown-{what}", f"unknown {what} {quoted(name)}", (name,), _help([name], known, parts))
        for name in islice(unknown, MOST_UNKNOWN)
    ]
    if len(unknown) > MOST_UNKNOWN:
        found.append(Finding(f"unknown-{what}", f"there are {len(unknown) - MOST_UNKNOWN} more unknown {what}s"))
    return found


def _help(unknown: Collection[Any], known: list[str], parts: Mapping[str, tuple[str, ...]]) -> str | None:
    """What to do about a name that stands alone, or about names that are no text."""
    if not all(isinstance(name, str) for name in unknown):
        return "a key is the name of a fact, written as text"
    if len(unknown) > 1:
        return None
    (name,) = unknown
    if name in parts:
        return f"it is worked out from {listed(parts[name], last='and')}"
    return did_you_mean(name, known)
