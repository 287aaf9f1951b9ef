"""Tell whose answers change between two revisions: each transition that can happen, shown and proven.

OLD and NEW are rule files, ids of revisions, or REF:PATH of the git repository. Both decide every request here, whatever
the date of service. Exit status 0 where every request gets the same answer, 1 where answers differ (or it could not be
told in time whether they do).
"""

from __future__ import annotations

import argparse
from pathlib import Path

from medpolicy.cli.options import add_json, add_limit, add_rules, policy_name, rules_given
from medpolicy.cli.output import DONE, FOUND, remark, width, write_json, write_text, write_utf8
from medpolicy.cli.parser import usage_fault
from medpolicy.load.folder import rules_folder
from medpolicy.text.findings import Finding, Unusable, quoted


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument("old", metavar="OLD", help="a rule file, the id of a revision, or REF:PATH")
    parser.add_argument("new", metavar="NEW", help="likewise")
    parser.add_argument(
        "--corpus",
        metavar="FILE",
        help="requests (.jsonl, .csv or .parquet) to decide under both revisions and to count",
    )
    add_limit(parser)
    add_rules(parser)
    add_json(parser)
    parser.add_argument("--markdown", action="store_true", help="print Markdown, for a comment on a pull request")
    parser.add_argument("--html", action="store_true", help="print one HTML page that needs nothing else")


def run(options: argparse.Namespace) -> int:
    """Print what changes."""
    from medpolicy.diff.build_report import build_report
    from medpolicy.diff.sources import named_revision

    forms = [name for name in ("json", "markdown", "html") if getattr(options, name)]
    if len(forms) > 1:
        raise usage_fault(f"`--{forms[0]}` and `--{forms[1]}` are two forms of one answer", None, "medpolicy diff")
    old, new = (named_revision(name, _folder(options, name)) for name in (options.old, options.new))
    for given in (old, new):
        if options.policy not in (None, given.revision.policy):
            message = f"is of the policy {quoted(given.revision.policy)}, and `--policy` says {quoted(options.policy)}"
            raise Unusable([Finding("policy-folder", message, file=given.name)])
    found = build_report(old, new, None if options.corpus is None else Path(options.corpus), options.limit)
    if options.json:
        write_json(found.to_dict())
    elif options.markdown:
        from medpolicy.diff.templates import markdown

        write_utf8(markdown(found))
    elif options.html:
        from medpolicy.diff.templates import html

        write_utf8(html(found))
    else:
        from medpolicy.diff.plain import plain

        write_text(plain(found, width()))
    if found.corpus is not None:
        remark(f"{found.corpus.name}: {found.corpus.summary}")
    return DONE if found.equivalent else FOUND


def _folder(options: argparse.Namespace, name: str) -> Path | None:
    """Where revisions are looked up by their ids, if a name may be an id."""
    if Path(name).exists() or ":" in name:
        return None
    return rules_folder(policy_name(options), rules_given(options))
