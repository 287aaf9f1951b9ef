"""A comparison as one page of HTML that needs nothing else."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from html import escape

from medpolicy.diff.compare import Change
from medpolicy.diff.matrix import matrix
from medpolicy.diff.report import PINNED, Report
from medpolicy.diff.side_by_side import Beside, changed_rules
from medpolicy.diff.wording import (
    answer_in_words,
    caption,
    change_in_words,
    ids_in_words,
    request_in_words,
    shares_in_words,
)
from medpolicy.language.determination import Decision
from medpolicy.show.outline import Row

_STYLE = """
:root { color-scheme: light dark; --text: #1b1f24; --page: #fff; --line: #d0d7de; --head: #f6f8fa; --quiet: #57606a; --mark: #d97706;
  --same: #116329; --possible: #ffd8a8; --reasons: #fff3bf; --open: #ffc9c9; }
@media (prefers-color-scheme: dark) { :root { --text: #e6edf3; --page: #0d1117; --line: #3d444d; --head: #151b23; --quiet: #9198a1;
  --mark: #d97706; --same: #56d364; --possible: #7a3e00; --reasons: #5c4b00; --open: #7d1a1a; } }
body { font: 16px/1.5 system-ui, sans-serif; color: var(--text); background: var(--page); margin: 2rem auto; max-width: 68rem; padding: 0 1rem;
  overflow-wrap: anywhere; }
h1 { font-size: 1.6rem; margin-bottom: .2rem; } h2 { font-size: 1.25rem; margin-top: 2.5rem; }
table { border-collapse: collapse; width: 100%; } td, th { text-align: left; vertical-align: top; padding: .35rem .6rem; border: 1px solid var(--line); }
th { background: var(--head); overflow-wrap: normal; } table.facts { width: auto; } caption { text-align: left; padding-bottom: .3rem; }
table.beside { table-layout: fixed; margin-top: .5rem; } code { font: .9em ui-monospace, monospace; }
section { border-left: 4px solid var(--mark); padding: 0 0 .1rem 1rem; margin: 1.5rem 0; }
.headline { font-size: 1.15rem; font-weight: 600; } .equivalent { color: var(--same); }
.quiet { color: var(--quiet); font-size: .9rem; } .passage { border-top: 1px dotted var(--line); margin-top: .4rem; padding-top: .3rem; }
.where { color: var(--quiet); font-size: .85rem; } ul.rule { list-style: none; padding: 0; margin: 0; }
svg.matrix { max-width: 100%; height: auto; margin: 1rem 0; } svg text { font: 14px system-ui, sans-serif; fill: var(--text); }
svg text.axis { fill: var(--quiet); font-size: 12px; } svg a text { text-decoration: underline; }
rect { stroke: var(--quiet); } rect.never { fill: var(--head); } rect.possible { fill: var(--possible); }
rect.reasons { fill: var(--reasons); } rect.open { fill: var(--open); }
"""


def html(report: Report) -> str:
    """The page: it loads nothing, and holds no script."""
    title = f"{report.new.revision.title}: what changes"
    return "\n".join(
        [
            "<!doctype html>",
            f'<html lang="en"><head><meta charset="utf-8"><title>{escape(title)}</title>',
            '<meta name="viewport" content="width=device-width, initial-scale=1">',
            f"<style>{_STYLE}</style></head><body>",
            f"<h1>{escape(title)}</h1>",
            *_body(report),
            "</body></html>\n",
        ]
    )


def _body(report: Report) -> Iterator[str]:
    yield f"<p>Old: {escape(report.old.title)}<br>New: {escape(report.new.title)}</p>"
    kind = "headline equivalent" if report.equivalent else "headline"
    yield f'<p class="{kind}">{escape(report.headline)}</p>'
    yield from (f"<p>{escape(each)}</p>" for each in report.remarks)
    yield f'<p class="quiet">{escape(PINNED)}</p>'
    yield matrix(report)
    changes = (*report.comparison.transitions, *report.comparison.reasons)
    if changes or report.comparison.open:
        yield "<h2>Changed answers</h2>"
    for change in changes:
        yield from _change(report, change)
    for each in report.comparison.open:
        yield f'<section id="{each.before}-{each.after}"><h3>{change_in_words(each.before, each.after)}</h3>'
        yield f"<p>Whether this can happen could not be told within {each.limit:g} s.</p>"
        yield from _shares(report, each.before, each.after)
        yield "</section>"
    changed = list(changed_rules(report.comparison))
    if changed:
        yield "<h2>Changed rules and the passages that they embody</h2>"
    for rule in changed:
        yield from _rule(rule)
    yield from _apart(report)


def _change(report: Report, change: Change) -> Iterator[str]:
    yield f'<section id="{change.before}-{change.after}"><h3>{change_in_words(change.before, change.after)}</h3>'
    ids = (f"<code>{escape(id)}</code>" for id in change.criteria)
    yield f"<p>Because of {ids_in_words(ids, change.all_criteria)}.</p>"
    yield from _shares(report, change.before, change.after)
    yield f"<p>Always so for {escape(report.region(change))}.</p>"
    yield f'<table class="facts"><caption class="quiet">{caption(change.witness)}</caption>'
    for label, value in request_in_words(change.witness.request, report.new.vocabulary):
        yield f"<tr><th>{escape(label)}</th><td>{escape(value)}</td></tr>"
    for name, determination in zip(("Old", "New"), change.witness.determinations, strict=True):
        yield f"<tr><th>{name} answer</th><td><b>{escape(answer_in_words(determination))}</b></td></tr>"
    yield "</table></section>"


def _shares(report: Report, before: Decision, after: Decision) -> Iterator[str]:
    lines = list(shares_in_words(report.corpus, report.share(before, after)))
    if lines:
        yield f"<p>{'<br>'.join(map(escape, lines))}</p>"


def _rule(rule: Beside) -> Iterator[str]:
    yield f'<table class="beside"><caption class="quiet"><code>{escape(rule.id)}</code>, {escape(rule.what)}</caption>'
    yield "<tr><th>Old</th><th>New</th></tr><tr>"
    for rows in (rule.old, rule.new):
        yield f"<td>{''.join(map(_row, rows)) or '(none)'}</td>"
    yield "</tr></table>"


def _row(row: Row) -> str:
    lines = "".join(
        f'<li style="margin-left: {1.2 * depth:g}rem">{escape(text)}</li>' for depth, text in row.conditions
    )
    said = "; ".join(f"{name.replace('_', ' ')}: {value}" for name, value in row.params.items())
    action = f'<p class="quiet">{escape(row.action.replace("_", " "))}, {escape(said)}</p>'
    return f'<ul class="rule">{lines}</ul>{action}{_passages(row)}'


def _passages(row: Row) -> str:
    return "".join(
        f'<div class="passage"><span class="where">{escape(each.where)}</span><br>{escape(each.says)}</div>'
        for each in row.passages
    )


def _apart(report: Report) -> Iterator[str]:
    if not report.apart:
        return
    yield "<h2>Changed without changing any answer</h2><table><tr><th>What</th><th>Old</th><th>New</th></tr>"
    for each in report.apart:
        what = f"{escape(each.what)} <code>{escape(each.id)}</code>" if each.id else escape(each.what)
        yield f"<tr><td>{what}</td>{''.join(map(_state, _states(each.old, each.new)))}</tr>"
    yield "</table>"


def _states(old: str | None, new: str | None) -> Sequence[str]:
    if old is None and new is None:
        return ("", "")
    return tuple("(none)" if text is None else text for text in (old, new))


def _state(text: str) -> str:
    return f"<td>{escape(text)}</td>"
