from __future__ import annotations

from drawing import asks

from check.faulty import of, with_condition

CODE = "invariant-never-applies"
ID = "no_more_than_six_cycles"


def test_an_invariant_that_says_nothing_is_told() -> None:
    (found,) = of(CODE, with_condition(ID, asks("total_cycles", "less_than", 1), "when"))
    assert (found.severity, found.json_path) == ("warning", "$.invariants[1].when")
    assert found.message == f"the invariant `{ID}` says nothing: no request meets its condition"


def test_an_invariant_about_few_requests_is_not() -> None:
    assert of(CODE, with_condition(ID, asks("total_cycles", "greater_than", 1997), "when")) == []
