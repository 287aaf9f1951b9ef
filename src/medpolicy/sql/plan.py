"""What a SELECT is made of: the revisions it decides by, and the names it uses."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sqlglot import exp

from medpolicy.evaluate.compiled import Compiled
from medpolicy.language.fields import Storage
from medpolicy.language.revision import Revision
from medpolicy.language.vocabulary import Vocabulary
from medpolicy.policy import Policy
from medpolicy.sql.dialects import OFFERED, Dialect, Expression, column, is_null
from medpolicy.sql.names import ANSWER, applies, free_names, refuse_names, table_named

STEPS = ("fault", "revision", "covered", "gated", "approval_held", "denial_held")
"""The columns that one part of the SELECT hands to the next."""


@dataclass(frozen=True)
class Plan:
    """One policy, or one pinned revision of it, and the table to decide.

    `names` has the name of each column between the input and the answer: those of `STEPS`, and for each set variable
    the one that holds it as text, by the name of the variable with `_as_text`.
    """

    vocabulary: Vocabulary
    compiled: tuple[Compiled, ...]
    pinned: bool
    dialect: str
    table: exp.Table
    names: Mapping[str, str]

    @classmethod
    def of(cls, policy: Policy, dialect: str, table: str, revision: str | None) -> Plan:
        """Raises `Unusable` where there is no such revision, or a name cannot be used."""
        pinned = None if revision is None else policy.revision(revision).revision
        compiled = tuple(
            Compiled(decider) for decider in policy.deciders if pinned in (None, decider.revision.revision)
        )
        variables = policy.vocabulary.variables
        sets = [name for name, variable in variables.items() if variable.kind.storage is Storage.TEXT_LIST]
        taken = sorted({name for revised in compiled for name in asked(revised.decider.revision).values()})
        refuse_names(taken, OFFERED[dialect].longest_name, dialect)
        free = free_names([*variables, *taken, *(name for name in ANSWER if name != "fault")])
        names = {wanted: free(wanted) for wanted in (*STEPS, *map(as_text, sets))}
        return cls(policy.vocabulary, compiled, pinned is not None, dialect, table_named(table, dialect), names)

    @property
    def engine(self) -> Dialect:
        """How the dialect tests lists."""
        return OFFERED[self.dialect]

    @property
    def revisions(self) -> list[Revision]:
        """The revisions, earliest first."""
        return [compiled.decider.revision for compiled in self.compiled]

    def column(self, step: str) -> exp.Column:
        """A column of `names`."""
        return column(self.names[step])

    @property
    def sound(self) -> Expression:
        """Whether a row has no fault."""
        return is_null(self.names["fault"])

    @property
    def without_revision(self) -> Expression:
        """Whether no revision is in effect, or a row has a fault."""
        return is_null(self.names["revision"])

    def by_revision(self, found: Mapping[str, Expression]) -> Expression:
        """The value for each revision; once where all have the same, null under a revision that has none."""
        alike: dict[Expression, list[str]] = {}
        for id, value in found.items():
            alike.setdefault(value, []).append(id)
        if len(alike) == 1 and len(found) == len(self.compiled):
            return next(iter(alike))
        case = exp.case()
        for value, ids in alike.items():
            case = case.when(self.column("revision").isin(*ids), value)
        return case


def as_text(variable: str) -> str:
    """The column wanted for a set variable as text."""
    return f"{variable}_as_text"


def asked(revision: Revision) -> dict[str, str]:
    """The column of each condition that bears on the answer, by the id of its pathway, criterion or flag."""
    found = {}
    for pathway in revision.pathways:
        found[pathway.id] = applies(pathway.id)
        found |= {criterion.id: criterion.id for criterion in pathway.criteria}
    return found | {flag.id: flag.id for flag in revision.review_flags if flag.kind != "note"}
