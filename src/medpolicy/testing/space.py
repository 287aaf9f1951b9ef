"""The variables of a policy, each with the values that are worth a try."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from hypothesis import strategies as st

from medpolicy.language.fields import ChoiceSet, Day, Derived, Text, WholeNumber
from medpolicy.language.request import Variable
from medpolicy.language.revision import Revision, Test, tests_in
from medpolicy.language.vocabulary import Vocabulary
from medpolicy.testing.values import Facts, around, completing, distinct, ends, leap_days, neighbours, ordinary_first


class Space:
    """The variables of a policy, each with the values that are worth a try under some of its revisions."""

    def __init__(self, vocabulary: Vocabulary, revisions: tuple[Revision, ...]) -> None:
        self.variables: Mapping[str, Variable] = vocabulary.variables
        self.service_day = vocabulary.service_day
        self.revisions = revisions
        self.earlier = vocabulary.request.earlier
        self.derived: dict[str, Derived] = {
            name: each.derived for name, each in self.variables.items() if each.derived is not None
        }
        self.names = self._latest_days_first()
        self.may_be_missing = [name for name in self.names if self.variables[name].may_be_missing]
        self._answers: dict[tuple[int, Any], bool] = {}
        self.boundaries = self._boundaries()
        self.values: dict[str, list[Any]] = {
            name: distinct([*ends(each.kind), *self.boundaries.get(name, ())], each.kind)
            for name, each in self.variables.items()
        }
        for name, derived in self.derived.items():
            for part in derived.parts:
                self._extend(part, self.values[name])
        for name, each in self.variables.items():
            if isinstance(each.kind, Day):
                self._extend(name, leap_days([2000, *(revision.effective_from.year for revision in self.revisions)]))
            self.values[name] = ordinary_first(self.values[name], each.kind)

    def holds(self, test: Test, value: Any) -> bool:
        """Whether a test holds of a known value."""
        answer = self._answers.get((id(test), value))
        if answer is None:
            compared = self.variables[test.name].kind.type(value)
            answer = self._answers[id(test), value] = getattr(compared, test.operator)(test.rule()["value"])
        return answer

    def options(self, name: str, facts: Facts) -> list[Any]:
        """The values of a given variable that are worth a try beside the facts chosen so far."""
        values = self.values[name]
        kind = self.variables[name].kind
        for whole, derived in self.derived.items():
            if name in derived.parts:
                values = distinct([*values, *completing(derived, name, facts, self.values[whole])], kind)
        if not isinstance(kind, Day):
            return values
        lowest, highest = self.bounds(name, facts)
        return [value for value in values if lowest <= value <= highest]

    def bounds(self, name: str, facts: Facts) -> tuple[date, date]:
        """The first and the last day that the order of days leaves to a variable."""
        lowest = [facts[first] for first, last in self.earlier if last == name and facts.get(first) is not None]
        highest = [facts[last] for first, last in self.earlier if first == name and facts.get(last) is not None]
        return max(lowest, default=date.min), min(highest, default=date.max)

    def anywhere(self, name: str, facts: Facts) -> st.SearchStrategy[Any]:
        """Any value of the domain of a given variable."""
        kind = self.variables[name].kind
        if isinstance(kind, WholeNumber):
            return st.integers(kind.lowest, kind.highest)
        if isinstance(kind, ChoiceSet):
            return st.frozensets(st.sampled_from(kind.options))
        if isinstance(kind, Day):
            lowest, highest = self.bounds(name, facts)
            lowest, highest = max(lowest, kind.lowest), min(highest, kind.highest)
            return st.dates(lowest, highest) if lowest <= highest else st.nothing()
        if isinstance(kind, Text):
            return st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=12)
        return st.sampled_from(self.values[name])

    def _boundaries(self) -> dict[str, list[Any]]:
        """For each variable that the rules look at, the constants of its tests and the values next to them."""
        found: dict[str, list[Any]] = {}
        for revision in self.revisions:
            for _, condition in revision.conditions():
                for test in tests_in(condition):
                    kind = self.variables[test.name].kind
                    found.setdefault(test.name, []).extend(around(kind, test.rule()["value"]))
            for end in (revision.effective_from, revision.effective_to):
                if end is not None:
                    found.setdefault(self.service_day, []).extend(neighbours(end))
        return {name: distinct(values, self.variables[name].kind) for name, values in found.items()}

    def _extend(self, name: str, values: Iterable[Any]) -> None:
        self.values[name] = distinct([*self.values[name], *values], self.variables[name].kind)

    def _latest_days_first(self) -> list[str]:
        """The given variables, each day after those that it may not be after."""
        names: dict[str, None] = {}

        def visit(name: str) -> None:
            for first, last in self.earlier:
                if first == name:
                    visit(last)
            names[name] = None

        for name, variable in self.variables.items():
            if variable.derived is None:
                visit(name)
        return list(names)
