"""Run the golden cases of the rules, and list the answers that are not as expected.

With --accept: rewrite the expectations that differ to today's answers, and change nothing else of the file. With
--complete: write the requests, as few as can be found, that show all there is to show of the rules (docs/coverage.md),
as golden cases with today's answers; read each before you keep it. Exit status 1 where an answer is not as expected.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from medpolicy.cli.golden import add_golden, golden
from medpolicy.cli.options import add_json
from medpolicy.cli.output import DONE, FOUND, remark, width, write_json, write_text, write_utf8
from medpolicy.cli.parser import usage_fault
from medpolicy.golden import Compared, RevisionCases, accept, compared
from medpolicy.text.findings import Finding, Unusable, listed
from medpolicy.text.layout import Page
from medpolicy.text.replace import replace_file
from medpolicy.text.visible import on_one_line

COMMAND = "medpolicy cases"


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    add_golden(parser)
    parser.add_argument("--accept", action="store_true", help="let the cases expect what is answered today")
    parser.add_argument("--complete", action="store_true", help="write the cases that show all there is to show")
    parser.add_argument(
        "--lacking", action="store_true", help="with --complete: only the cases for what no golden case shows yet"
    )
    parser.add_argument("-o", "--output", metavar="OUT", help="with --complete: a new file (default: standard output)")
    add_json(parser)


def run(options: argparse.Namespace) -> int:
    """Run, accept or write golden cases."""
    if options.complete:
        if options.accept or options.json:
            raise usage_fault("`--complete` stands without `--accept` and `--json`", None, COMMAND)
        return _complete(options)
    if options.lacking or options.output:
        raise usage_fault("`--lacking` and `--output` stand with `--complete`", None, COMMAND)
    found = [revision for revision in golden(options) if revision.cases]
    if not found:
        help = "they stand in `cases/<date>.jsonl` beside the rule file; `medpolicy cases --complete` writes some"
        raise Unusable([Finding("no-cases", "there are no golden cases", help=help)])
    results = [(revision, [compared(revision, case) for case in revision.cases]) for revision in found]
    if options.json:
        write_json({"revisions": [_described(revision, ran) for revision, ran in results]})
    else:
        write_text("".join(_failure(revision, case) for revision, ran in results for case in ran if not case.passed))
    outcome = "accepted" if options.accept else "not as expected"
    differs = False
    for revision, ran in results:
        failed = [case for case in ran if not case.passed]
        differs = differs or bool(failed)
        if options.accept and failed:
            accept(revision.path, failed)
        remark(f"{revision.path}: {len(ran) - len(failed)} passed, {len(failed)} {outcome}")
    return FOUND if differs and not options.accept else DONE


def _complete(options: argparse.Namespace) -> int:
    from medpolicy.golden.cover.case_lines import as_jsonl, case_lines
    from medpolicy.golden.cover.complete import completing_requests

    path = None if options.output is None else _new_file(options.output)
    found = golden(options)
    if len(found) > 1:
        help = f"name it with `--revision`: {listed([cases.revision.revision for cases in found])}"
        raise usage_fault("a file of cases is of one revision, and there are several", help, COMMAND)
    cases = [
        case for revision in found for case in case_lines(revision, completing_requests(revision, options.lacking))
    ]
    if not cases:
        remark("nothing is lacking: the golden cases show all there is to show")
        return DONE
    if path is None:
        write_utf8(as_jsonl(cases).decode())
    else:
        replace_file(path, as_jsonl(cases))
    count = len(cases)
    advice = "1 case with today's answer: read it" if count == 1 else f"{count} cases with today's answers: read each"
    remark(f"{advice} before you keep it")
    return DONE


def _new_file(name: str) -> Path:
    """The path of a file to write cases to. Raises `Unusable` if it exists: it may be an author's work."""
    path = Path(name)
    if path.is_dir():
        raise Unusable([Finding("file-exists", "is a folder", help="name a new file", file=name)])
    if path.exists():
        help = "name a new file; read its cases through, and move those you keep"
        raise Unusable([Finding("file-exists", "there is such a file already", help=help, file=name)])
    return path


def _failure(revision: RevisionCases, result: Compared) -> str:
    page = Page(width())
    page.add(on_one_line(f"{revision.path}:{result.case.line}: {result.case.id}"))
    page.add(result.case.shows, indent=2)
    for line in result.lines():
        page.add(line, indent=4)
    return page.text()


def _described(revision: RevisionCases, ran: Sequence[Compared]) -> dict[str, Any]:
    return {
        "policy": revision.revision.policy,
        "revision": revision.revision.revision,
        "cases_file": str(revision.path),
        "passed": sum(result.passed for result in ran),
        "failed": [
            {
                "case": result.case.id,
                "line": result.case.line,
                "shows": result.case.shows,
                "differences": [asdict(difference) for difference in result.differences],
                "why": result.why,
            }
            for result in ran
            if not result.passed
        ],
    }
