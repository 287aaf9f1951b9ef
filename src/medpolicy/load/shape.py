"""Faults of shape: what the models of a rule file refuse, in an author's words."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import islice
from types import NoneType
from typing import Annotated, Any, get_args, get_origin

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from medpolicy.load.keys import key_faults
from medpolicy.load.parts import conditions_of
from medpolicy.load.values import refused
from medpolicy.revision import All, Any_, Revision, Test
from medpolicy.source import MOST_FINDINGS, Finding, Path

DEEPEST_GROUPS = 64

_FORMS: dict[str | int, type[BaseModel]] = {"<all>": All, "<any>": Any_, "<test>": Test}


def shape_faults(document: Any, text: bytes) -> tuple[Revision | None, list[Finding]]:
    """The revision, or None and the faults of shape, up to `MOST_FINDINGS`."""
    if not isinstance(document, dict):
        return None, [
            Finding("wrong-type", "a rule file must be an object", (), "it begins with `{` and ends with `}`")
        ]
    deep = list(_too_deep(document))
    try:
        return Revision.model_validate_json(text), deep
    except ValidationError as error:
        return None, deep + list(islice(_told(error.errors(include_url=False), document), MOST_FINDINGS))


def _too_deep(document: dict[str, Any]) -> Iterator[Finding]:
    for path, condition in conditions_of(document):
        levels, level = 0, [condition]
        while level := [part for each in level if isinstance(each, dict) for part in _parts(each)]:
            levels += 1
        if levels > DEEPEST_GROUPS:
            yield Finding("nesting", f"groups are nested deeper than {DEEPEST_GROUPS} levels", path, "flatten them")


def _parts(condition: dict[str, Any]) -> Iterator[Any]:
    for key in ("all", "any"):
        parts = condition.get(key)
        yield from parts if isinstance(parts, list) else ()


@dataclass
class _Keys:
    """What is wrong with the keys of one object."""

    model: type[BaseModel]
    unknown: list[str] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)


def _told(errors: list[ErrorDetails], document: dict[str, Any]) -> Iterator[Finding]:
    """The findings for what the models refuse; an error that only follows from others has none."""
    keys: dict[Path, _Keys] = {}
    seen: set[Path] = set()
    for error in errors:
        kind, loc = error["type"], error["loc"]
        path, model, owner = _resolved(loc[:-1] if kind in ("extra_forbidden", "missing") else loc)
        if kind == "extra_forbidden":
            keys.setdefault(path, _Keys(model)).unknown.append(str(loc[-1]))
        elif kind == "missing":
            keys.setdefault(path, _Keys(model)).missing.append(str(loc[-1]))
        elif path not in seen and not (kind == "too_short" and error["input"]):
            seen.add(path)
            yield refused(error, path, model, owner)
    for path, here in keys.items():
        yield from key_faults(path, here.model, _at(document, path), here.unknown, here.missing)


def _at(document: Any, path: Path) -> Any:
    for step in path:
        document = document[step]
    return document


def _resolved(loc: tuple[int | str, ...]) -> tuple[Path, Any, Any]:
    """Path and annotation of a place that an error names, and the model whose key it is.

    Besides keys and places the models name the form of a condition, of a key, and of a value of several types.
    """
    path: list[int | str] = []
    here: Any = Revision
    owner: Any = None
    for step in loc:
        origin = get_origin(here)
        if isinstance(here, type) and issubclass(here, BaseModel):
            fields = {each.alias or name: each.annotation for name, each in here.model_fields.items()}
            if step not in fields:
                break
            owner, here = here, _bare(fields[str(step)])
        elif origin is tuple or origin is dict:
            here = _bare(get_args(here)[0 if origin is tuple else 1])
        elif step in _FORMS:
            here = _FORMS[step]
            continue
        else:
            break
        path.append(step)
    return tuple(path), here, owner


def _bare(annotation: Any) -> Any:
    """An annotation without its metadata and without the None that stands for *not given*."""
    while get_origin(annotation) is Annotated:
        annotation = get_args(annotation)[0]
    held = [each for each in get_args(annotation) if each is not NoneType]
    return _bare(held[0]) if NoneType in get_args(annotation) and len(held) == 1 else annotation
