"""Tell which slips in the rules the golden cases would not notice.

Every single slip that could have been made in the rule file (a constant off by one, an option more or less, another
operator, a test left out, ...) is made; a case notices it, the loader refuses it, it is proven to change no answer, or it
survives, and then a request is shown that would notice it. docs/coverage.md lists the slips. Exit status 1 where one
survives.
"""

from __future__ import annotations

import argparse

from medpolicy.cli.golden import add_golden, golden
from medpolicy.cli.options import add_json
from medpolicy.cli.output import DONE, FOUND, width, write_json, write_text
from medpolicy.golden.mutate.report import described, report_text
from medpolicy.golden.mutate.verdicts import mutated


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    add_golden(parser)
    add_json(parser)


def run(options: argparse.Namespace) -> int:
    """Print what became of every mutant of each revision."""
    found = [described(mutated(revision)) for revision in golden(options)]
    if options.json:
        write_json({"revisions": found})
    else:
        write_text("\n".join(report_text(report, width()) for report in found))
    figures = [report["figures"] for report in found]
    return FOUND if any(figure["surviving"] or figure["undecided"] for figure in figures) else DONE
