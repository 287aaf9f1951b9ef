"""One change of a JSON document at a path; the copy shares with the original what is not on the path."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from medpolicy.text.findings import Path


def replaced(document: Any, path: Path, value: Any) -> Any:
    """The document with another value at a path, which may end in a new key."""
    return _changed(document, path, lambda holder, step: holder.__setitem__(step, value))


def removed(document: Any, path: Path) -> Any:
    """The document without the key or entry at a path."""
    return _changed(document, path, lambda holder, step: holder.__delitem__(step))


def at(document: Any, path: Path) -> Any:
    """The value at a path."""
    for step in path:
        document = document[step]
    return document


def _changed(document: Any, path: Path, change: Callable[[Any, Any], None]) -> Any:
    copy: Any = dict(document) if isinstance(document, dict) else list(document)
    if len(path) == 1:
        change(copy, path[0])
    else:
        copy[path[0]] = _changed(copy[path[0]], path[1:], change)
    return copy
