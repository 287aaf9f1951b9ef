"""The days on which one of two revisions is in effect and the other is not."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta

from medpolicy.language.revision import Revision


def days_in_words(revision: Revision) -> str:
    """The days on which a revision is in effect."""
    return _span(revision.effective_from, revision.effective_to or date.max)


def days_of_only_one(old: Revision, new: Revision) -> Iterator[str]:
    """A sentence for each of the two revisions that is in effect on days on which the other is not."""
    for name, revision, other_name, other in (("old", old, "new", new), ("new", new, "old", old)):
        spans = " and ".join(_days_without(other, revision))
        if spans:
            yield (
                f"Service {spans} falls under the {name} revision alone; with the {other_name} one in its place,"
                f" and no other, such a request is pended ({other.not_in_effect.id})."
            )


def _days_without(other: Revision, revision: Revision) -> Iterator[str]:
    """Each span of days on which a revision is in effect and the other is not."""
    first, last = revision.effective_from, revision.effective_to or date.max
    start, end = other.effective_from, other.effective_to or date.max
    if first < start:
        yield _span(first, min(last, start - timedelta(1)))
    if last > end:
        yield _span(max(first, end + timedelta(1)), last)


def _span(first: date, last: date) -> str:
    if last == date.max:
        return f"from {first} on"
    return f"on {first}" if first == last else f"from {first} to {last}"
