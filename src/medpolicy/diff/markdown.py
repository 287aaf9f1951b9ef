"""A comparison as Markdown for a comment on a pull request."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from medpolicy.diff.compare import Change
from medpolicy.diff.report import PINNED, Report
from medpolicy.diff.side_by_side import changed_rules
from medpolicy.diff.wording import answer_in_words, caption, change_in_words, request_in_words, shares_in_words
from medpolicy.language.determination import Decision
from medpolicy.show.outline import Row
from medpolicy.solve import DECISIONS

_ACTIVE = re.compile(r"[\\`*_{}\[\]<>#|~@!]")


def markdown(report: Report) -> str:
    """The text, each change folded behind one line."""
    return "\n".join(_lines(report)) + "\n"


def _lines(report: Report) -> Iterator[str]:
    yield f"### {_text(report.new.revision.title)}: what changes"
    yield ""
    yield f"Old: {_text(report.old.title)}  "
    yield f"New: {_text(report.new.title)}"
    yield ""
    yield f"**{_text(report.headline)}**"
    yield from (f"\n{_text(each)}" for each in report.remarks)
    yield ""
    if not report.equivalent:
        yield from _matrix(report)
    for change in (*report.comparison.transitions, *report.comparison.reasons):
        yield from _change(report, change)
    for each in report.comparison.open:
        yield f"- {change_in_words(each.before, each.after)}: could not be settled within {each.limit:g} s"
        yield from (f"  - {_text(line)}" for line in _shares(report, each.before, each.after))
    yield from _rules(report)
    yield from _apart(report)
    yield f"<sub>{PINNED}</sub>"


def _matrix(report: Report) -> Iterator[str]:
    yield f"| old \\ new | {' | '.join(DECISIONS)} |"
    yield f"|---|{'---|' * len(DECISIONS)}"
    for before in DECISIONS:
        yield f"| **{before}** | {' | '.join(_cell(report, before, after) for after in DECISIONS)} |"
    yield ""


def _cell(report: Report, before: Decision, after: Decision) -> str:
    state = report.state(before, after)
    if state == "never":
        return "same answers" if before == after else "never"
    said = "**not settled**" if state == "open" else "other reasons" if before == after else "**possible**"
    share = report.share(before, after)
    return said if share is None else f"{said} ({share.count})"


def _change(report: Report, change: Change) -> Iterator[str]:
    others = "" if change.all_criteria else " and perhaps others (the time did not suffice to look at every rule)"
    criteria = ", ".join(f"<code>{_text(id)}</code>" for id in change.criteria)
    yield f"<details><summary><b>{change_in_words(change.before, change.after)}</b>: {criteria}{others}</summary>"
    yield ""
    for line in _shares(report, change.before, change.after):
        yield f"- {_text(line)}"
    yield f"- Always so for {_text(report.region(change))}."
    yield ""
    yield f"{caption(change.witness)}:"
    yield ""
    yield "| fact | value |"
    yield "|---|---|"
    for label, value in request_in_words(change.witness.request, report.new.vocabulary):
        yield f"| {_text(label)} | {_text(value)} |"
    for name, determination in zip(("old", "new"), change.witness.determinations, strict=True):
        yield f"| **{name} answer** | {_text(answer_in_words(determination))} |"
    yield ""
    yield "</details>"
    yield ""


def _shares(report: Report, before: Decision, after: Decision) -> Iterator[str]:
    yield from shares_in_words(report.corpus, report.share(before, after))


def _rules(report: Report) -> Iterator[str]:
    changed = list(changed_rules(report.comparison))
    if not changed:
        return
    yield "| rule | old | new |"
    yield "|---|---|---|"
    for each in changed:
        yield f"| `{each.id}`, {_text(each.what)} | {_rule(each.old)} | {_rule(each.new)} |"
    yield ""


def _rule(rows: Sequence[Row]) -> str:
    return "<br>".join(line for row in rows for line in _row(row)) or "(none)"


def _row(row: Row) -> Iterator[str]:
    for depth, text in row.conditions:
        yield "&nbsp;" * (4 * depth) + _text(text)
    for passage in row.passages:
        yield f"<i>{_text(passage.where)}: {_text(passage.says)}</i>"


def _apart(report: Report) -> Iterator[str]:
    if not report.apart:
        return
    yield f"<details><summary>Changed without changing any answer: {len(report.apart)}</summary>"
    yield ""
    for each in report.apart:
        change = (
            ""
            if each.old is None and each.new is None
            else f": {_state(each.old)} \N{RIGHTWARDS ARROW} {_state(each.new)}"
        )
        yield f"- {_text(each.what)}{f' `{each.id}`' if each.id else ''}{change}"
    yield ""
    yield "</details>"
    yield ""


def _state(text: str | None) -> str:
    return "(none)" if text is None else _text(text)


def _text(text: str) -> str:
    """Text that Markdown and HTML take as it is written, on one line."""
    escaped = _ACTIVE.sub(lambda found: f"&#{ord(found[0])};", text.replace("&", "&amp;"))
    return "<br>".join(escaped.splitlines())
