"""A comparison as a text for a policy author."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from medpolicy.diff.compare import Change
from medpolicy.diff.report import PINNED, Report
from medpolicy.diff.side_by_side import changed_rules
from medpolicy.diff.wording import answer_in_words, caption, ids_in_words, request_in_words, shares_in_words
from medpolicy.language.determination import Decision
from medpolicy.show.outline import Row
from medpolicy.solve import DECISIONS
from medpolicy.text.layout import Page, beside, halves, wrapped

_CELL = 16


def plain(report: Report, width: int = 80) -> str:
    """The text, wrapped to `width` columns."""
    page = Page(width)
    page.add(report.new.revision.title)
    page.add(report.old.title, "OLD: ")
    page.add(report.new.title, "NEW: ")
    page.add(PINNED)
    page.add()
    page.add(report.headline)
    for sentence in report.remarks:
        page.add(sentence)
    if not report.equivalent:
        _add_matrix(page, report)
    for change in (*report.comparison.transitions, *report.comparison.reasons):
        _add_change(page, report, change)
    for each in report.comparison.open:
        page.section(f"{_heading(each.before, each.after)}: NOT SETTLED")
        page.add(f"Whether this can happen could not be told within {each.limit:g} s.", indent=2)
        _add_corpus(page, report, each.before, each.after)
    _add_rules(page, report)
    _add_apart(page, report)
    return page.text()


def _add_matrix(page: Page, report: Report) -> None:
    page.add()
    page.lines.append("OLD / NEW".ljust(_CELL) + "".join(each.ljust(_CELL) for each in DECISIONS).rstrip())
    for before in DECISIONS:
        cells = [_cell(report, before, after) for after in DECISIONS]
        page.lines.append((before.ljust(_CELL) + "".join(each.ljust(_CELL) for each in cells)).rstrip())


def _cell(report: Report, before: Decision, after: Decision) -> str:
    state = report.state(before, after)
    if before == after:
        return {"never": "same answers", "possible": "other reasons", "open": "not settled"}[state]
    share = report.share(before, after)
    counted = "" if share is None or state == "never" else f" ({share.count})"
    return {"never": "never", "possible": "possible", "open": "not settled"}[state] + counted


def _heading(before: Decision, after: Decision) -> str:
    return f"{before.upper()} AS BEFORE, OTHER REASONS" if before == after else f"{before.upper()} TO {after.upper()}"


def _add_change(page: Page, report: Report, change: Change) -> None:
    page.section(_heading(change.before, change.after))
    page.add(ids_in_words(change.criteria, change.all_criteria), "Because of: ", 2)
    _add_corpus(page, report, change.before, change.after)
    page.add(f"{report.region(change)}.", "Always so for: ", 2)
    page.add(f"{caption(change.witness)}:", indent=2)
    for label, value in request_in_words(change.witness.request, report.new.vocabulary):
        page.add(f"{label}: {value}", indent=4)
    for name, determination in zip(("OLD", "NEW"), change.witness.determinations, strict=True):
        page.add(answer_in_words(determination), f"{name}: ", 4)


def _add_corpus(page: Page, report: Report, before: Decision, after: Decision) -> None:
    for line in shares_in_words(report.corpus, report.share(before, after)):
        page.add(line, indent=2)


def _add_rules(page: Page, report: Report) -> None:
    left, right = halves(page.width)
    for place, each in enumerate(changed_rules(report.comparison)):
        if place == 0:
            page.section("CHANGED RULES, OLD BESIDE NEW")
        page.add()
        page.add(f"{each.id}, {each.what}")
        page.lines += beside(_rule(each.old, left), _rule(each.new, right), left)


def _rule(rows: Sequence[Row], width: int) -> list[str]:
    return [line for row in rows for line in _row(row, width)] or ["(none)"]


def _row(row: Row, width: int) -> Iterable[str]:
    for depth, text in row.conditions:
        yield from wrapped(text, width, "- ", 2 * depth)
    if row.params:
        said = ", ".join(f"{name.replace('_', ' ')}: {value}" for name, value in row.params.items())
        yield from wrapped(said, width, f"{row.action}, ".replace("_", " "))
    for passage in row.passages:
        yield from wrapped(f"[{passage.where}] {passage.says}", width, indent=2)


def _add_apart(page: Page, report: Report) -> None:
    if report.apart:
        page.section("CHANGED WITHOUT CHANGING ANY ANSWER")
    for each in report.apart:
        page.add(f"{each.what} {each.id}".strip(), "- ")
        for name, text in (("OLD", each.old), ("NEW", each.new)):
            if each.old is not None or each.new is not None:
                page.add("(none)" if text is None else text, f"{name}: ", 4)
