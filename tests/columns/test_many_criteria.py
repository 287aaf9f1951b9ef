"""Policies whose clauses fit a word, and with more of them: the same answers as one by one, and nothing kept of rows."""

from __future__ import annotations

import gc
import tracemalloc
from datetime import date, timedelta
from random import Random
from typing import Annotated, Any

import numpy as np
import pyarrow as pa
import pytest
from drawing import asks
from hypothesis import given
from hypothesis import strategies as st
from pydantic import Field
from small import (
    EXAMPLES,
    WORDS,
    SmallRequest,
    criterion,
    documents,
    every_request,
    fact,
    flag,
    pathway,
    revision_of,
    verdicts,
)
from small import revision as revision_from

from medpolicy import Policy
from medpolicy.columns.clause_words import ClauseWords
from medpolicy.columns.revision import last_days
from medpolicy.evaluate.decide import Decider
from medpolicy.language.determination.authorization import last_day
from medpolicy.language.vocabulary import Vocabulary

HIGHEST, CRITERIA = 9999, 150
EPOCH = date(1970, 1, 1)
COMPARED = (
    "decision", "coverage", "pathway", "revision", "not_met", "missing", "denial_reasons", "review_flags", "authorization_end",
)  # fmt: skip


class Weighed(SmallRequest):
    dose: Annotated[int | None, Field(ge=0, le=HIGHEST), fact("Dose")] = None
    rest: Annotated[int | None, Field(ge=0, le=HIGHEST), fact("Rest")] = None


VOCABULARY = Vocabulary("small", Weighed, WORDS.actions, WORDS.rules)


def large_policy(criteria: int) -> Policy:
    """Two pathways with many criteria each: doses, sums and colors."""

    def conditions(number: int) -> dict[str, Any]:
        least = number * HIGHEST // criteria
        dose = asks("dose", "greater_than_or_equal_to", least)
        load = asks("load", "less_than", 2 * least + 1)
        return [dose, {"any": [load, asks("color", "equal_to", "red")]}, {"all": [{"any": [dose, load]}]}][number % 3]

    def asked(id: str) -> list[dict[str, Any]]:
        return [criterion(f"{id}.{number}", conditions(number)) for number in range(criteria)]

    pathways = [
        pathway("first", asks("kind", "is_one_of", ["a", "b"]), asked("first")),
        pathway(
            "second", {"any": [asks("kind", "equal_to", "c"), asks("color", "equal_to", "green")]}, asked("second")
        ),
    ]
    pathways[0]["criteria"] = pathways[0]["criteria"][:3]
    flags = [
        flag("smokes", "gate", asks("smoker", "is_true", True)),
        flag("urgent", "hold", asks("urgent", "is_true", True), "denied"),
        flag("low", "note", asks("dose", "less_than", 9)),
    ]
    return Policy(VOCABULARY, (Decider(revision_of(pathways, flags), "", VOCABULARY),))


POLICY = large_policy(CRITERIA)


def rows(random: Random, count: int) -> list[dict[str, Any]]:
    def value(name: str) -> Any:
        variable = VOCABULARY.variables[name]
        kind = variable.kind
        if variable.may_be_missing and random.random() < 0.1:
            return None
        if name == "service_start_date":
            return date(2025, 12, 25) + timedelta(days=random.randrange(900))
        found = kind.value(random.randrange(kind.size))
        return sorted(found) if isinstance(found, frozenset) else found

    names = [name for name, variable in VOCABULARY.variables.items() if variable.derived is None]
    return [
        {"request_id": f"r{number}", **{name: value(name) for name in names if name != "request_id"}}
        for number in range(count)
    ]


def test_the_policy_needs_several_words() -> None:
    [compiled] = POLICY._compiled.values()
    frame = POLICY.column_decider().index(pa.Table.from_pylist(rows(Random(1), 2)))
    assert len(ClauseWords(compiled, 1).of(frame)) > 2


@pytest.mark.parametrize("pinned", [None, "one"])
def test_rows_are_decided_as_one_by_one(pinned: str | None) -> None:
    random = Random(2)
    drawn = rows(random, 400)
    found = POLICY.decide_table(pa.Table.from_pylist(drawn), revision=pinned).decided.to_pylist()
    decided = [POLICY.decide(row, revision=pinned) for row in drawn]
    for row, answer, one in zip(drawn, found, decided, strict=True):
        assert {name: answer[name] for name in COMPARED} == {
            **{name: getattr(one, name) for name in ("decision", "coverage", "pathway", "revision")},
            "not_met": list(one.not_met),
            "missing": list(one.missing),
            "denial_reasons": [reason.id for reason in one.denial_reasons],
            "review_flags": [flag.id for flag in one.review_flags],
            "authorization_end": one.authorization and one.authorization.end,
        }, row
    assert {one.decision for one in decided} == {"approved", "denied", "pended"}
    assert max(len(one.not_met) for one in decided) > 64
    assert any(one.revision is None for one in decided) is (pinned is None)


@EXAMPLES
@given(documents())
def test_every_request_of_a_drawn_policy_is_decided_as_one_by_one(drawn: dict[str, Any]) -> None:
    written = revision_from(drawn)
    requests, verdict = list(every_request([written])), verdicts(written)
    columns = {
        name: [
            sorted(value) if isinstance(value, frozenset) else value for value in (facts[name] for facts in requests)
        ]
        for name, variable in WORDS.variables.items()
        if variable.derived is None
    }
    table = pa.table(columns | {"request_id": [str(number) for number in range(len(requests))]})
    found = Policy(WORDS, (Decider(written, "", WORDS),)).decide_table(table).decided.to_pylist()
    for facts, answer in zip(requests, found, strict=True):
        expected = verdict(facts)
        assert {name: answer[name] for name in ("decision", "coverage", "pathway", "not_met", "missing")} == {
            **{name: getattr(expected, name) for name in ("decision", "coverage", "pathway")},
            "not_met": list(expected.not_met),
            "missing": list(expected.missing),
        }, facts
        assert answer["denial_reasons"] == [reason.id for reason in expected.denial_reasons]
        assert answer["review_flags"] == [flag.id for flag in expected.review_flags]


@pytest.mark.parametrize("criteria", [8, CRITERIA], ids=["in one word", "in several words"])
def test_memory_does_not_grow_however_many_different_rows_are_decided(criteria: int) -> None:
    numbers, count, kept = np.random.default_rng(3), 4096, []
    decider = large_policy(criteria).column_decider()

    def decide(block: int) -> None:
        names = ("dose", "rest", "cycles_requested")
        table = pa.table(
            {
                "request_id": [f"{block}-{row}" for row in range(count)],
                "service_start_date": pa.array(numbers.integers(20_000, 80_000, count), pa.int32()).cast(pa.date32()),
                "kind": numbers.choice(["a", "b", "c"], count),
                **{name: numbers.integers(1, VOCABULARY.variables[name].kind.highest + 1, count) for name in names},
            }
        )
        decider.decide(table["request_id"].combine_chunks().cast(pa.large_string()), decider.index(table))

    decide(0)
    tracemalloc.start()
    try:
        for block in range(1, 13):
            decide(block)
            gc.collect()
            kept.append(tracemalloc.get_traced_memory()[0] + pa.total_allocated_bytes())
    finally:
        tracemalloc.stop()
    assert kept[-1] - kept[0] < count * len(kept)  # a byte for each row; what a row's verdict lists takes hundreds


@given(
    st.lists(st.dates(date(1900, 1, 1), date(2199, 12, 31)) | st.just(date(2028, 2, 29)), min_size=1),
    st.integers(1, 120),
)
def test_the_last_days_of_periods_are_those_of_a_single_request(starts: list[date], months: int) -> None:
    found = last_days(np.array([(start - EPOCH).days for start in starts], dtype=np.int32), months)
    assert [EPOCH + timedelta(days=day) for day in found.tolist()] == [last_day(start, months) for start in starts]
