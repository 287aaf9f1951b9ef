"""Tables: a class holds the values that no test tells apart, and its answers are those of the operators."""

from __future__ import annotations

from datetime import date, timedelta
from itertools import pairwise

from drawing import any_test, as_model
from hypothesis import given
from hypothesis import strategies as st
from operators import OPERATORS
from small import WORDS, every_value, few_names

from medpolicy.evaluate.status import Status
from medpolicy.evaluate.tables import MISSING, Table, tables
from medpolicy.language.condition import Test
from medpolicy.language.vocabulary import find_vocabulary

STATUS = {True: Status.MET, False: Status.NOT_MET}


def holds(test: Test, value) -> bool:
    constant = test.for_engine()["value"]
    return OPERATORS[test.operator](value, date.fromisoformat(constant) if isinstance(value, date) else constant)


def check(table: Table, tests, values) -> None:
    """Each value has the answers of the operators; two neighbouring classes, or any two of options, differ in one."""
    for test in tests:
        statuses = table.statuses(test)
        assert len(statuses) == len(table)
        assert statuses[MISSING] is Status.UNKNOWN
        for value in values:
            expected = Status.UNKNOWN if value is None else STATUS[holds(test, value)]
            assert statuses[table.code(value)] is expected
    answers = [tuple(table.answers[test][number] for test in tests) for number in range(len(table) - 1)]
    if table.variable.kind.ordered:
        assert all(before != after for before, after in pairwise(answers))
    else:
        assert len(set(answers)) == len(answers)


@given(few_names().flatmap(lambda names: st.lists(any_test(names, WORDS), min_size=1, max_size=6)))
def test_each_value_of_each_variable_has_the_answers_of_the_operators_and_no_class_is_needless(drawn):
    tests = list(dict.fromkeys(map(as_model, drawn)))
    found = tables(tests, WORDS)
    read_ = {test.name for test in tests}
    parts = {part for name in read_ for part in WORDS.variables[name].parts}
    assert list(found) == [name for name in WORDS.variables if name in read_ | parts]
    for name, table in found.items():
        kind = table.variable.kind
        derived = table.variable.derived is not None
        values = [None, *range(kind.lowest, kind.highest + 1)] if derived else every_value(name)
        check(table, [test for test in tests if test.name == name], values)


DAYS = find_vocabulary("inotuzumab-ozogamicin")
KIND = DAYS.variables["birth_date"].kind
BOUNDS = (KIND.lowest, KIND.highest)
SOME_DAYS = st.sampled_from(BOUNDS) | st.dates(*BOUNDS)


@given(st.lists(st.tuples(st.sampled_from(sorted(KIND.operators())), SOME_DAYS), min_size=1, max_size=4))
def test_days_are_cut_where_a_test_changes_its_answer(drawn):
    tests = list(dict.fromkeys(Test(name="birth_date", operator=operator, value=str(day)) for operator, day in drawn))
    near = {
        day + timedelta(days=days)
        for _, day in drawn
        for days in (-1, 0, 1)
        if date(1900, 1, 2) <= day <= date(2199, 12, 30)
    }
    table = tables(tests, DAYS)["birth_date"]
    check(table, tests, [None, *BOUNDS, *near])
    assert [table.code(group.first) for group in table.classes] == list(range(1, len(table)))
    assert [table.code(group.last) for group in table.classes] == list(range(1, len(table)))


@given(st.lists(st.tuples(st.sampled_from(sorted(KIND.operators())), SOME_DAYS), min_size=1, max_size=4), st.data())
def test_ranges_hold_the_values_of_their_classes_and_no_others(drawn, data):
    tests = {Test(name="birth_date", operator=operator, value=str(day)): None for operator, day in drawn}
    table = tables(tests, DAYS)["birth_date"]
    codes = data.draw(st.sets(st.integers(MISSING, len(table) - 1)))
    ranges = table.ranges(codes)
    for code, group in enumerate(table.classes, 1):
        for value in (group.first, group.last):
            assert any(first <= value <= last for first, last in ranges) is (code in codes)
    gaps = [KIND.index(start) - KIND.index(end) for (_, end), (start, _) in pairwise(ranges)]
    assert all(gap > 1 for gap in gaps), "neighbouring classes are one range"
