"""The requests that one or more revisions of a policy may get, and statements about them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from functools import cache
from typing import Any

from medpolicy.evaluate.conditions import Leaf, Trees
from medpolicy.evaluate.kleene import Kleene, all_of, any_of
from medpolicy.evaluate.nodes import Nodes
from medpolicy.evaluate.status import Status
from medpolicy.evaluate.tables import MISSING, Class, Table, tables
from medpolicy.language.condition import All, Condition
from medpolicy.language.request import Variable
from medpolicy.language.revision import Revision
from medpolicy.language.vocabulary import Vocabulary
from medpolicy.language.walk import Steps
from medpolicy.solve.formula import FALSE, FORMULAS, TRUE, Formula, In, KleeneFormula, Point, Within


class Space:
    """All requests of a policy, as far as the tests of `revisions` and `conditions` tell them apart; formulas may use these tests."""

    def __init__(
        self, vocabulary: Vocabulary, revisions: Sequence[Revision], conditions: Iterable[Condition] = ()
    ) -> None:
        self.vocabulary = vocabulary
        tested = [rule.condition for revision in revisions for rule in revision.rules()]
        self.tables: Mapping[str, Table] = _with_service_day(tables([*tested, *conditions], vocabulary), vocabulary)
        self._conditions = Trees(self.tables)
        self._in = cache(In)
        self._nodes = Nodes(self._status_of_leaf, self.missing, vocabulary, FORMULAS)
        self.revisions = tuple(revisions)
        self.plain_day = max(revision.effective_from for revision in revisions)
        """A day of service that raises no question: the first of the latest revision."""

    # statements about facts

    def codes(self, name: str) -> frozenset[int]:
        """The class codes that a variable can have; 0, *missing*, is one of them where it may be missing."""
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
        """That a whole number or day is known and between two values; the space must have it, as it always has the service day."""
        return Within(name, first, last)

    def in_effect(self, revision: Revision) -> Formula:
        """That the service starts while a revision is in effect."""
        return self.within(self.vocabulary.service_day, revision.effective_from, revision.effective_to or date.max)

    # statements about conditions

    def status(self, condition: Condition, instead: Mapping[Steps, KleeneFormula] | None = None) -> KleeneFormula:
        """The status of a condition; `instead` puts another status in the place of some of its parts."""
        if not instead:
            return self._nodes.status(self._conditions.of(condition))
        if () in instead:
            return instead[()]
        inside: dict[int, dict[Steps, KleeneFormula]] = {}
        for (index, *steps), status in instead.items():
            inside.setdefault(index, {})[tuple(steps)] = status
        parts = [self.status(part, inside.get(index)) for index, part in enumerate(condition.parts)]
        return (all_of if isinstance(condition, All) else any_of)(parts, FORMULAS)

    def _status_of_leaf(self, leaf: Leaf) -> KleeneFormula:
        met = {code for code, status in enumerate(leaf.statuses) if status is Status.MET}
        possible = {code for code, status in enumerate(leaf.statuses) if status is not Status.NOT_MET}
        return Kleene(self.is_in(leaf.name, met), self.is_in(leaf.name, possible))

    def asks_for(self, condition: Condition) -> frozenset[str]:
        """The given facts that a condition reads, those behind derived variables included."""
        return self._nodes.facts(self._conditions.of(condition))

    def keeps_open(self, condition: Condition, name: str) -> Formula:
        """That a given fact is missing and stands in an open test of a condition, below open groups alone."""
        return self._nodes.keeps_open(self._conditions.of(condition), name)

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
