"""Tests and values of a variable drawn at random: anywhere in its domain, and more often near given constants."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import timedelta
from random import Random
from typing import Any

from hypothesis import strategies as st
from pydantic import TypeAdapter

from medpolicy.language.condition import Condition
from medpolicy.language.fields import Choice, ChoiceSet, Day, Kind, WholeNumber, YesNo
from medpolicy.language.vocabulary import Vocabulary

Json = dict[str, Any]
CONDITION: TypeAdapter[Condition] = TypeAdapter(Condition)


def asks(name: str, operator: str, value: Any = True) -> Json:
    """A test as a rule file writes it."""
    return {"name": name, "operator": operator, "value": value}


def as_model(condition: Json) -> Condition:
    """A condition as the model of a revision holds it."""
    return CONDITION.validate_json(json.dumps(condition))


def a_value(random: Random, kind: Kind, constants: Sequence[Any] = ()) -> Any:
    """A value of a domain; of one that has an order, often a constant (a day as text) or its neighbour."""
    if isinstance(kind, Choice):
        return random.choice(kind.options)
    if isinstance(kind, YesNo):
        return random.random() < 0.5
    if isinstance(kind, ChoiceSet):
        return frozenset(random.sample(kind.options, random.choice((0, 1, 1, 2, 3, len(kind.options)))))
    if not isinstance(kind, WholeNumber | Day):
        raise TypeError(f"no value of {type(kind).__name__}")
    step: Any = timedelta(days=1) if isinstance(kind, Day) else 1
    if constants and random.random() < 0.7:
        near = kind.typed(random.choice(constants)) + random.choice((-1, 0, 1)) * step
        if kind.lowest <= near <= kind.highest:
            return near
    return random.choice((kind.lowest, kind.highest, kind.value(random.randrange(kind.size))))


def a_constant(random: Random, kind: Kind, operator: str, constants: Sequence[Any] = ()) -> Any:
    """A constant that a rule file may have in a test with an operator: one of those given, or any."""
    takes = kind.operators()[operator]
    if isinstance(kind, YesNo):
        return True
    if isinstance(kind, Choice | ChoiceSet) and takes == "select":
        return random.choice(kind.options)
    if isinstance(kind, Choice | ChoiceSet):
        fewest = 0 if operator in {"is_exactly", "is_contained_by"} else 1
        options = random.sample(kind.options, random.randint(fewest, len(kind.options)))
        return options + options[: random.randint(0, 1)]
    return random.choice(constants) if constants else kind.plain(a_value(random, kind))


def a_test(random: Random, name: str, kind: Kind, constants: Sequence[Any] = ()) -> Json:
    operator = random.choice(sorted(kind.operators()))
    return asks(name, operator, a_constant(random, kind, operator, constants))


def any_test(
    names: Sequence[str], vocabulary: Vocabulary, constants: Mapping[str, Sequence[Any]] | None = None
) -> st.SearchStrategy[Json]:
    """Any test that a rule may have of some variables."""

    def of(name: str, random: Random) -> Json:
        return a_test(random, name, vocabulary.variables[name].kind, (constants or {}).get(name, ()))

    return st.builds(of, st.sampled_from(names), st.randoms(use_true_random=False))


def any_condition(tests: st.SearchStrategy[Json], most: int = 4) -> st.SearchStrategy[Json]:
    """Any condition of at most so many tests."""

    def group(parts: st.SearchStrategy[Json]) -> st.SearchStrategy[Json]:
        lists = st.lists(parts, min_size=1, max_size=3)
        return st.one_of(lists.map(lambda some: {"all": some}), lists.map(lambda some: {"any": some}))

    return st.recursive(tests, group, max_leaves=most)
