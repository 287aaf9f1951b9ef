"""Print the policy as a table, each criterion beside the passage it comes from.

With --source: also the publisher's own words of each passage.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterable
from datetime import date
from pathlib import Path

from medpolicy.cli.options import add_json, add_revision, add_rules, load
from medpolicy.cli.output import DONE, width, write_json, write_text
from medpolicy.language.revision import Revision, days_in_effect
from medpolicy.load.document import MOST_BYTES, read_document
from medpolicy.load.file import read_bytes
from medpolicy.policy import Policy
from medpolicy.show.outline import Cited, InvariantRow, Outline, Row, outline
from medpolicy.show.wording import IndentedLine
from medpolicy.text.layout import Page, halves, in_two_columns, wrapped


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument("--source", metavar="FILE", help="the publisher's document, as text")
    add_rules(parser)
    add_revision(parser, "the one in effect today, else the latest")
    add_json(parser)


def run(options: argparse.Namespace) -> int:
    """Print one revision of a policy."""
    policy = load(options)
    revision = _revision(policy, options.revision)
    source: str | None = options.source
    document = None if source is None else read_document(read_bytes(Path(source), MOST_BYTES), source)
    rows = outline(revision, policy.vocabulary, document)
    if options.json:
        write_json(rows)
    else:
        write_text(_text(rows, width(), document is not None))
    return DONE


def _revision(policy: Policy, id: str | None) -> Revision:
    if id is not None:
        return policy.revision(id)
    today = date.today()
    in_effect = [revision for revision in policy.revisions if revision.in_effect(today)]
    return (in_effect or policy.revisions)[-1]


def _text(rows: Outline, columns: int, with_original: bool) -> str:
    table = _Table(Page(columns), with_original)
    page = table.page
    page.add(rows.title)
    page.add(f"Revision {rows.revision}, in effect {days_in_effect(rows.effective_from, rows.effective_to)}")
    page.add(rows.source)
    table.heading("RULE", "PASSAGES THAT IT EMBODIES")
    for pathway in rows.pathways:
        page.section(f"PATHWAY {pathway.applies.id}: {pathway.title}")
        table.row(pathway.applies, "applies when")
        for criterion in pathway.criteria:
            table.row(criterion, criterion.id)
            page.add(_action(criterion), "Otherwise: ")
        page.add()
        page.add(_action(pathway.applies), "When every criterion is met: ")
    page.section("NO PATHWAY APPLIES")
    table.row(rows.unlisted, rows.unlisted.id)
    page.add(_action(rows.unlisted), "Then: ")
    page.section("REVIEW FLAGS: a gate pends any decision, a hold one kind of decision, a note none")
    for flag in rows.review_flags:
        holds = "" if flag.holds is None else f" of what would be {flag.holds}"
        table.row(flag.rule, f"{flag.rule.id}, a {flag.kind}{holds}")
        page.add(_action(flag.rule), "Then: ")
    page.section("NO REVISION IN EFFECT")
    table.row(rows.not_in_effect, rows.not_in_effect.id)
    page.add(_action(rows.not_in_effect), "Then: ")
    if rows.invariants:
        page.section("INVARIANTS: they decide nothing; `medpolicy check` proves that they hold")
    for invariant in rows.invariants:
        table.row(invariant, f"{invariant.id}, never {invariant.never} when")
        page.add(invariant.text, "In words: ")
    page.section("PASSAGES THAT NO RULE EMBODIES")
    for passage in rows.informative:
        page.add(f"{passage.where}: {passage.says}", "- ")
    return page.text()


class _Table:
    """Rules on the left, their passages on the right."""

    def __init__(self, page: Page, with_original: bool) -> None:
        self.page = page
        self._left, self._right = halves(page.width)
        self._with_original = with_original

    def heading(self, left: str, right: str) -> None:
        """What stands in the columns, after a blank line."""
        self.page.add()
        self.page.lines += in_two_columns([left], [right], self._left)

    def row(self, rule: Row | InvariantRow, heading: str) -> None:
        """A rule or invariant, after a blank line."""
        left = [*wrapped(heading, self._left), *self._conditions(rule.conditions)]
        if rule.note:
            left += wrapped(rule.note, self._left, "Note: ", 2)
        right = [line for passage in rule.passages for line in self._passage(passage)]
        self.page.add()
        self.page.lines += in_two_columns(left, right, self._left)

    def _conditions(self, conditions: Iterable[IndentedLine]) -> list[str]:
        return [line for depth, text in conditions for line in wrapped(text, self._left, "- ", 2 + 2 * depth)]

    def _passage(self, passage: Cited) -> list[str]:
        lines = wrapped(f"[{passage.where}]", self._right) + wrapped(passage.says, self._right, indent=2)
        if self._with_original:
            original = "(not in the document)" if passage.original is None else f'"{passage.original}"'
            lines += wrapped(original, self._right, "> ", 2)
        return lines


def _action(rule: Row) -> str:
    """An action in words: its name, then its parameters; a single text stands for itself."""
    name, params = rule.action.replace("_", " "), rule.params
    if len(params) == 1:
        return f"{name}: {next(iter(params.values()))}"
    return f"{name}: " + ", ".join(f"{key.replace('_', ' ')} {value}" for key, value in params.items())
