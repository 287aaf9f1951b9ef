"""The report as a text for a policy author."""

from __future__ import annotations

from collections.abc import Iterable

from medpolicy.diff.report import Cell, PossibleChange, Report
from medpolicy.show.outline import Row
from medpolicy.text.layout import Page, halves, in_two_columns, wrapped

_COLUMN_OF_MATRIX = 16


def plain(report: Report, width: int = 80) -> str:
    """The text, wrapped to `width` columns."""
    page = Page(width)
    page.add(report.title)
    page.add(report.old, "OLD: ")
    page.add(report.new, "NEW: ")
    page.add(report.pinned)
    page.add()
    page.add(report.headline)
    for sentence in report.remarks:
        page.add(sentence)
    if not report.equivalent:
        page.add()
        rows = [["OLD / NEW", *(cell.after for cell in report.matrix[0])]]
        rows += [[row[0].before, *map(_state, row)] for row in report.matrix]
        page.lines += ["".join(text.ljust(_COLUMN_OF_MATRIX) for text in row).rstrip() for row in rows]
    for change in report.changes:
        _add_change(page, change)
    for cell in report.open:
        page.section(f"{_heading(cell)}: UNDECIDED")
        page.add(f"Whether this can happen is undecided within {report.limit:g} s.", indent=2)
        _add_counts(page, cell)
    _add_rules(page, report)
    _add_other_changes(page, report)
    return page.text()


def _state(cell: Cell) -> str:
    return cell.words if cell.share is None else f"{cell.words} ({cell.share.count})"


def _heading(cell: Cell) -> str:
    before, after = cell.before.upper(), cell.after.upper()
    return f"{before} AS BEFORE, OTHER REASONS" if cell.stays else f"{before} TO {after}"


def _add_change(page: Page, change: PossibleChange) -> None:
    page.section(_heading(change))
    page.add(", ".join(change.criteria) + ("," if change.others else "") + change.others, "Because of: ", 2)
    _add_counts(page, change)
    page.add(f"{change.region}.", "Always so for: ", 2)
    page.add(f"{change.caption}:", indent=2)
    for label, value in change.facts:
        page.add(f"{label}: {value}", indent=4)
    page.add(change.answers[0], "OLD: ", 4)
    page.add(change.answers[1], "NEW: ", 4)


def _add_counts(page: Page, cell: Cell) -> None:
    for line in cell.counts:
        page.add(line, indent=2)


def _add_rules(page: Page, report: Report) -> None:
    left, right = halves(page.width)
    if report.changed_rules:
        page.section("CHANGED RULES, OLD BESIDE NEW")
    for rule in report.changed_rules:
        page.add()
        page.add(f"{rule.id}, {rule.what}")
        page.lines += in_two_columns(_lines(rule.old, left), _lines(rule.new, right), left)


def _lines(rows: Iterable[Row], width: int) -> list[str]:
    lines = []
    for row in rows:
        for depth, text in row.conditions:
            lines += wrapped(text, width, "- ", 2 * depth)
        if row.params:
            params = ", ".join(f"{name.replace('_', ' ')}: {value}" for name, value in row.params.items())
            lines += wrapped(params, width, f"{row.action}, ".replace("_", " "))
        for passage in row.passages:
            lines += wrapped(f"[{passage.where}] {passage.says}", width, indent=2)
    return lines or ["(none)"]


def _add_other_changes(page: Page, report: Report) -> None:
    if report.other_changes:
        page.section("CHANGED WITHOUT CHANGING ANY ANSWER")
    for change in report.other_changes:
        page.add(f"{change.what} {change.id}".strip(), "- ")
        if change.old is not None or change.new is not None:
            page.add("(none)" if change.old is None else change.old, "OLD: ", 4)
            page.add("(none)" if change.new is None else change.new, "NEW: ", 4)
