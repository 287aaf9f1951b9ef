from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from medpolicy import Policy
from medpolicy.language.condition import All, Any_, Test
from medpolicy.language.fields import FactType
from medpolicy.show.wording import condition_lines, test_in_words, value_in_words

test_in_words.__test__ = False  # type: ignore[attr-defined]

PH = Test(name="ph_status", operator="equal_to", value="positive")
CAP = Test(name="total_cycles", operator="less_than_or_equal_to", value=6)


def types_of(kind: type[FactType]) -> list[type[FactType]]:
    return [found for sub in kind.__subclasses__() for found in (sub, *types_of(sub))]


def names_of(kind: type[FactType]) -> list[str]:
    return [operator["name"] for operator in kind.get_all_operators()]


def phrase_of(kind: type[FactType], operator: str) -> str | None:
    """The phrase that an operator declares, as opposed to one made from its name."""
    phrase: str | None = getattr(kind, operator).phrase
    return phrase


def test_every_operator_of_every_type_has_a_phrase() -> None:
    types = [kind for kind in types_of(FactType) if kind.__module__.startswith("medpolicy.")]
    phrases = {kind.name: {name: phrase_of(kind, name) for name in names_of(kind)} for kind in types}
    assert {name: of_type for name, of_type in phrases.items() if None in of_type.values()} == {}
    assert {name for name, of_type in phrases.items() if of_type} == {
        "choice",
        "choice_set",
        "date",
        "whole_number",
        "yes_no",
    }


REGIMEN = "combination_regimen"


@pytest.mark.parametrize(
    ("name", "operator", "value", "words"),
    [
        ("ph_status", "equal_to", "negative", "Philadelphia chromosome is negative"),
        ("ph_status", "not_equal_to", "negative", "Philadelphia chromosome is not negative"),
        ("disease", "is_one_of", ("other",), "Disease is other"),
        (
            "lineage",
            "is_one_of",
            ("t_cell", "other", "b_cell_precursor"),
            "Lineage is t cell, other or b cell precursor",
        ),
        ("lineage", "is_none_of", ("t_cell", "other"), "Lineage is not t cell or other"),
        ("therapy_exclusion", "is_true", True, "Exclusion to the therapy: yes"),
        ("therapy_exclusion", "is_false", True, "Exclusion to the therapy: no"),
        ("total_cycles", "less_than_or_equal_to", 6, "Total cycles is at most 6"),
        ("total_cycles", "greater_than_or_equal_to", 6, "Total cycles is at least 6"),
        ("total_cycles", "less_than", 6, "Total cycles is less than 6"),
        ("total_cycles", "greater_than", 6, "Total cycles is more than 6"),
        ("age_years", "equal_to", 1, "Age is 1 completed year"),
        ("age_years", "not_equal_to", 2, "Age is not 2 completed years"),
        ("birth_date", "on_or_before", "2020-01-01", "Date of birth is on or before 2020-01-01"),
        (REGIMEN, "is_exactly", (), "Given together with: nothing"),
        (REGIMEN, "is_exactly", ("other_tki",), "Given together with: exactly other tki"),
        (REGIMEN, "is_exactly", ("imatinib", "other_tki"), "Given together with: exactly imatinib and other tki"),
        (REGIMEN, "contains", "imatinib", "Given together with: includes imatinib"),
        (REGIMEN, "does_not_contain", "imatinib", "Given together with: does not include imatinib"),
        (REGIMEN, "is_contained_by", (), "Given together with: nothing"),
        (REGIMEN, "is_contained_by", ("a", "other"), "Given together with: nothing besides a or other"),
        (
            REGIMEN,
            "shares_exactly_one_element_with",
            ("a", "b"),
            "Given together with: includes exactly one of a and b",
        ),
    ],
)
def test_a_test_reads_as_words(policy: Policy, name: str, operator: str, value: Any, words: str) -> None:
    assert test_in_words(Test(name=name, operator=operator, value=value), policy.vocabulary) == words


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("ph_status", None, "missing"),
        ("combination_regimen", None, "missing"),
        ("combination_regimen", frozenset(), "nothing"),
        ("combination_regimen", frozenset({"other", "imatinib"}), "imatinib and other"),
        ("combination_regimen", ["imatinib"], "imatinib"),
        ("lineage", "b_cell_precursor", "b cell precursor"),
        ("therapy_exclusion", True, "yes"),
        ("therapy_exclusion", False, "no"),
        ("cycles_received", 0, "0"),
        ("age_years", 1, "1 completed year"),
        ("age_years", 0, "0 completed years"),
        ("birth_date", date(2020, 1, 31), "2020-01-31"),
        ("birth_date", "2020-01-31", "2020-01-31"),
        ("request_id", "PA_1", "PA_1"),
    ],
)
def test_a_value_reads_as_words(policy: Policy, name: str, value: Any, words: str) -> None:
    assert value_in_words(policy.vocabulary.variables[name], value) == words


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("total_cycles", 6, "Total cycles is far from 6"),
        ("lineage", ("t_cell", "other"), "Lineage is far from t cell and other"),
        ("lineage", (), "Lineage is far from nothing"),
    ],
)
def test_an_operator_without_a_phrase_reads_as_it_is_named(policy: Policy, name: str, value: Any, words: str) -> None:
    assert test_in_words(Test(name=name, operator="is_far_from", value=value), policy.vocabulary) == words


def test_a_group_of_one_part_reads_as_that_part(policy: Policy) -> None:
    assert list(condition_lines(All(all=(Any_(any=(PH,)),)), policy.vocabulary)) == [
        (0, "Philadelphia chromosome is positive")
    ]


def test_the_parts_of_a_group_are_indented_below_it(policy: Policy) -> None:
    condition = All(all=(CAP, Any_(any=(PH, CAP))))
    assert list(condition_lines(condition, policy.vocabulary)) == [
        (0, "all of:"),
        (1, "Total cycles is at most 6"),
        (1, "any of:"),
        (2, "Philadelphia chromosome is positive"),
        (2, "Total cycles is at most 6"),
    ]
