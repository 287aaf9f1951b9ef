"""The domain of a variable: its values, their numbering, and the forms that they take."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from types import MappingProxyType
from typing import Any, ClassVar

from pydantic import GetCoreSchemaHandler
from pydantic_core import CoreSchema, PydanticCustomError, core_schema

from medpolicy.language.fields.bits import SolverNumber, unsigned_at_least
from medpolicy.language.fields.facts import FactType
from medpolicy.language.fields.storage import Storage


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong with a value: the rest of a sentence that begins with its name, and a help line."""

    message: str
    help: str | None = None
    step: tuple[int, ...] = ()
    """Where in a list of values the problem is."""


class Kind(ABC):
    """The domain of a variable.

    Its values are numbered from 0 to `size - 1`; `index` and `value` convert between a value and its number. A kind is
    `ordered` if its operators compare by that order: then the constants of tests cut the domain into ranges. Otherwise
    tests are tabulated for each value, so that `size` has to be small.

    A value has three forms: typed (a `date`, a `frozenset`), as facts hold it; plain, as JSON holds it; and text, as a
    CSV cell holds it. An instance among the metadata of an annotation declares a variable of this kind.
    """

    __slots__ = ()
    type: ClassVar[type[FactType]]
    """The field type of the engine, whose methods are the operators."""
    storage: ClassVar[Storage]
    ordered: ClassVar[bool] = False
    step: ClassVar[int] = 1
    """How far apart integer or date storage holds neighbouring values."""
    bounds_in_words: ClassVar[tuple[str, str]] = ("at most", "at least")
    """What stands before the last value of a range, and before the first."""
    is_plain: ClassVar[bool] = False
    """Whether its values are all that lie between the ends of its range, or all sets of its options; not inherited."""
    lowest: Any
    """The first value of an ordered domain."""
    highest: Any
    """The last value of an ordered domain."""

    # the domain

    @property
    @abstractmethod
    def domain(self) -> str:
        """What is allowed, to stand after `must be`."""

    @property
    @abstractmethod
    def size(self) -> int:
        """How many values there are; 0 where no rule can test them, and they are not numbered."""

    @abstractmethod
    def index(self, value: Any) -> int:
        """The number of a typed value of the domain."""

    @abstractmethod
    def value(self, index: int) -> Any:
        """The typed value with a number."""

    @abstractmethod
    def problems(self, value: Any) -> list[Problem]:
        """What keeps a plain or typed value out of the domain, told without repeating the value."""

    def values(self) -> Iterable[Any]:
        """Every typed value, simple ones first."""
        return map(self.value, range(self.size))

    @property
    def choices(self) -> tuple[str, ...]:
        """The options that a value is, or is made of; none for other kinds."""
        return ()

    @property
    def is_set(self) -> bool:
        """Whether a value is a set of `choices`."""
        return self.storage is Storage.TEXT_LIST

    @property
    def sorted_when_stored(self) -> bool:
        """Whether a database compares the values of a column in the order of the domain."""
        return self.ordered and self.storage in (Storage.INTEGER, Storage.DATE)

    @property
    def origin(self) -> int:
        """The number that integer or date storage holds for the first value; dates are days since 1970-01-01."""
        return 0

    # the forms of a value

    def from_text(self, cell: str) -> Any:
        """The plain value that a CSV cell writes; the cell itself where it writes none."""
        return cell

    def typed(self, value: Any) -> Any:
        """The typed value of a plain or typed one."""
        return value

    def plain(self, value: Any) -> Any:
        """The plain value of a typed one."""
        return value

    def stored(self, value: Any) -> Any:
        """A typed value as a column of a database holds it."""
        return self.plain(value)

    def in_words(self, value: Any) -> str:
        """A plain or typed value for people."""
        return str(value)

    def range_in_words(self, first: Any, last: Any) -> str:
        """The values of an ordered kind from one to another: `3`, `3 or 4`, `at most 6`."""
        at_most, at_least = self.bounds_in_words
        if first == last:
            return str(first)
        if self.storage is not Storage.DATE and self.index(last) == self.index(first) + 1:
            return f"{first} or {last}"
        if first == self.lowest:
            return f"{at_most} {last}"
        return f"{at_least} {first}" if last == self.highest else f"from {first} to {last}"

    def solver(self, z3: Any, name: str) -> GivenNumber:
        """A variable of an ordered kind in the solver."""
        return GivenNumber(z3, name, self)

    # operators and their constants

    @classmethod
    @cache
    def operators(cls) -> Mapping[str, str]:
        """Each operator's name with the input it takes (`select`, `select_multiple`, `numeric`, `date`, `none`)."""
        return MappingProxyType({operator["name"]: operator["input_type"] for operator in cls.type.get_all_operators()})

    @classmethod
    def phrase(cls, operator: str) -> str:
        """How a test that uses `operator` goes on after the variable's label."""
        declared: str | None = getattr(getattr(cls.type, operator, None), "phrase", None)
        return declared or f" {operator.replace('_', ' ')} {{all}}"

    def constant_problems(self, operator: str, constant: Any) -> list[Problem]:
        """What is wrong with the constant of a test that uses `operator`."""
        return self.problems(constant)

    def constant_schema(self, operator: str) -> dict[str, Any]:
        """The constants that an operator takes, as a JSON Schema."""
        return {}

    # values worth trying

    def ordinary(self, day: date) -> Any:
        """A value that raises no question; of days the one nearest to `day`."""
        return self.value(0)

    def edges(self) -> list[Any]:
        """The values worth trying whatever the rules say."""
        return [self.lowest, self.highest] if self.ordered else list(self.values())

    def near(self, constant: Any) -> Iterator[Any]:
        """The values worth trying because a test has a constant: itself and those next to it."""
        if not self.ordered:
            yield from self.edges()
            return
        index = self.index(self.typed(constant))
        yield from map(self.value, range(max(index - 1, 0), min(index + 2, self.size)))

    def neighbours(self, constant: Any) -> Iterator[Any]:
        """The constants next to one of an ordered kind, also a number or a day just outside the domain."""
        if self.ordered and self.storage is Storage.INTEGER:
            yield from (constant - self.step, constant + self.step)
        elif self.ordered:
            index = self.index(self.typed(constant))
            yield from (self.plain(self.value(near)) for near in (index - 1, index + 1) if 0 <= near < self.size)

    def of_years(self, years: Iterable[int]) -> Iterable[Any]:
        """The values worth trying because rules begin or end in some years."""
        return ()

    def simplicity(self, value: Any) -> Any:
        """A sort key that puts first the values that a reader of an example likes best."""
        return 0

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.no_info_plain_validator_function(self._validated)

    def _validated(self, value: Any) -> Any:
        if self.problems(value):
            raise PydanticCustomError("not_in_domain", "not in the domain")
        return self.typed(value)

    def _refuse(self, help: str | None = None) -> list[Problem]:
        return [Problem(f"must be {self.domain}", help)]


class GivenNumber(SolverNumber):
    """The value of a given variable, in bits of its own: unless a subclass has another encoding, its index.

    An encoding keeps the order of the domain.
    """

    def __init__(self, z3: Any, name: str, kind: Kind) -> None:
        self.z3 = z3
        self.kind = kind
        self.bits = self._bits(name)

    def _bits(self, name: str) -> Any:
        return self.z3.BitVec(name, max(1, (self.kind.size - 1).bit_length()))

    def constraints(self) -> list[Any]:
        """What the domain asks of the bits."""
        return [self.at_most(self.kind.highest)]

    def encoded(self, value: Any) -> int:
        """The number, from 0, that stands for a value."""
        return self.kind.index(value)

    def decoded(self, number: int) -> Any:
        """The value that a number stands for."""
        return self.kind.value(number)

    def at_least(self, value: Any) -> Any:
        return unsigned_at_least(self.z3, self.bits, self.encoded(value))

    def at_most(self, value: Any) -> Any:
        return self.z3.Not(unsigned_at_least(self.z3, self.bits, self.encoded(value) + 1))

    def not_after(self, other: Any) -> Any:
        """That the value does not come after that of another variable of its kind."""
        raise TypeError(f"{type(self.kind).__name__} has no order between two variables")
