"""Faults of shape: a document held against the models of a rule file, in an author's words.

The models say what is right. They could say what is wrong as well, but in no author's words, and only all of it at once.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import date
from functools import cache, partial
from types import NoneType
from typing import Annotated, Any, Literal, get_args, get_origin

from pydantic import BaseModel, Discriminator
from pydantic.fields import FieldInfo

from medpolicy.language.revision import All, Any_, Revision, Test, condition_form
from medpolicy.load.keys import key_faults
from medpolicy.load.parts import conditions_of, invariants_of
from medpolicy.load.values import empty, malformed, not_a_date, unknown_option, wrong_type
from medpolicy.text.findings import Finding, Path

DEEPEST_GROUPS = 64

Check = Callable[[Any, Path], Iterator[Finding]]
"""The findings on a value at a path."""

_FORMS: dict[str, type[BaseModel]] = {"<all>": All, "<any>": Any_, "<test>": Test}


def shape_faults(document: Any) -> Iterator[Finding]:
    """What keeps a document from being a revision; nothing where `Revision` takes it."""
    if isinstance(document, dict) and document and not _of_its_own() & document.keys():
        message = "this is not a rule file: it has none of the keys of one"
        yield Finding(
            "not-a-rule-file", message, (), "a rule file begins with `policy`, `title`, `revision`, and has `pathways`"
        )
        return
    yield from _object(Revision, document, ())


def _of_its_own() -> set[str]:
    """The keys that tell a rule file from other documents."""
    return _checks(Revision).keys() - {"$schema", "title", "note", "source"}


def nesting_faults(document: Any) -> Iterator[Finding]:
    """Conditions of more levels than a reader or a program can follow."""
    invariants = (((*path, "when"), each.get("when")) for path, each in invariants_of(document))
    for path, condition in (*conditions_of(document), *invariants):
        levels, level = 0, [condition]
        while level := [part for each in level if isinstance(each, dict) for part in _parts(each)]:
            levels += 1
        if levels > DEEPEST_GROUPS:
            advice = "put fewer groups into each other"
            yield Finding("nesting", f"groups are nested deeper than {DEEPEST_GROUPS} levels", path, advice)


def _parts(condition: dict[str, Any]) -> Iterator[Any]:
    for key in ("all", "any"):
        parts = condition.get(key)
        yield from parts if isinstance(parts, list) else ()


@cache
def _checks(model: type[BaseModel]) -> dict[str, tuple[bool, Check]]:
    """For each key of a model whether it must be there, and the check of its value."""
    model.model_rebuild()
    return {
        info.alias or name: (info.is_required(), _check(info.annotation, *info.metadata))
        for name, info in model.model_fields.items()
    }


def _check(annotation: Any, *metadata: Any) -> Check:
    """The check that an annotation of the models stands for."""
    args = get_args(annotation)
    if get_origin(annotation) is Annotated:
        return _check(args[0], *metadata, *args[1:])
    if NoneType in args:
        return partial(_if_given, _check(args[0], *metadata))
    if any(isinstance(each, Discriminator) for each in metadata):
        return _condition
    if get_origin(annotation) is tuple:
        return partial(_list, _check(args[0]), _limit(metadata, "min_length") or 0, _limit(metadata, "max_length"))
    if get_origin(annotation) is dict:
        return partial(_map, _check(args[0]), _check(args[1]), _limit(metadata, "min_length") or 0)
    if get_origin(annotation) is Literal:
        return partial(_option, args)
    if args:
        return partial(_constant, any(get_origin(each) is tuple for each in args))
    if annotation is date:
        return _day
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return partial(_object, annotation)
    return partial(_text, _limit(metadata, "min_length") or 0, _limit(metadata, "pattern"))


def _limit(metadata: tuple[Any, ...], name: str) -> Any:
    """What metadata of an annotation say of a length or pattern, or None."""
    for each in metadata:
        found = _limit(tuple(each.metadata), name) if isinstance(each, FieldInfo) else getattr(each, name, None)
        if found is not None:
            return found
    return None


def _if_given(check: Check, value: Any, path: Path) -> Iterator[Finding]:
    if value is not None:
        yield from check(value, path)


def _object(model: type[BaseModel], value: Any, path: Path) -> Iterator[Finding]:
    if not isinstance(value, dict):
        yield wrong_type(path, value, "an object")
        return
    checks = _checks(model)
    unknown = [key for key in value if key not in checks]
    missing = [key for key, (required, _) in checks.items() if required and key not in value]
    if unknown or missing:
        yield from key_faults(path, model, value, unknown, missing)
    for key, each in value.items():
        if key in checks:
            yield from checks[key][1](each, (*path, key))


def _condition(value: Any, path: Path) -> Iterator[Finding]:
    if isinstance(value, dict):
        yield from _object(_FORMS[condition_form(value)], value, path)
    else:
        yield wrong_type(path, value, "a condition")


def _list(check: Check, least: int, most: int | None, value: Any, path: Path) -> Iterator[Finding]:
    if not isinstance(value, list):
        yield wrong_type(path, value, "a list")
        return
    if len(value) < least:
        yield empty(path)
    if most is not None and len(value) > most:
        yield Finding("several-actions", f"`{path[-1]}` must hold exactly one action", path, "keep one of them")
    for place, each in enumerate(value):
        yield from check(each, (*path, place))


def _map(check_key: Check, check: Check, least: int, value: Any, path: Path) -> Iterator[Finding]:
    if not isinstance(value, dict):
        yield wrong_type(path, value, "an object")
        return
    if len(value) < least:
        yield empty(path)
    for key, each in value.items():
        yield from check_key(key, (*path, key))
        yield from check(each, (*path, key))


def _option(options: tuple[str, ...], value: Any, path: Path) -> Iterator[Finding]:
    if not (isinstance(value, str) and value in options):
        yield unknown_option(path, value, options)


def _constant(or_list: bool, value: Any, path: Path) -> Iterator[Finding]:
    within = value if or_list and isinstance(value, list) else [value]
    if not all(isinstance(each, bool | int | str) for each in within):
        wanted = "text, a whole number, `true` or a list of texts" if or_list else "text or a whole number"
        yield wrong_type(path, value, wanted)


def _day(value: Any, path: Path) -> Iterator[Finding]:
    yield from not_a_date(path, value)


def _text(least: int, pattern: str | None, value: Any, path: Path) -> Iterator[Finding]:
    if not isinstance(value, str):
        yield wrong_type(path, value, "text")
    elif (least or pattern) and not value.strip():
        yield empty(path)
    elif pattern is not None and not re.search(pattern.replace("$", r"\Z"), value):
        yield malformed(path, value)
