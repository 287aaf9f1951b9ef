"""Pathways that can apply together, and revisions in effect at once."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date
from itertools import combinations

from medpolicy.revision import Revision
from medpolicy.source import Finding, quoted
from medpolicy.vocabulary import Vocabulary
from medpolicy.witness import witness


def pathways_overlap(revision: Revision, words: Vocabulary) -> Iterator[Finding]:
    """Each pair of pathways that apply to one request, with the facts of such a request."""
    for (_, first), (place, second) in combinations(enumerate(revision.pathways), 2):
        facts = witness((first.applies, second.applies), words)
        if facts is None:
            continue
        shown = ", ".join(f"{name} {_said(value)}" for name, value in sorted(facts.items()))
        message = f"the pathways {quoted(first.id)} and {quoted(second.id)} can apply to one request"
        yield Finding("pathways-overlap", message, ("pathways", place, "applies"), f"for example with {shown}")


def revisions_overlap(revisions: Iterable[tuple[str, Revision]]) -> Iterator[tuple[str, Finding]]:
    """Each revision (with its file) that is in effect on a day when an earlier one is, and each id that returns."""
    in_order = sorted(revisions, key=lambda each: each[1].effective_from)
    for (earlier_file, earlier), (file, later) in combinations(in_order, 2):
        if earlier.revision == later.revision:
            message = f"the revision id {quoted(later.revision)} is also that of {earlier_file}"
            yield file, Finding("repeated-id", message, ("revision",))
        if later.effective_from <= (earlier.effective_to or date.max):
            message = f"revisions {quoted(earlier.revision)} and {quoted(later.revision)} are both in effect on {later.effective_from}"
            advice = f"end the earlier one (`effective_to` in {earlier_file}) the day before"
            yield file, Finding("revisions-overlap", message, ("effective_from",), advice)


def _said(value: object) -> str:
    return quoted(" ".join(sorted(value)) if isinstance(value, frozenset) else str(value).lower())
