from __future__ import annotations

from drawing import asks

from check.faulty import of, with_condition

CODE = "criterion-never-met"
ID = "frontline.ph_negative"
NEGATIVE, POSITIVE = (asks("ph_status", "equal_to", option) for option in ("negative", "positive"))


def test_tests_that_rule_each_other_out_are_told() -> None:
    (found,) = of(CODE, with_condition(ID, {"all": [NEGATIVE, POSITIVE]}))
    assert found.severity == "error"
    assert found.message == f"the criterion `{ID}` can never be met where `frontline` applies"
    assert found.json_path == "$.pathways[0].criteria[2].conditions"


def test_one_of_them_is_enough() -> None:
    assert of(CODE, with_condition(ID, {"any": [NEGATIVE, POSITIVE]})) == []


def test_a_criterion_against_its_own_pathway_is_told() -> None:
    assert len(of(CODE, with_condition(ID, asks("request_type", "equal_to", "continuation")))) == 1
    assert len(of(CODE, with_condition(ID, asks("disease", "equal_to", "lymphoblastic_lymphoma")))) == 0


def test_only_days_of_the_revision_count() -> None:
    assert len(of(CODE, with_condition(ID, asks("service_start_date", "before", "2026-04-02")))) == 1
    assert len(of(CODE, with_condition(ID, asks("service_start_date", "on_or_before", "2026-04-02")))) == 0


def test_sums_are_exact() -> None:
    def cap(total: int) -> dict:  # type: ignore[type-arg]
        tests = [asks("total_cycles", "less_than_or_equal_to", total), asks("cycles_received", "equal_to", 6)]
        return {"all": tests}

    assert len(of(CODE, with_condition(ID, cap(6)))) == 1
    assert len(of(CODE, with_condition(ID, cap(7)))) == 0
