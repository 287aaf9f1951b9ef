"""What a SELECT is made of: the revisions it decides by, and the names it uses."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from sqlglot import exp, parse_one
from sqlglot.errors import SqlglotError

from medpolicy.evaluate.compiled import Compiled
from medpolicy.language.revision import RESERVED, Pathway, ReviewFlag, Revision, Rule
from medpolicy.language.vocabulary import Vocabulary
from medpolicy.policy import Policy
from medpolicy.sql.dialects import OFFERED, Dialect, Expression, column, is_null
from medpolicy.text.findings import Finding, Unusable, quoted

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
        sets = [name for name, variable in variables.items() if variable.kind.is_set]
        taken = sorted({name for revised in compiled for name in map(name_of, asked(revised.decider.revision))})
        _refuse_long(taken, OFFERED[dialect].longest_name, dialect)
        free = free_names([*variables, *taken, *(name for name in RESERVED if name != "fault")])
        names = {wanted: free(wanted) for wanted in (*STEPS, *map(as_text, sets))}
        return cls(policy.vocabulary, compiled, pinned is not None, dialect, _table_named(table, dialect), names)

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

    def in_each(self, value: Callable[[Revision], Expression]) -> Expression:
        """The value that a function gives for each revision."""
        return self.by_revision({revision.revision: value(revision) for revision in self.revisions})


def as_text(variable: str) -> str:
    """The column wanted for a set variable as text."""
    return f"{variable}_as_text"


def asked(revision: Revision) -> list[Rule]:
    """The rules whose conditions bear on the answer."""
    return [rule for rule in revision.rules() if not isinstance(rule, ReviewFlag) or rule.kind != "note"]


def name_of(rule: Rule) -> str:
    """The column of a rule's condition; no id has a blank."""
    return f"{rule.id} applies" if isinstance(rule, Pathway) else rule.id


def free_names(given: Iterable[str]) -> Callable[[str], str]:
    """A function that gives out names, each with as many `_` appended as it takes to be free, whatever its case."""
    taken = {name.casefold() for name in given}

    def free(wanted: str) -> str:
        while wanted.casefold() in taken:
            wanted += "_"
        taken.add(wanted.casefold())
        return wanted

    return free


def _table_named(written: str, dialect: str) -> exp.Table:
    """The table of a name, which may have a schema. Raises `Unusable`."""
    try:
        table = parse_one(written, dialect=dialect, into=exp.Table)
    except SqlglotError:
        table = exp.Table()
    parts = {key for key, value in table.args.items() if value}
    if not isinstance(table.this, exp.Identifier) or not parts <= {"this", "db", "catalog"}:
        advice = "write it as a query would, with its schema where it needs one: `requests`, `claims.requests`"
        if " " in written.strip():
            example = exp.to_identifier("my requests", quoted=True).sql(dialect)
            advice += f"; a name with a blank stands in quotes: {example}"
        raise Unusable([Finding("no-table", f"{quoted(written)} is not the name of a table", help=advice)])
    table.pop_comments()
    return table


def _refuse_long(conditions: Iterable[str], longest: int | None, dialect: str) -> None:
    """Raise `Unusable` where the column of a condition has a name that would be cut."""
    message = "the column {} has too long a name: {} cuts it after {} bytes"
    found = [
        Finding("long-name", message.format(quoted(name), dialect, longest))
        for name in conditions
        if longest is not None and len(name.encode()) > longest
    ]
    if found:
        raise Unusable(found)
