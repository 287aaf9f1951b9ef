"""The types of fact: each with its domain and the operators that compare it with a constant.

The operators are methods of `business_rules` field types, run by the stock engine; they are the only definition of what
an operator means. Unlike the stock types they know missing facts, compare exactly and tell upper from lower case.
"""

from __future__ import annotations

import math
import re
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import Enum
from functools import cache, wraps
from types import MappingProxyType
from typing import Any, ClassVar

from business_rules.fields import FIELD_NO_INPUT, FIELD_NUMERIC, FIELD_SELECT, FIELD_SELECT_MULTIPLE
from business_rules.operators import BaseType, type_operator

from medpolicy.source import did_you_mean, listed

FIELD_DATE = "date"
MOST_OPTIONS_IN_A_SET = 16

MISSING_HELP = "leave a missing fact out (in JSON also `null` without quotes, in CSV an empty cell)"
_PLACEHOLDERS = {"", "null", "none", "nil", "nan", "na", "n/a", "#n/a", "unknown", "missing", "undefined", "-", "?"}
_MISSING_ELSEWHERE = {"NaTType", "NAType"}
_OF_A_RECORD = (str, int, float, type(None), date, list, tuple, set, frozenset, Mapping)
_WRITTEN_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_WRITTEN_DAY_AND_TIME = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}[T ].+", re.DOTALL)
_WRITTEN_LOOSELY = re.compile(r"\s*([+-]?[0-9]{1,18})(?:\.0*)?\s*")
_NOT_AROUND_DIGITS = "no quotes, blanks, plus sign, leading zeros or decimal point"
_WRITTEN_NUMBER = re.compile(r"-?(0|[1-9][0-9]{0,17})")


class Missing(Enum):
    """A missing fact, by how a run of the engine counts every test on it."""

    FAILS = False
    HOLDS = True


def day(text: str) -> date | None:
    """The day that `YYYY-MM-DD` names, or None where there is no such day or the text has another form."""
    if not _WRITTEN_DAY.fullmatch(text):
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


class FactType(BaseType):  # type: ignore[misc]  # business-rules has no type hints
    """A field type of the engine whose value may be missing."""

    def _assert_valid_value_and_cast(self, value: Any) -> Any:
        return value


def operator(input_type: str) -> Callable[[Callable[[Any, Any], bool]], Any]:
    """Make a comparison an operator of `business_rules`: a missing value answers as the run wants it."""

    def declare(compare: Callable[[Any, Any], bool]) -> Any:
        @wraps(compare)
        def answer(self: FactType, constant: Any = True) -> bool:
            if isinstance(self.value, Missing):
                return bool(self.value.value)
            return compare(self, constant)

        return type_operator(input_type, assert_type_for_arguments=False)(answer)

    return declare


class ChoiceType(FactType):
    """One of a closed list of options."""

    name = "choice"

    @operator(FIELD_SELECT)
    def equal_to(self, option: str) -> bool:
        return bool(self.value == option)

    @operator(FIELD_SELECT)
    def not_equal_to(self, option: str) -> bool:
        return bool(self.value != option)

    @operator(FIELD_SELECT_MULTIPLE)
    def is_one_of(self, options: list[str]) -> bool:
        return self.value in options

    @operator(FIELD_SELECT_MULTIPLE)
    def is_none_of(self, options: list[str]) -> bool:
        return self.value not in options


class YesNoType(FactType):
    """Yes or no."""

    name = "yes_no"

    @operator(FIELD_NO_INPUT)
    def is_true(self, _: Any) -> bool:
        return self.value is True

    @operator(FIELD_NO_INPUT)
    def is_false(self, _: Any) -> bool:
        return self.value is False


class WholeNumberType(FactType):
    """A whole number, compared exactly."""

    name = "whole_number"

    @operator(FIELD_NUMERIC)
    def equal_to(self, number: int) -> bool:
        return bool(self.value == number)

    @operator(FIELD_NUMERIC)
    def not_equal_to(self, number: int) -> bool:
        return bool(self.value != number)

    @operator(FIELD_NUMERIC)
    def less_than(self, number: int) -> bool:
        return bool(self.value < number)

    @operator(FIELD_NUMERIC)
    def less_than_or_equal_to(self, number: int) -> bool:
        return bool(self.value <= number)

    @operator(FIELD_NUMERIC)
    def greater_than(self, number: int) -> bool:
        return bool(self.value > number)

    @operator(FIELD_NUMERIC)
    def greater_than_or_equal_to(self, number: int) -> bool:
        return bool(self.value >= number)


class DateType(FactType):
    """A calendar day; the constant of a test is written `YYYY-MM-DD`."""

    name = "date"

    @operator(FIELD_DATE)
    def equal_to(self, written: str) -> bool:
        return bool(self.value == date.fromisoformat(written))

    @operator(FIELD_DATE)
    def before(self, written: str) -> bool:
        return bool(self.value < date.fromisoformat(written))

    @operator(FIELD_DATE)
    def on_or_before(self, written: str) -> bool:
        return bool(self.value <= date.fromisoformat(written))

    @operator(FIELD_DATE)
    def after(self, written: str) -> bool:
        return bool(self.value > date.fromisoformat(written))

    @operator(FIELD_DATE)
    def on_or_after(self, written: str) -> bool:
        return bool(self.value >= date.fromisoformat(written))


class ChoiceSetType(FactType):
    """A set of options; a constant list counts each of its options once."""

    name = "choice_set"

    @operator(FIELD_SELECT_MULTIPLE)
    def is_exactly(self, options: list[str]) -> bool:
        return bool(self.value == frozenset(options))

    @operator(FIELD_SELECT)
    def contains(self, option: str) -> bool:
        return option in self.value

    @operator(FIELD_SELECT)
    def does_not_contain(self, option: str) -> bool:
        return option not in self.value

    @operator(FIELD_SELECT_MULTIPLE)
    def contains_all(self, options: list[str]) -> bool:
        return bool(self.value.issuperset(options))

    @operator(FIELD_SELECT_MULTIPLE)
    def is_contained_by(self, options: list[str]) -> bool:
        return bool(self.value.issubset(options))

    @operator(FIELD_SELECT_MULTIPLE)
    def shares_at_least_one_element_with(self, options: list[str]) -> bool:
        return not self.value.isdisjoint(options)

    @operator(FIELD_SELECT_MULTIPLE)
    def shares_exactly_one_element_with(self, options: list[str]) -> bool:
        return len(self.value.intersection(options)) == 1

    @operator(FIELD_SELECT_MULTIPLE)
    def shares_no_elements_with(self, options: list[str]) -> bool:
        return bool(self.value.isdisjoint(options))


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong with a value: the rest of a sentence that begins with its name, and a help line."""

    message: str
    help: str | None = None
    step: tuple[int, ...] = ()
    """Where in a list of values the problem is."""


class Kind(ABC):
    """The domain of a variable, and what may be said of a value of it."""

    __slots__ = ()
    type: ClassVar[type[FactType]]

    @property
    @abstractmethod
    def domain(self) -> str:
        """What is allowed, to stand after `must be`."""

    @abstractmethod
    def problems(self, value: Any) -> list[Problem]:
        """What keeps a value out of the domain, as far as it can be told without repeating the value."""

    @abstractmethod
    def from_text(self, cell: str) -> Any:
        """The value that a CSV cell writes; the cell itself where it writes none."""

    def plain(self, value: Any) -> Any:
        """A value of the domain as JSON holds it."""
        return value

    def constant_problems(self, operator: str, constant: Any) -> list[Problem]:
        """What is wrong with the constant of a test that uses `operator`."""
        return self.problems(constant)

    @classmethod
    @cache
    def operators(cls) -> Mapping[str, str]:
        """Each operator's name with the input it takes (`select`, `select_multiple`, `numeric`, `date`, `none`)."""
        return MappingProxyType({each["name"]: each["input_type"] for each in cls.type.get_all_operators()})

    def _refuse(self, help: str | None = None) -> list[Problem]:
        return [Problem(f"must be {self.domain}", help)]


@dataclass(frozen=True, slots=True)
class Text(Kind):
    """Text that no rule may test, such as an identifier."""

    type = FactType

    @property
    def domain(self) -> str:
        return "text of at least one character"

    def problems(self, value: Any) -> list[Problem]:
        if isinstance(value, int | float) and not isinstance(value, bool):
            return self._refuse("write it in quotes")
        if not isinstance(value, str):
            return self._refuse(general_help(value))
        if not _encodable(value):
            return self._refuse("it holds half a character (a lone surrogate)")
        return [] if value else self._refuse()

    def from_text(self, cell: str) -> Any:
        return cell


@dataclass(frozen=True, slots=True)
class Choice(Kind):
    """One of `options`."""

    type = ChoiceType
    options: tuple[str, ...]

    @property
    def domain(self) -> str:
        return listed(self.options)

    def problems(self, value: Any) -> list[Problem]:
        if isinstance(value, str) and value in self.options:
            return []
        return self._refuse(did_you_mean(value, self.options) or general_help(value))

    def from_text(self, cell: str) -> Any:
        return cell

    def constant_problems(self, operator: str, constant: Any) -> list[Problem]:
        return _constant_options(self, self.operators()[operator], constant, self.options, may_be_empty=False)


@dataclass(frozen=True, slots=True)
class YesNo(Kind):
    """True or false."""

    type = YesNoType

    @property
    def domain(self) -> str:
        return "`true` or `false`"

    def problems(self, value: Any) -> list[Problem]:
        if isinstance(value, bool):
            return []
        if isinstance(value, str) and value.strip().casefold() in {"true", "false"}:
            return self._refuse("write it in lower case, without quotes or blanks")
        return self._refuse(general_help(value))

    def from_text(self, cell: str) -> Any:
        return {"true": True, "false": False}.get(cell, cell)

    def constant_problems(self, operator: str, constant: Any) -> list[Problem]:
        if constant is True:
            return []
        advice = f"the operator says which answer is meant: {listed(self.operators())}"
        return [Problem("must be `true`", advice)]


@dataclass(frozen=True, slots=True)
class WholeNumber(Kind):
    """A whole number from `lowest` to `highest`, both included."""

    type = WholeNumberType
    lowest: int
    highest: int

    @property
    def domain(self) -> str:
        return f"a whole number from {self.lowest} to {self.highest}"

    def problems(self, value: Any) -> list[Problem]:
        if isinstance(value, int) and not isinstance(value, bool):
            return [] if self.lowest <= value <= self.highest else self._refuse()
        if isinstance(value, float) and value.is_integer():
            return self._refuse("write it without a decimal point")
        if isinstance(value, str) and (written := _WRITTEN_LOOSELY.fullmatch(value)):
            within = self.lowest <= int(written[1]) <= self.highest
            return self._refuse("write the digits alone: " + _NOT_AROUND_DIGITS if within else None)
        return self._refuse(general_help(value))

    def from_text(self, cell: str) -> Any:
        return int(cell) if _WRITTEN_NUMBER.fullmatch(cell) else cell


@dataclass(frozen=True, slots=True)
class Day(Kind):
    """A calendar day from `earliest` to `latest`, both included."""

    type = DateType
    earliest: date
    latest: date

    @property
    def domain(self) -> str:
        return f"a day from {self.earliest} to {self.latest}, written `YYYY-MM-DD`"

    def problems(self, value: Any) -> list[Problem]:
        known = day(value) if isinstance(value, str) else value
        if isinstance(known, date) and not isinstance(known, datetime):
            return [] if self.earliest <= known <= self.latest else self._refuse()
        if isinstance(value, str) and _WRITTEN_DAY.fullmatch(value):
            return self._refuse("the calendar has no such day")
        if isinstance(value, str) and _WRITTEN_DAY_AND_TIME.fullmatch(value):
            return self._refuse("leave out the time of day")
        if isinstance(value, datetime):
            return self._refuse(missing_help(value) or "leave out the time of day")
        return self._refuse(general_help(value))

    def from_text(self, cell: str) -> Any:
        return cell

    def plain(self, value: Any) -> Any:
        return value.isoformat()

    def constant_problems(self, operator: str, constant: Any) -> list[Problem]:
        return self.problems(constant) if isinstance(constant, str) else self._refuse()


@dataclass(frozen=True, slots=True)
class ChoiceSet(Kind):
    """Any number of `options`, each counted once; the empty set is a value, not a missing fact."""

    type = ChoiceSetType
    options: tuple[str, ...]

    def __post_init__(self) -> None:
        if len(self.options) > MOST_OPTIONS_IN_A_SET:
            raise ValueError(
                f"a set variable has up to {MOST_OPTIONS_IN_A_SET} options; this one has {len(self.options)}"
            )

    @property
    def domain(self) -> str:
        return f"a list of {listed(self.options, last='and')}"

    def problems(self, value: Any) -> list[Problem]:
        if not isinstance(value, list | tuple | set | frozenset):
            return self._refuse(_said_of_none(value) or general_help(value) or _list_help(value))
        message = f"must hold only {listed(self.options, last='and')}"
        found = {
            Problem(message, self._option_help(option), (place,) if isinstance(value, list | tuple) else ()): None
            for place, option in enumerate(value)
            if not (isinstance(option, str) and option in self.options)
        }
        return sorted(found, key=lambda each: (each.step, each.help or ""))

    def _option_help(self, option: Any) -> str | None:
        if option is None or (isinstance(option, str) and not option.strip()):
            return "leave out the empty entry"
        return did_you_mean(option, self.options) or _said_of_none(option) or general_help(option)

    def from_text(self, cell: str) -> Any:
        return [] if cell == "none" else cell.split(";")

    def plain(self, value: Any) -> Any:
        return [option for option in self.options if option in value]

    def constant_problems(self, operator: str, constant: Any) -> list[Problem]:
        may_be_empty = operator in {"is_exactly", "is_contained_by"}
        return _constant_options(self, self.operators()[operator], constant, self.options, may_be_empty)


class Derived(ABC):
    """A variable worked out from given ones; it is missing where one of its `parts` is."""

    __slots__ = ()

    @property
    @abstractmethod
    def parts(self) -> tuple[str, str]:
        """The names of the given variables that it is worked out from."""

    @abstractmethod
    def kind(self, kinds: Mapping[str, Kind]) -> WholeNumber:
        """Its domain, from the domains of its parts."""

    @abstractmethod
    def value(self, first: Any, second: Any) -> int:
        """Its value, from known values of its two parts."""

    @abstractmethod
    def of(self, facts: Mapping[str, Any]) -> int | None:
        """Its value in a request, or None where a part is missing."""


@dataclass(frozen=True, slots=True)
class Sum(Derived):
    """The sum of two whole numbers."""

    first: str
    second: str

    @property
    def parts(self) -> tuple[str, str]:
        return self.first, self.second

    def kind(self, kinds: Mapping[str, Kind]) -> WholeNumber:
        first, second = kinds[self.first], kinds[self.second]
        if not (isinstance(first, WholeNumber) and isinstance(second, WholeNumber)):
            raise TypeError("a sum needs two whole numbers")
        return WholeNumber(first.lowest + second.lowest, first.highest + second.highest)

    def value(self, first: int, second: int) -> int:
        return first + second

    def of(self, facts: Mapping[str, Any]) -> int | None:
        first, second = facts[self.first], facts[self.second]
        return None if first is None or second is None else first + second


@dataclass(frozen=True, slots=True)
class CompletedYears(Derived):
    """Full years from one day to a later one; a 29 February recurs on 1 March in years without it."""

    start: str
    end: str

    @property
    def parts(self) -> tuple[str, str]:
        return self.start, self.end

    def kind(self, kinds: Mapping[str, Kind]) -> WholeNumber:
        start, end = kinds[self.start], kinds[self.end]
        if not (isinstance(start, Day) and isinstance(end, Day)):
            raise TypeError("completed years need two days")
        return WholeNumber(0, self.value(start.earliest, end.latest))

    def value(self, first: date, second: date) -> int:
        years = second.year - first.year
        if second.month != first.month:
            return years - (second.month < first.month)
        return years - (second.day < first.day)

    def of(self, facts: Mapping[str, Any]) -> int | None:
        start, end = facts[self.start], facts[self.end]
        return None if start is None or end is None else self.value(start, end)


def missing_help(value: Any) -> str | None:
    """The help for what people and other programs write in place of a missing fact, or None."""
    if isinstance(value, str) and value.strip().casefold() in _PLACEHOLDERS:
        return MISSING_HELP
    if (isinstance(value, float) and math.isnan(value)) or type(value).__name__ in _MISSING_ELSEWHERE:
        return MISSING_HELP
    return None


def general_help(value: Any) -> str | None:
    """The help for a value that no kind of variable has, or None."""
    if missing_help(value) is None and not isinstance(value, _OF_A_RECORD):
        return "write it as JSON does, or as a date, set or tuple of Python"
    return missing_help(value)


def _said_of_none(value: Any) -> str | None:
    """The help for the word `none`, which a person may mean either way, or None."""
    if isinstance(value, str) and value.strip().casefold() == "none":
        return f"the empty list `[]` means that there is none (in CSV the word `none` alone); {MISSING_HELP}"
    return None


def _list_help(value: Any) -> str | None:
    return "write a list, also of one option" if isinstance(value, str) else None


def _encodable(text: str) -> bool:
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        return False
    return True


def _constant_options(
    kind: Kind, input_type: str, constant: Any, options: tuple[str, ...], may_be_empty: bool
) -> list[Problem]:
    """What is wrong with a constant that is one option, or a list of options."""
    if input_type == FIELD_SELECT:
        if isinstance(constant, str) and constant in options:
            return []
        advice = (
            "this operator takes one option, not a list"
            if isinstance(constant, list)
            else did_you_mean(constant, options)
        )
        return [Problem(f"must be {listed(options)}", advice)]
    if not isinstance(constant, list):
        return [Problem(f"must be a list of {listed(options, last='and')}", "write a list, also of one option")]
    if not constant and not may_be_empty:
        return [Problem("must be a list with at least one option")]
    return [
        Problem(f"must be {listed(options)}", did_you_mean(option, options), (place,))
        for place, option in enumerate(constant)
        if not (isinstance(option, str) and option in options)
    ]
