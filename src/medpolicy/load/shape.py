"""Faults of shape: what the models refuse in a document, in an author's words."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cache
from types import NoneType, UnionType
from typing import Annotated, Any, NamedTuple, Union, get_args, get_origin

from pydantic import BaseModel, ValidationError
from pydantic_core import to_json

from medpolicy.language.fields import Day, missing_help
from medpolicy.language.forms import EARLIEST, LATEST
from medpolicy.language.revision import Action, All, Any_, Revision, Test
from medpolicy.load.keys import CONDITION_FORMS, key_faults, without_passage
from medpolicy.load.parts import parts_of
from medpolicy.text.findings import Finding, Path, did_you_mean, listed, quoted

KeyFaults = Callable[[Path, type[BaseModel], Mapping[str, Any], Sequence[str], Sequence[str]], Iterator[Finding]]
"""The findings on one object, given its model and its unknown and missing keys."""

WRONG_SHAPE = Finding("wrong-shape", "this has not the shape of a rule file")
"""For a fault of shape that has no message of its own; a test shows that there is none."""

_DAY = Day(EARLIEST, LATEST)
_FORMS: dict[Any, type[BaseModel]] = {"<all>": All, "<any>": Any_, "<test>": Test}
_WANTED = {
    "string_type": "text",
    "tuple_type": "a list",
    "list_type": "a list",
    "dict_type": "an object",
    "model_type": "an object",
}
_WRITTEN = {
    "text": "text stands in double quotes",
    "a list": "a list stands in square brackets, also one with a single entry: `[…]`",
    "an object": "an object stands in braces: `{…}`",
    "a condition": CONDITION_FORMS,
}
_WHEN_EMPTY = {
    "actions": "it holds one action",
    "otherwise": "it holds one action",
    "shows": "say in one sentence what the case shows",
}


class _Place(NamedTuple):
    """A value of a document with its path and the annotation that it has in the models."""

    path: Path
    value: Any
    annotation: Any


def shape_faults(document: Any) -> Iterator[Finding]:
    """What keeps a document from being a revision; nothing where `Revision` accepts it."""
    if isinstance(document, dict) and document and not _telling_keys() & document.keys():
        message = "this is not a rule file: it has none of the keys of one"
        advice = "a rule file begins with `policy`, `title`, `revision`, and has `pathways`"
        yield Finding("not-a-rule-file", message, (), advice)
        return
    try:
        Revision.model_validate_json(to_json(document))
    except ValidationError as error:
        yield from model_faults(error, Revision, document, key_faults)
        yield from _several_actions(document)


def model_faults(
    error: ValidationError, model: type[BaseModel], content: Any, of_keys: KeyFaults, path: Path = ()
) -> Iterator[Finding]:
    """A finding for each thing that a model refused in `content`, which stands at `path` of its document."""
    reported: set[tuple[Path, str]] = set()
    for fault in error.errors(include_url=False, include_input=False):
        kind, loc = fault["type"], fault["loc"]
        about_keys = kind in ("missing", "extra_forbidden")
        place = _place(model, content, loc[:-1] if about_keys else loc)
        reason = "keys" if about_keys else "key" if loc[-1:] == ("[key]",) else "value"
        if (place.path, reason) in reported:
            continue
        reported.add((place.path, reason))
        place = place._replace(path=(*path, *place.path))
        if reason == "keys":
            yield from _of_keys(place, of_keys)
        elif reason == "key":
            yield _of_text(place.path, str(place.path[-1]))
        elif kind == "too_long":  # entries beyond the limit keep pydantic from looking at the others
            for index, action in enumerate(place.value):
                yield from _action_faults(action, (*place.path, index))
        elif kind != "too_short" or not place.value:  # pydantic counts only the entries without a fault
            yield _of_value(kind, place, fault.get("ctx", {}))


def instead(value: Any) -> str:
    """The end of a message on what must stand somewhere: what stands there instead."""
    if isinstance(value, dict | list) and value:
        return ", not a list" if isinstance(value, list) else ", not an object"
    return f", not {quoted(json.dumps(value, ensure_ascii=False))}"


def _telling_keys() -> set[str]:
    """The keys that distinguish a rule file from other documents."""
    return _fields(Revision).keys() - {"$schema", "title", "note", "source"}


def _several_actions(document: Any) -> Iterator[Finding]:
    for part in parts_of(document):
        actions = part.content.get(part.action_key)
        if isinstance(actions, list) and len(actions) > 1:
            message = f"`{part.action_key}` must hold exactly one action"
            yield Finding("several-actions", message, (*part.path, part.action_key), "keep one of them")


def _action_faults(action: Any, path: Path) -> Iterator[Finding]:
    try:
        Action.model_validate_json(to_json(action))
    except ValidationError as error:
        yield from model_faults(error, Action, action, key_faults, path)


def _place(model: type[BaseModel], content: Any, loc: tuple[int | str, ...]) -> _Place:
    """The place that pydantic means: its `loc` also names the forms of a condition and of a constant."""
    path, value, annotation = [], content, model
    for step in loc:
        inner = _annotation_inside(annotation, step)
        if inner is None:
            break
        annotation = inner
        if inner is not _FORMS.get(step):
            path.append(step)
            value = value[step]
    return _Place(tuple(path), value, annotation)


def _annotation_inside(annotation: Any, step: int | str) -> Any:
    """The annotation of a part of a value, or None where the step leads to no part."""
    annotation = _without_none(annotation)
    origin, args = get_origin(annotation), get_args(annotation)
    if origin in (tuple, list):
        return args[0]
    if origin is dict:
        return args[1]
    return _FORMS.get(step) if args else _fields(annotation).get(str(step))


@cache
def _fields(model: type[BaseModel]) -> dict[str, Any]:
    """The annotation of each key of a model; only a key that must be there can have to be `null`."""
    return {
        info.alias or name: info.annotation if info.is_required() else _without_none(info.annotation)
        for name, info in getattr(model, "model_fields", {}).items()
    }


def _without_none(annotation: Any) -> Any:
    """An annotation without its metadata and without `| None`."""
    args = get_args(annotation)
    if get_origin(annotation) is Annotated:
        return _without_none(args[0])
    return _without_none(next(arg for arg in args if arg is not NoneType)) if NoneType in args else annotation


def _of_keys(place: _Place, of_keys: KeyFaults) -> Iterator[Finding]:
    model: type[BaseModel] = _without_none(place.annotation)
    unknown = [key for key in place.value if key not in _fields(model)]
    required = (info.alias or name for name, info in model.model_fields.items() if info.is_required())
    missing = [key for key in required if key not in place.value]
    yield from of_keys(place.path, model, place.value, unknown, missing)


def _of_value(kind: str, place: _Place, context: Mapping[str, Any]) -> Finding:
    path, value = place.path, place.value
    annotation = _without_none(place.annotation)
    options = get_args(annotation)
    match kind:
        case "not_a_day":
            return _not_a_date(path, value)
        case "too_short":
            return _empty(path)
        case "string_too_short" | "string_pattern_mismatch":
            return _of_text(path, value)
        case "literal_error":
            message = f"{_named(path)} must be {listed(options)}{instead(value)}"
            return Finding("unknown-option", message, path, did_you_mean(value, options))
        case "wrong_value":
            return Finding("wrong-value", f"{_named(path)} {context['problem']}{instead(value)}", path, context["help"])
    if get_origin(annotation) in (Union, UnionType):  # of the forms of a constant
        or_list = any(get_origin(option) is tuple for option in options)
        wanted = "text, a whole number, `true` or a list of texts" if or_list else "text or a whole number"
        return _wrong_type(path, value, wanted)
    if kind not in _WANTED:
        return replace(WRONG_SHAPE, path=path)
    wanted = "a condition" if place.annotation in _FORMS.values() else _WANTED[kind]
    return _wrong_type(path, value, f"{wanted} or `null`" if NoneType in get_args(place.annotation) else wanted)


def _wrong_type(path: Path, value: Any, wanted: str) -> Finding:
    advice = _WRITTEN.get(wanted)
    if wanted == "a condition" and isinstance(value, list):
        advice = 'put the list into a group: `{"all": […]}`'
    return Finding("wrong-type", f"{_named(path)} must be {wanted}{instead(value)}", path, advice)


def _empty(path: Path) -> Finding:
    key = path[-1]
    if key in ("all", "any"):
        return Finding("empty-group", f"the group {quoted(key)} is empty", path, "put at least one test into its list")
    if key == "cites":
        return without_passage("`cites` is empty", path)
    return Finding("empty", f"{_named(path)} is empty", path, _WHEN_EMPTY.get(str(key)))


def _of_text(path: Path, text: str) -> Finding:
    """For a text that is empty, or no id, or no hash."""
    if not text.strip():
        return _empty(path)
    if path[-1] == "sha256":
        advice = "it has 64 digits from `0` to `9` and `a` to `f`, in lower case"
        return Finding("not-a-hash", f"{quoted(text)} is not a hash", path, advice)
    advice = "an id has lower case letters and digits, in parts joined by `.`, `_` or `-`"
    return Finding("not-an-id", f"{quoted(text)} cannot be an id", path, advice)


def _not_a_date(path: Path, value: Any) -> Finding:
    problem = _DAY.problems(value)[0]
    advice = None if missing_help(value) else problem.help
    if path[-1] == "effective_to" and advice is None:
        advice = "write `null` while no end is known"
    return Finding("not-a-date", f"{_named(path)} {problem.message}{instead(value)}", path, advice)


def _named(path: Path) -> str:
    """The last key of a path, as the subject of a sentence."""
    if not path:
        return "a rule file"
    if isinstance(path[-1], str):
        return quoted(path[-1])
    keys = [step for step in path if isinstance(step, str)]
    return f"an entry of {quoted(keys[-1])}"
