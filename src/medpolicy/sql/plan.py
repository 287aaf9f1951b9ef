"""What a SELECT is made of: the revisions it decides by, and the names it uses."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from sqlglot import exp

from medpolicy.evaluate.compiled import Compiled
from medpolicy.language.fields import Storage
from medpolicy.language.revision import Revision
from medpolicy.language.vocabulary import Vocabulary
from medpolicy.policy import Policy
from medpolicy.sql.dialects import OFFERED, Dialect, Expression, column, texts
from medpolicy.sql.names import ANSWER, Names, applies, refuse_names, table_named


@dataclass(frozen=True)
class Columns:
    """The names of the columns between the input and the answer."""

    fault: str
    revision: str
    covered: str
    gated: str
    held: Mapping[str, str]
    """By the decision that a flag holds."""
    as_text: Mapping[str, str]
    """By the name of the set variable."""


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
        compiled = tuple(
            Compiled(decider) for decider in policy.deciders if pinned in (None, decider.revision.revision)
        )
        variables = policy.vocabulary.variables
        sets = [name for name, variable in variables.items() if variable.kind.storage is Storage.TEXT_LIST]
        taken = sorted({name for revised in compiled for name in _names_of_conditions(revised.decider.revision)})
        refuse_names(taken, OFFERED[dialect].longest_name, dialect)
        free = Names([*variables, *taken, *(name for name in ANSWER if name != "fault")]).free
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
        """How the dialect tests lists."""
        return OFFERED[self.dialect]

    @property
    def revisions(self) -> list[Revision]:
        """The revisions, earliest first."""
        return [compiled.decider.revision for compiled in self.compiled]

    @property
    def faulty(self) -> Expression:
        """Whether a row has a fault."""
        return exp.not_(exp.Is(this=column(self.columns.fault), expression=exp.null()))

    @property
    def without_revision(self) -> Expression:
        """Whether no revision is in effect, or a row has a fault."""
        return exp.Is(this=column(self.columns.revision), expression=exp.null())

    def by_revision(self, found: Mapping[str, Expression]) -> Expression:
        """The value for each revision; once where all have the same, null under a revision that has none."""
        alike: dict[Expression, list[str]] = {}
        for id, value in found.items():
            alike.setdefault(value, []).append(id)
        if len(alike) == 1 and len(found) == len(self.compiled):
            return next(iter(alike))
        case = exp.case()
        for value, ids in alike.items():
            case = case.when(exp.In(this=column(self.columns.revision), expressions=texts(ids)), value)
        return case


def _names_of_conditions(revision: Revision) -> Iterator[str]:
    for pathway in revision.pathways:
        yield applies(pathway.id)
        yield from (criterion.id for criterion in pathway.criteria)
    yield from (flag.id for flag in revision.review_flags if flag.kind != "note")
