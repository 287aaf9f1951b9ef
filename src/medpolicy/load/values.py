"""Values of the wrong type or form, in an author's words."""

from __future__ import annotations

import json
from typing import Any, Literal, get_args, get_origin

from pydantic import BaseModel
from pydantic_core import ErrorDetails

from medpolicy.fields import Day, missing_help
from medpolicy.forms import EARLIEST, LATEST
from medpolicy.revision import Action, All, Any_, Test
from medpolicy.source import Finding, Path, did_you_mean, listed, quoted

CONDITION_FORMS = "a condition is a group `all` or `any`, or a test with `name`, `operator` and `value`"

_DAY = Day(EARLIEST, LATEST)
_BY_KIND = {
    "string_type": ("text", "text stands in double quotes"),
    "tuple_type": ("a list", "a list stands in square brackets, also one with a single entry: `[…]`"),
    "dict_type": ("an object", "an object stands in braces: `{…}`"),
    "model_type": ("an object", "an object stands in braces: `{…}`"),
}


def refused(error: ErrorDetails, path: Path, wanted: Any, owner: type[BaseModel] | None) -> Finding:
    """The finding for a value that cannot be `wanted`, the annotation of its place; `owner` has the place as a key."""
    kind, value = error["type"], error["input"]
    if kind == "not_a_day":
        return _not_a_date(path, value)
    if kind == "too_long":
        return Finding("several-actions", f"{_named(path)} must hold exactly one action", path, "keep one of them")
    if kind == "too_short" or (isinstance(value, str) and not value.strip()):
        return _empty(path)
    if kind == "string_pattern_mismatch":
        return _malformed(path, value)
    code = "unknown-option" if get_origin(wanted) is Literal else "wrong-type"
    message, advice = _type(kind, path, value, wanted, owner)
    return Finding(code, f"{_named(path)} must be {message}{instead(value)}", path, advice)


def instead(value: Any) -> str:
    """The end of a message on what must stand somewhere: what stands there instead."""
    if isinstance(value, dict | list) and value:
        return ", not a list" if isinstance(value, list) else ", not an object"
    return f", not {quoted(json.dumps(value, ensure_ascii=False))}"


def _not_a_date(path: Path, value: Any) -> Finding:
    problem = _DAY.problems(value)[0]
    advice = None if missing_help(value) else problem.help
    if path[-1] == "effective_to" and advice is None:
        advice = "write `null` while no end is known"
    return Finding("not-a-date", f"{_named(path)} {problem.message}{instead(value)}", path, advice)


def _type(kind: str, path: Path, value: Any, wanted: Any, owner: type[BaseModel] | None) -> tuple[str, str | None]:
    """What must stand there, and a help line."""
    if owner is Test and path[-1] == "value":
        return "text, a whole number, `true` or a list of texts", None
    if owner is Action and path[-1] != "params" and "params" in path:
        return "text or a whole number", None
    if wanted in (All, Any_, Test):
        in_a_group = 'put the list into a group: `{"all": […]}`'
        return "a condition", in_a_group if isinstance(value, list) else CONDITION_FORMS
    if get_origin(wanted) is Literal:
        return listed(get_args(wanted)), did_you_mean(value, get_args(wanted))
    return _BY_KIND.get(kind, ("of another type", None))


def _empty(path: Path) -> Finding:
    key = path[-1]
    if key in ("all", "any"):
        return Finding("empty-group", f"the group {quoted(key)} is empty", path, "put at least one test into its list")
    advice = {
        "cites": "cite the passage that this embodies",
        "actions": "it holds one action",
        "otherwise": "it holds one action",
    }
    return Finding("empty", f"{_named(path)} is empty", path, advice.get(str(key)))


def _malformed(path: Path, value: Any) -> Finding:
    if path[-1] == "sha256":
        return Finding(
            "not-a-hash",
            f"{quoted(value)} is not a hash",
            path,
            "it has 64 digits from `0` to `9` and `a` to `f`, in lower case",
        )
    advice = "an id has lower case letters and digits, in parts joined by `.`, `_` or `-`"
    return Finding("not-an-id", f"{quoted(value)} cannot be an id", path, advice)


def _named(path: Path) -> str:
    """The last key of a path, as the subject of a sentence."""
    if isinstance(path[-1], str):
        return quoted(path[-1])
    keys = [step for step in path if isinstance(step, str)]
    return f"an entry of {quoted(keys[-1])}"
