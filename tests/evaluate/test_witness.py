from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from drawing import any_condition, any_test, as_model
from hypothesis import given
from hypothesis import strategies as st

from medpolicy.evaluate import witness
from medpolicy.evaluate.engine import StockEngine
from medpolicy.evaluate.status import Status
from medpolicy.evaluate.witness import Search, TooMuchWork
from medpolicy.language.condition import All, Any_, Condition, Test
from medpolicy.language.fields import WholeNumber
from medpolicy.language.request import facts_of, read_request
from medpolicy.language.vocabulary import find_vocabulary

WORDS = find_vocabulary("inotuzumab-ozogamicin")
DAYS = ["1999-12-31", "2000-02-29", "2000-03-01", "2012-02-29", "2026-04-02"]


def is_(name: str, operator: str, value: Any = True) -> Test:
    return Test(name=name, operator=operator, value=tuple(value) if isinstance(value, list) else value)


def all_(*parts: Condition) -> All:
    return All(all=parts)


def any_(*parts: Condition) -> Any_:
    return Any_(any=parts)


def found(*conditions: Condition) -> dict[str, Any] | None:
    return Search(conditions, WORDS).witness(*range(len(conditions)))


@pytest.mark.parametrize(
    "conditions",
    [
        (is_("ph_status", "equal_to", "positive"), is_("ph_status", "equal_to", "negative")),
        (is_("ph_status", "equal_to", "positive"), is_("ph_status", "not_equal_to", "positive")),
        (is_("combination_regimen", "is_exactly", []), is_("combination_regimen", "contains", "imatinib")),
        (is_("total_cycles", "less_than", 6), is_("cycles_received", "greater_than_or_equal_to", 5)),
        (is_("total_cycles", "greater_than", 6), is_("cycles_received", "less_than", 3), is_("cycles_requested", "less_than", 5)),
        (is_("total_cycles", "equal_to", 1), is_("cycles_requested", "greater_than", 1)),
        (is_("birth_date", "after", "2026-04-02"), is_("service_start_date", "before", "2026-04-02")),
        (is_("age_years", "less_than", 18), is_("birth_date", "before", "2000-01-01"), is_("service_start_date", "after", "2020-01-01")),
        (is_("age_years", "equal_to", 1), is_("birth_date", "equal_to", "2024-02-29"), is_("service_start_date", "equal_to", "2025-02-28")),
        (is_("age_years", "greater_than", 126), is_("birth_date", "after", "2100-01-01")),
        (all_(is_("disease", "equal_to", "other"), any_(is_("ph_status", "equal_to", "positive"), is_("disease", "not_equal_to", "other"))),
         is_("ph_status", "equal_to", "negative")),
    ],
    ids=["options", "an option and its opposite", "sets", "a sum and one part, the other unread", "a sum above both parts", "a sum below one part",
         "birth after service", "an adult and a child", "a leap day", "an age from one day alone", "groups"],
)  # fmt: skip
def test_conditions_that_no_request_meets_together_have_no_witness(conditions: tuple[Condition, ...]) -> None:
    assert found(*conditions) is None


@pytest.mark.parametrize(
    ("conditions", "facts"),
    [
        ((is_("request_type", "equal_to", "initial"), is_("ph_status", "equal_to", "negative")), {"request_type": "initial", "ph_status": "negative"}),
        ((is_("total_cycles", "less_than_or_equal_to", 6), is_("cycles_received", "equal_to", 5)), {"total_cycles": 6, "cycles_received": 5, "cycles_requested": 1}),
        ((is_("total_cycles", "equal_to", 100), is_("cycles_received", "less_than", 10)), {"total_cycles": 100, "cycles_received": 9, "cycles_requested": 91}),
        ((is_("birth_date", "on_or_after", "2026-04-02"), is_("service_start_date", "on_or_before", "2026-04-02")), {"birth_date": date(2026, 4, 2), "service_start_date": date(2026, 4, 2)}),
        ((is_("age_years", "equal_to", 1), is_("birth_date", "equal_to", "2024-02-29"), is_("service_start_date", "before", "2025-03-02")),
         {"age_years": 1, "birth_date": date(2024, 2, 29), "service_start_date": date(2025, 3, 1)}),
        ((is_("combination_regimen", "contains_all", ["imatinib", "other"]), is_("combination_regimen", "does_not_contain", "dasatinib")),
         {"combination_regimen": frozenset({"imatinib", "other"})}),
    ],
)  # fmt: skip
def test_the_witness_is_one_request_of_which_the_sums_are_right(
    conditions: tuple[Condition, ...], facts: dict[str, Any]
) -> None:
    assert found(*conditions) == facts


NAMES = ["disease", "ph_status", "combination_regimen", "therapy_exclusion", "cycles_received", "cycles_requested"]
NAMES += ["total_cycles", "birth_date", "service_start_date", "age_years"]
NUMBERS = {name: range(1, 28) for name in NAMES if isinstance(WORDS.variables[name].kind, WholeNumber)}
CONSTANTS = NUMBERS | dict.fromkeys(("birth_date", "service_start_date"), DAYS)
CONDITIONS = any_condition(any_test(NAMES, WORDS, CONSTANTS), most=5).map(as_model)


def statuses(conditions: list[Condition], record: dict[str, Any]) -> tuple[dict[str, Any], list[Status]]:
    required = {"request_id": "x", "request_type": "initial", "service_start_date": date(2199, 12, 31)}
    request = facts_of(read_request(WORDS.request, required | record))
    engine = StockEngine(WORDS, {}, request)
    return request, [engine.evaluate(condition) for condition in conditions]


def some_request(data: st.DataObject) -> dict[str, Any]:
    days = st.sampled_from([date.fromisoformat(day) for day in DAYS])
    options = st.sampled_from(["mini_hyper_cvd", "blinatumomab", "imatinib", "dasatinib"])
    birth = data.draw(days)
    return {
        "disease": data.draw(st.sampled_from(["acute_lymphoblastic_leukemia", "lymphoblastic_lymphoma", "other"])),
        "ph_status": data.draw(st.sampled_from(["positive", "negative"])),
        "combination_regimen": data.draw(st.frozensets(options, max_size=3)),
        "therapy_exclusion": data.draw(st.booleans()),
        "cycles_received": data.draw(st.integers(0, 28)),
        "cycles_requested": data.draw(st.integers(1, 28)),
        "birth_date": birth,
        "service_start_date": data.draw(days.filter(lambda day: day >= birth)),
    }


@given(st.lists(CONDITIONS, min_size=1, max_size=3), st.data())
def test_a_witness_meets_every_condition_and_without_one_no_request_does(
    conditions: list[Condition], data: st.DataObject
) -> None:
    facts = found(*conditions)
    if facts is None:
        _, met = statuses(conditions, some_request(data))
        assert set(met) != {Status.MET}
    else:
        given = {name: value for name, value in facts.items() if WORDS.variables[name].derived is None}
        request, met = statuses(conditions, given)
        assert set(met) == {Status.MET}
        assert {name: request[name] for name in facts} == facts


def test_a_search_that_would_take_too_long_gives_up(monkeypatch: pytest.MonkeyPatch) -> None:
    conditions = (is_("ph_status", "equal_to", "positive"), is_("disease", "equal_to", "other"))
    monkeypatch.setattr(witness, "MOST_STEPS", 5)
    with pytest.raises(TooMuchWork):
        found(*conditions)


def test_a_search_whose_tables_would_take_too_long_gives_up_before_it_begins(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(witness, "MOST_ANSWERS", 2 * 512 - 1)
    sets = [is_("combination_regimen", "contains", option) for option in ("imatinib", "other")]
    with pytest.raises(TooMuchWork):
        Search(sets, WORDS)
    Search(sets[:1], WORDS)


def test_all_questions_to_a_search_share_its_steps(monkeypatch: pytest.MonkeyPatch) -> None:
    search = Search([is_("ph_status", "equal_to", "positive"), is_("disease", "equal_to", "other")], WORDS)
    assert search.witness(0, 1) is not None
    monkeypatch.setattr(search, "_remaining", 5)
    with pytest.raises(TooMuchWork):
        search.witness(0, 1)
