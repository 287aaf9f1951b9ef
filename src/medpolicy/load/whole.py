"""Faults that no part of a rule file shows alone: repeated ids, holds, dates, deep groups; and what nothing uses."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from medpolicy.language.revision import RESERVED, ReviewFlag, Revision
from medpolicy.language.vocabulary import Vocabulary
from medpolicy.language.walk import variables_in
from medpolicy.load.parts import all_conditions_of, cite_lists, day_at, entry, objects, parts_of
from medpolicy.text.findings import Finding, Path, listed, quoted

DEEPEST_GROUPS = 64


def whole_faults(document: Any) -> Iterator[Finding]:
    """Faults that show only when the parts of a document are seen together."""
    yield from _reserved_ids(document)
    yield from _repeated_ids(document)
    yield from _repeated_cites(document)
    yield from _holds(document)
    first, last = day_at(document, "effective_from"), day_at(document, "effective_to")
    if first is not None and last is not None and last < first:
        message = f"`effective_to` must not be before `effective_from`, which is {quoted(first)}"
        yield Finding("date-order", message, ("effective_to",), "the last day is in effect too")


def nesting_faults(document: Any) -> Iterator[Finding]:
    """Conditions of more levels than a reader or a program can follow."""
    for path, condition in all_conditions_of(document):
        levels, level = 0, [condition]
        while level := [part for group in level for key in ("all", "any") for part in entry(group, key, list) or ()]:
            levels += 1
        if levels > DEEPEST_GROUPS:
            advice = "put fewer groups into each other"
            yield Finding("nesting", f"groups are nested deeper than {DEEPEST_GROUPS} levels", path, advice)


def _reserved_ids(document: Any) -> Iterator[Finding]:
    for part in parts_of(document):
        if (id := entry(part.content, "id", str)) in RESERVED:
            message = f"the id {quoted(id)} is reserved: a policy as SQL answers in a column of that name"
            yield Finding("reserved-id", message, (*part.path, "id"), f"no rule has the id {listed(RESERVED)}")


def _repeated_ids(document: Any) -> Iterator[Finding]:
    first: dict[str, Path] = {}
    with_ids = [(part.path, part.content) for part in parts_of(document)]
    for path, content in (*with_ids, *objects(document, "invariants")):
        id = entry(content, "id", str)
        if id in first:
            advice = f"the first one is at {Finding('', '', first[id]).json_path}"
            yield Finding("repeated-id", f"the id {quoted(id)} is given twice", (*path, "id"), advice)
        elif id is not None:
            first[id] = (*path, "id")


def _repeated_cites(document: Any) -> Iterator[Finding]:
    for path, cites in cite_lists(document):
        seen: set[str] = set()
        for index, cite in enumerate(cites):
            if isinstance(cite, str) and cite in seen:
                message = f"the passage {quoted(cite)} is listed twice"
                yield Finding("repeated-passage", message, (*path, index), "list it once")
            elif isinstance(cite, str):
                seen.add(cite)


def _holds(document: Any) -> Iterator[Finding]:
    for path, flag in objects(document, "review_flags"):
        if flag.get("kind") not in ("gate", "hold", "note"):
            continue
        slipped = set(flag) - set(ReviewFlag.model_fields)  # one of them may be meant to say it
        if flag["kind"] == "hold" and flag.get("holds") is None and not slipped:
            message = "a hold must say what it holds"
            yield Finding("hold-without-holds", message, path, "add `holds`: `approved` or `denied`")
        if flag["kind"] != "hold" and flag.get("holds") is not None:
            message = f"a {flag['kind']} has no `holds`; only a hold has"
            yield Finding("holds-without-hold", message, (*path, "holds"), "remove it, or make the flag a hold")


def whole_warnings(document: Any, revision: Revision, vocabulary: Vocabulary) -> Iterator[Finding]:
    """What a file may have and still be used, but which is most likely an oversight."""
    cited = {cite for path, cites in cite_lists(document) if path[0] != "invariants" for cite in cites}
    for id in revision.passages if cited <= set(revision.passages) else ():  # else a misspelled one may be in use
        if id not in cited:
            message = f"no rule cites the passage {quoted(id)}, and it is not listed as informative"
            advice = "cite it where a rule embodies it, or add it to `informative`"
            yield Finding("uncited-passage", message, ("passages", id), advice, "warning")
    read = {name for _, condition in revision.conditions() for name in variables_in(condition)}
    if not read <= set(vocabulary.testable):
        return
    read |= {part for name in read for part in vocabulary.variables[name].parts}
    read |= {vocabulary.service_day} | ({vocabulary.quantity.variable} if vocabulary.quantity else set())
    for name in vocabulary.testable:
        if name in vocabulary.given and name not in read:
            message = f"no rule reads the variable {quoted(name)}"
            advice = "read it in a condition, or no longer ask for it"
            yield Finding("unread-variable", message, ("pathways",), advice, "warning")
