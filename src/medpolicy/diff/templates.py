"""The report as HTML and as Markdown: the files in `templates`, filled in by Jinja (the extra `prove` brings it)."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from medpolicy.diff.report import Report
from medpolicy.text.findings import extra_missing

_ACTIVE = re.compile(r"[\\`*_{}\[\]<>#|~@!]")
"""Characters other than `&` that Markdown may interpret."""


def html(report: Report) -> str:
    """One page that loads nothing, and holds no script."""
    return _filled_in("report.html.jinja", report)


def markdown(report: Report) -> str:
    """A comment for a pull request, each change folded behind one line."""
    return _filled_in("report.md.jinja", report, finalize=_markdown_text)


def _filled_in(template: str, report: Report, finalize: Callable[[Any], Any] | None = None) -> str:
    try:
        from jinja2 import Environment, PackageLoader, StrictUndefined
    except ImportError:
        raise extra_missing("prove") from None
    environment = Environment(
        loader=PackageLoader("medpolicy.diff"),
        autoescape=True,
        finalize=finalize,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters["code"] = _code
    return environment.get_template(template).render(report=report)


def _markdown_text(value: Any) -> Any:
    """Text escaped for Markdown and HTML, on one line; what the template marks as safe stays as it is."""
    from markupsafe import Markup

    if hasattr(value, "__html__"):
        return value
    escaped = _ACTIVE.sub(lambda found: f"&#{ord(found[0])};", str(value).replace("&", "&amp;"))
    return Markup("<br>".join(escaped.splitlines()))


def _code(text: str) -> Any:
    """Text as code: between backticks, within which Markdown interprets nothing, if it can stand there."""
    from markupsafe import Markup

    if "`" in text or not text.isprintable():
        return Markup(f"<code>{_markdown_text(text)}</code>")
    return Markup(f"`{text}`")
