"""The transition matrix as a drawing: rows are old decisions, columns new ones."""

from __future__ import annotations

from collections.abc import Iterator
from html import escape

from medpolicy.diff.report import Report
from medpolicy.language.determination import Decision
from medpolicy.solve import DECISIONS

_LEFT, _TOP, _WIDE, _HIGH, _GAP = 84, 56, 116, 72, 6


def matrix(report: Report) -> str:
    """An SVG element; a cell that can happen is a link to its part of the page."""
    width = _LEFT + len(DECISIONS) * (_WIDE + _GAP)
    height = _TOP + len(DECISIONS) * (_HIGH + _GAP)
    drawn = "".join(_parts(report))
    return (
        f'<svg class="matrix" viewBox="0 0 {width} {height}" width="{width}" height="{height}" role="img"'
        f' aria-label="which decisions can change into which">{drawn}</svg>'
    )


def _parts(report: Report) -> Iterator[str]:
    middle = _LEFT + (len(DECISIONS) * (_WIDE + _GAP) - _GAP) / 2
    yield f'<text x="{middle:g}" y="16" class="axis" text-anchor="middle">new decision</text>'
    yield f'<text x="0" y="{_TOP - 12}" class="axis">old decision</text>'
    for place, decision in enumerate(DECISIONS):
        x = _LEFT + place * (_WIDE + _GAP) + _WIDE / 2
        y = _TOP + place * (_HIGH + _GAP) + _HIGH / 2 + 5
        yield f'<text x="{x:g}" y="{_TOP - 12}" text-anchor="middle">{decision}</text>'
        yield f'<text x="0" y="{y:g}">{decision}</text>'
        for other, after in enumerate(DECISIONS):
            yield _cell(report, decision, after, place, other)


def _cell(report: Report, before: Decision, after: Decision, row: int, column: int) -> str:
    state = report.state(before, after)
    x, y = _LEFT + column * (_WIDE + _GAP), _TOP + row * (_HIGH + _GAP)
    kind = "reasons" if state == "possible" and before == after else state
    vocabulary = {
        "never": "same answers" if before == after else "never (proven)",
        "reasons": "other reasons",
        "possible": "possible",
        "open": "not settled",
    }[kind]
    lines = [vocabulary, *_counted(report, before, after)] if state != "never" and before != after else [vocabulary]
    first = y + _HIGH / 2 + 5 - 10 * (len(lines) - 1)
    text = "".join(
        f'<text x="{x + _WIDE / 2:g}" y="{first + 20 * place:g}" text-anchor="middle">{escape(line)}</text>'
        for place, line in enumerate(lines)
    )
    drawn = f'<rect class="{kind}" x="{x}" y="{y}" width="{_WIDE}" height="{_HIGH}" rx="4"/>{text}'
    return drawn if state == "never" else f'<a href="#{before}-{after}">{drawn}</a>'


def _counted(report: Report, before: Decision, after: Decision) -> list[str]:
    share = report.share(before, after)
    if share is None or report.corpus is None:
        return []
    return [f"{share.count} {'record' if share.count == 1 else 'records'}", f"{report.corpus.part(share.count):.2%}"]
