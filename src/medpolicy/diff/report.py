"""All that is to be told of two revisions, and its form for programs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from medpolicy.diff.compare import Change, Comparison, compare
from medpolicy.diff.corpus import Corpus, Share, count_changes
from medpolicy.diff.days import days_of_one_alone
from medpolicy.diff.non_decision_changes import Apart, cases_apart, changed_apart
from medpolicy.diff.parts import changed_variables
from medpolicy.diff.sources import Given
from medpolicy.diff.wording import region_in_words
from medpolicy.language.determination import Decision
from medpolicy.solve import LIMIT
from medpolicy.text.findings import Finding, Unusable, quoted

PINNED = "Each revision decides every request here, whatever the date of service and the dates of effect."

State = Literal["never", "possible", "open"]


@dataclass(frozen=True)
class Report:
    """Two revisions compared; `corpus` counts the records of a file where one was given."""

    old: Given
    new: Given
    comparison: Comparison
    apart: tuple[Apart, ...]
    corpus: Corpus | None

    @property
    def equivalent(self) -> bool:
        """Whether it is proven that every request gets the same answer."""
        return self.comparison.equivalent

    @property
    def days(self) -> tuple[str, ...]:
        """A sentence for each of the two that is in effect on days on which the other is not."""
        return tuple(days_of_one_alone(self.old.revision, self.new.revision))

    @property
    def remarks(self) -> Iterator[str]:
        """What else is to be said at once: days in effect that differ, and records of the corpus that count for nothing."""
        yield from self.days
        if self.corpus is not None and self.corpus.summary.rejected:
            rejected = _counted(self.corpus.summary.rejected, "record")
            yield f"Of {self.corpus.name} {rejected} had a fault and {'is' if rejected == '1 record' else 'are'} not counted."

    @property
    def headline(self) -> str:
        """What was found, in a sentence or two."""
        if self.equivalent:
            so = "Equivalent, the days in effect apart" if self.days else "Equivalent"
            return f"{so}: it is proven that every request gets the same answer, missing facts included."
        parts = []
        if self.comparison.transitions:
            parts.append(f"{_counted(len(self.comparison.transitions), 'transition')} can happen")
        if self.comparison.reasons:
            parts.append(f"the reasons of {_counted(len(self.comparison.reasons), 'decision')} can change")
        if self.comparison.open:
            limit = self.comparison.open[0].limit
            parts.append(f"{_counted(len(self.comparison.open), 'question')} could not be settled within {limit:g} s")
        what = "Different" if self.comparison.transitions or self.comparison.reasons else "Not settled"
        return f"{what}: {', '.join(parts)}. All else is proven to be the same."

    def state(self, before: Decision, after: Decision) -> State:
        """Whether the answer can change in a way: to another decision, or in its reasons."""
        changes = (*self.comparison.transitions, *self.comparison.reasons)
        if any((each.before, each.after) == (before, after) for each in changes):
            return "possible"
        unsettled = any((each.before, each.after) == (before, after) for each in self.comparison.open)
        return "open" if unsettled else "never"

    def region(self, change: Change) -> str:
        """Where a change always is so, in words; what the changed tests ask for comes first."""
        parts = [part for part in self.comparison.parts if part.id in change.criteria]
        asked = {name for part in parts for name in changed_variables(part)}
        return region_in_words(change.region, self.comparison.space, asked)

    def share(self, before: Decision, after: Decision) -> Share | None:
        """How many records of the corpus make a transition; None where there is no corpus, or the decision stays."""
        if self.corpus is None or before == after:
            return None
        return self.corpus.transitions.get((before, after), Share())

    def to_dict(self) -> dict[str, Any]:
        """The report for programs; `open`, `rejected` and `apart` are there only where there is something to tell."""
        told: dict[str, Any] = {
            "equivalent": self.equivalent,
            "transitions": [self._transition(each) for each in self.comparison.transitions],
            "reasons_changed": [
                {"decision": each.before, "witness": dict(each.witness.request), **_criteria(each)}
                for each in self.comparison.reasons
            ],
        }
        if self.comparison.open:
            told["open"] = [
                {"from": each.before, "to": each.after, **self._corpus(each.before, each.after)}
                for each in self.comparison.open
            ]
        if self.corpus is not None and self.corpus.summary.rejected:
            told["rejected"] = self.corpus.summary.rejected
        if self.apart:
            told["apart"] = [
                {"what": each.what, "id": each.id, "old": each.old, "new": each.new} for each in self.apart
            ]
        return told

    def _transition(self, change: Change) -> dict[str, Any]:
        return {
            "from": change.before,
            "to": change.after,
            "witness": dict(change.witness.request),
            **_criteria(change),
            "region": self.region(change),
            **self._corpus(change.before, change.after),
        }

    def _corpus(self, before: Decision, after: Decision) -> dict[str, Any]:
        share = self.share(before, after)
        return {} if share is None or self.corpus is None else {"corpus": self.corpus.told(share)}


def report(old: Given, new: Given, corpus: Path | None = None, limit: float = LIMIT) -> Report:
    """Compare two revisions, each question in at most `limit` seconds.

    Raises `Unusable` where they are not of one policy, or the corpus cannot be used.
    """
    if old.revision.policy != new.revision.policy:
        message = f"{quoted(old.name)} is of {quoted(old.revision.policy)}, and {quoted(new.name)} of {quoted(new.revision.policy)}"
        raise Unusable([Finding("two-policies", message, help="compare two revisions of one policy")])
    comparison = compare(new.vocabulary, old.revision, new.revision, limit)
    apart = [*changed_apart(old.revision, new.revision, comparison.alike, comparison.idle)]
    if old.cases is not None and new.cases is not None:
        apart += cases_apart(old.cases, new.cases)
    counted = None if corpus is None else count_changes(corpus, comparison)
    return Report(old, new, comparison, tuple(apart), counted)


def _counted(count: int, thing: str) -> str:
    return f"{count} {thing}{'' if count == 1 else 's'}"


def _criteria(change: Change) -> Mapping[str, Any]:
    """The ids of what brings a change about, and a remark where they may not be all."""
    found: dict[str, Any] = {"criteria": list(change.criteria)}
    return found if change.all_criteria else found | {"criteria_complete": False}
