"""The solver: the requests of a space as bits, and questions about formulas. Only here is z3 imported."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from time import monotonic
from typing import TYPE_CHECKING, Any

from medpolicy.solve.formula import Always, Differ, Every, Formula, In, Not, Some, Within
from medpolicy.solve.numbers import Given, GivenDay, Number, Years, derived_number, given_number
from medpolicy.source import Finding, Unusable
from medpolicy.tables import MISSING

if TYPE_CHECKING:
    from medpolicy.solve.space import Space

EXTRA = "prove"


class Deadline:
    """The time that a question may take."""

    def __init__(self, seconds: float) -> None:
        self._until = monotonic() + seconds

    @property
    def milliseconds(self) -> int:
        """What is left."""
        return max(0, int((self._until - monotonic()) * 1000))


class Prover:
    """The domains of a space's variables, and formulas about them, in one incremental solver."""

    def __init__(self, space: Space) -> None:
        self.z3 = _z3()
        self._space = space
        self._numbers: dict[str, Number] = {}
        self._known: dict[str, Any] = {}
        self._classes: dict[str, Mapping[int, Any]] = {}
        self._lowered: dict[Formula, Any] = {}
        self._literals = 0
        self._model: Any = None
        self._solver = self.z3.SolverFor("QF_FD")
        variables = space.words.variables
        for each in space.given:
            self._declare_given(each.name)
        for table in space.tables.values():
            if table.variable.derived is not None:
                self._declare_derived(table.variable.name)
        for before, after in space.words.request.earlier:
            if before in self._numbers and after in self._numbers:
                self._solver.add(self._in_order(before, after))
        self.optional = [each for each in space.given if not variables[each.name].required]

    # questions

    @contextmanager
    def assuming(self, *formulas: Formula) -> Iterator[None]:
        """Inside, every answer is about requests of which the formulas are true."""
        self._solver.push()
        try:
            self.add(*formulas)
            yield
        finally:
            self._solver.pop()

    def add(self, *formulas: Formula) -> None:
        """From here on (inside `assuming`), answers are about requests of which the formulas are true too."""
        self._solver.add([self._lower(each) for each in formulas])

    def keep(self, literal: Any) -> None:
        """From here on (inside `assuming`), a literal is true."""
        self._solver.add(literal)

    def possible(self, deadline: Deadline, *literals: Any) -> bool | None:
        """Whether there is a request, with which the literals are true besides; None where the time ran out."""
        left = deadline.milliseconds
        if left == 0:
            return None
        self._solver.set("timeout", left)
        answer = self._solver.check(*literals)
        if answer == self.z3.sat:
            self._model = self._solver.model()
            return True
        return False if answer == self.z3.unsat else None

    def literal(self, formula: Formula) -> Any:
        """A name (inside `assuming`) for a formula, to ask about and to read from `core`."""
        self._literals += 1
        name = self.z3.Bool(f"literal {self._literals}")
        self._solver.add(self.z3.Implies(name, self._lower(formula)))
        return name

    def at_most(self, formulas: Iterable[Formula], number: int) -> Any:
        """A name (inside `assuming`) for the statement that no more than so many formulas are true."""
        self._literals += 1
        name = self.z3.Bool(f"literal {self._literals}")
        weighted = [(self._lower(each), 1) for each in formulas]
        self._solver.add(self.z3.Implies(name, self.z3.PbLe(weighted, number)))
        return name

    def core(self) -> set[str]:
        """The names of literals that were already impossible together at the last impossible question."""
        return {str(each) for each in self._solver.unsat_core()}

    # the request found last

    def holds(self, formula: Formula) -> bool:
        """Whether a formula is true of the request found last."""
        return self._true(self._lower(formula))

    def code(self, name: str) -> int:
        """The class of a variable in the request found last."""
        if name not in self._classes:
            return next(code for code in sorted(self._space.codes(name)) if self._true(self._is(name, code)))
        return next(code for code, bit in self._classes[name].items() if self._true(bit))

    def value(self, name: str) -> Any:
        """The value of a given number or day in the request found last."""
        number = self._numbers[name]
        if not isinstance(number, Given):
            raise TypeError(f"{name} is worked out from other variables")
        return number.value(self._model.eval(number.bits, model_completion=True).as_long())

    def _true(self, lowered: Any) -> bool:
        return bool(self.z3.is_true(self._model.eval(lowered, model_completion=True)))

    # the domains

    def _declare_given(self, name: str) -> None:
        z3, variable = self.z3, self._space.words.variables[name]
        number = given_number(z3, name, variable.kind)
        if number is not None:
            self._numbers[name] = number
            self._known[name] = z3.Bool(f"{name} known") if variable.may_be_missing else z3.BoolVal(True)
            self._solver.add(number.constraints())
            return
        bits = {code: z3.Bool(f"{name} {code}") for code in sorted(self._space.codes(name))}
        if len(bits) == 1:
            bits = dict.fromkeys(bits, z3.BoolVal(True))
        self._classes[name] = bits
        weighted = [(bit, 1) for bit in bits.values()]
        self._solver.add(z3.Or(list(bits.values())), z3.PbLe(weighted, 1))

    def _declare_derived(self, name: str) -> None:
        variable = self._space.words.variables[name]
        if variable.derived is None:
            raise TypeError(f"{name} is given")
        self._numbers[name] = derived_number(self.z3, variable.derived, self._numbers)
        self._known[name] = self.z3.And([self._known[part] for part in variable.derived.parts])
        classes = self._space.tables[name].classes
        inside = self._between(name, classes[0].first, classes[-1].last)
        self._solver.add(self.z3.Implies(self._known[name], inside))

    def _in_order(self, before: str, after: str) -> Any:
        first, second = self._numbers[before], self._numbers[after]
        if not isinstance(first, GivenDay) or not isinstance(second, GivenDay):
            raise TypeError("only days have an order")
        known = self.z3.And(self._known[before], self._known[after])
        return self.z3.Implies(known, Years(self.z3, first, second).at_least(0))

    # formulas

    def _lower(self, formula: Formula) -> Any:
        found = self._lowered.get(formula)
        if found is None:
            found = self._lowered[formula] = self._form(formula)
        return found

    def _form(self, formula: Formula) -> Any:
        z3 = self.z3
        match formula:
            case Always():
                return z3.BoolVal(formula.value)
            case In():
                return self._in(formula.name, formula.codes)
            case Within():
                return z3.And(self._known[formula.name], self._between(formula.name, formula.first, formula.last))
            case Every():
                return z3.And([self._lower(part) for part in formula.parts])
            case Some():
                return z3.Or([self._lower(part) for part in formula.parts])
            case Not():
                return z3.Not(self._lower(formula.part))
            case Differ():
                return z3.Xor(self._lower(formula.one), self._lower(formula.other))
        raise TypeError("no such formula")

    def _in(self, name: str, codes: frozenset[int]) -> Any:
        z3 = self.z3
        if name in self._classes:
            return z3.Or([bit for code, bit in self._classes[name].items() if code in codes])
        classes = self._space.tables[name].classes
        ranges = [
            self._between(name, classes[first - 1].first, classes[last - 1].last)
            for first, last in _runs(sorted(codes - {MISSING}))
        ]
        inside = z3.And(self._known[name], z3.Or(ranges))
        return z3.Or(z3.Not(self._known[name]), inside) if MISSING in codes else inside

    def _is(self, name: str, code: int) -> Any:
        return self._in(name, frozenset({code}))

    def _between(self, name: str, first: Any, last: Any) -> Any:
        number = self._numbers[name]
        return self.z3.And(number.at_least(first), number.at_most(last))


def _runs(codes: Iterable[int]) -> Iterator[tuple[int, int]]:
    """First and last of each run of neighbouring codes."""
    first = last = None
    for code in codes:
        if last is not None and first is not None and code != last + 1:
            yield first, last
            first = code
        first = code if first is None else first
        last = code
    if first is not None and last is not None:
        yield first, last


def _z3() -> Any:
    try:
        import z3  # type: ignore[import-untyped]  # it has no type hints
    except ImportError:
        help = f"install it with `pip install 'medpolicy[{EXTRA}]'`"
        raise Unusable([Finding("extra-missing", f"this needs the extra `{EXTRA}`", help=help)]) from None
    return z3
