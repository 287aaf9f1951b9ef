"""The parts of a rule file as it stands, faults and all, each with its path."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Literal, NamedTuple

from medpolicy.text.findings import Path

What = Literal["pathway", "criterion", "flag"]


class PartOfFile(NamedTuple):
    """A pathway, criterion, flag or fallback: something with an id that cites passages and has one action.

    A fallback is what its action makes it: `unlisted` denies as a criterion does, `not_in_effect` is a flag.
    """

    what: What
    path: Path
    content: dict[str, Any]

    @property
    def action_key(self) -> str:
        """The key of its action."""
        return "otherwise" if self.what == "criterion" and self.path[-1] != "unlisted" else "actions"

    @property
    def condition_key(self) -> str:
        """The key of its condition."""
        return "applies" if self.what == "pathway" else "conditions"


def parts_of(document: Any) -> Iterator[PartOfFile]:
    """Every pathway, criterion, flag and fallback."""
    for place, pathway in _objects(document, "pathways"):
        yield PartOfFile("pathway", ("pathways", place), pathway)
        for inner, criterion in _objects(pathway, "criteria"):
            yield PartOfFile("criterion", ("pathways", place, "criteria", inner), criterion)
    yield from _fallback(document, "unlisted", "criterion")
    for place, flag in _objects(document, "review_flags"):
        yield PartOfFile("flag", ("review_flags", place), flag)
    yield from _fallback(document, "not_in_effect", "flag")


def conditions_of(document: Any) -> Iterator[tuple[Path, Any]]:
    """Every condition of a pathway, criterion or flag."""
    for part in parts_of(document):
        key = part.condition_key
        if key in part.content and part.path[0] in ("pathways", "review_flags"):
            yield (*part.path, key), part.content[key]


def invariants_of(document: Any) -> Iterator[tuple[Path, dict[str, Any]]]:
    """Every invariant; it is no part of what decides a request."""
    for place, invariant in _objects(document, "invariants"):
        yield ("invariants", place), invariant


def tests_of(condition: Any, path: Path) -> Iterator[tuple[Path, dict[str, Any]]]:
    """Every test of a condition; what is no group counts as one."""
    if not isinstance(condition, dict):
        return
    groups = [key for key in ("all", "any") if key in condition]
    if not groups:
        yield path, condition
    for key in groups:
        inner = condition[key] if isinstance(condition[key], list) else []
        for place, each in enumerate(inner):
            yield from tests_of(each, (*path, key, place))


def cite_lists(document: Any) -> Iterator[tuple[Path, list[Any]]]:
    """Every list of passages: those that a part or an invariant cites, and the informative ones."""
    for part in parts_of(document):
        if isinstance(part.content.get("cites"), list):
            yield (*part.path, "cites"), part.content["cites"]
    for path, invariant in invariants_of(document):
        if isinstance(invariant.get("cites"), list):
            yield (*path, "cites"), invariant["cites"]
    if isinstance(document, dict) and isinstance(document.get("informative"), list):
        yield ("informative",), document["informative"]


def _fallback(document: Any, key: str, what: What) -> Iterator[PartOfFile]:
    content = document.get(key) if isinstance(document, dict) else None
    if isinstance(content, dict):
        yield PartOfFile(what, (key,), content)


def _objects(part: Any, key: str) -> list[tuple[int, dict[str, Any]]]:
    every = part.get(key) if isinstance(part, dict) else None
    return [
        (place, each) for place, each in enumerate(every if isinstance(every, list) else ()) if isinstance(each, dict)
    ]
