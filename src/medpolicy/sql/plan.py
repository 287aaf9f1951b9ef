"""What one SELECT is made of: the revisions it decides by, and the names it uses."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from sqlglot import exp

from medpolicy.evaluate.compiled import Compiled
from medpolicy.language.fields import ChoiceSet
from medpolicy.language.revision import Revision
from medpolicy.language.vocabulary import Vocabulary
from medpolicy.policy import Policy
from medpolicy.sql.dialects import OFFERED, Dialect, Expression, column, texts
from medpolicy.sql.names import ANSWER, Names, applies, refuse_names, table_named


@dataclass(frozen=True)
class Columns:
    """The names of the columns that stand between the input and the answer."""

    fault: str
    revision: str
    covered: str
    gated: str
    held: Mapping[str, str]
    """For the kind of decision."""
    as_text: Mapping[str, str]
    """For each set variable."""


@dataclass(frozen=True)
class Plan:
    """One policy, or one pinned revision of it, and the table to decide."""

    vocabulary: Vocabulary
    compiled: tuple[Compiled, ...]
    pinned: bool
    dialect: str
    table: exp.Table
    columns: Columns

    @classmethod
    def of(cls, policy: Policy, dialect: str, table: str, revision: str | None) -> Plan:
        """Raises `Unusable` where there is no such revision, or a name cannot be used."""
        pinned = None if revision is None else policy.revision(revision).revision
        compiled = tuple(Compiled(each) for each in policy.deciders if pinned in (None, each.revision.revision))
        sets = [each.name for each in policy.vocabulary.variables.values() if isinstance(each.kind, ChoiceSet)]
        taken = sorted({name for each in compiled for name in _names_of_conditions(each.decider.revision)})
        refuse_names(taken, OFFERED[dialect].longest_name, dialect)
        free = Names([*policy.vocabulary.variables, *taken, *(each for each in ANSWER if each != "fault")]).free
        columns = Columns(
            fault=free("fault"),
            revision=free("revision"),
            covered=free("covered"),
            gated=free("gated"),
            held={"approved": free("approval_held"), "denied": free("denial_held")},
            as_text={name: free(f"{name}_as_text") for name in sets},
        )
        return cls(policy.vocabulary, compiled, pinned is not None, dialect, table_named(table, dialect), columns)

    @property
    def engine(self) -> Dialect:
        """What the dialect says in its own way."""
        return OFFERED[self.dialect]

    @property
    def revisions(self) -> list[Revision]:
        """The revisions, earliest first."""
        return [each.decider.revision for each in self.compiled]

    @property
    def faulty(self) -> Expression:
        """Whether a row has a fault."""
        return exp.not_(exp.Is(this=column(self.columns.fault), expression=exp.null()))

    @property
    def without_revision(self) -> Expression:
        """Whether no revision is in effect, or a row has a fault."""
        return exp.Is(this=column(self.columns.revision), expression=exp.null())

    def by_revision(self, found: Mapping[str, Expression]) -> Expression:
        """What each revision says; once where all say the same, null under a revision that says nothing."""
        alike: list[tuple[Expression, list[str]]] = []
        for id, said in found.items():
            ids = next((ids for other, ids in alike if other == said), None)
            if ids is None:
                alike.append((said, [id]))
            else:
                ids.append(id)
        if len(alike) == 1 and len(found) == len(self.compiled):
            return alike[0][0]
        case = exp.case()
        for said, ids in alike:
            case = case.when(exp.In(this=column(self.columns.revision), expressions=texts(ids)), said)
        return case


def _names_of_conditions(revision: Revision) -> Iterator[str]:
    for pathway in revision.pathways:
        yield applies(pathway.id)
        yield from (each.id for each in pathway.criteria)
    yield from (each.id for each in revision.review_flags if each.kind != "note")
