"""Run the golden cases of the rules, and tell which answers are not as expected.

With --accept: rewrite the expectations that differ to today's answers, and change nothing else of the file. With
--complete: write the requests, as few as can be found, that show all there is to show of the rules (docs/coverage.md),
as golden cases with today's answers; read each before you keep it. Exit status 1 where an answer is not as expected.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from medpolicy.cli.golden import add_golden, golden
from medpolicy.cli.options import add_json
from medpolicy.cli.output import remark, width, write_json, write_text, write_utf8
from medpolicy.cli.parser import usage_fault
from medpolicy.cli.status import DONE, FOUND
from medpolicy.golden import Compared, RevisionCases, accept, compared, replace_file
from medpolicy.text.findings import Finding, Unusable, listed
from medpolicy.text.layout import Page

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
    found = [each for each in golden(options) if each.cases]
    if not found:
        help = "they stand in `cases/<date>.jsonl` beside the rule file; `medpolicy cases --complete` writes some"
        raise Unusable([Finding("no-cases", "there are no golden cases", help=help)])
    results = [(each, [compared(each, case) for case in each.cases]) for each in found]
    if options.json:
        write_json({"revisions": [_described(of, compared_) for of, compared_ in results]})
    else:
        write_text("".join(_told(of, each) for of, compared_ in results for each in compared_ if not each.passed))
    for of, compared_ in results:
        _finish(of, compared_, options.accept)
    differs = any(not each.passed for _, compared_ in results for each in compared_)
    return FOUND if differs and not options.accept else DONE


def _finish(of: RevisionCases, results: Sequence[Compared], accepting: bool) -> None:
    """Say how many cases passed, and accept the others where that is asked for."""
    failed = [each for each in results if not each.passed]
    if accepting and failed:
        accept(of.path, failed)
    did = "accepted" if accepting else "not as expected"
    remark(f"{of.path}: {len(results) - len(failed)} passed, {len(failed)} {did}")


def _complete(options: argparse.Namespace) -> int:
    from medpolicy.golden.cover.case_lines import as_jsonl, case_lines
    from medpolicy.golden.cover.complete import completing_requests

    path = None if options.output is None else _new_file(options.output)
    found = golden(options)
    if len(found) > 1:
        help = f"name it with `--revision`: {listed([each.revision.revision for each in found])}"
        raise usage_fault("a file of cases is of one revision, and there are several", help, COMMAND)
    cases = [case for of in found for case in case_lines(of, completing_requests(of, options.lacking))]
    if not cases:
        remark("nothing is lacking: the golden cases show all there is to show")
        return DONE
    if path is None:
        write_utf8(as_jsonl(cases))
    else:
        replace_file(path, as_jsonl(cases))
    each = (
        "1 case with today's answer: read it"
        if len(cases) == 1
        else f"{len(cases)} cases with today's answers: read each"
    )
    remark(f"{each} before you keep it")
    return DONE


def _new_file(name: str) -> Path:
    """Where the cases are to be written. Raises `Unusable` where something stands there: it may be an author's work."""
    path = Path(name)
    if path.is_dir():
        raise Unusable([Finding("file-exists", "is a folder", help="name a new file", file=name)])
    if path.exists():
        help = "name a new file; read its cases through, and move those you keep"
        raise Unusable([Finding("file-exists", "there is such a file already", help=help, file=name)])
    return path


def _told(of: RevisionCases, result: Compared) -> str:
    page = Page(width())
    page.add(f"{of.path}:{result.case.line}: {result.case.id}")
    page.add(result.case.shows, indent=2)
    for line in result.lines():
        page.add(line, indent=4)
    return page.text()


def _described(of: RevisionCases, results: Sequence[Compared]) -> dict[str, Any]:
    return {
        "policy": of.revision.policy,
        "revision": of.revision.revision,
        "cases_file": str(of.path),
        "passed": sum(each.passed for each in results),
        "failed": [
            {
                "case": each.case.id,
                "line": each.case.line,
                "shows": each.case.shows,
                "differences": [
                    {"field": one.field, "expected": one.expected, "got": one.got} for one in each.differences
                ],
                "why": each.why,
            }
            for each in results
            if not each.passed
        ],
    }
