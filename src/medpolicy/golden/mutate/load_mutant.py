"""What the loader makes of a mutant: a fault for which it refuses it, or a revision.

A mutant differs from its original in one place, so the rest is neither looked through nor read again: a large file has
thousands of mutants.
"""

from __future__ import annotations

from typing import Any, TypeVar

from pydantic import BaseModel
from pydantic_core import to_json

from medpolicy.golden.mutate.edit import at
from medpolicy.golden.mutate.mutants import Document, Mutant
from medpolicy.language.revision import Criterion, Pathway, ReviewFlag, Revision
from medpolicy.language.vocabulary import Vocabulary
from medpolicy.load.names import name_faults
from medpolicy.load.overlap import pathways_overlap
from medpolicy.load.shape import shape_faults
from medpolicy.load.whole import nesting_faults, whole_faults
from medpolicy.text.findings import Finding

Part = TypeVar("Part", bound=BaseModel)


def fault_of(mutant: Mutant, vocabulary: Vocabulary) -> Finding | None:
    """The first fault for which the loader refuses a mutant, or None."""
    changed = _changed_part(mutant)
    found = [
        *shape_faults(changed),
        *nesting_faults(changed),
        *name_faults(changed, vocabulary),
        *whole_faults(mutant.document),
    ]
    if "applies" in mutant.path:
        overlaps = pathways_overlap(mutant.document, found, vocabulary)
        found += [each for each in overlaps if each.severity == "error"]
    return found[0] if found else None


def _changed_part(mutant: Mutant) -> Document:
    """A mutant without the criteria, pathways and flags that are as they were: they have no fault of their own."""
    document = mutant.document
    match mutant.path:
        case ("pathways", place, "criteria", inner, _, *_):
            pathway = at(document, ("pathways", place))
            changed = {**pathway, "criteria": [pathway["criteria"][inner]]}
            return {**document, "pathways": [changed], "review_flags": []}
        case ("pathways", place, _, *_):
            return {**document, "pathways": [at(document, ("pathways", place))], "review_flags": []}
        case ("review_flags", place, _, *_):
            flag = at(document, ("review_flags", place))
            return {**document, "pathways": document["pathways"][:1], "review_flags": [flag]}
    return document


def revision_of(mutant: Mutant, original: Revision) -> Revision:
    """The revision that a mutant without faults is; it shares with the original what is not changed."""
    match mutant.path:
        case ("pathways", int(place), *inside):
            changed = _pathway(mutant, inside, original.pathways[place]) if inside else None
            return original.model_copy(update={"pathways": _with(original.pathways, place, changed)})
        case ("review_flags", int(place), *inside):
            flag = _read(ReviewFlag, at(mutant.document, mutant.path[:2])) if inside else None
            return original.model_copy(update={"review_flags": _with(original.review_flags, place, flag)})
    return _read(Revision, mutant.document)


def _pathway(mutant: Mutant, inside: list[int | str], original: Pathway) -> Pathway:
    match inside:
        case ("criteria", int(place), *deeper):
            criterion = _read(Criterion, at(mutant.document, mutant.path[:4])) if deeper else None
            return original.model_copy(update={"criteria": _with(original.criteria, place, criterion)})
    return _read(Pathway, at(mutant.document, mutant.path[:2]))


def _with(parts: tuple[Part, ...], place: int, changed: Part | None) -> tuple[Part, ...]:
    """The parts with another one at a place, or without it."""
    return (*parts[:place], *([] if changed is None else [changed]), *parts[place + 1 :])


def _read(model: type[Part], content: Any) -> Part:
    return model.model_validate_json(to_json(content))
