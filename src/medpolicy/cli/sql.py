"""Print the policy as one SELECT that decides each row of a table.

It yields `request_id`, `decision`, `coverage`, `pathway`, the status of each criterion, and `fault`: what is wrong with a
row, which then has no answer. Its first lines say which columns it reads.
"""

from __future__ import annotations

import argparse

from medpolicy.cli.options import add_revision, add_rules, load
from medpolicy.cli.output import DONE, write_utf8
from medpolicy.sql import DIALECTS, statement
from medpolicy.text.findings import Finding, Unusable
from medpolicy.text.visible import visible


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument("--dialect", metavar="NAME", required=True, help=f"one of {', '.join(DIALECTS)}")
    parser.add_argument("--table", metavar="NAME", default="requests", help="the table of requests (default: requests)")
    add_rules(parser)
    add_revision(parser, "the one in effect on the service date of each row")


def run(options: argparse.Namespace) -> int:
    """Print the SELECT."""
    select = statement(load(options), options.dialect, options.table, options.revision)
    if visible(select) != select:
        message = "the SELECT holds a control character, which a terminal would obey"
        help = "it stands in the name of the table, or in an option that the policy's package declares"
        raise Unusable([Finding("control-character", message, help=help)])
    write_utf8(select)
    return DONE
