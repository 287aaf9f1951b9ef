"""Faults of shape: what the models refuse in a document, in an author's words."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cache
from itertools import chain
from types import NoneType, UnionType
from typing import Annotated, Any, NamedTuple, TypeVar, Union, get_args, get_origin

from pydantic import BaseModel, ValidationError
from pydantic.fields import FieldInfo
from pydantic_core import to_json

from medpolicy.language.condition import All, Any_, Test
from medpolicy.language.fields import Day, missing_help
from medpolicy.language.forms import EARLIEST, LATEST
from medpolicy.language.revision import Action, Revision
from medpolicy.load.keys import CONDITION_FORMS, key_faults, without_passage
from medpolicy.load.parts import entry, parts_of
from medpolicy.text.findings import Finding, Path, did_you_mean, listed, quoted

Model = TypeVar("Model", bound=BaseModel)
KeyFaults = Callable[[Path, type[BaseModel], Mapping[str, Any], Sequence[str], Sequence[str]], Iterator[Finding]]
"""The findings on one object, given its model and its unknown and missing keys."""

_DAY = Day(EARLIEST, LATEST)
_FORMS: dict[Any, type[BaseModel]] = {"<all>": All, "<any>": Any_, "<test>": Test}
_WANTED = {"string_type": "text", "tuple_type": "a list", "dict_type": "an object", "model_type": "an object"}
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
    """A value of a document with its path, and the annotation that it has in the models."""

    path: Path
    value: Any
    annotation: Any
    loc: tuple[int | str, ...]
    """As pydantic leads to it."""


def shape_faults(document: Any) -> Iterator[Finding]:
    """What keeps a document from being a revision; nothing where `Revision` accepts it."""
    return read_revision(to_json(document), document)[1]


def read_revision(text: bytes, document: Any) -> tuple[Revision | None, Iterator[Finding]]:
    """The revision that a JSON text holds, or None and the reasons; `document` is the text's value."""
    telling = _fields(Revision).keys() - {"$schema", "title", "note", "source"}
    if isinstance(document, dict) and document and not telling & document.keys():
        message = "this is not a rule file: it has none of the keys of one"
        advice = "a rule file begins with `policy`, `title`, `revision`, and has `pathways`"
        return None, iter([Finding("not-a-rule-file", message, (), advice)])
    revision, faults = read_model(Revision, text, document)
    return revision, chain(faults, _several_actions(document)) if revision is None else faults


def read_model(
    model: type[Model], text: bytes, content: Any, of_keys: KeyFaults = key_faults, path: Path = ()
) -> tuple[Model | None, Iterator[Finding]]:
    """What a model makes of a JSON text whose value is `content`: an instance, or None and a finding for each fault.

    `path` is where the text stands in its document.
    """
    try:
        return model.model_validate_json(text), iter(())
    except ValidationError as error:
        return None, _model_faults(error, model, content, of_keys, path)


def _several_actions(document: Any) -> Iterator[Finding]:
    """Not left to pydantic, which counts only the actions that have no fault."""
    for part in parts_of(document):
        if len(entry(part.content, part.action_key, list) or ()) > 1:
            message = f"`{part.action_key}` must hold exactly one action"
            yield Finding("several-actions", message, (*part.path, part.action_key), "keep one of them")


def _model_faults(
    error: ValidationError, model: type[BaseModel], content: Any, of_keys: KeyFaults, path: Path
) -> Iterator[Finding]:
    reported: set[tuple[Path, str]] = set()
    constant: tuple[int | str, ...] | None = None
    for fault in error.errors(include_url=False, include_input=False):
        kind, loc = fault["type"], fault["loc"]
        if constant is not None and loc[: len(constant)] == constant:
            continue  # each entry of a list that is no constant has a fault for each form that one may have
        if kind in ("missing", "extra_forbidden"):
            kind, loc = "keys", loc[:-1]
        place = _place(model, content, loc)
        if get_origin(_bare(place.annotation)) in (Union, UnionType):
            kind, constant = "constant", place.loc
        if (place.path, kind) not in reported:
            reported.add((place.path, kind))
            yield from _findings(kind, place._replace(path=(*path, *place.path)), of_keys, fault.get("ctx", {}))


def instead(value: Any) -> str:
    """The end of a message on what must stand somewhere: what stands there instead."""
    if isinstance(value, dict | list) and value:
        return ", not a list" if isinstance(value, list) else ", not an object"
    return f", not {quoted(json.dumps(value, ensure_ascii=False))}"


def _place(model: type[BaseModel], content: Any, loc: tuple[int | str, ...]) -> _Place:
    """The place that pydantic means; its `loc` also names the forms of a condition and of a constant, and keys."""
    path: list[int | str] = []
    value, annotation = content, model
    for index, step in enumerate(loc):
        inner = _annotation_inside(annotation, step)
        if inner is None:
            return _Place(tuple(path), path[-1] if step == "[key]" else value, annotation, loc[:index])
        if inner is not _FORMS.get(step):
            path.append(step)
            value = value[step]
        annotation = inner
    return _Place(tuple(path), value, annotation, loc)


def _annotation_inside(annotation: Any, step: int | str) -> Any:
    """The annotation of a part of a value, or None where a step leads to no part."""
    annotation = _bare(annotation)
    args = get_args(annotation)
    if get_origin(annotation) is tuple:
        return args[0]
    if get_origin(annotation) is dict:
        return args[1]
    if args:
        return _FORMS.get(step)
    info = _fields(annotation).get(step)
    return info and (info.annotation if info.is_required() else _bare(info.annotation))


@cache
def _fields(model: Any) -> Mapping[int | str, FieldInfo]:
    """The fields of a model by their keys; none where it is a plain type."""
    return {info.alias or name: info for name, info in getattr(model, "model_fields", {}).items()}


def _bare(annotation: Any) -> Any:
    """An annotation without its metadata and without `| None`."""
    args = get_args(annotation)
    if get_origin(annotation) is Annotated:
        return _bare(args[0])
    return _bare(next(arg for arg in args if arg is not NoneType)) if NoneType in args else annotation


def _findings(kind: str, place: _Place, of_keys: KeyFaults, context: Mapping[str, Any]) -> Iterator[Finding]:
    path, value, annotation = place.path, place.value, _bare(place.annotation)
    match kind:
        case "keys":
            fields = _fields(annotation)
            unknown = [key for key in value if key not in fields]
            missing = [str(key) for key, info in fields.items() if info.is_required() and key not in value]
            yield from of_keys(path, annotation, value, unknown, missing)
        case "too_long":  # which keeps pydantic from telling the faults of the entries
            for index, action in enumerate(value):
                yield from read_model(Action, to_json(action), action, path=(*path, index))[1]
        case "too_short":
            if not value:  # or its entries, which have faults, were not counted
                yield _empty(path)
        case "string_too_short" | "string_pattern_mismatch":
            yield _malformed(path, value) if value.strip() else _empty(path)
        case "literal_error":
            options = get_args(annotation)
            message = f"{_named(path)} must be {listed(options)}{instead(value)}"
            yield Finding("unknown-option", message, path, did_you_mean(value, options))
        case "not_a_day":
            yield _not_a_date(path, value)
        case "wrong_value":
            message = f"{_named(path)} {context['problem']}{instead(value)}"
            yield Finding("wrong-value", message, path, context["help"])
        case "constant":
            or_list = any(get_origin(form) is tuple for form in get_args(annotation))
            wanted = "text, a whole number, `true` or a list of texts" if or_list else "text or a whole number"
            yield _wrong_type(path, value, wanted)
        case "string_type" | "tuple_type" | "dict_type" | "model_type":
            wanted = "a condition" if annotation in _FORMS.values() else _WANTED[kind]
            or_null = NoneType in get_args(place.annotation)
            yield _wrong_type(path, value, f"{wanted} or `null`" if or_null else wanted)
        case _:  # which a test shows never to happen
            yield Finding("wrong-shape", "this has not the shape of a rule file", path)


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


def _malformed(path: Path, text: str) -> Finding:
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
