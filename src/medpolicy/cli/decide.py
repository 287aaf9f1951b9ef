"""Decide one request, and say why.

For people: the decision, what is authorized or denied or missing, and every criterion beside what was observed. With
--json: the determination.
"""

from __future__ import annotations

import argparse
import re
from pathlib import Path
from typing import get_args

from medpolicy.cli.options import add_extra, add_json, add_revision, add_rules, load, read_input
from medpolicy.cli.output import width, writable, write_json, write_text
from medpolicy.cli.parser import one_of
from medpolicy.cli.status import DONE
from medpolicy.language.record import read_json_record, read_json_request
from medpolicy.policy import Engine, Policy
from medpolicy.show.render import ASCII_MARKS, MARKS, readable
from medpolicy.text.findings import Finding, Unusable
from medpolicy.text.json_text import BYTE_ORDER_MARK

_PARQUET = b"PAR1"
_CSV_NAMES = 2


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument("request", metavar="REQUEST", help="a JSON file that holds one request; - reads standard input")
    add_rules(parser)
    add_revision(parser, "the one in effect on the service start date")
    add_extra(parser)
    parser.add_argument(
        "--engine",
        metavar="ENGINE",
        type=one_of(*get_args(Engine)),
        default="business-rules",
        help="tables or business-rules, the stock engine alone, which is sooner ready for one request and the default; "
        "both give the same answers",
    )
    add_json(parser)


def run(options: argparse.Namespace) -> int:
    """Print the answer to one request."""
    policy = load(options)
    if options.revision is not None:
        policy.revision(options.revision)
    name, text = read_input(options.request)
    try:
        request, kept = read_json_request(policy.vocabulary.request, text, name, extra=options.extra or "refuse")
    except Unusable as error:
        several = _several(text, name, policy)
        raise (several or error) from None
    determination = policy.decide(request, revision=options.revision, engine=options.engine)
    if options.json:
        write_json({**determination.to_dict(), **kept})
        return DONE
    decided_by = None if determination.revision is None else policy.revision(determination.revision)
    marks = writable(MARKS, ASCII_MARKS)
    write_text(readable(determination, policy.vocabulary, decided_by, width(), marks))
    return DONE


def _several(text: bytes, name: str, policy: Policy) -> Unusable | None:
    """What to say of an input that holds many requests, or may: another command is for those."""
    what = _what(text.removeprefix(BYTE_ORDER_MARK), name, policy)
    if what is None:
        return None
    help = "use `medpolicy batch`, which reads JSON Lines, CSV and Parquet"
    return Unusable([Finding("not-one-request", f"is {what}; this command decides one request", help=help, file=name)])


def _what(text: bytes, name: str, policy: Policy) -> str | None:
    if text.startswith(_PARQUET):
        return "a Parquet file"
    if text.lstrip().startswith(b"["):
        return "a list in JSON"
    first, _, rest = text.lstrip().partition(b"\n")
    if _is_record(first) and _is_record(rest.lstrip().partition(b"\n")[0]):
        return "JSON Lines"
    names = set(re.split(r"[,;\t]", first.decode("utf-8", "replace").replace('"', "").strip()))
    if Path(name).suffix.lower() == ".csv" or len(names & set(policy.vocabulary.variables)) >= _CSV_NAMES:
        return "a CSV file"
    return None


def _is_record(line: bytes) -> bool:
    try:
        read_json_record(line)
    except Unusable as error:
        return error.findings[0].code == "duplicate-key"
    return True
