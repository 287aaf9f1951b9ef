"""The report on two revisions: what its four forms (text, Markdown, HTML, JSON) say, already in words."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from typing import Any, ClassVar, Literal

from medpolicy.diff.corpus import Corpus, Share
from medpolicy.diff.non_decision_changes import NonDecisionChange
from medpolicy.diff.side_by_side import ChangedRule
from medpolicy.language.determination import Decision

State = Literal["never", "possible", "open"]

_STATES: Mapping[State, tuple[str, str]] = {
    "never": ("never", "same answers"),
    "possible": ("possible", "other reasons"),
    "open": ("undecided", "undecided"),
}
"""What a state is called where the decision changes, and where it stays."""


@dataclass(frozen=True)
class Cell:
    """Whether the answer can change from one decision to another, or in its reasons where the decision stays."""

    before: Decision
    after: Decision
    share: Share | None = None
    """The records of the corpus that change this way; None without a corpus, if the decision stays, or if none can."""
    counts: tuple[str, ...] = ()
    """The share in words, a line each."""
    state: State = "never"

    @property
    def stays(self) -> bool:
        """Whether the decision is the same, so that only its reasons can change."""
        return self.before == self.after

    @property
    def words(self) -> str:
        """The state in words."""
        return _STATES[self.state][self.stays]

    @property
    def name(self) -> str:
        """The change in words."""
        return f"{self.before}, for other reasons" if self.stays else f"{self.before} \N{RIGHTWARDS ARROW} {self.after}"


@dataclass(frozen=True, kw_only=True)
class PossibleChange(Cell):
    """A change that can happen: why, where, and a request that shows it with both answers."""

    state: State = "possible"
    criteria: tuple[str, ...]
    others: str
    """What follows the criteria if they may not be all."""
    region: str
    witness: Mapping[str, Any]
    caption: str
    """The heading of the witness."""
    facts: tuple[tuple[str, str], ...]
    """The facts of the witness in words, by their labels."""
    answers: tuple[str, ...]
    """The old and the new answer to the witness."""


@dataclass(frozen=True)
class Report:
    """Two revisions compared; `corpus` counts the records of a file where one was given."""

    title: str
    old: str
    """The name, id and dates of the old revision."""
    new: str
    days: tuple[str, ...]
    """A sentence for each revision that is in effect on days on which the other is not."""
    matrix: tuple[tuple[Cell, ...], ...]
    """A row for each old decision, with a cell for each new one."""
    limit: float
    """The time limit of a question, in seconds."""
    changed_rules: tuple[ChangedRule, ...]
    other_changes: tuple[NonDecisionChange, ...]
    """What changed without changing any answer."""
    corpus: Corpus | None

    pinned: ClassVar = "Each revision decides every request here, whatever the date of service and the dates of effect."

    @property
    def changes(self) -> list[PossibleChange]:
        """The changes that can happen, those of the decision first."""
        found = [cell for row in self.matrix for cell in row if isinstance(cell, PossibleChange)]
        return sorted(found, key=lambda change: change.stays)

    @property
    def open(self) -> list[Cell]:
        """The changes of which the time limit left open whether they can happen."""
        return [cell for row in self.matrix for cell in row if cell.state == "open"]

    @property
    def equivalent(self) -> bool:
        """Whether it is proven that every request gets the same answer."""
        return not (self.changes or self.open)

    @property
    def headline(self) -> str:
        """What was found, in a sentence or two."""
        if self.equivalent:
            apart = ", the days in effect apart" if self.days else ""
            return f"Equivalent{apart}: it is proven that every request gets the same answer, missing facts included."
        reasons = sum(change.stays for change in self.changes)
        transitions = len(self.changes) - reasons
        parts = [f"{_counted(transitions, 'transition')} can happen"] if transitions else []
        if reasons:
            parts.append(f"the reasons of {_counted(reasons, 'decision')} can change")
        if self.open:
            parts.append(f"{_counted(len(self.open), 'question')} stayed undecided within {self.limit:g} s")
        what = "Different" if self.changes else "Undecided"
        return f"{what}: {', '.join(parts)}. All else is proven to be the same."

    @property
    def remarks(self) -> Iterator[str]:
        """What stands below the headline: days in effect that differ, and records that were not counted."""
        yield from self.days
        if self.corpus is not None and self.corpus.summary.rejected:
            rejected = self.corpus.summary.rejected
            verb = "is" if rejected == 1 else "are"
            yield f"Of {self.corpus.name} {_counted(rejected, 'record')} had a fault and {verb} not counted."

    def to_dict(self) -> dict[str, Any]:
        """The report for programs; `open`, `rejected` and `apart` are there only if they have something to say."""
        form: dict[str, Any] = {
            "equivalent": self.equivalent,
            "transitions": [
                _ends(change) | _cause(change) | {"region": change.region} | self._corpus(change)
                for change in self.changes
                if not change.stays
            ],
            "reasons_changed": [
                {"decision": change.before} | _cause(change) for change in self.changes if change.stays
            ],
        }
        if self.open:
            form["open"] = [_ends(cell) | self._corpus(cell) for cell in self.open]
        if self.corpus is not None and self.corpus.summary.rejected:
            form["rejected"] = self.corpus.summary.rejected
        if self.other_changes:
            form["apart"] = [asdict(change) for change in self.other_changes]
        return form

    def _corpus(self, cell: Cell) -> dict[str, Any]:
        return {} if cell.share is None or self.corpus is None else {"corpus": self.corpus.told(cell.share)}


def _counted(count: int, thing: str) -> str:
    return f"{count} {thing}{'' if count == 1 else 's'}"


def _ends(cell: Cell) -> dict[str, Any]:
    return {"from": cell.before, "to": cell.after}


def _cause(change: PossibleChange) -> dict[str, Any]:
    found = {"witness": dict(change.witness), "criteria": list(change.criteria)}
    return found | {"criteria_complete": False} if change.others else found
