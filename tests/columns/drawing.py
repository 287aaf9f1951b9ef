"""Random tests and values of a variable: anywhere in its domain, and more often where a constant stands."""

from __future__ import annotations

from datetime import date, timedelta
from random import Random
from typing import Any

from medpolicy.language.fields import Choice, ChoiceSet, Day, Kind, WholeNumber, YesNo
from medpolicy.language.revision import Test


def a_value(random: Random, kind: Kind, constants: list[Any]) -> Any:
    """A value of a domain; of one that has an order, often a constant or its neighbour."""
    if isinstance(kind, Choice):
        return random.choice(kind.options)
    if isinstance(kind, YesNo):
        return random.random() < 0.5
    if isinstance(kind, ChoiceSet):
        return frozenset(random.sample(kind.options, random.choice((0, 1, 1, 2, 3, len(kind.options)))))
    if isinstance(kind, WholeNumber):
        near = random.choice(constants) + random.choice((-1, 0, 1)) if constants and random.random() < 0.7 else None
        return near if near is not None and kind.lowest <= near <= kind.highest else random_number(random, kind)
    if isinstance(kind, Day):
        if constants and random.random() < 0.7:
            near = date.fromisoformat(random.choice(constants)) + timedelta(days=random.choice((-1, 0, 1)))
            if kind.lowest <= near <= kind.highest:
                return near
        return date.fromordinal(random.randint(kind.lowest.toordinal(), kind.highest.toordinal()))
    raise TypeError(f"no value of {type(kind).__name__}")


def a_test(random: Random, name: str, kind: Kind) -> Test:
    """A test of a variable with any of its operators and a constant that a rule file may have."""
    operators = kind.operators()
    operator = random.choice(sorted(operators))
    constant: Any
    if isinstance(kind, YesNo):
        constant = True
    elif isinstance(kind, WholeNumber):
        constant = random_number(random, kind)
    elif isinstance(kind, Day):
        constant = a_value(random, kind, []).isoformat()
    elif isinstance(kind, Choice | ChoiceSet):
        if operators[operator] == "select":
            constant = random.choice(kind.options)
        else:
            least = 0 if operator in {"is_exactly", "is_contained_by"} else 1
            constant = tuple(random.choices(kind.options, k=random.randint(least, 4)))
    else:
        raise TypeError(f"no test of {type(kind).__name__}")
    plain = list(constant) if isinstance(constant, tuple) else constant
    if kind.constant_problems(operator, plain):
        raise ValueError("no rule file may have this constant")
    return Test(name=name, operator=operator, value=constant)


def random_number(random: Random, kind: WholeNumber) -> int:
    return random.choice((kind.lowest, kind.highest, random.randint(kind.lowest, kind.highest)))
