"""Tell what the golden cases show of the rules, and what they do not.

Every test must be seen to decide alone, met and not met (masking MC/DC); every fact that may be missing must be seen to
keep a rule open; both sides of every boundary must be seen. docs/coverage.md defines it. Exit status 1 where something
that a request could show is not covered.
"""

from __future__ import annotations

import argparse

from medpolicy.cli.golden import add_golden, golden
from medpolicy.cli.options import add_json
from medpolicy.cli.output import DONE, FOUND, remark, width, writable, write_json, write_text
from medpolicy.golden import failing
from medpolicy.golden.cover.measure import measured
from medpolicy.golden.cover.report import all_covered, described
from medpolicy.golden.cover.report_text import ASCII_MARKS, MARKS, report_text


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    add_golden(parser)
    add_json(parser)


def run(options: argparse.Namespace) -> int:
    """Print the coverage of each revision."""
    found = golden(options)
    reports = [(revision, described(measured(revision))) for revision in found]
    if options.json:
        write_json({"revisions": [report for _, report in reports]})
    else:
        marks = writable(MARKS, ASCII_MARKS)
        write_text("\n".join(report_text(report, cases.revision, width(), marks) for cases, report in reports))
    for revision in found:
        if failed := len(failing(revision)):  # such a case may cover a fault
            are = "1 case is" if failed == 1 else f"{failed} cases are"
            consequence = "which `medpolicy cases` shows; the figures count what the requests show"
            remark(f"{revision.path}: {are} not as expected, {consequence}")
    return DONE if all(all_covered(report["figures"]) for _, report in reports) else FOUND
