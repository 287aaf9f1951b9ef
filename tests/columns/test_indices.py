"""Values in columns have their index in a domain of any bounds, whatever integer or date type holds them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Annotated, Any, ClassVar, Literal

import numpy as np
import pyarrow as pa
import pytest
from medpolicy.actions.coverage import CoverageActions
from pydantic import Field
from small import DrugRequest

from medpolicy import load_policy
from medpolicy.columns.indices import index_column
from medpolicy.evaluate.status import Status
from medpolicy.evaluate.tables import tables
from medpolicy.language.condition import Test
from medpolicy.language.fields import ChoiceSet, Day, Derived, WholeNumber
from medpolicy.language.forms import EARLIEST, LATEST, Set
from medpolicy.language.request import Fact, Variable, variables_of
from medpolicy.language.vocabulary import Vocabulary

VARIABLES = load_policy("inotuzumab-ozogamicin").vocabulary.variables
FACT = Fact("Fact", "Which?", "the request")
INTEGERS = [pa.int8(), pa.int16(), pa.int32(), pa.int64(), pa.uint8(), pa.uint16(), pa.uint32(), pa.uint64()]


def a_number(lowest: int, highest: int) -> Variable:
    return Variable("x", WholeNumber(lowest, highest), FACT)


def a_day() -> Variable:
    return Variable("x", Day(EARLIEST, LATEST), FACT)


@pytest.mark.parametrize("type_", INTEGERS, ids=str)
@pytest.mark.parametrize("bounds", [(0, 999), (-5, 5), (300, 70_000), (-1000, -1), (0, 1 << 40)], ids=str)
def test_a_whole_number_has_its_index_in_every_integer_type(type_: pa.DataType, bounds: tuple[int, int]) -> None:
    variable = a_number(*bounds)
    bits, signed = type_.bit_width, str(type_).startswith("int")
    ends = (-(1 << bits - 1), (1 << bits - 1) - 1) if signed else (0, (1 << bits) - 1)
    values = [each for each in {*ends, *bounds, bounds[0] - 1, bounds[1] + 1, 0, 1} if ends[0] <= each <= ends[1]]
    indexed = index_column(variable, pa.array([*values, None], type_))
    faulty = np.zeros(len(values) + 1, dtype=bool) if indexed.faulty is None else indexed.faulty
    assert faulty.tolist() == [not bounds[0] <= each <= bounds[1] for each in values] + [False]
    assert indexed.indices[-1] == variable.kind.size
    for value, index, wrong in zip(values, indexed.indices.tolist(), faulty.tolist(), strict=False):
        assert wrong or index == variable.kind.index(value)


@pytest.mark.parametrize("milliseconds", [-86_400_001, -86_400_000, -1, 0, 1, 86_399_999, 86_400_000])
def test_a_day_in_milliseconds_is_the_day_whatever_its_time(milliseconds: int) -> None:
    column = pa.array([milliseconds, None], pa.int64()).view(pa.date64())
    indexed = index_column(a_day(), column)
    assert indexed.indices.tolist() == [a_day().kind.index(column[0].as_py()), a_day().kind.size]


@pytest.mark.parametrize("days", [2**31 - 1, -(2**31), 84_006 + 1, -25_567 - 1])
def test_a_day_that_no_calendar_of_ours_has_is_a_fault(days: int) -> None:
    indexed = index_column(a_day(), pa.array([days, 0], pa.int32()).view(pa.date32()))
    assert indexed.faulty is not None
    assert indexed.faulty.tolist() == [True, False]


SIXTEEN = Literal["a", "b", "c", "d", "e", "f", "g", "h", "i", "j", "k", "l", "m", "n", "o", "p"]


class SixteenRequest(DrugRequest):
    kind: Annotated[Literal["x"], FACT]
    parts: Annotated[Annotated[frozenset[SIXTEEN], Set] | None, FACT] = None
    cycles_requested: Annotated[int | None, Field(ge=1, le=9), FACT] = None
    derived: ClassVar[Mapping[str, Any]] = {}


def test_a_set_variable_may_have_sixteen_options() -> None:
    vocabulary = Vocabulary("sixteen", SixteenRequest, CoverageActions, Path())
    contains = Test(name="parts", operator="contains", value="p")
    exactly = Test(name="parts", operator="is_exactly", value=("a", "p"))
    table = tables([contains, exactly], vocabulary)["parts"]
    assert sum(len(each.members) for each in table.classes) == 1 << 16
    assert len(table.classes) == 3
    both = table.code(frozenset("ap"))
    assert (table.statuses(contains)[both], table.statuses(exactly)[both]) == (Status.MET, Status.MET)
    every = frozenset("abcdefghijklmnop")
    assert table.statuses(exactly)[table.code(every)] is Status.NOT_MET
    column = pa.array([[], list("ap"), sorted(every), None, ["q"]])
    indexed = index_column(vocabulary.variables["parts"], column)
    assert indexed.indices.tolist()[:4] == [0, 1 + (1 << 15), (1 << 16) - 1, 1 << 16]
    assert indexed.faulty is not None
    assert indexed.faulty.tolist() == [False, False, False, False, True]


def test_a_set_variable_of_seventeen_options_is_refused_with_a_message_that_counts_them() -> None:
    class SeventeenRequest(DrugRequest):
        parts: Annotated[Annotated[frozenset[Literal[SIXTEEN, "q"]], Set] | None, FACT] = None

    message = "a set variable has up to 16 options; this one has 17"
    with pytest.raises(ValueError, match=message):
        ChoiceSet(tuple("abcdefghijklmnopq"))
    with pytest.raises(ValueError, match=message):
        variables_of(SeventeenRequest)


def test_days_of_the_domain_are_counted_from_its_first_day_on() -> None:
    indexed = index_column(a_day(), pa.array([EARLIEST, LATEST, date(2026, 4, 2)]))
    assert indexed.indices.tolist() == [0, (LATEST - EARLIEST).days, (date(2026, 4, 2) - EARLIEST).days]


@pytest.mark.parametrize("name", ["total_cycles", "age_years"])
def test_the_column_form_of_a_derived_variable_is_its_value_row_by_row(name: str) -> None:
    variables = load_policy("inotuzumab-ozogamicin").vocabulary.variables
    kinds = {known: variable.kind for known, variable in variables.items()}
    derived = variables[name].derived
    assert derived is not None
    first, second = (kinds[part] for part in derived.parts)
    random = np.random.default_rng(29)
    lefts, rights = (random.integers(0, kind.size, 20_000) for kind in (first, second))
    expected = [
        derived.value(first.value(left), second.value(right)) - kinds[name].lowest
        for left, right in zip(lefts.tolist(), rights.tolist(), strict=True)
    ]
    assert derived.column(np, kinds, lefts, rights).tolist() == expected
    assert Derived.column(derived, np, kinds, lefts, rights).tolist() == expected


SLICED: dict[str, tuple[str, pa.Array]] = {
    "yes/no": ("cd22_test_submitted", pa.array([True, None, False, True] * 5)),
    "yes/no without a default": ("disease_progression", pa.array([True, None, False, None] * 5)),
    "numbers": ("cycles_received", pa.array([0, 999, None, 1000, -1] * 4)),
    "narrow numbers": ("cycles_received", pa.array([0, 99, None, 7, -1] * 4, pa.int8())),
    "days": ("birth_date", pa.array([date(1900, 1, 1), None, date(2199, 12, 31), date(1899, 1, 1)] * 5)),
    "words": ("ph_status", pa.array(["positive", None, "negative", "other"] * 5)),
    "coded words": ("ph_status", pa.array(["positive", None, "negative", "other"] * 5).dictionary_encode()),
    "lists": ("combination_regimen", pa.array([["imatinib"], None, [], ["imatinib", "no such"]] * 5)),
}


@pytest.mark.parametrize(("name", "column"), SLICED.values(), ids=SLICED)
@pytest.mark.parametrize(("first", "count"), [(0, 20), (1, 19), (3, 6), (7, 9), (8, 1), (9, 11), (20, 0)])
def test_some_rows_of_a_column_have_the_indices_of_their_values(
    name: str, column: pa.Array, first: int, count: int
) -> None:
    variable = VARIABLES[name]
    whole, some = index_column(variable, column), index_column(variable, column.slice(first, count))
    assert some.indices.tolist() == whole.indices[first : first + count].tolist()
    faulty = np.zeros(len(column), dtype=np.bool_) if whole.faulty is None else whole.faulty
    found = np.zeros(count, dtype=np.bool_) if some.faulty is None else some.faulty
    assert found.tolist() == faulty[first : first + count].tolist()
    for index, value, wrong in zip(whole.indices.tolist(), column.to_pylist(), faulty.tolist(), strict=True):
        value = frozenset(value) if isinstance(value, list) else value
        assert wrong is (value is not None and bool(variable.kind.problems(value)))
        if not wrong:
            value = variable.default if value is None else value
            assert index == (variable.kind.size if value is None else variable.kind.index(value))
