"""Faults of shape: what the models of a rule file refuse, in an author's words."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import NoneType
from typing import Annotated, Any, get_args, get_origin

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from medpolicy.fields import day
from medpolicy.revision import All, Any_, Revision, Test, condition_form
from medpolicy.source import DEEPEST, Finding, Path, depth_of, did_you_mean, listed, quoted

_GROUP_KEYS = {"all", "any", "name", "operator", "value"}
_LEVELS_PER_GROUP = 2
_FORMS: Mapping[str, type[BaseModel]] = {"<all>": All, "<any>": Any_, "<test>": Test}


def shape_faults(document: Any, text: bytes) -> tuple[Revision | None, list[Finding]]:
    """The revision, or None and every fault of shape."""
    if not isinstance(document, dict):
        return None, [Finding("wrong-type", "a rule file must be an object")]
    deep = list(_too_deep(document))
    if deep:
        return None, deep
    try:
        return Revision.model_validate_json(text), []
    except ValidationError as error:
        told = [_told(each, document) for each in error.errors(include_url=False)]
    unique = {(each.path, each.code): each for each in told if each is not None}
    return None, list(unique.values())


def conditions_of(document: Any) -> Iterable[tuple[Path, Any]]:
    """Every condition of a document as it stands, faults and all, with its path."""
    for place, pathway in _items(document, "pathways"):
        if isinstance(pathway, dict):
            if "applies" in pathway:
                yield (*place, "applies"), pathway["applies"]
            for inner, criterion in _items(pathway, "criteria"):
                if isinstance(criterion, dict) and "conditions" in criterion:
                    yield (*place, *inner, "conditions"), criterion["conditions"]
    for place, flag in _items(document, "review_flags"):
        if isinstance(flag, dict) and "conditions" in flag:
            yield (*place, "conditions"), flag["conditions"]


def _items(part: Any, key: str) -> list[tuple[Path, Any]]:
    listed_parts = part.get(key) if isinstance(part, dict) else None
    if not isinstance(listed_parts, list):
        return []
    return [((key, place), item) for place, item in enumerate(listed_parts)]


def _too_deep(document: Any) -> Iterable[Finding]:
    for path, condition in conditions_of(document):
        if depth_of(condition) > DEEPEST * _LEVELS_PER_GROUP + 1:
            yield Finding("nesting", f"groups are nested deeper than {DEEPEST} levels", path, "flatten the groups")


def _told(error: ErrorDetails, document: Any) -> Finding | None:
    """The finding for one error of the models, or None where it only follows from others."""
    kind, path = error["type"], _path(error["loc"], document)
    value = error["input"]
    if kind == "extra_forbidden":
        return _unknown_key(error["loc"], path)
    if kind == "missing":
        key = path[-1]
        return Finding("missing-key", f"the key {quoted(key)} is missing", path[:-1], f"add {quoted(key)}")
    if kind == "too_short" and isinstance(value, list) and value:
        return None
    if kind == "too_long":
        return Finding("wrong-type", "must hold exactly one action", path)
    if kind == "too_short":
        group = path[-1] in ("all", "any")
        code = "empty-group" if group else "empty"
        thing = f"the group {quoted(path[-1])}" if group else quoted(path[-1])
        return Finding(code, f"{thing} is empty; it needs at least one entry", path)
    if kind in ("not_a_day", "string_pattern_mismatch", "string_too_short"):
        return _malformed(path, value)
    return Finding("wrong-type", f"{_named(path)} must be {_wanted(error)}", path, _type_help(kind, value))


def _path(loc: tuple[int | str, ...], document: Any) -> Path:
    """The place in the document: the models name the form of a condition and of a value besides."""
    path: list[int | str] = []
    here = document
    for step in loc:
        if isinstance(step, str) and (step in _FORMS or step == "[key]"):
            continue
        if isinstance(here, dict):
            if step not in here and path and path[-1] == "value":
                continue
            path.append(step)
            here = here.get(step)
        elif isinstance(here, list) and isinstance(step, int) and step < len(here):
            path.append(step)
            here = here[step]
    return tuple(path)


def _unknown_key(loc: tuple[int | str, ...], path: Path) -> Finding:
    key = path[-1]
    model = _model_at(loc[:-1])
    if model in (All, Any_) and key in _GROUP_KEYS:
        group = "all" if model is All else "any"
        other = "hold `all` and `any`" if key in ("all", "any") else "be a test"
        advice = "put the other one inside it, as an entry of its list"
        return Finding("mixed-group", f"a group {quoted(group)} cannot also {other}", path, advice)
    keys = [field.alias or name for name, field in model.model_fields.items()] if model else []
    advice_text = did_you_mean(key, keys) or (f"the keys here are {listed(keys, last='and')}" if keys else None)
    return Finding("unknown-key", f"unknown key {quoted(key)}", path, advice_text)


def _model_at(loc: tuple[int | str, ...]) -> type[BaseModel] | None:
    """The model that an object at this place is held against."""
    here: Any = Revision
    for step in loc:
        if step in _FORMS:
            here = _FORMS[str(step)]
        elif isinstance(here, type) and issubclass(here, BaseModel):
            by_alias = {field.alias or name: field.annotation for name, field in here.model_fields.items()}
            here = by_alias.get(str(step))
        else:
            here = _part(here)
    return here if isinstance(here, type) and issubclass(here, BaseModel) else None


def _part(annotation: Any) -> Any:
    """What a list or mapping holds."""
    if get_origin(annotation) is Annotated:
        annotation = get_args(annotation)[0]
    held = [each for each in get_args(annotation) if each is not Ellipsis and each is not NoneType]
    return held[-1] if held else None


def _malformed(path: Path, value: Any) -> Finding:
    key = path[-1] if path else ""
    if key in ("effective_from", "effective_to"):
        shown = f"{quoted(value)} is not a date of the calendar" if isinstance(value, str) else "must be a date"
        return Finding("not-a-date", shown, path, "a date is written `YYYY-MM-DD`")
    if isinstance(value, str) and not value.strip():
        return Finding("empty", f"{_named(path)} is empty", path)
    if key == "sha256":
        return Finding("not-a-hash", f"{quoted(value)} is not a hash", path, "64 hexadecimal digits in lower case")
    advice = "lower case letters and digits, parts joined by `.`, `_` or `-`"
    return Finding("not-an-id", f"{quoted(value)} cannot be an id", path, advice)


_WANTED = {
    "string_type": "text",
    "int_type": "a whole number",
    "bool_type": "`true` or `false`",
    "tuple_type": "a list",
    "dict_type": "an object",
    "model_type": "an object",
    "model_attributes_type": "an object",
    "date_type": "a date, written `YYYY-MM-DD`",
    "date_from_datetime_parsing": "a date, written `YYYY-MM-DD`",
    "greater_than_equal": "a date from 1900-01-01 on",
    "less_than_equal": "a date up to 2199-12-31",
}


def _wanted(error: ErrorDetails) -> str:
    if error["type"] == "literal_error":
        return str(error["ctx"]["expected"]).replace("'", "`")
    if "value" in error["loc"] or "params" in error["loc"]:
        return (
            "text, a whole number, `true` or a list of texts" if "value" in error["loc"] else "text or a whole number"
        )
    if error["type"] in ("model_type", "model_attributes_type") and condition_form(error["input"]) == "<test>":
        inside = any(step in ("all", "any", "applies", "conditions") for step in error["loc"])
        return "a group (`all` or `any`) or a test" if inside else "an object"
    return _WANTED.get(error["type"], "of another type")


def _type_help(kind: str, value: Any) -> str | None:
    if kind == "date_type" and isinstance(value, str) and day(value) is None:
        return "a date is written `YYYY-MM-DD`, and the calendar must have it"
    return None


def _named(path: Path) -> str:
    names = [step for step in path if isinstance(step, str)]
    if not path:
        return "the document"
    return quoted(path[-1]) if isinstance(path[-1], str) else f"an entry of {quoted(names[-1] if names else '')}"
