"""The values of each variable that are worth trying."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from hypothesis import strategies as st

from medpolicy.evaluate.tables import tables
from medpolicy.language.condition import Test
from medpolicy.language.fields import Kind
from medpolicy.language.request import Variable
from medpolicy.policy import Policy

KnownFacts = dict[str, Any]


class Candidates:
    """For each variable of a policy the values worth trying under its revisions, or one of them, ordinary ones first."""

    def __init__(self, policy: Policy, revision: str | None) -> None:
        vocabulary = policy.vocabulary
        self.variables: Mapping[str, Variable] = vocabulary.variables
        self.service_day = vocabulary.service_day
        self.revisions = policy.revisions if revision is None else (policy.revision(revision),)
        self.given, self.derived = vocabulary.given, vocabulary.derived
        self._kinds = {name: variable.kind for name, variable in self.variables.items()}
        self._earlier = vocabulary.request.earlier
        self.names = self._latest_days_first()
        conditions = (condition for known in self.revisions for _, condition in known.conditions())
        self._tables = tables(conditions, vocabulary)
        self.boundaries = self._boundaries()
        self.values = self._values()
        self._completing: dict[tuple[str, str, Any], list[Any]] = {}

    def holds(self, test: Test, value: Any) -> bool:
        """Whether a test holds of a known value."""
        table = self._tables[test.name]
        return table.answers[test][table.code(value) - 1]

    def options(self, name: str, facts: KnownFacts) -> list[Any]:
        """The values of a given variable that are worth trying with the facts chosen so far."""
        values = list(self.values[name])
        for derived_name, derived in self.derived.items():
            if name in derived.parts:
                first, second = derived.parts
                other = facts.get(second if name == first else first)
                values += self._values_completing(derived_name, name, other) if other is not None else ()
        return [value for value in dict.fromkeys(values) if self._in_order(name, value, facts)]

    def anywhere(self, name: str, facts: KnownFacts) -> st.SearchStrategy[Any]:
        """Any value of the domain of a given variable."""
        kind = self._kinds[name]
        if not kind.size:
            return st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=12)
        lowest, highest = 0, kind.size - 1
        for before, after in self._earlier:
            if name == after and facts.get(before) is not None:
                lowest = max(lowest, kind.index(facts[before]))
            if name == before and facts.get(after) is not None:
                highest = min(highest, kind.index(facts[after]))
        if lowest > highest:
            return st.nothing()
        # counted from the origin, so that a whole number shrinks towards zero
        numbers = st.integers(kind.origin + lowest, kind.origin + highest)
        return numbers.map(lambda number: kind.value(number - kind.origin))

    def _in_order(self, name: str, value: Any, facts: KnownFacts) -> bool:
        """Whether the order of days allows a value with the facts chosen so far."""
        placed = {**facts, name: value}
        days = ((placed.get(before), placed.get(after)) for before, after in self._earlier if name in (before, after))
        return all(before is None or after is None or before <= after for before, after in days)

    def _values_completing(self, derived_name: str, part: str, other: Any) -> list[Any]:
        """The values of a part that give a derived variable a value worth trying, and those next to them."""
        key = derived_name, part, other
        if key not in self._completing:
            kind, derived = self._kinds[part], self.derived[derived_name]
            rises = derived.rises_with[derived.parts.index(part)]
            found: list[Any] = []
            for wanted in self.values[derived_name]:
                ends = derived.part_for(self._kinds, part, other, wanted) or ()
                for end in ends if rises else reversed(ends):  # where it first has the value comes first
                    found += [end, *kind.near(kind.plain(end))]
            self._completing[key] = list(dict.fromkeys(found))
        return self._completing[key]

    def _boundaries(self) -> dict[str, list[Any]]:
        """For each variable that the rules test, the constants of its tests and the values next to them."""
        constants = {name: [test.value for test in table.answers] for name, table in self._tables.items()}
        for revision in self.revisions:
            days = (day for day in (revision.effective_from, revision.effective_to) if day is not None)
            constants.setdefault(self.service_day, []).extend(map(str, days))
        found = {
            name: _distinct(
                (value for constant in tested for value in self._kinds[name].near(constant)), self._kinds[name]
            )
            for name, tested in constants.items()
        }
        return {name: values for name, values in found.items() if values}

    def _values(self) -> dict[str, list[Any]]:
        """For each variable the values worth trying, ordinary ones first."""
        years = [2000, *(revision.effective_from.year for revision in self.revisions)]
        found = {}
        for name, kind in self._kinds.items():
            values = [*kind.edges(), *self.boundaries.get(name, ())]
            for derived_name, derived in self.derived.items():
                if name in derived.parts:
                    values += [*self._kinds[derived_name].edges(), *self.boundaries.get(derived_name, ())]
            values += kind.of_years(years)
            found[name] = sorted(_distinct(values, kind), key=kind.simplicity)
        return found

    def _latest_days_first(self) -> list[str]:
        """The given variables, each day after those that it may not be after."""
        names: dict[str, None] = {}

        def visit(name: str) -> None:
            for before, after in self._earlier:
                if before == name:
                    visit(after)
            names[name] = None

        for name in self.given:
            visit(name)
        return list(names)


def _distinct(values: Iterable[Any], kind: Kind) -> list[Any]:
    """The values that are in a domain, each once."""
    return list(dict.fromkeys(value for value in values if not kind.problems(value)))
