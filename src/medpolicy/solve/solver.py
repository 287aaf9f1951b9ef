"""Questions to the solver; the answer to `find` is a smallest request: fewest facts given, then ordinary values."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping
from functools import cached_property
from typing import Any, TypeVar

from medpolicy.evaluate.tables import MISSING
from medpolicy.language.fields import Kind
from medpolicy.language.request import facts_of, read_request
from medpolicy.solve.deadline import Deadline
from medpolicy.solve.formula import FALSE, Formula, Point, some
from medpolicy.solve.found import Disagreement, Found, GaveUp, Impossible, Witness
from medpolicy.solve.ordinary import Ordinary
from medpolicy.solve.prover import Prover
from medpolicy.solve.region import Region, Widening
from medpolicy.solve.revision_formulas import RevisionFormulas, answer_at, answer_of
from medpolicy.solve.space import Space

LIMIT = 10.0
"""Seconds that the answer to one question may take."""

Key = TypeVar("Key", bound=Hashable)


class Solver:
    """Questions about the requests of a space, one at a time; `revisions` are those of the space, as formulas.

    `prover` is for many questions in a row; between them `find`, `which` and `region` may be asked, but not inside one.
    """

    def __init__(self, space: Space) -> None:
        self.space = space
        self.revisions = tuple(RevisionFormulas(space, revision) for revision in space.revisions)
        self._ordinary = Ordinary(space)

    @cached_property
    def prover(self) -> Prover:
        """The space in z3."""
        return Prover(self.space)

    def find(
        self, formula: Formula, limit: float = LIMIT, decided_under: Iterable[RevisionFormulas] | None = None
    ) -> Found:
        """A smallest request of which a formula is true, the proof that there is none, or that the time limit was reached.

        A `Witness` has as few facts given as possible, and ordinary values: those at a boundary where the formula ends
        there. It has been decided under each of some revisions (those of the space unless given) by both engines, and
        they agree with the formulas. Raises `Disagreement` where they do not. `limit` is in seconds.
        """
        if formula is FALSE:
            return Impossible()
        deadline = Deadline(limit)
        with self.prover.assuming(formula):
            found = self.prover.possible(deadline)
            if found is not True:
                return GaveUp(limit) if found is None else Impossible()
            smallest = self._fewest_facts(deadline)
            codes = self._ordinary_classes(deadline)
            facts = self._ordinary_values(formula, codes, deadline)
        return self._confirmed(formula, facts, smallest, self.revisions if decided_under is None else decided_under)

    def which(
        self, formula: Formula, statements: Mapping[Key, Formula], limit: float = LIMIT
    ) -> tuple[frozenset[Key], frozenset[Key]]:
        """Which of several statements can be true of a request of which a formula is true.

        The second set holds those that stay undecided within `limit` seconds.
        """
        deadline = Deadline(limit)
        asked = remaining = {key: formula for key, formula in statements.items() if formula is not FALSE}
        with self.prover.assuming(formula):
            while remaining:
                found = self.prover.possible(deadline, self.prover.literal(some(remaining.values())))
                if found is not True:
                    return frozenset(asked) - frozenset(remaining), frozenset(remaining if found is None else ())
                remaining = {key: formula for key, formula in remaining.items() if not self.prover.holds(formula)}
        return frozenset(asked), frozenset()

    def region(self, formula: Formula, witness: Witness, limit: float = LIMIT) -> Region:
        """A region around a witness of a formula, as wide as can be shown, such that the formula is true throughout.

        That is proven, also where the time limit stops the widening.
        """
        point = Point(witness.codes, witness.facts)
        return Widening(self.space, self.prover, Deadline(limit)).region(formula, point)

    def _fewest_facts(self, deadline: Deadline) -> bool:
        """Leave as few facts given as can be; whether it is proven that fewer would not do."""
        prover = self.prover
        given = [self._ordinary.given(variable.name) for variable in self.space.given if not variable.required]
        while True:
            number = sum(map(prover.holds, given))
            fewer = prover.at_most(given, number - 1)
            found = prover.possible(deadline, fewer) if number else False
            if found is not True:
                prover.keep(prover.at_most(given, number))
                return found is False

    def _ordinary_classes(self, deadline: Deadline) -> dict[str, int]:
        """Settle the class of each variable, the most ordinary one that the others leave, in their order."""
        prover, space = self.prover, self.space
        settled: dict[str, int] = {}
        for name in space.tables:
            order = self._ordinary.order(name)
            rank = order.index(prover.code(name))
            while rank and prover.possible(deadline, prover.literal(space.is_in(name, order[:rank]))):
                rank = order.index(prover.code(name))
            settled[name] = order[rank]
            prover.add(space.is_in(name, {order[rank]}))
        return settled

    def _ordinary_values(self, formula: Formula, codes: dict[str, int], deadline: Deadline) -> dict[str, Any]:
        """A value of each class: at an end of it where the formula ends there, otherwise the most ordinary one."""
        variables = self.space.vocabulary.variables
        found = {name: self.prover.value(name) for name in codes if variables[name].kind.ordered}
        facts: dict[str, Any] = {}
        late: set[str] = set()
        numbers = [name for name, code in codes.items() if code != MISSING and variables[name].kind.ordered]
        for name in sorted(numbers, key=lambda name: variables[name].derived is None):
            end = self._end(formula, codes, found, name)
            derived = variables[name].derived
            if derived is None:
                among = self.space.tables[name].classes[codes[name] - 1]
                plain = (
                    variables[name].kind.ordinary(self.space.plain_day)
                    if name in late
                    else self._ordinary.plain(name, among)
                )
                facts[name] = self._settled(name, plain if end is None else end, deadline)
            elif end is not None:
                if self._false_next_to(formula, codes, found, name, -1):  # the value is just reached
                    late |= {part for part, rises in zip(derived.parts, derived.rises_with, strict=True) if not rises}
                exactly = self.space.within(name, end, end)
                if self.prover.possible(deadline, self.prover.literal(exactly)):
                    self.prover.add(exactly)
        for name, variable in self.space.vocabulary.given.items():
            if name not in facts:
                code = codes.get(name)
                facts[name] = self._ordinary.unread(variable) if code is None else self._ordinary.member(name, code)
        return facts

    def _end(self, formula: Formula, codes: dict[str, int], facts: dict[str, Any], name: str) -> Any:
        """The first or last value of a variable's class where the formula is false just beyond it, or None."""
        among = self.space.tables[name].classes[codes[name] - 1]
        if self._false_next_to(formula, codes, facts, name, -1):
            return among.first
        return among.last if self._false_next_to(formula, codes, facts, name, 1) else None

    def _false_next_to(
        self, formula: Formula, codes: dict[str, int], facts: dict[str, Any], name: str, step: int
    ) -> bool:
        """Whether the formula is false where a variable has the class before (-1) or after its own."""
        code = codes[name] + step
        return 1 <= code <= len(self.space.tables[name].classes) and not Point({**codes, name: code}, facts).holds(
            formula
        )

    def _settled(self, name: str, wanted: Any, deadline: Deadline) -> Any:
        """Settle a given number or day, as near to a value as the others leave; its value."""
        prover, space = self.prover, self.space
        kind = space.vocabulary.variables[name].kind
        low, high = -1, _distance(kind, prover.value(name), wanted)
        while high - low > 1:
            middle = 0 if low < 0 else (low + high) // 2
            near = space.within(name, *_around(kind, wanted, middle))
            found = prover.possible(deadline, prover.literal(near))
            if found is None:
                break
            low, high = (low, _distance(kind, prover.value(name), wanted)) if found else (middle, high)
        value = prover.value(name)
        prover.add(space.within(name, value, value))
        return value

    def _confirmed(
        self, formula: Formula, facts: dict[str, Any], smallest: bool, revisions: Iterable[RevisionFormulas]
    ) -> Witness:
        """The request, decided under each revision by the tables and by the stock engine."""
        record = self._ordinary.record(facts)
        known = facts_of(read_request(self.space.vocabulary.request, record))
        point = self.space.point(known)
        if not point.holds(formula):
            raise Disagreement("the solver and the formula do not say the same of a request")
        answers = []
        for formulas in revisions:
            revision, policy = formulas.revision.revision, formulas.policy
            answers.append(policy.decide(record, revision=revision))
            again = policy.decide(record, revision=revision, engine="business-rules")
            if not answer_at(formulas, point) == answer_of(answers[-1]) == answer_of(again):
                raise Disagreement(f"two ways to decide a request under the revision {revision} do not agree")
        return Witness(record, known, point.codes, tuple(answers), smallest)


def _distance(kind: Kind, first: Any, second: Any) -> int:
    """How far apart two values of an ordered kind are."""
    return abs(kind.index(first) - kind.index(second))


def _around(kind: Kind, value: Any, steps: int) -> tuple[Any, Any]:
    """The first and last value of an ordered kind that are up to so many steps from one."""
    index = kind.index(value)
    return kind.value(max(index - steps, 0)), kind.value(min(index + steps, kind.size - 1))
