"""The requests that one or more revisions of a policy may get, and statements about them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from functools import cache
from typing import Any

from medpolicy.evaluate.conditions import Conditions, Group, Node
from medpolicy.evaluate.kleene import Kleene, all_of, any_of
from medpolicy.evaluate.status import Status
from medpolicy.evaluate.tables import MISSING, Class, Table, tables
from medpolicy.language.condition import All, Condition
from medpolicy.language.request import Variable
from medpolicy.language.revision import Revision
from medpolicy.language.vocabulary import Vocabulary
from medpolicy.language.walk import Steps
from medpolicy.solve.formula import FALSE, TRUE, Formula, In, Point, Within, every, some
from medpolicy.solve.kleene_formula import FORMULAS, KleeneFormula


class Space:
    """All requests of a policy, as far as the tests of `revisions` and `conditions` distinguish them.

    A formula may use every condition whose tests are among those.
    """

    def __init__(
        self, vocabulary: Vocabulary, revisions: Sequence[Revision], conditions: Iterable[Condition] = ()
    ) -> None:
        self.vocabulary = vocabulary
        tested = [rule.condition for revision in revisions for rule in revision.rules()]
        self.tables: Mapping[str, Table] = _with_service_day(tables([*tested, *conditions], vocabulary), vocabulary)
        self._conditions = Conditions(self.tables)
        self._in = cache(In)
        self._status = cache(self._status_of)
        self._facts = cache(self._facts_of)
        self._keeps_open = cache(self._keeps_node_open)
        self.revisions = tuple(revisions)
        self.plain_day = max(revision.effective_from for revision in revisions)
        """A day of service that raises no question: the first of the latest revision."""

    # statements about facts

    def codes(self, name: str) -> frozenset[int]:
        """The class codes that a variable of the space can have, 0 (*missing*) among them where it may be missing."""
        known = range(1, len(self.tables[name]))
        return frozenset(known) | ({MISSING} if self.may_be_missing(name) else frozenset())

    def may_be_missing(self, name: str) -> bool:
        """Whether a request can leave a variable unknown; a derived one is where one of its parts is."""
        variables = self.vocabulary.variables
        return any(variables[part].may_be_missing for part in variables[name].parts)

    def is_in(self, name: str, codes: Iterable[int]) -> Formula:
        """That a variable's class is one of these."""
        possible = self.codes(name)
        among = possible & frozenset(codes)
        if not among or among == possible:
            return TRUE if among else FALSE
        return self._in(name, among)

    def missing(self, name: str) -> Formula:
        """That a fact is missing."""
        return self.is_in(name, {MISSING}) if name in self.tables else FALSE

    def within(self, name: str, first: Any, last: Any) -> Formula:
        """That a whole number or day of the space (the start of service always is) is known and between two values."""
        return Within(name, first, last)

    def in_effect(self, revision: Revision) -> Formula:
        """That the service starts while a revision is in effect."""
        return self.within(self.vocabulary.service_day, revision.effective_from, revision.effective_to or date.max)

    # statements about conditions

    def status(self, condition: Condition, instead: Mapping[Steps, KleeneFormula] | None = None) -> KleeneFormula:
        """The status of a condition; `instead` puts another status in the place of some of its parts."""
        if not instead:
            return self._status(self._conditions.of(condition))
        if () in instead:
            return instead[()]
        inside: dict[int, dict[Steps, KleeneFormula]] = {}
        for (index, *steps), status in instead.items():
            inside.setdefault(index, {})[tuple(steps)] = status
        parts = [self.status(part, inside.get(index)) for index, part in enumerate(condition.parts)]
        return (all_of if isinstance(condition, All) else any_of)(parts, FORMULAS)

    def _status_of(self, node: Node) -> KleeneFormula:
        if isinstance(node, Group):
            return (all_of if node.holds_when_all else any_of)([self._status(part) for part in node.parts], FORMULAS)
        met = {code for code, status in enumerate(node.statuses) if status is Status.MET}
        possible = {code for code, status in enumerate(node.statuses) if status is not Status.NOT_MET}
        return Kleene(self.is_in(node.name, met), self.is_in(node.name, possible))

    def asks_for(self, condition: Condition) -> frozenset[str]:
        """The given facts that a condition reads, those behind derived variables included."""
        return self._facts(self._conditions.of(condition))

    def _facts_of(self, node: Node) -> frozenset[str]:
        return frozenset(part for leaf in node.leaves() for part in self.vocabulary.variables[leaf.name].parts)

    def keeps_open(self, condition: Condition, name: str) -> Formula:
        """That a given fact is missing and stands in an open test of a condition, below open groups alone."""
        return self._keeps_open(self._conditions.of(condition), name)

    def _keeps_node_open(self, node: Node, name: str) -> Formula:
        if name not in self._facts(node):
            return FALSE
        unknown = self._status(node).unknown
        if isinstance(node, Group):
            return every((unknown, some(self._keeps_open(part, name) for part in node.parts)))
        return every((unknown, self.missing(name)))

    def point(self, facts: Mapping[str, Any]) -> Point:
        """A request's facts (None where missing, derived variables included) as formulas see them."""
        return Point({name: table.code(facts[name]) for name, table in self.tables.items()}, facts)

    @property
    def given(self) -> list[Variable]:
        """The given variables of the space, in the order of declaration."""
        return [table.variable for table in self.tables.values() if table.variable.derived is None]


def _with_service_day(known: dict[str, Table], vocabulary: Vocabulary) -> dict[str, Table]:
    """The tables with one for the start of service, also where no rule reads it."""
    variable = vocabulary.variables[vocabulary.service_day]
    kind = variable.kind
    if variable.name not in known:
        known[variable.name] = Table(variable, (Class(kind.lowest, (), kind.lowest, kind.highest),), {})
    return {name: known[name] for name in vocabulary.variables if name in known}
