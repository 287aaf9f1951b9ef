"""The facts of the shipped policy as the contract has them: their values, the operators, and which values a test can tell apart."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from itertools import chain, combinations, product
from typing import Any, NamedTuple

from operators import OPERATORS

Json = dict[str, Any]

FALSE, UNKNOWN, TRUE = 0, 1, 2
TREATMENTS = [
    "mini_hyper_cvd", "blinatumomab", "imatinib", "dasatinib", "nilotinib", "bosutinib", "ponatinib", "other_tki",
    "other",
]  # fmt: skip

CHOICES: dict[str, list[Any]] = {
    "request_type": ["initial", "continuation"],
    "disease": ["acute_lymphoblastic_leukemia", "lymphoblastic_lymphoma", "other", None],
    "lineage": ["b_cell_precursor", "t_cell", "other", None],
    "disease_setting": ["frontline_induction", "frontline_consolidation", "relapsed", "refractory", "other", None],
    "cd22_status": ["positive", "negative", None],
    "ph_status": ["positive", "negative", None],
    "combination_regimen": [
        *(frozenset(some) for size in range(10) for some in combinations(TREATMENTS, size)),
        None,
    ],
    **{name: [False, True, None] for name in ("disease_progression", "unacceptable_toxicity", "therapy_exclusion")},
    **{
        name: [False, True]
        for name in (
            "cd22_test_submitted",
            "prior_authorization_on_file",
            "off_label_support_submitted",
            "plan_document_conflict",
        )
    },
}
PARTS = {
    "total_cycles": ("cycles_received", "cycles_requested"),
    "age_years": ("service_start_date", "birth_date"),
}
JOINED = {name: pair for pair in PARTS.values() for name in pair} | PARTS


class Axis(NamedTuple):
    """The values of one fact, or of two facts that are read together, in groups that no test tells apart."""

    names: tuple[str, ...]
    groups: list[list[Json]]

    def fewest(self) -> list[int]:
        """How many facts a request has to name for each group."""
        return [min(given(facts) for facts in group) for group in self.groups]


def given(facts: Json) -> int:
    """How many of some facts a request names beyond what is required or so by default."""
    optional = [name for name in facts if name not in ("request_type", "service_start_date", *PARTS)]
    return sum(facts[name] is not (False if len(CHOICES.get(name, "abc")) == 2 else None) for name in optional)


def status(test: Json, value: Any) -> int:
    """One test of one value."""
    if value is None:
        return UNKNOWN
    constant = test["value"]
    if isinstance(value, date):
        constant = date.fromisoformat(constant)
    return TRUE if OPERATORS[test["operator"]](value, constant) else FALSE


def years(birth: date, day: date) -> int:
    """Completed years; a birthday on 29 February falls on 1 March in other years."""
    return day.year - birth.year - ((day.month, day.day) < (birth.month, birth.day))


def every_test(part: Any) -> Iterator[Json]:
    """Every test of a condition or of a whole rule file but its invariants."""
    if isinstance(part, dict) and "operator" in part:
        yield part
    elif isinstance(part, dict):
        yield from chain.from_iterable(every_test(value) for key, value in part.items() if key != "invariants")
    elif isinstance(part, list):
        yield from chain.from_iterable(map(every_test, part))


def values(names: tuple[str, ...], tests: Sequence[Json]) -> Iterator[Json]:
    """The facts that an axis has: all that can matter to some tests."""
    if names[0] in CHOICES:
        yield from ({names[0]: value} for value in CHOICES[names[0]])
    elif names == PARTS["total_cycles"]:
        numbers = [*range(28), 998, 999]
        for received, requested in product([None, *numbers], [None, *numbers[1:]]):
            total = None if received is None or requested is None else received + requested
            yield {"cycles_received": received, "cycles_requested": requested, "total_cycles": total}
    else:
        constants = [date.fromisoformat(test["value"]) for test in tests if test["name"] != "age_years"]
        days = {date(2026, 4, 2), date(2199, 12, 31), *(day + timedelta(n) for day in constants for n in (-1, 0, 1))}
        for day in days:
            back = {date(day.year - n, day.month, day.day) for n in range(25)} if day.year < 2199 else {day}
            births = {day + timedelta(n) for day in (*back, *constants) for n in (-1, 0, 1)}
            for birth in [None, *sorted(born for born in births if born <= day)]:
                age = None if birth is None else years(birth, day)
                yield {"service_start_date": day, "birth_date": birth, "age_years": age}


def axis(names: tuple[str, ...], tests: Sequence[Json]) -> Axis:
    """The values of some facts, grouped by what the tests say of them and by which of them are missing."""
    groups: dict[tuple[Any, ...], list[Json]] = {}
    for facts in values(names, tests):
        known = tuple(facts[name] is None for name in names)
        groups.setdefault((known, *(status(test, facts[test["name"]]) for test in tests)), []).append(facts)
    return Axis(names, list(groups.values()))
