"""Findings on a value of the wrong type or form, in an author's words."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import Any

from medpolicy.language.fields import Day, missing_help
from medpolicy.language.forms import EARLIEST, LATEST
from medpolicy.text.findings import Finding, Path, did_you_mean, listed, quoted

CONDITION_FORMS = "a condition is a group `all` or `any`, or a test with `name`, `operator` and `value`"

_DAY = Day(EARLIEST, LATEST)
_WRITTEN = {
    "text": "text stands in double quotes",
    "a list": "a list stands in square brackets, also one with a single entry: `[…]`",
    "an object": "an object stands in braces: `{…}`",
    "a condition": CONDITION_FORMS,
}
_WHEN_EMPTY = {
    "actions": "it holds one action",
    "otherwise": "it holds one action",
}


def wrong_type(path: Path, value: Any, wanted: str) -> Finding:
    """For a value that is not `wanted`."""
    advice = _WRITTEN.get(wanted)
    if wanted == "a condition" and isinstance(value, list):
        advice = 'put the list into a group: `{"all": […]}`'
    return Finding("wrong-type", f"{_named(path)} must be {wanted}{instead(value)}", path, advice)


def unknown_option(path: Path, value: Any, options: Sequence[str]) -> Finding:
    """For a value that is none of the options of a key."""
    message = f"{_named(path)} must be {listed(options)}{instead(value)}"
    return Finding("unknown-option", message, path, did_you_mean(value, options))


def empty(path: Path) -> Finding:
    """For a list, object or text without content."""
    key = path[-1]
    if key in ("all", "any"):
        return Finding("empty-group", f"the group {quoted(key)} is empty", path, "put at least one test into its list")
    if key == "cites":
        return without_passage("`cites` is empty", path)
    return Finding("empty", f"{_named(path)} is empty", path, _WHEN_EMPTY.get(str(key)))


def without_passage(why: str, path: Path) -> Finding:
    """For a rule that cites nothing."""
    message = f"this rule cites no passage: {why}"
    return Finding("rule-without-passage", message, path, "cite the passage of the document that it embodies")


def malformed(path: Path, value: str) -> Finding:
    """For a text that is no id, or no hash."""
    if path[-1] == "sha256":
        advice = "it has 64 digits from `0` to `9` and `a` to `f`, in lower case"
        return Finding("not-a-hash", f"{quoted(value)} is not a hash", path, advice)
    advice = "an id has lower case letters and digits, in parts joined by `.`, `_` or `-`"
    return Finding("not-an-id", f"{quoted(value)} cannot be an id", path, advice)


def not_a_date(path: Path, value: Any) -> Iterator[Finding]:
    """For a value that is no day as a rule file writes it."""
    for problem in _DAY.problems(value):
        advice = None if missing_help(value) else problem.help
        if path[-1] == "effective_to" and advice is None:
            advice = "write `null` while no end is known"
        yield Finding("not-a-date", f"{_named(path)} {problem.message}{instead(value)}", path, advice)


def instead(value: Any) -> str:
    """The end of a message on what must stand somewhere: what stands there instead."""
    if isinstance(value, dict | list) and value:
        return ", not a list" if isinstance(value, list) else ", not an object"
    return f", not {quoted(json.dumps(value, ensure_ascii=False))}"


def _named(path: Path) -> str:
    """The last key of a path, as the subject of a sentence."""
    if not path:
        return "a rule file"
    if isinstance(path[-1], str):
        return quoted(path[-1])
    keys = [step for step in path if isinstance(step, str)]
    return f"an entry of {quoted(keys[-1])}"
