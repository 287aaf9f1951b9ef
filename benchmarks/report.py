"""What is printed: Markdown tables, and each target beside what was measured."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Target:
    """A line of the issue's table of targets."""

    what: str
    wanted: str
    measured: str
    reached: bool


def section(title: str, *remarks: str) -> None:
    """Print a heading and what to know of the tables below it."""
    print(f"\n### {title}\n")
    for remark in remarks:
        print(f"{remark}\n")


def table(columns: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
    """Print a table; every column but the first and those of words is of figures."""
    vocabulary = [
        any(isinstance(row[place], str) and not _figure(row[place]) for row in rows) for place in range(len(columns))
    ]
    print("| " + " | ".join(columns) + " |")
    print("|" + "|".join("---" if word else "---:" for word in vocabulary) + "|")
    for row in rows:
        print("| " + " | ".join(map(str, row)) + " |")
    print(flush=True)


def targets(found: Sequence[Target]) -> None:
    """Print the targets."""
    section("Targets")
    rows = [(each.what, each.wanted, each.measured, "yes" if each.reached else "**no**") for each in found]
    table(("what", "at least", "measured", "reached"), rows)


def times(ratio: float) -> str:
    """A ratio with two figures that count."""
    if ratio >= 10:
        return f"{ratio:,.0f}"
    return f"{ratio:.1f}" if ratio >= 1 else f"{ratio:.2f}"


def micro(seconds: float) -> str:
    """Microseconds."""
    return f"{seconds * 1e6:,.2f}" if seconds < 1e-5 else f"{seconds * 1e6:,.1f}"


def _figure(text: object) -> bool:
    return str(text).strip("*")[:1].isdigit() or text in ("", "-")
