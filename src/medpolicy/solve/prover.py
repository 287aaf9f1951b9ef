"""The solver: the requests of a space as bits, and questions about formulas."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from medpolicy.evaluate.tables import MISSING
from medpolicy.language.fields import Derived, GivenNumber, SolverNumber
from medpolicy.language.request import Variable
from medpolicy.solve.deadline import Deadline
from medpolicy.solve.formula import Formula, In, Point, Within, reader
from medpolicy.solve.sets import OptionBits
from medpolicy.solve.space import Space
from medpolicy.solve.z3_context import Z3Context

_NO_TIMEOUT = (1 << 32) - 1
"""For z3: the timeout of a question would also apply while constraints are added."""


class Prover:
    """The domains of a space's variables, and formulas about them, in one incremental solver."""

    def __init__(self, space: Space) -> None:
        self.z3 = Z3Context()
        self._space = space
        self._numbers: dict[str, SolverNumber] = {}
        self._known: dict[str, Any] = {}
        self._classes: dict[str, Mapping[int, Any]] = {}
        self._sets: dict[str, OptionBits] = {}
        self._lower = reader(
            self._lower_atom,
            self.z3.BoolVal,
            lambda parts: self.z3.And(list(parts)),
            lambda parts: self.z3.Or(list(parts)),
            self.z3.Not,
            self.z3.Xor,
        )
        self._literals = 0
        self._model: Any = None
        self._domains: list[Any] = []
        for variable in space.given:
            self._declare_given(variable)
        for name, derived in space.vocabulary.derived.items():
            if name in space.tables:
                self._declare_derived(name, derived)
        for before, after in space.vocabulary.request.earlier:
            if before in self._numbers and after in self._numbers:
                self._domains.append(self._in_order(before, after))
        self._solver = self._new_solver()
        self._stopped = False

    # questions

    @contextmanager
    def assuming(self, *formulas: Formula) -> Iterator[None]:
        """Inside, every answer is about requests of which the formulas are true."""
        if self._stopped:
            self._solver = self._new_solver()
            self._stopped = False
        self._solver.push()
        try:
            self.add(*formulas)
            yield
        finally:
            if not self._stopped:
                self._solver.pop()

    def add(self, *formulas: Formula) -> None:
        """From here on, inside `assuming`, restrict all answers to requests of which the formulas are true."""
        self._solver.add([self._lower(formula) for formula in formulas])

    def keep(self, literal: Any) -> None:
        """From here on, inside `assuming`, a literal is true."""
        self._solver.add(literal)

    def possible(self, deadline: Deadline, *literals: Any) -> bool | None:
        """Whether there is a request of which the literals are true too; None if the time limit was reached.

        A solver that was stopped may have lost some of its constraints (Z3Prover/z3 issues 4713 and 5062), and is not
        used again.
        """
        remaining = deadline.milliseconds
        if remaining == 0 or self._stopped:
            return None
        self._solver.set("timeout", remaining)
        answer = self._solver.check(*literals)
        self._solver.set("timeout", _NO_TIMEOUT)
        if answer == self.z3.unknown or deadline.milliseconds == 0:
            self._stopped = True
            return None
        if answer == self.z3.sat:
            self._model = self._solver.model()
        return bool(answer == self.z3.sat)

    def literal(self, formula: Formula) -> Any:
        """A literal, inside `assuming`, for a formula, to ask about and to read from `core`."""
        return self._implying(self._lower(formula))

    def at_most(self, formulas: Iterable[Formula], number: int) -> Any:
        """A literal, inside `assuming`, for the statement that no more than so many formulas are true."""
        return self._implying(self.z3.PbLe([(self._lower(formula), 1) for formula in formulas], number))

    def _implying(self, lowered: Any) -> Any:
        self._literals += 1
        name = self.z3.Bool(f"literal {self._literals}")
        self._solver.add(self.z3.Implies(name, lowered))
        return name

    def core(self) -> set[str]:
        """The names of literals that were already impossible together at the last impossible question."""
        return {self.name(literal) for literal in self._solver.unsat_core()}

    def name(self, literal: Any) -> str:
        """The name of a literal, as `core` has it."""
        return str(literal.decl().name())

    # the request found last

    def holds(self, formula: Formula) -> bool:
        """Whether a formula is true of the request found last."""
        return self._true(self._lower(formula))

    def point(self) -> Point:
        """The request found last, as formulas see it: the classes, and the numbers and days."""
        facts = {name: self.value(name) for name in self._numbers}
        return Point({name: self.code(name) for name in self._space.tables}, facts)

    def code(self, name: str) -> int:
        """The class of a variable in the request found last."""
        if name in self._sets:
            known = self._true(self._known[name])
            return self._space.tables[name].code(self._sets[name].value(self._true) if known else None)
        if name in self._numbers:
            return self._space.tables[name].code(self.value(name))
        return next(code for code, bit in self._classes[name].items() if self._true(bit))

    def value(self, name: str) -> Any:
        """The number or day that a variable is in the request found last, or None where it is missing."""
        if not self._true(self._known[name]):
            return None
        number = self._numbers[name]
        if isinstance(number, GivenNumber):
            return number.decoded(self._model.eval(number.bits, model_completion=True).as_long())
        derived = self._space.vocabulary.derived[name]
        return derived.of({part: self.value(part) for part in derived.parts})

    def _true(self, lowered: Any) -> bool:
        return bool(self.z3.is_true(self._model.eval(lowered, model_completion=True)))

    # the domains

    def _new_solver(self) -> Any:
        return self.z3.solver("QF_FD", self._domains)

    def _declare_given(self, variable: Variable) -> None:
        name, kind = variable.name, variable.kind
        if not kind.ordered and not kind.is_set:
            self._declare_classes(name)
            return
        self._known[name] = self.z3.Bool(f"{name} known") if variable.may_be_missing else self.z3.BoolVal(True)
        if kind.ordered:
            number = kind.solver(self.z3, name)
            self._numbers[name] = number
            self._domains += number.constraints()
        else:
            self._sets[name] = OptionBits(self.z3, self._space.tables[name])

    def _declare_classes(self, name: str) -> None:
        """A bit for each class, of which exactly one is true."""
        z3 = self.z3
        bits = {code: z3.Bool(f"{name} {code}") for code in sorted(self._space.codes(name))}
        if len(bits) == 1:
            bits = dict.fromkeys(bits, z3.BoolVal(True))
        self._classes[name] = bits
        weighted = [(bit, 1) for bit in bits.values()]
        self._domains += [z3.Or(list(bits.values())), z3.PbLe(weighted, 1)]

    def _declare_derived(self, name: str, derived: Derived) -> None:
        first, second = (self._numbers[part] for part in derived.parts)
        self._numbers[name] = derived.solver(self.z3, first, second)
        self._known[name] = self.z3.And([self._known[part] for part in derived.parts])
        classes = self._space.tables[name].classes
        inside = self._between(name, classes[0].first, classes[-1].last)
        self._domains.append(self.z3.Implies(self._known[name], inside))

    def _in_order(self, before: str, after: str) -> Any:
        first: Any = self._numbers[before]
        known = self.z3.And(self._known[before], self._known[after])
        return self.z3.Implies(known, first.not_after(self._numbers[after]))

    # formulas

    def _lower_atom(self, statement: In | Within) -> Any:
        if isinstance(statement, In):
            return self._in(statement.name, statement.codes)
        between = self._between(statement.name, statement.first, statement.last)
        return self.z3.And(self._known[statement.name], between)

    def _in(self, name: str, codes: frozenset[int]) -> Any:
        z3 = self.z3
        if name in self._classes:
            return z3.Or([bit for code, bit in self._classes[name].items() if code in codes])
        if name in self._sets:
            among = self._sets[name].in_classes(codes)
        else:
            among = z3.Or([self._between(name, *ends) for ends in self._space.tables[name].ranges(codes)])
        inside = z3.And(self._known[name], among)
        return z3.Or(z3.Not(self._known[name]), inside) if MISSING in codes else inside

    def _between(self, name: str, first: Any, last: Any) -> Any:
        number = self._numbers[name]
        return self.z3.And(number.at_least(first), number.at_most(last))
