"""`medpolicy decide` as a whole process, against a process that imports pydantic and does nothing."""

from __future__ import annotations

import sys
from pathlib import Path
from statistics import median

from benchmarks.files import Spent, spent
from benchmarks.report import Target, section, table, times

EXAMPLE = Path(__file__).parent.parent / "examples" / "approved-relapsed-single-agent.json"
OURS, BASE, NOTHING = "medpolicy decide", "python -c 'from pydantic import BaseModel'", "python -c pass"


def run(rounds: int) -> list[Target]:
    """Measure, print, and tell the target."""
    commands = {
        OURS: [str(Path(sys.executable).with_name("medpolicy")), "decide", str(EXAMPLE)],
        BASE: [sys.executable, "-c", "from pydantic import BaseModel"],
        NOTHING: [sys.executable, "-c", "pass"],
    }
    found: dict[str, list[Spent]] = {name: [] for name in commands}
    for turn in range(rounds + 1):
        for name, command in commands.items():
            child = spent(command)
            if turn:
                found[name].append(child)
    elapsed = {name: median(each.elapsed for each in runs) for name, runs in found.items()}
    busy = {name: median(each.busy for each in runs) for name, runs in found.items()}
    section("A process", f"Processes in turns, median of {rounds} rounds.")
    table(
        ("process", "ms", "ms, processor time", "ratio in processor time"),
        [
            (name, f"{elapsed[name] * 1e3:.0f}", f"{busy[name] * 1e3:.0f}", times(busy[name] / busy[BASE]))
            for name in commands
        ],
    )
    by_clock, ratio = elapsed[OURS] / elapsed[BASE], busy[OURS] / busy[BASE]
    measured = f"{times(ratio)} in processor time ({times(by_clock)} by the clock)"
    return [Target("`medpolicy decide` as a process", f"at most twice `{BASE}`", measured, ratio <= 2)]
