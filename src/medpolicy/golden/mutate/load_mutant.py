"""What the loader makes of a mutant: a fault, for which it is refused, or a revision.

A large file has thousands of mutants, so only the rule that differs from the original is checked and read again.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypeVar

from pydantic import BaseModel
from pydantic_core import to_json

from medpolicy.golden.mutate.mutants import JsonObject, Mutant
from medpolicy.language.revision import Revision
from medpolicy.language.vocabulary import Vocabulary
from medpolicy.load.names import name_faults
from medpolicy.load.overlap import pathways_overlap
from medpolicy.load.shape import shape_faults
from medpolicy.load.whole import nesting_faults, whole_faults
from medpolicy.text.findings import Finding

Model = TypeVar("Model", bound=BaseModel)


def fault_of(mutant: Mutant, vocabulary: Vocabulary) -> Finding | None:
    """The first fault for which the loader refuses a mutant, or None."""
    changed = _changed_rules(mutant)
    found = [
        *shape_faults(changed),
        *nesting_faults(changed),
        *name_faults(changed, vocabulary),
        *whole_faults(mutant.document),
    ]
    if "applies" in mutant.path:
        overlaps = pathways_overlap(mutant.document, found, vocabulary)
        found += [fault for fault in overlaps if fault.severity == "error"]
    return found[0] if found else None


def _changed_rules(mutant: Mutant) -> JsonObject:
    """A mutant without the criteria, pathways and flags that are as they were: these have no fault."""
    document = mutant.document
    pathways, flags = document["pathways"], document["review_flags"]
    match mutant.path:
        case ("pathways", int(index), "criteria", int(criterion), _, *_):
            pathway = pathways[index]
            pathways, flags = [{**pathway, "criteria": [pathway["criteria"][criterion]]}], []
        case ("pathways", int(index), _, *_):
            pathways, flags = [pathways[index]], []
        case ("review_flags", int(index), _, *_):
            pathways, flags = pathways[:1], [flags[index]]
    return {**document, "pathways": pathways, "review_flags": flags}


def revision_of(mutant: Mutant, original: Revision) -> Revision:
    """The revision that a mutant without faults is; it shares with the original what is not changed."""
    return _changed(original, mutant.document, mutant.path)


def _changed(original: Model, content: JsonObject, path: Sequence[int | str]) -> Model:
    """A part of a revision whose content differs from the original at a path, where an entry may have been removed."""
    match path:
        case ("pathways" | "criteria" | "review_flags" as key, int(index), *inside):
            entries: tuple[Any, ...] = getattr(original, key)
            changed = [_changed(entries[index], content[key][index], inside)] if inside else []
            return original.model_copy(update={key: (*entries[:index], *changed, *entries[index + 1 :])})
    return type(original).model_validate_json(to_json(content))
