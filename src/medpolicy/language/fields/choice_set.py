"""Sets of options."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import partial
from itertools import combinations
from typing import Any

from business_rules.fields import FIELD_SELECT, FIELD_SELECT_MULTIPLE

from medpolicy.language.fields.choice import OptionKind
from medpolicy.language.fields.facts import FactType, comparison
from medpolicy.language.fields.helps import MISSING_HELP, general_help
from medpolicy.language.fields.kind import Problem
from medpolicy.language.fields.storage import Storage
from medpolicy.text.findings import did_you_mean, joined, listed

MOST_OPTIONS_IN_A_SET = 16


_with_list = partial(comparison, FIELD_SELECT_MULTIPLE)


class ChoiceSetType(FactType):
    """A set of options; a constant list counts each of its options once."""

    name = "choice_set"

    is_exactly = _with_list(lambda value, options: value == frozenset(options), ": exactly {all}")
    contains = comparison(FIELD_SELECT, lambda value, option: option in value, ": includes {all}")
    does_not_contain = comparison(FIELD_SELECT, lambda value, option: option not in value, ": does not include {all}")
    contains_all = _with_list(frozenset.issuperset, ": includes {all}")
    is_contained_by = _with_list(frozenset.issubset, ": nothing besides {any}")
    shares_at_least_one_element_with = _with_list(
        lambda value, options: not value.isdisjoint(options), ": includes at least one of {all}"
    )
    shares_exactly_one_element_with = _with_list(
        lambda value, options: len(value.intersection(options)) == 1, ": includes exactly one of {all}"
    )
    shares_no_elements_with = _with_list(frozenset.isdisjoint, ": includes none of {all}")


@dataclass(frozen=True, slots=True)
class ChoiceSet(OptionKind):
    """Any number of `options`, each counted once; the empty set is a value, not a missing fact."""

    type = ChoiceSetType
    storage = Storage.TEXT_LIST
    is_plain = True
    takes_empty = ("is_exactly", "is_contained_by")

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
            list_help = "write a list, also of one option" if isinstance(value, str) else None
            return self._refuse(_said_of_none(value) or general_help(value) or list_help)
        message = f"must hold only {listed(self.options, last='and')}"
        found = {
            Problem(message, self._option_help(option), (place,) if isinstance(value, list | tuple) else ()): None
            for place, option in enumerate(value)
            if not (isinstance(option, str) and option in self.options)
        }
        return sorted(found, key=lambda problem: (problem.step, problem.help or ""))

    def _option_help(self, option: Any) -> str | None:
        if option is None or (isinstance(option, str) and not option.strip()):
            return "leave out the empty entry"
        return did_you_mean(option, self.options) or _said_of_none(option) or general_help(option)

    @property
    def size(self) -> int:
        return 1 << len(self.options)

    def index(self, value: Any) -> int:
        return sum(1 << position for position, option in enumerate(self.options) if option in value)

    def value(self, index: int) -> frozenset[str]:
        return frozenset(option for position, option in enumerate(self.options) if index >> position & 1)

    def values(self) -> Iterable[Any]:
        for size in range(len(self.options) + 1):
            yield from map(frozenset, combinations(self.options, size))

    def typed(self, value: Any) -> Any:
        return frozenset(value)

    def edges(self) -> list[Any]:
        return [frozenset(), *(frozenset({option}) for option in self.options), frozenset(self.options)]

    def near(self, constant: Any) -> Iterator[Any]:
        """The set of the constant, and the sets with one option more or less."""
        chosen = frozenset([constant] if isinstance(constant, str) else constant)
        yield chosen
        yield from (chosen ^ {option} for option in self.options)

    def in_words(self, value: Any) -> str:
        if isinstance(value, str):
            return OptionKind.in_words(self, value)
        return joined(list(map(self.in_words, self.plain(value))), "and") or "nothing"

    def from_text(self, cell: str) -> Any:
        return [] if cell == "none" else cell.split(";")

    def plain(self, value: Any) -> Any:
        return [option for option in self.options if option in value]


def _said_of_none(value: Any) -> str | None:
    """The help for the word `none`, which a person may mean either way, or None."""
    if isinstance(value, str) and value.strip().casefold() == "none":
        return f"the empty list `[]` means that there is none (in CSV the word `none` alone); {MISSING_HELP}"
    return None
