"""The parts of a rule file as it stands, faults and all, each with its path."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any, Literal, NamedTuple

from medpolicy.language.fields import day
from medpolicy.text.findings import Path

What = Literal["pathway", "criterion", "flag"]


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


def parts_of(document: Any) -> Iterator[PartOfFile]:
    """Every pathway, criterion, flag and fallback."""
    for pathway_path, pathway in _objects(document, "pathways"):
        yield PartOfFile("pathway", pathway_path, pathway)
        for path, criterion in _objects(pathway, "criteria"):
            yield PartOfFile("criterion", (*pathway_path, *path), criterion)
    yield from _fallback(document, "unlisted", "criterion")
    for path, flag in _objects(document, "review_flags"):
        yield PartOfFile("flag", path, flag)
    yield from _fallback(document, "not_in_effect", "flag")


def invariants_of(document: Any) -> Iterator[tuple[Path, dict[str, Any]]]:
    """Every invariant, which has no part in deciding a request."""
    return _objects(document, "invariants")


def conditions_of(document: Any) -> Iterator[tuple[Path, Any]]:
    """Every condition of a pathway, criterion or flag."""
    for part in parts_of(document):
        key = part.condition_key
        if key in part.content and part.path[0] in ("pathways", "review_flags"):
            yield (*part.path, key), part.content[key]


def all_conditions_of(document: Any) -> Iterator[tuple[Path, Any]]:
    """Every condition, those of invariants last."""
    yield from conditions_of(document)
    for path, invariant in invariants_of(document):
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
        parts = condition[key] if isinstance(condition[key], list) else []
        for index, part in enumerate(parts):
            yield from tests_of(part, (*path, key, index))


def cite_lists(document: Any) -> Iterator[tuple[Path, list[Any]]]:
    """Every list of passages: those that a part or an invariant cites, and the informative ones."""
    parts = ((part.path, part.content) for part in parts_of(document))
    for path, content in (*parts, *invariants_of(document)):
        if isinstance(content.get("cites"), list):
            yield (*path, "cites"), content["cites"]
    if isinstance(document, dict) and isinstance(document.get("informative"), list):
        yield ("informative",), document["informative"]


def day_at(document: Any, key: str) -> date | None:
    """The day that a document has under a key, or None."""
    text = document.get(key) if isinstance(document, dict) else None
    return day(text) if isinstance(text, str) else None


def _fallback(document: Any, key: str, what: What) -> Iterator[PartOfFile]:
    content = document.get(key) if isinstance(document, dict) else None
    if isinstance(content, dict):
        yield PartOfFile(what, (key,), content)


def _objects(holder: Any, key: str) -> Iterator[tuple[Path, dict[str, Any]]]:
    """The objects in the list under a key, each with its path from the holder."""
    entries = holder.get(key) if isinstance(holder, dict) else None
    for index, entry in enumerate(entries if isinstance(entries, list) else ()):
        if isinstance(entry, dict):
            yield (key, index), entry
