"""The domain of a variable: its values, their numbering, and the forms that they take."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from enum import Enum
from functools import cache
from types import MappingProxyType
from typing import Any, ClassVar

from pydantic import GetCoreSchemaHandler
from pydantic_core import CoreSchema, PydanticCustomError, core_schema

from medpolicy.language.fields.bits import SolverNumber, unsigned_at_least
from medpolicy.language.fields.facts import FactType


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong with a value: the rest of a sentence that begins with its name, and a help line."""

    message: str
    help: str | None = None
    step: tuple[int, ...] = ()
    """Where in a list of values the problem is."""


class Storage(Enum):
    """How columns and databases hold a kind of value, as a message names it.

    A number, a boolean or a date is held as `origin + step * index`; a list of text holds a choice for each bit of the index.
    """

    TEXT = "text"
    BOOLEAN = "booleans"
    INTEGER = "whole numbers"
    DATE = "dates"
    TEXT_LIST = "lists of text"


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

    def solver(self, z3: Any, name: str) -> GivenNumber:
        """A variable of an ordered kind in the solver."""
        return GivenNumber(z3, name, self)

    # operators and their constants

    @classmethod
    @cache
    def operators(cls) -> Mapping[str, str]:
        """Each operator's name with the input it takes (`select`, `select_multiple`, `numeric`, `date`, `none`)."""
        return MappingProxyType({each["name"]: each["input_type"] for each in cls.type.get_all_operators()})

    def constant_problems(self, operator: str, constant: Any) -> list[Problem]:
        """What is wrong with the constant of a test that uses `operator`."""
        return self.problems(constant)

    def constant_schema(self, operator: str) -> dict[str, Any]:
        """The constants that an operator takes, as a JSON Schema."""
        return {}

    # values worth a try

    def ordinary(self, day: date) -> Any:
        """A value that raises no question; of days the one nearest to `day`."""
        return self.value(0)

    def edges(self) -> list[Any]:
        """The values worth a try whatever the rules say."""
        return [self.lowest, self.highest] if self.ordered else list(self.values())

    def near(self, constant: Any) -> Iterator[Any]:
        """The values worth a try because a test has a constant: itself and those next to it."""
        if not self.ordered:
            yield from self.edges()
            return
        index = self.index(self.typed(constant))
        yield from map(self.value, range(max(index - 1, 0), min(index + 2, self.size)))

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
