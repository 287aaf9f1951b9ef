"""Decide one request, and say why.

For people: the decision, what is authorized or denied or missing, and every criterion beside what was observed. With
--json: the determination.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import get_args

from medpolicy.cli.options import add_extra, add_json, add_revision, add_rules, load, read_input
from medpolicy.cli.output import DONE, width, writable, write_json, write_text
from medpolicy.cli.parser import one_of
from medpolicy.language.record import read_json_record, read_json_request
from medpolicy.policy import Engine, Policy
from medpolicy.show.render import ASCII_MARKS, MARKS, readable
from medpolicy.text.findings import Finding, Unusable
from medpolicy.text.formats import SUFFIXES, format_of_content
from medpolicy.text.json_text import BYTE_ORDER_MARK


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
        help="business-rules (the default: the stock engine alone, which starts faster) or tables; both give the same answers",
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
    form = _form_of_several(text.removeprefix(BYTE_ORDER_MARK), name, policy)
    if form is None:
        return None
    help = "use `medpolicy batch`, which reads JSON Lines, CSV and Parquet"
    return Unusable([Finding("not-one-request", f"is {form}; this command decides one request", help=help, file=name)])


def _form_of_several(text: bytes, name: str, policy: Policy) -> str | None:
    format = format_of_content(text, policy.vocabulary.variables)
    if format == "parquet":
        return "a Parquet file"
    text = text.lstrip()
    if text.startswith(b"["):
        return "a list in JSON"
    first, _, rest = text.partition(b"\n")
    if _is_record(first) and _is_record(rest.lstrip().partition(b"\n")[0]):
        return "JSON Lines"
    return "a CSV file" if format == "csv" or SUFFIXES.get(Path(name).suffix.lower()) == "csv" else None


def _is_record(line: bytes) -> bool:
    try:
        read_json_record(line)
    except Unusable as error:
        return error.findings[0].code == "duplicate-key"
    return True
