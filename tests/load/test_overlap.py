from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from drawing import asks
from faults import VALID_RULES

from medpolicy.evaluate import witness
from medpolicy.evaluate.engine import StockEngine
from medpolicy.evaluate.status import Status
from medpolicy.language.request import facts_of, read_request
from medpolicy.language.revision import Revision
from medpolicy.load import RuleFile, read_rule_file
from medpolicy.load.shown import Shown

VALID = json.loads(VALID_RULES)


def with_pathways(*applies: Any) -> RuleFile:
    """The valid file with a pathway for each condition, all else equal."""
    first, *_ = VALID["pathways"]
    (criterion,) = first["criteria"]
    pathways = [
        first | {"id": f"p{place}", "applies": condition, "criteria": [criterion | {"id": f"p{place}.c"}]}
        for place, condition in enumerate(applies)
    ]
    return read_rule_file(Path("x.json"), json.dumps(VALID | {"pathways": pathways}, indent=1).encode())


def codes(file: RuleFile) -> list[str]:
    return [finding.code for finding in file.findings if finding.code not in ("unread-variable", "uncited-passage")]


@pytest.mark.parametrize(
    "applies",
    [
        (asks("total_cycles", "less_than", 5), asks("cycles_received", "greater_than", 4)),
        (asks("ph_status", "equal_to", "positive"), {"all": [asks("ph_status", "equal_to", "negative")]}),
        (asks("birth_date", "after", "2026-01-01"), asks("service_start_date", "before", "2025-01-01")),
        ({"any": [asks("disease", "equal_to", "other"), asks("lineage", "equal_to", "other")]},
         {"all": [asks("disease", "not_equal_to", "other"), asks("lineage", "equal_to", "t_cell")]}),
    ],
    ids=["a sum and its part", "a test alone and a group", "days in order", "a choice of two"],
)  # fmt: skip
def test_pathways_that_exclude_each_other_are_no_fault(applies: tuple[Any, ...]) -> None:
    assert codes(with_pathways(*applies)) == []


def test_pathways_that_can_apply_together_are_told_with_the_facts_of_such_a_request() -> None:
    file = with_pathways(
        {"any": [asks("combination_regimen", "is_exactly", []), asks("therapy_exclusion", "is_false")]},
        {"all": [asks("therapy_exclusion", "is_true"), asks("total_cycles", "equal_to", 3)]},
    )
    (finding,) = file.errors
    assert finding.message == "the pathways `p0` and `p1` can apply to one request"
    assert finding.help == (
        "both apply with combination_regimen ``, cycles_received `2`, cycles_requested `1`, therapy_exclusion `true`,"
        " total_cycles `3`"
    )
    assert finding.path == ("pathways", 1, "applies")


def test_the_request_shown_is_a_whole_one_to_which_both_pathways_apply() -> None:
    file = with_pathways(
        {"all": [asks("age_years", "less_than", 18), asks("combination_regimen", "contains", "imatinib")]},
        {"all": [asks("age_years", "greater_than", 16), asks("total_cycles", "equal_to", 3)]},
    )
    (finding,) = file.errors
    assert isinstance(finding, Shown)
    assert finding.request is not None
    assert file.vocabulary is not None
    facts = facts_of(read_request(file.vocabulary.request, dict(finding.request)))
    revision = Revision.model_validate_json(file.text or b"")
    engine = StockEngine(file.vocabulary, dict(revision.conditions()), facts)
    assert [engine.status(id) for id in ("p0", "p1")] == [Status.MET, Status.MET]


def test_each_pair_that_can_apply_together_is_told_at_its_second_pathway() -> None:
    positive, negative = (asks("ph_status", "equal_to", option) for option in ("positive", "negative"))
    file = with_pathways(positive, negative, asks("disease", "equal_to", "other"), positive)
    assert [(finding.path, finding.message.split(" can")[0]) for finding in file.errors] == [
        (("pathways", 2, "applies"), "the pathways `p0` and `p2`"),
        (("pathways", 2, "applies"), "the pathways `p1` and `p2`"),
        (("pathways", 3, "applies"), "the pathways `p0` and `p3`"),
        (("pathways", 3, "applies"), "the pathways `p2` and `p3`"),
    ]


@pytest.mark.parametrize(
    ("faulty", "code"),
    [
        (asks("ph_statsu", "equal_to", "positive"), "unknown-variable"),
        (asks("ph_status", "equal_to", "maybe"), "wrong-value"),
        ({"all": [asks("ph_status", "equal_to", "positive"), {"any": []}]}, "empty-group"),
        ({"all": [], "any": []}, "empty-group"),
        ([], "wrong-type"),
        (None, "wrong-type"),
    ],
)
def test_a_pathway_with_a_faulty_condition_is_not_compared_and_the_others_are(faulty: Any, code: str) -> None:
    positive = asks("ph_status", "equal_to", "positive")
    found = codes(with_pathways(faulty, positive, positive))
    assert code in found
    assert found.count("pathways-overlap") == 1


def test_faults_elsewhere_do_not_hide_that_pathways_can_apply_together() -> None:
    positive = asks("ph_status", "equal_to", "positive")
    file = with_pathways(positive, positive)
    text = (file.text or b"").replace(b'"effective_to": null', b'"effective_to": 5')
    assert codes(read_rule_file(Path("x.json"), text)) == ["not-a-date", "pathways-overlap"]


def test_where_the_search_gives_up_a_warning_says_so_and_the_file_is_used(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(witness, "MOST_STEPS", 1)
    file = with_pathways(asks("ph_status", "equal_to", "positive"), asks("ph_status", "equal_to", "negative"))
    (finding,) = (finding for finding in file.findings if finding.code == "overlap-not-proven")
    assert finding.severity == "warning"
    assert (
        finding.message == "whether two pathways can apply to one request is undecided: their conditions are too many"
    )
    assert finding.help == "let their `applies` differ in one plain variable"
    assert finding.path == ("pathways",)
    assert file.revision is not None


def test_where_the_tables_of_a_search_would_be_too_many_a_warning_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(witness, "MOST_ANSWERS", 1)
    file = with_pathways(asks("ph_status", "equal_to", "positive"), asks("ph_status", "equal_to", "negative"))
    assert codes(file) == ["overlap-not-proven"]
    assert file.revision is not None


def test_a_single_pathway_is_compared_with_none() -> None:
    assert codes(with_pathways(asks("ph_status", "equal_to", "positive"))) == []
