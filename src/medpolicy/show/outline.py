"""A revision as rows for readers: each rule in words, with the passages that it embodies."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from medpolicy.language.condition import Condition, Scalar
from medpolicy.language.revision import Fallback, Revision, Rule
from medpolicy.language.vocabulary import Vocabulary
from medpolicy.load.document import Document
from medpolicy.show.wording import IndentedLine, condition_lines


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
    conditions: tuple[IndentedLine, ...]
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
    conditions: tuple[IndentedLine, ...]
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

    def cited(ids: Iterable[str]) -> tuple[Cited, ...]:
        passages = ((id, revision.passages[id]) for id in ids)
        original = document.original if document else lambda passage: None
        return tuple(Cited(id, passage.where, passage.says, original(passage)) for id, passage in passages)

    def lines(condition: Condition) -> tuple[IndentedLine, ...]:
        return tuple(condition_lines(condition, vocabulary))

    def row(rule: Rule | Fallback) -> Row:
        conditions = () if isinstance(rule, Fallback) else lines(rule.condition)
        return Row(rule.id, conditions, rule.action.name, rule.action.params, rule.note, cited(rule.cites))

    source = revision.source
    return Outline(
        policy=revision.policy,
        title=revision.title,
        revision=revision.revision,
        effective_from=revision.effective_from,
        effective_to=revision.effective_to,
        source=f"{source.publisher}: {source.document} ({source.status})",
        pathways=tuple(
            PathwayRows(pathway.title, row(pathway), tuple(map(row, pathway.criteria))) for pathway in revision.pathways
        ),
        unlisted=row(revision.unlisted),
        review_flags=tuple(FlagRow(flag.kind, flag.holds, row(flag)) for flag in revision.review_flags),
        not_in_effect=row(revision.not_in_effect),
        invariants=tuple(
            InvariantRow(rule.id, rule.text, lines(rule.when), rule.never, rule.note, cited(rule.cites))
            for rule in revision.invariants
        ),
        informative=cited(revision.informative),
    )
