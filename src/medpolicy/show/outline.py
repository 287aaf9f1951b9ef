"""A revision as rows for readers: each rule in words, with the passages that it embodies."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from medpolicy.language.condition import Condition, Scalar
from medpolicy.language.revision import Action, Criterion, Fallback, Invariant, Passage, Pathway, ReviewFlag, Revision
from medpolicy.language.vocabulary import Vocabulary
from medpolicy.load.document import Document
from medpolicy.show.wording import Line, condition_lines


@dataclass(frozen=True, slots=True)
class Cited:
    """A passage: where it stands, what it says in our words, and the document's own words where they are known."""

    id: str
    where: str
    says: str
    original: str | None


@dataclass(frozen=True, slots=True)
class Row:
    """A rule: its condition as indented lines (none for a fallback), its action, its passages."""

    id: str
    conditions: tuple[Line, ...]
    action: str
    params: Mapping[str, Scalar]
    note: str | None
    passages: tuple[Cited, ...]


@dataclass(frozen=True, slots=True)
class PathwayRows:
    """A pathway: whom it applies to, as the condition of a row, and its criteria."""

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
    """An invariant: the decision that no request may get of which the condition is certainly true."""

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
        policy=revision.policy,
        title=revision.title,
        revision=revision.revision,
        effective_from=revision.effective_from,
        effective_to=revision.effective_to,
        source=f"{source.publisher}: {source.document} ({source.status})",
        pathways=tuple(map(reader.pathway, revision.pathways)),
        unlisted=reader.row(revision.unlisted, revision.unlisted.actions),
        review_flags=tuple(
            FlagRow(flag.kind, flag.holds, reader.row(flag, flag.actions, flag.conditions))
            for flag in revision.review_flags
        ),
        not_in_effect=reader.row(revision.not_in_effect, revision.not_in_effect.actions),
        invariants=tuple(map(reader.invariant, revision.invariants)),
        informative=reader.cited(revision.informative),
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
        lines, action = self.lines(condition), actions[0]
        return Row(part.id, lines, action.name, action.params, part.note, self.cited(part.cites))

    def pathway(self, pathway: Pathway) -> PathwayRows:
        criteria = (self.row(criterion, criterion.otherwise, criterion.conditions) for criterion in pathway.criteria)
        return PathwayRows(pathway.title, self.row(pathway, pathway.actions, pathway.applies), tuple(criteria))

    def invariant(self, invariant: Invariant) -> InvariantRow:
        lines, passages = self.lines(invariant.when), self.cited(invariant.cites)
        return InvariantRow(invariant.id, invariant.text, lines, invariant.never, invariant.note, passages)

    def lines(self, condition: Condition | None) -> tuple[Line, ...]:
        return () if condition is None else tuple(condition_lines(condition, self.vocabulary))

    def cited(self, ids: Iterable[str]) -> tuple[Cited, ...]:
        passages = ((id, self.revision.passages[id]) for id in ids)
        return tuple(Cited(id, passage.where, passage.says, self.original(passage)) for id, passage in passages)

    def original(self, passage: Passage) -> str | None:
        return None if self.document is None else self.document.original(passage)
