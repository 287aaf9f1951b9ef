"""The parts of a rule file as it stands, faults and all, each with its path."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any, Literal, NamedTuple, TypeVar

from medpolicy.language.fields import day
from medpolicy.text.findings import Path

What = Literal["pathway", "criterion", "flag"]
Value = TypeVar("Value")


class PartOfFile(NamedTuple):
    """A pathway, criterion, flag or fallback: something with an id that cites passages and has one action.

    A fallback counts as what its action makes it: `unlisted` denies as a criterion does, `not_in_effect` is a flag.
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


def entry(holder: Any, key: str, form: type[Value]) -> Value | None:
    """What an object has under a key; None where it is of another form, or not there."""
    value = holder.get(key) if isinstance(holder, dict) else None
    return value if isinstance(value, form) else None


def values_of(value: Any, path: Path = ()) -> Iterator[tuple[Path, Any]]:
    """Every value of a document with its path, itself first."""
    yield path, value
    if isinstance(value, dict | list):
        for step, inner in value.items() if isinstance(value, dict) else enumerate(value):
            yield from values_of(inner, (*path, step))


def objects(holder: Any, key: str) -> Iterator[tuple[Path, dict[str, Any]]]:
    """The objects in the list under a key, each with its path from the holder."""
    for index, content in enumerate(entry(holder, key, list) or ()):
        if isinstance(content, dict):
            yield (key, index), content


def parts_of(document: Any) -> Iterator[PartOfFile]:
    """Every pathway, criterion, flag and fallback."""
    for pathway_path, pathway in objects(document, "pathways"):
        yield PartOfFile("pathway", pathway_path, pathway)
        for path, criterion in objects(pathway, "criteria"):
            yield PartOfFile("criterion", (*pathway_path, *path), criterion)
    unlisted, not_in_effect = (entry(document, key, dict) for key in ("unlisted", "not_in_effect"))
    if unlisted is not None:
        yield PartOfFile("criterion", ("unlisted",), unlisted)
    for path, flag in objects(document, "review_flags"):
        yield PartOfFile("flag", path, flag)
    if not_in_effect is not None:
        yield PartOfFile("flag", ("not_in_effect",), not_in_effect)


def conditions_of(document: Any) -> Iterator[tuple[Path, Any]]:
    """Every condition of a pathway, criterion or flag."""
    for part in parts_of(document):
        if part.condition_key in part.content and part.path[0] in ("pathways", "review_flags"):
            yield (*part.path, part.condition_key), part.content[part.condition_key]


def all_conditions_of(document: Any) -> Iterator[tuple[Path, Any]]:
    """Every condition, those of invariants last."""
    yield from conditions_of(document)
    for path, invariant in objects(document, "invariants"):
        if "when" in invariant:
            yield (*path, "when"), invariant["when"]


def tests_of(condition: Any, path: Path) -> Iterator[tuple[Path, dict[str, Any]]]:
    """Every test of a condition; an object that is no group counts as one."""
    if not isinstance(condition, dict):
        return
    groups = [key for key in ("all", "any") if key in condition]
    if not groups:
        yield path, condition
    for key in groups:
        for index, part in enumerate(entry(condition, key, list) or ()):
            yield from tests_of(part, (*path, key, index))


def cite_lists(document: Any) -> Iterator[tuple[Path, list[Any]]]:
    """Every list of passages: those that a part or an invariant cites, and the informative ones."""
    parts = ((part.path, part.content) for part in parts_of(document))
    for path, content in (*parts, *objects(document, "invariants")):
        yield (*path, "cites"), entry(content, "cites", list) or []
    yield ("informative",), entry(document, "informative", list) or []


def day_at(document: Any, key: str) -> date | None:
    """The day that a document has under a key, or None."""
    text = entry(document, key, str)
    return None if text is None else day(text)
