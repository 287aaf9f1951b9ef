"""`python -m benchmarks`: one run, printed as Markdown.

What it needs beyond the package: `pip install -e '.[bench]'`. With `--quick` it takes a few minutes and has small files;
without it the Parquet file has 10 million rows. `--many` adds a file of 50 million rows (4 GB in the folder for temporary
files) for the peak of memory.
"""

from __future__ import annotations

import argparse
import os
import tempfile
from collections.abc import Callable
from datetime import date
from pathlib import Path

from benchmarks import check, columns, diff, growth, machine, process, report, single
from benchmarks.report import Target

SUBJECTS = ("single", "process", "columns", "criteria", "rows", "memory", "check", "diff")


def main() -> None:
    """Run the subjects asked for, and print their tables and targets."""
    options = _options()
    quick = options.quick
    rounds = options.rounds or (5 if quick else 11)
    few = max(2, rounds // 3)
    rows = options.rows or (1_000_000 if quick else 10_000_000)
    counts = [count for count in (10**4, 10**5, 10**6, 10**7) if count <= rows]
    kind = options.data
    load = os.getloadavg()[0]
    print(f"## Benchmarks, {date.today()}\n")
    for fact in machine.facts():
        print(f"{fact}\n")
    print(f"Load of the machine by others at the start: {load:.1f}.")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        subjects: dict[str, Callable[[], list[Target]]] = {
            "single": lambda: single.run(rounds, kind),
            "process": lambda: process.run(rounds),
            "columns": lambda: columns.run(min(few, 3), rows, rows // 10, kind, folder),
            "criteria": lambda: growth.criteria(min(few, 3), min(rows // 10, 100_000), kind, folder),
            "rows": lambda: growth.rows(min(few, 3), counts, kind, folder),
            "memory": lambda: growth.memory([*counts[-2:], *([growth.MANY] if options.many else [])], kind, folder),
            "check": lambda: check.run(folder),
            "diff": lambda: diff.run(rounds, min(rows, 1_000_000), kind, folder),
        }
        found = [target for subject in SUBJECTS if subject in options.only for target in subjects[subject]()]
    report.targets(found)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="small files and few rounds")
    parser.add_argument("--rounds", type=int, help="rounds of each measurement (a third for files)")
    parser.add_argument("--rows", type=int, help="rows of the Parquet file; text files have a tenth")
    parser.add_argument("--many", action="store_true", help="measure memory on 50 million rows too")
    parser.add_argument("--data", choices=("plausible", "uniform"), default="plausible", help="how requests are drawn")
    parser.add_argument("--only", nargs="+", choices=SUBJECTS, default=SUBJECTS, help="only these subjects")
    return parser.parse_args()


main()
