"""Decide a file of requests into a file of answers: JSON Lines, CSV or Parquet, told by the suffixes.

Rejected records go to the output's neighbour `OUT.rejects.jsonl`, without their content. Exit status 1 where there are any.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from time import monotonic

from medpolicy.cli.options import STANDARD_INPUT, add_extra, add_revision, add_rules, load
from medpolicy.cli.output import DONE, FOUND, remark
from medpolicy.cli.parser import usage_fault

SECONDS_BETWEEN = 0.2


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument("input", metavar="IN", help="a file of requests (.jsonl, .csv or .parquet)")
    parser.add_argument("-o", "--output", metavar="OUT", required=True, help="the file of answers")
    add_revision(parser, "the one in effect on the service date of each request")
    add_extra(parser)
    add_rules(parser)


def run(options: argparse.Namespace) -> int:
    """Decide the file, and say what became of its records."""
    from medpolicy.batch import decide_file

    if STANDARD_INPUT in (options.input, options.output):
        advice = "name a file; its suffix tells the format"
        raise usage_fault("a batch reads and writes files", advice, "medpolicy batch")
    progress = Progress() if sys.stderr.isatty() else None
    try:
        summary = decide_file(
            load(options),
            Path(options.input),
            Path(options.output),
            revision=options.revision,
            extra=options.extra or "refuse",
            progress=progress,
        )
    finally:
        if progress is not None:
            progress.clear()
    remark(str(summary))
    return FOUND if summary.rejected else DONE


class Progress:
    """A line on the terminal that counts the records."""

    def __init__(self) -> None:
        self._shown = 0.0

    def __call__(self, records: int) -> None:
        """Show how many records are done, a few times a second."""
        if monotonic() - self._shown >= SECONDS_BETWEEN:
            self._shown = monotonic()
            print(f"\r{records:,} records", end="", file=sys.stderr, flush=True)

    def clear(self) -> None:
        """Take the line away."""
        print("\r\N{ESCAPE}[K", end="", file=sys.stderr, flush=True)
