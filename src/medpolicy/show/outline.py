"""A revision as rows for readers: each rule in words, beside the passages that it embodies."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from medpolicy.language.revision import (
    Action,
    Condition,
    Criterion,
    Fallback,
    Invariant,
    Pathway,
    ReviewFlag,
    Revision,
    Scalar,
)
from medpolicy.language.vocabulary import Vocabulary
from medpolicy.load.document import Document
from medpolicy.show.wording import Line, condition_lines


@dataclass(frozen=True, slots=True)
class Cited:
    """A passage: where it stands, what it says in our words, and the document's own words where that is at hand."""

    id: str
    where: str
    says: str
    original: str | None


@dataclass(frozen=True, slots=True)
class Row:
    """A rule: its condition as indented lines (none for what holds otherwise), its action, its passages."""

    id: str
    conditions: tuple[Line, ...]
    action: str
    params: Mapping[str, Scalar]
    note: str | None
    passages: tuple[Cited, ...]


@dataclass(frozen=True, slots=True)
class PathwayRows:
    """A pathway (its condition says whom it applies to), and its criteria."""

    title: str
    applies: Row
    criteria: tuple[Row, ...]


@dataclass(frozen=True, slots=True)
class FlagRow:
    """A review flag: `gate`, `hold` or `note`, and what a hold holds."""

    kind: str
    holds: str | None
    rule: Row


@dataclass(frozen=True, slots=True)
class InvariantRow:
    """What must never be seen: a decision, where the condition is certainly true. It decides nothing."""

    id: str
    text: str
    conditions: tuple[Line, ...]
    never: str
    note: str | None
    passages: tuple[Cited, ...]


@dataclass(frozen=True, slots=True)
class Outline:
    """One revision, in the order of its file."""

    policy: str
    title: str
    revision: str
    effective_from: date
    effective_to: date | None
    source: str
    pathways: tuple[PathwayRows, ...]
    unlisted: Row
    review_flags: tuple[FlagRow, ...]
    not_in_effect: Row
    invariants: tuple[InvariantRow, ...]
    informative: tuple[Cited, ...]


def outline(revision: Revision, vocabulary: Vocabulary, document: Document | None = None) -> Outline:
    """The rows of a revision; `document` adds the publisher's own words."""
    reader = _Reader(revision, vocabulary, document)
    source = revision.source
    return Outline(
        revision.policy,
        revision.title,
        revision.revision,
        revision.effective_from,
        revision.effective_to,
        f"{source.publisher}: {source.document} ({source.status})",
        tuple(
            PathwayRows(
                each.title,
                reader.row(each, each.actions, each.applies),
                tuple(reader.row(criterion, criterion.otherwise, criterion.conditions) for criterion in each.criteria),
            )
            for each in revision.pathways
        ),
        reader.row(revision.unlisted, revision.unlisted.actions),
        tuple(
            FlagRow(each.kind, each.holds, reader.row(each, each.actions, each.conditions))
            for each in revision.review_flags
        ),
        reader.row(revision.not_in_effect, revision.not_in_effect.actions),
        tuple(reader.invariant(each) for each in revision.invariants),
        tuple(reader.cited(id) for id in revision.informative),
    )


@dataclass(frozen=True)
class _Reader:
    revision: Revision
    vocabulary: Vocabulary
    document: Document | None

    def row(
        self,
        part: Pathway | Criterion | ReviewFlag | Fallback,
        actions: Sequence[Action],
        condition: Condition | None = None,
    ) -> Row:
        conditions = () if condition is None else tuple(condition_lines(condition, self.vocabulary))
        passages = tuple(self.cited(cite) for cite in part.cites)
        return Row(part.id, conditions, actions[0].name, actions[0].params, part.note, passages)

    def invariant(self, invariant: Invariant) -> InvariantRow:
        conditions = tuple(condition_lines(invariant.when, self.vocabulary))
        passages = tuple(self.cited(cite) for cite in invariant.cites)
        return InvariantRow(invariant.id, invariant.text, conditions, invariant.never, invariant.note, passages)

    def cited(self, id: str) -> Cited:
        passage = self.revision.passages[id]
        original = None if self.document is None else self.document.original(passage)
        return Cited(id, passage.where, passage.says, original)
