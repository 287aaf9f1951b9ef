"""The requests that one or more revisions of a policy may get, and statements about them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any

from medpolicy.evaluate.kleene import Kleene, all_of, any_of
from medpolicy.evaluate.status import Status
from medpolicy.evaluate.tables import MISSING, Class, Table, tables
from medpolicy.language.request import Variable
from medpolicy.language.revision import All, Condition, Revision, Test
from medpolicy.language.vocabulary import Vocabulary
from medpolicy.solve.formula import FALSE, TRUE, Formula, In, Point, Within, every, some
from medpolicy.solve.shapes import Answers, CanonicalConditions, Group, Shape
from medpolicy.solve.three import FORMULAS, KleeneFormula

Steps = tuple[int, ...]
"""The way to a part of a condition: the place in each group, from the outside in."""


class Space:
    """All requests of a policy, told apart by the tests of `revisions` and `conditions` together.

    A formula about one side may use every condition whose tests are among those.
    """

    def __init__(
        self, vocabulary: Vocabulary, revisions: Sequence[Revision], conditions: Iterable[Condition] = ()
    ) -> None:
        self.vocabulary = vocabulary
        tested = [condition for each in revisions for _, condition in each.conditions()]
        self.tables: Mapping[str, Table] = _with_service_day(tables([*tested, *conditions], vocabulary), vocabulary)
        self._places: dict[tuple[str, frozenset[int]], Formula] = {}
        self._shapes = CanonicalConditions(self.tables)
        self._threes: dict[int, KleeneFormula] = {}
        self._reads: dict[int, frozenset[str]] = {}
        self._opens: dict[tuple[int, str], Formula] = {}
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
        """That a variable's class is one of some."""
        possible = self.codes(name)
        among = possible & frozenset(codes)
        if not among or among == possible:
            return TRUE if among else FALSE
        return self._places.setdefault((name, among), In(name, among))

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

    def three(self, condition: Condition, instead: Mapping[Steps, KleeneFormula] | None = None) -> KleeneFormula:
        """The status of a condition; `instead` puts another status in the place of some of its parts."""
        return self._with(condition, (), instead) if instead else self._three(self._shapes.number(condition))

    def _with(self, condition: Condition, steps: Steps, instead: Mapping[Steps, KleeneFormula]) -> KleeneFormula:
        if steps in instead:
            return instead[steps]
        if steps and not any(each[: len(steps)] == steps for each in instead):
            return self.three(condition)
        if isinstance(condition, Test):
            return self.three(condition)
        combine = all_of if isinstance(condition, All) else any_of
        return combine(
            [self._with(part, (*steps, place), instead) for place, part in enumerate(condition.parts)], FORMULAS
        )

    def _three(self, number: int) -> KleeneFormula:
        found = self._threes.get(number)
        if found is None:
            found = self._threes[number] = self._status(self._shapes[number])
        return found

    def _status(self, shape: Shape) -> KleeneFormula:
        if isinstance(shape, Group):
            return (all_of if shape.every else any_of)([self._three(part) for part in sorted(shape.parts)], FORMULAS)
        met = {code for code, status in enumerate(shape.statuses) if status is Status.MET}
        possible = {code for code, status in enumerate(shape.statuses) if status is not Status.NOT_MET}
        return Kleene(self.is_in(shape.name, met), self.is_in(shape.name, possible))

    def asks_for(self, condition: Condition) -> frozenset[str]:
        """The given facts that a condition reads, those behind derived variables included."""
        return self._asks_for(self._shapes.number(condition))

    def _asks_for(self, number: int) -> frozenset[str]:
        if number not in self._reads:
            shape = self._shapes[number]
            if isinstance(shape, Group):
                self._reads[number] = frozenset[str]().union(*map(self._asks_for, shape.parts))
            else:
                self._reads[number] = frozenset(self.vocabulary.variables[shape.name].parts)
        return self._reads[number]

    def keeps_open(self, condition: Condition, name: str) -> Formula:
        """That a given fact is missing and stands in an open test of a condition, below open groups alone."""
        return self._keeps_open(self._shapes.number(condition), name)

    def _keeps_open(self, number: int, name: str) -> Formula:
        found = self._opens.get((number, name))
        if found is None:
            found = self._opens[number, name] = self._open(number, name)
        return found

    def _open(self, number: int, name: str) -> Formula:
        if name not in self._asks_for(number):
            return FALSE
        shape, unknown = self._shapes[number], self._three(number).unknown
        if isinstance(shape, Answers):
            return every((unknown, self.missing(name)))
        return every((unknown, some(self._keeps_open(part, name) for part in sorted(shape.parts))))

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
