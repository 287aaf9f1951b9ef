"""Every operator against a naive definition, derived variables against the calendar, domains against the request model."""

from __future__ import annotations

import math
from calendar import isleap
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from enum import IntEnum, StrEnum
from fractions import Fraction

import pytest
from business_rules.engine import check_condition
from business_rules.variables import BaseVariables, rule_variable
from hypothesis import example, given
from hypothesis import strategies as st
from operators import OPERATORS

from medpolicy import load_policy
from medpolicy.language.fields import (
    Choice,
    ChoiceSet,
    CompletedYears,
    Day,
    Missing,
    Problem,
    Sum,
    Text,
    WholeNumber,
    YesNo,
    day,
)

POLICY = load_policy("inotuzumab-ozogamicin")
MODEL = POLICY.vocabulary.request
GIVEN = {name: variable for name, variable in POLICY.vocabulary.variables.items() if variable.derived is None}

OPTIONS = ("a", "b", "c", "d")
DAYS = Day(date(1900, 1, 1), date(2199, 12, 31))
KINDS = {
    "choice": Choice(OPTIONS),
    "yes_no": YesNo(),
    "whole_number": WholeNumber(-20, 20),
    "date": Day(date(2023, 12, 30), date(2024, 3, 2)),
    "choice_set": ChoiceSet(OPTIONS),
}
LARGE = st.integers(-20, 20) | st.integers(10**30 - 1, 10**30 + 1)
VALUES = {
    "choice": st.sampled_from([*OPTIONS, "A"]),
    "yes_no": st.booleans(),
    "whole_number": LARGE,
    "date": st.dates(date(2023, 12, 30), date(2024, 3, 2)),
    "choice_set": st.frozensets(st.sampled_from(OPTIONS)),
}
CONSTANTS = {
    "select": st.sampled_from(OPTIONS),
    "select_multiple": st.lists(st.sampled_from(OPTIONS), max_size=5),
    "none": st.just(True),
    "numeric": LARGE,
    "date": VALUES["date"].map(str),
}


ORDER = {"less_than", "less_than_or_equal_to", "greater_than", "greater_than_or_equal_to"}
OPERATORS_OF = {
    "choice": {"equal_to", "not_equal_to", "is_one_of", "is_none_of"},
    "yes_no": {"is_true", "is_false"},
    "whole_number": {"equal_to", "not_equal_to", *ORDER},
    "date": {"equal_to", "before", "on_or_before", "after", "on_or_after"},
    "choice_set": {
        *("is_exactly", "contains", "does_not_contain", "contains_all", "is_contained_by"),
        *(f"shares_{how_many}_with" for how_many in ("at_least_one_element", "exactly_one_element", "no_elements")),
    },
}
EVERY_OPERATOR = [(name, operator) for name, operators in OPERATORS_OF.items() for operator in sorted(operators)]


def engine_says(kind, operator, value, constant):
    """The answer of the stock engine to one test of one variable."""

    class Facts(BaseVariables):
        @rule_variable(kind.type)
        def fact(self):
            return value

    return check_condition({"name": "fact", "operator": operator, "value": constant}, Facts())


@pytest.mark.parametrize("type_name", OPERATORS_OF)
def test_no_operator_escapes_the_comparison_below(type_name):
    assert set(KINDS[type_name].operators()) == OPERATORS_OF[type_name]
    assert KINDS[type_name].type.name == type_name


@pytest.mark.parametrize(("type_name", "operator"), EVERY_OPERATOR)
@given(data=st.data())
def test_an_operator_means_what_its_naive_definition_says(type_name, operator, data):
    kind = KINDS[type_name]
    value = data.draw(VALUES[type_name])
    constant = data.draw(CONSTANTS[kind.operators()[operator]])

    said = engine_says(kind, operator, value, constant)

    compared = date.fromisoformat(constant) if type_name == "date" else constant
    assert said is OPERATORS[operator](value, compared)


@pytest.mark.parametrize(("type_name", "operator"), EVERY_OPERATOR)
@pytest.mark.parametrize("missing", Missing)
def test_a_missing_fact_answers_every_operator_as_the_run_wants_it(type_name, operator, missing):
    kind = KINDS[type_name]
    constant = {"select": "a", "select_multiple": ["a"], "none": True, "numeric": 0, "date": "2024-01-01"}

    said = engine_says(kind, operator, missing, constant[kind.operators()[operator]])

    assert said is missing.value


# Derived variables


def walked_years(start: date, end: date) -> int:
    """Birthdays counted day by day; where 29 February does not come, 1 March is the birthday."""
    years, today = 0, start
    while today < end:
        today += timedelta(days=1)
        born_on_leap_day = (start.month, start.day) == (2, 29)
        stands_in = born_on_leap_day and not isleap(today.year) and (today.month, today.day) == (3, 1)
        years += (today.month, today.day) == (start.month, start.day) or stands_in
    return years


YEARS = CompletedYears("start", "end")
AROUND_LEAP_DAY = [
    date(year, 2, 27) + timedelta(days=days)
    for year in (1996, 2000, *range(2023, 2030), 2096, 2097, 2100, 2101)
    for days in range(5)
]


@pytest.mark.parametrize("start", [day for day in AROUND_LEAP_DAY if day.year in (1996, 2023, 2024, 2096)], ids=str)
def test_completed_years_agree_with_the_calendar_around_29_february(start):
    for end in AROUND_LEAP_DAY:
        if start <= end < start + timedelta(days=7 * 366):
            assert YEARS.value(start, end) == walked_years(start, end), (start, end)


@given(st.dates(date(1900, 1, 1), date(2190, 1, 1)), st.integers(0, 8 * 366))
@example(date(2096, 2, 29), 5 * 366)
def test_completed_years_agree_with_the_calendar(start, days):
    end = start + timedelta(days=days)
    assert YEARS.value(start, end) == walked_years(start, end)


@given(st.integers(0, 999), st.integers(1, 999))
def test_a_sum_is_the_sum_of_its_parts(first, second):
    combined = Sum("first", "second")
    assert combined.of({"first": first, "second": second}) == first + second
    assert combined.kind({"first": WholeNumber(0, 999), "second": WholeNumber(1, 999)}) == WholeNumber(1, 1998)


@pytest.mark.parametrize(("combined", "known"), [(Sum("one", "two"), 0), (YEARS, date(2024, 2, 29))])
def test_a_derived_variable_is_missing_where_a_part_is(combined, known):
    first, second = combined.parts
    assert combined.of({first: None, second: known}) is None
    assert combined.of({first: known, second: None}) is None
    assert combined.of({first: None, second: None}) is None
    assert combined.of({first: known, second: known}) == 0


def test_a_derived_variable_knows_the_widest_domain_it_can_have():
    days = {"start": Day(date(1900, 1, 1), date(2199, 12, 31)), "end": Day(date(1900, 1, 1), date(2199, 12, 31))}
    assert YEARS.kind(days) == WholeNumber(0, 299)
    with pytest.raises(TypeError, match="completed years need two days"):
        YEARS.kind({**days, "end": WholeNumber(0, 1)})
    with pytest.raises(TypeError, match="a sum needs two whole numbers"):
        Sum("start", "end").kind(days)


def test_a_set_of_more_options_than_can_be_tabulated_is_refused():
    ChoiceSet(tuple(map(str, range(16))))
    with pytest.raises(ValueError, match="a set variable has up to 16 options; this one has 17"):
        ChoiceSet(tuple(map(str, range(17))))


# Domains and the request model


class Shout(StrEnum):
    POSITIVE = "positive"
    IMATINIB = "imatinib"


class Count(IntEnum):
    THREE = 3


class Word(str):
    __slots__ = ()


class Someday(date):
    pass


PLAIN = {name: variable.kind for name, variable in GIVEN.items()}
WORDS = sorted({option for kind in PLAIN.values() for option in getattr(kind, "options", ())})
texts = (
    st.sampled_from([*WORDS, *map(str.upper, WORDS), *(f" {word}" for word in WORDS)])
    | st.sampled_from(["", " ", "null", "None", "N/A", "true", "TRUE", "6", "06", " 6", "+6", "6.0", "1e0", "\ud800", "\0"])
    | st.dates(date(1890, 1, 1), date(2210, 1, 1)).map(str)
    | st.sampled_from(["2026-2-3", "20260402", "1777593600", "2026-02-30", "2026-04-02T00:00:00", "2026-04-02\n", "0000-01-01"])
    | st.text(max_size=4)
)  # fmt: skip
scalars = (
    texts
    | texts.map(Word)
    | st.booleans()
    | st.integers(-2, 1001)
    | st.integers(-(10**30), 10**30)
    | st.sampled_from([0.0, 1.0, 6.0, 6.5, 1e999, -1e999, math.nan, Decimal(6), Fraction(6), 6 + 0j, 10**5000])
    | st.dates(date(1890, 1, 1), date(2210, 1, 1))
    | st.datetimes(datetime(1890, 1, 1), datetime(2210, 1, 1))
    | st.sampled_from([Shout.POSITIVE, Shout.IMATINIB, Count.THREE, Someday(2026, 4, 2), Someday(1890, 4, 2)])
    | st.sampled_from(
        [datetime(2026, 4, 2, tzinfo=UTC), time(), timedelta(1), b"positive", b"", object(), ..., int, len]
    )
)
options = st.sampled_from(WORDS) | scalars | st.none()
arbitrary = (
    scalars
    | st.lists(st.sampled_from(PLAIN["combination_regimen"].options), max_size=4)
    | st.lists(options, max_size=3)
    | st.lists(options, max_size=3).map(tuple)
    | st.sets(st.sampled_from([*WORDS, "zz", Shout.IMATINIB, 3]), max_size=3)
    | st.frozensets(st.sampled_from([*WORDS, "zz", Word("imatinib"), 3, None]), max_size=3)
    | st.lists(st.lists(st.sampled_from(WORDS), max_size=2), max_size=2)
    | st.dictionaries(st.sampled_from(WORDS), st.none(), max_size=2)
    | st.sampled_from([{}.keys(), {"imatinib": 1}.keys(), iter(()), range(0), bytearray(b"x"), memoryview(b"x")])
)
VALID = {"request_id": "R-1", "request_type": "initial", "service_start_date": "2026-05-01"}


def model_accepts(name, value):
    """Whether the request model takes a value of one variable, whatever it says of the others."""
    try:
        MODEL.model_validate({**VALID, name: value})
    except ValueError:
        return False
    return True


@pytest.mark.parametrize("name", GIVEN)
@given(value=arbitrary)
def test_the_domain_of_a_variable_and_the_request_model_agree_on_every_value(name, value):
    problems = GIVEN[name].kind.problems(value)

    assert (problems == []) is model_accepts(name, value)


@pytest.mark.parametrize("name", GIVEN)
@given(data=st.data())
def test_every_value_of_a_domain_is_accepted_as_a_fact_and_written_as_json_holds_it(name, data):
    kind = GIVEN[name].kind
    value = data.draw(values_of(kind))

    assert kind.problems(value) == []
    assert model_accepts(name, value)
    assert kind.problems(kind.plain(value)) == []
    assert getattr(MODEL.model_validate({**VALID, name: kind.plain(value)}), name) == value


@pytest.mark.parametrize("name", [name for name, kind in PLAIN.items() if isinstance(kind, Day | WholeNumber)])
def test_both_ends_belong_to_a_domain_and_what_is_next_to_them_does_not(name):
    kind = PLAIN[name]
    step = timedelta(days=1) if isinstance(kind, Day) else 1
    first, last = kind.lowest, kind.highest

    for inside in (first, last):
        assert kind.problems(inside) == kind.problems(kind.plain(inside)) == []
        assert model_accepts(name, inside)
        assert model_accepts(name, kind.plain(inside))
    for outside in (first - step, last + step):
        assert kind.problems(outside) == kind.problems(kind.plain(outside)) == [Problem(f"must be {kind.domain}")]
        assert not model_accepts(name, outside)
        assert not model_accepts(name, kind.plain(outside))


def values_of(kind):
    if isinstance(kind, Choice):
        return st.sampled_from(kind.options)
    if isinstance(kind, ChoiceSet):
        return st.frozensets(st.sampled_from(kind.options))
    if isinstance(kind, WholeNumber):
        return st.integers(kind.lowest, kind.highest)
    if isinstance(kind, Day):
        return st.dates(kind.lowest, kind.highest)
    return st.booleans() if isinstance(kind, YesNo) else st.text(st.characters(exclude_categories=["Cs"]), min_size=1)


@pytest.mark.parametrize("name", GIVEN)
@given(data=st.data())
def test_a_value_written_as_a_csv_cell_reads_as_itself(name, data):
    kind = GIVEN[name].kind
    value = data.draw(values_of(kind))
    plain = kind.plain(value)
    if isinstance(plain, list):
        cell = ";".join(plain) or "none"
    else:
        cell = {True: "true", False: "false"}[plain] if isinstance(plain, bool) else str(plain)

    assert kind.from_text(cell) == plain


@pytest.mark.parametrize(
    ("kind", "cells"),
    [
        (YesNo(), ["True", "1", "yes"]),
        (WholeNumber(0, 999), ["06", "+6", " 6", "6.0", "1_0", "\N{ARABIC-INDIC DIGIT SIX}", "9" * 5000]),
        (ChoiceSet(OPTIONS), ["a; b", "a,b", "a;", "None", "[]", "none;a"]),
        (Choice(OPTIONS), ["A"]),
        (KINDS["date"], ["04/02/2026"]),
    ],
)
def test_a_csv_cell_that_writes_no_value_is_never_read_as_one(kind, cells):
    for cell in cells:
        assert kind.problems(kind.from_text(cell)) != [], cell


@pytest.mark.parametrize("text", ["2026-04-02", "2028-02-29"])
def test_a_day_has_one_written_form(text):
    assert day(text) == date.fromisoformat(text)
    assert day(f"{text}T00:00:00") is day(text.replace("-", "")) is None


# The constants of tests, which rule authors write


@pytest.mark.parametrize(
    ("type_name", "operator", "constant", "expected"),
    [
        ("choice", "equal_to", "b", []),
        ("choice", "equal_to", "B", [Problem("must be `a`, `b`, `c` or `d`", "did you mean `b`?")]),
        ("choice", "equal_to", ["a"], [Problem("must be `a`, `b`, `c` or `d`", "this operator takes one option, not a list")]),
        ("choice", "equal_to", True, [Problem("must be `a`, `b`, `c` or `d`")]),
        ("choice", "is_one_of", ["a", "b"], []),
        ("choice", "is_one_of", [], [Problem("must be a list with at least one option")]),
        ("choice", "is_one_of", "a", [Problem("must be a list of `a`, `b`, `c` and `d`", "write a list, also of one option")]),
        ("choice", "is_none_of", ["a", 3], [Problem("must be `a`, `b`, `c` or `d`", None, (1,))]),
        ("yes_no", "is_true", True, []),
        ("yes_no", "is_true", False, [Problem("must be `true`", "the operator says which answer is meant: `is_false` or `is_true`")]),
        ("yes_no", "is_false", False, [Problem("must be `true`", "the operator says which answer is meant: `is_false` or `is_true`")]),
        ("yes_no", "is_true", 1, [Problem("must be `true`", "the operator says which answer is meant: `is_false` or `is_true`")]),
        ("whole_number", "less_than", 20, []),
        ("whole_number", "less_than", 21, [Problem("must be a whole number from -20 to 20")]),
        ("whole_number", "less_than", True, [Problem("must be a whole number from -20 to 20")]),
        ("date", "before", "2024-02-29", []),
        ("date", "before", "2024-02-30", [Problem("must be a day from 2023-12-30 to 2024-03-02, written `YYYY-MM-DD`", "the calendar has no such day")]),
        ("date", "before", date(2024, 2, 29), [Problem("must be a day from 2023-12-30 to 2024-03-02, written `YYYY-MM-DD`")]),
        ("choice_set", "is_exactly", [], []),
        ("choice_set", "is_contained_by", [], []),
        ("choice_set", "contains_all", [], [Problem("must be a list with at least one option")]),
        ("choice_set", "contains", "a", []),
        ("choice_set", "contains", ["a"], [Problem("must be `a`, `b`, `c` or `d`", "this operator takes one option, not a list")]),
    ],
)  # fmt: skip
def test_the_constant_of_a_test_has_the_type_that_its_operator_takes(type_name, operator, constant, expected):
    assert KINDS[type_name].constant_problems(operator, constant) == expected


def test_text_has_no_operator_so_that_no_rule_can_test_it():
    assert Text().operators() == {}


@pytest.mark.parametrize(
    ("kind", "first", "last", "words"),
    [
        (WholeNumber(0, 9), 3, 3, "3"),
        (WholeNumber(0, 9), 3, 4, "3 or 4"),
        (WholeNumber(0, 9), 0, 4, "at most 4"),
        (WholeNumber(0, 9), 3, 9, "at least 3"),
        (WholeNumber(0, 9), 3, 5, "from 3 to 5"),
        (DAYS, date(2026, 4, 1), date(2026, 4, 2), "from 2026-04-01 to 2026-04-02"),
        (DAYS, DAYS.lowest, date(2026, 4, 2), "on or before 2026-04-02"),
        (DAYS, date(2026, 4, 1), DAYS.highest, "on or after 2026-04-01"),
    ],
    ids=str,
)
def test_a_range_reads_as_what_a_fact_is(kind, first, last, words):
    assert kind.range_in_words(first, last) == words


@pytest.mark.parametrize(
    ("kind", "constant", "neighbours"),
    [
        (WholeNumber(0, 9), 9, [8, 10]),
        (DAYS, "2026-04-01", ["2026-03-31", "2026-04-02"]),
        (DAYS, "0001-01-01", ["0001-01-02"]),
        (Choice(OPTIONS), "a", []),
        (YesNo(), True, []),
    ],
    ids=str,
)
def test_the_neighbours_of_a_constant_are_next_to_it_also_outside_of_the_domain(kind, constant, neighbours):
    assert list(kind.neighbours(constant)) == neighbours


@pytest.mark.parametrize(
    ("kind", "value", "words"),
    [
        (ChoiceSet(("mini_dose", "other")), ["other", "mini_dose"], "mini dose and other"),
        (ChoiceSet(("mini_dose", "other")), [], "nothing"),
        (ChoiceSet(("mini_dose", "other")), "mini_dose", "mini dose"),
        (Choice(("mini_dose", "other")), "mini_dose", "mini dose"),
        (YesNo(), False, "no"),
        (DAYS, date(2026, 4, 1), "2026-04-01"),
        (WholeNumber(0, 9), 3, "3"),
    ],
    ids=str,
)
def test_a_value_reads_in_words(kind, value, words):
    assert kind.in_words(value) == words
