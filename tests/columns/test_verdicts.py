"""The tables and columns against the stock engine itself: the same answer to every test, for every class and any value.

`MEDPOLICY_VERDICTS=10000000 pytest tests/columns/test_verdicts.py` compares so many random verdicts.
"""

from __future__ import annotations

import os
import sys
from datetime import date
from itertools import combinations, pairwise
from random import Random
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from business_rules.engine import check_conditions_recursively
from drawing import a_test, a_value, as_model
from hypothesis import given, settings
from hypothesis import strategies as st

from medpolicy import Policy, load_policy
from medpolicy.columns.frame import ColumnDecider
from medpolicy.evaluate.compiled import Compiled
from medpolicy.evaluate.status import Status
from medpolicy.evaluate.tables import MISSING, Table, tables
from medpolicy.language.condition import Test
from medpolicy.language.fields import ChoiceSet, Day, Missing, WholeNumber
from medpolicy.language.request import Variable
from medpolicy.language.vocabulary import Vocabulary
from medpolicy.language.walk import tests_in as all_tests_in

POLICY = load_policy("inotuzumab-ozogamicin")
WORDS = POLICY.vocabulary
VERDICTS = int(os.environ.get("MEDPOLICY_VERDICTS", "1000000"))
TESTS_AT_ONCE, ROWS_AT_ONCE = 60, 1000
TESTABLE = WORDS.testable


def stock_answer(vocabulary: Vocabulary, test: Test, value: Any) -> Status:
    """What the stock engine says of one test and one value, in its two runs."""
    at_worst, at_best = (
        check_conditions_recursively(test.for_engine(), vocabulary.engine_variables({test.name: value}, missing))
        for missing in (Missing.FAILS, Missing.HOLDS)
    )
    if at_worst:
        return Status.MET
    return Status.UNKNOWN if at_best else Status.NOT_MET


def some_tests(random: Random) -> dict[str, list[Test]]:
    """Random tests of all variables that rules may test, by variable."""
    found: dict[str, list[Test]] = {}
    for number in range(TESTS_AT_ONCE):
        name = list(TESTABLE)[number % len(TESTABLE)]
        found.setdefault(name, []).append(as_model(a_test(random, name, TESTABLE[name].kind)))
    return found


def some_facts(random: Random, constants: dict[str, list[Any]]) -> list[dict[str, Any]]:
    """Random facts of valid requests, derived ones worked out."""
    found: list[dict[str, Any]] = []
    while len(found) < ROWS_AT_ONCE:
        facts: dict[str, Any] = {"request_id": str(len(found))}
        for name, variable in TESTABLE.items():
            if variable.derived is None:
                missing = variable.may_be_missing and random.random() < 0.1
                facts[name] = None if missing else a_value(random, variable.kind, constants.get(name, []))
        if facts["birth_date"] is not None and facts["birth_date"] > facts["service_start_date"]:
            facts["birth_date"] = None
        for name, variable in TESTABLE.items():
            if variable.derived is not None:
                facts[name] = variable.derived.of(facts)
        found.append(facts)
    return found


def in_columns(facts: list[dict[str, Any]]) -> pa.Table:
    columns = {}
    for name, variable in WORDS.variables.items():
        if variable.derived is None:
            values = [facts[name] for facts in facts]
            columns[name] = pa.array([sorted(value) if isinstance(value, frozenset) else value for value in values])
    return pa.table(columns)


def codes_in_columns(found: dict[str, Table], table: pa.Table) -> dict[str, Any]:
    """The class code of every value, worked out in columns."""
    from medpolicy.columns.codes import coding

    frame = ColumnDecider([Compiled(POLICY.deciders[0])]).index(table)
    if frame.faulty is not None:
        raise ValueError("a row of the drawn facts is no request")
    return {name: coding(tabulated)(frame.indices[name]) for name, tabulated in found.items()}


def test_a_million_random_verdicts_in_columns_are_those_of_the_stock_engine(
    capsys: pytest.CaptureFixture[str],
) -> None:
    random = Random(20260402)
    compared = different = 0
    by_status = dict.fromkeys(Status, 0)
    while compared < VERDICTS:
        tests = some_tests(random)
        constants = {
            name: [item.value for item in some if isinstance(item.value, int | str) and item.value is not True]
            for name, some in tests.items()
        }
        facts = some_facts(random, constants)
        found = tables([test for some in tests.values() for test in some], WORDS)
        codes = codes_in_columns(found, in_columns(facts))
        at_worst = [WORDS.engine_variables(facts, Missing.FAILS) for facts in facts]
        for name, some in tests.items():
            missing = [row for row, facts in enumerate(facts) if facts[name] is None]
            for test in some:
                statuses = np.array(found[name].statuses(test))[codes[name]]
                rule = test.for_engine()
                stock = np.array([check_conditions_recursively(rule, each) for each in at_worst])
                stock = np.where(stock, Status.MET, Status.NOT_MET)
                for row in missing:
                    stock[row] = stock_answer(WORDS, test, None)
                compared += len(stock)
                different += int((statuses != stock).sum())
                for status in Status:
                    by_status[status] += int((stock == status).sum())
    with capsys.disabled():
        counts = ", ".join(f"{count:,} {status.word}" for status, count in by_status.items())
        print(f"\n{compared:,} random verdicts ({counts}), {different} different", file=sys.__stderr__)
    assert different == 0
    assert compared >= VERDICTS
    assert min(by_status.values()) > compared // 100


@pytest.mark.parametrize("revision", POLICY.revisions, ids=lambda each: str(each.revision))
def test_every_class_of_every_test_of_a_shipped_revision_has_the_stock_answer_for_each_member(revision: Any) -> None:
    conditions = [condition for _, condition in revision.conditions()]
    checked = 0
    for name, table in tables(conditions, WORDS).items():
        tests = {test for condition in conditions for test in all_tests_in(condition) if test.name == name}
        assert set(table.answers) == tests
        for test in tests:
            statuses = table.statuses(test)
            assert len(statuses) == len(table)
            assert statuses[MISSING] == stock_answer(WORDS, test, None) == Status.UNKNOWN
            for code, group in enumerate(table.classes, 1):
                for value in members(table.variable, group):
                    assert table.code(value) == code
                    assert statuses[code] == stock_answer(WORDS, test, value)
                    checked += 1
    assert checked > 2000


def members(variable: Variable, each: Any) -> list[Any]:
    """All values of a class; of a range of days its ends, the days beside them and every hundredth day."""
    if each.members:
        return list(each.members)
    if isinstance(variable.kind, WholeNumber):
        return list(range(each.first, each.last + 1))
    first, last = each.first.toordinal(), each.last.toordinal()
    days = {*range(first, last + 1, 100), first, min(first + 1, last), max(last - 1, first), last}
    return [date.fromordinal(day) for day in sorted(days)]


@pytest.mark.parametrize("revision", POLICY.revisions, ids=lambda each: str(each.revision))
def test_the_classes_of_a_shipped_revision_are_all_of_each_domain(revision: Any) -> None:
    for table in tables([condition for _, condition in revision.conditions()], WORDS).values():
        kind = table.variable.kind
        if isinstance(kind, WholeNumber | Day):
            ends = [(group.first, group.last) for group in table.classes]
            assert ends[0][0] == kind.lowest
            assert ends[-1][1] == kind.highest
            for (_, last), (first, _) in pairwise(ends):
                assert (first - last) in (1, date(2000, 1, 2) - date(2000, 1, 1))
        else:
            every = [value for group in table.classes for value in group.members]
            assert len(every) == len(set(every)) == how_many(kind)


def how_many(kind: Any) -> int:
    if isinstance(kind, ChoiceSet):
        return sum(1 for size in range(len(kind.options) + 1) for _ in combinations(kind.options, size))
    return len(kind.options) if hasattr(kind, "options") else 2


@pytest.mark.parametrize("name", list(TESTABLE))
@settings(max_examples=max(1, settings().max_examples // 5))
@given(random=st.randoms(use_true_random=False))
def test_a_value_and_its_class_s_representative_get_the_same_answer(name: str, random: Random) -> None:
    variable = TESTABLE[name]
    some = [as_model(a_test(random, name, variable.kind)) for _ in range(random.randint(1, 8))]
    table = tables(some, WORDS)[name]
    constants = [item.value for item in some if isinstance(item.value, int | str) and item.value is not True]
    for _ in range(10):
        value = a_value(random, variable.kind, constants)
        code = table.code(value)
        representative = table.classes[code - 1].representative
        for test in some:
            answer = stock_answer(WORDS, test, value)
            assert answer == stock_answer(WORDS, test, representative)
            assert answer == table.statuses(test)[code]


def test_random_requests_get_the_engine_s_determination_in_columns(policy: Policy) -> None:
    random = Random(7)
    facts = list(some_facts(random, {"service_start_date": ["2026-04-02"], "total_cycles": [6]}))
    answers = policy.decide_table(in_columns(facts)).decided.to_pylist()
    for given_, answer in zip(facts, answers, strict=True):
        record = {name: value for name, value in given_.items() if WORDS.variables[name].derived is None}
        found = policy.decide(record, engine="business-rules")
        kept = (
            "request_id",
            "decision",
            "coverage",
            "pathway",
            "revision",
            "rules_digest",
            "requires_clinician_review",
        )
        assert {name: answer[name] for name in kept} == {name: getattr(found, name) for name in kept}
        for name in ("not_met", "missing"):
            assert tuple(answer[name]) == getattr(found, name)
        for name in ("denial_reasons", "review_flags"):
            assert answer[name] == [each.id for each in getattr(found, name)]
