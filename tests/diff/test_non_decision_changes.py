"""What changed without changing an answer is listed, each thing once."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import suppress
from copy import deepcopy
from typing import Any

import pytest
from pydantic import ValidationError

from medpolicy import Policy
from medpolicy.diff.compare import compare
from medpolicy.diff.non_decision_changes import NonDecisionChange, golden_case_changes, non_decision_changes
from medpolicy.diff.parts import changed_parts
from medpolicy.language.revision import Revision

Json = dict[str, Any]


def other_changes(policy: Policy, edit: Callable[[Json], object]) -> list[NonDecisionChange]:
    old = policy.revisions[0]
    document = json.loads(old.model_dump_json(by_alias=True))
    edit(document)
    return list(non_decision_changes(old, Revision.model_validate_json(json.dumps(document)), ()))


def passage(document: Json, **changes: str) -> None:
    document["passages"]["title"] |= changes


def criterion(document: Json, **changes: object) -> None:
    document["pathways"][0]["criteria"][0] |= changes


def regimen(document: Json) -> Json:
    found: Json = document["pathways"][1]["criteria"][3]
    return found


@pytest.mark.parametrize(
    ("edit", "what", "id"),
    [
        (lambda d: d.update(title="Another"), "title", ""),
        (lambda d: d.update(effective_to="2027-12-31"), "days in effect", ""),
        (lambda d: d.update(effective_from="2027-01-01"), "days in effect", ""),
        (
            lambda d: d["not_in_effect"].update(id="another"),
            "id of what is said where no revision is in effect",
            "",
        ),
        (lambda d: d["source"].update(status="draft"), "source, status", ""),
        (lambda d: d["informative"].pop(), "informative", ""),
        (lambda d: passage(d, says="Another."), "passage", "title"),
        (lambda d: passage(d, where="Elsewhere"), "place of the passage", "title"),
        (lambda d: passage(d, sha256="0" * 64), "original of the passage", "title"),
        (lambda d: d["passages"].pop("title"), "passage", "title"),
        (lambda d: criterion(d, cites=["frontline"]), "citation", "frontline.b_cell_precursor"),
        (lambda d: criterion(d, note="Why."), "note", "frontline.b_cell_precursor"),
        (lambda d: regimen(d)["conditions"]["any"][1].update(note="Why."), "note", "relapsed_refractory.regimen"),
        (lambda d: regimen(d)["otherwise"][0].update(note="Why."), "note", "relapsed_refractory.regimen"),
        (lambda d: d["pathways"][0]["applies"].update(note="Why."), "note", "frontline"),
        (lambda d: d["unlisted"]["actions"][0].update(note="Why."), "note", "indication_not_listed"),
        (lambda d: d["unlisted"]["actions"][0]["params"].update(reason="No."), "text", "indication_not_listed"),
        (
            lambda d: criterion(d, otherwise=[{"name": "deny", "params": {"reason": "Another."}}]),
            "text",
            "frontline.b_cell_precursor",
        ),
        (lambda d: d["pathways"][0].update(title="Another"), "title", "frontline"),
        (lambda d: d["pathways"].reverse(), "order of the rules", ""),
        (lambda d: d["invariants"].reverse(), "order of the rules", ""),
        (lambda d: d["invariants"].pop(), "invariant", "no_more_than_six_cycles"),
        (lambda d: d["invariants"][1].update(never="pended"), "invariant", "no_more_than_six_cycles"),
    ],
)
def test_each_change_is_listed_once(policy: Policy, edit: Callable[[Json], object], what: str, id: str) -> None:
    (found,) = other_changes(policy, edit)
    assert (found.what, found.id) == (what, id)


def test_a_rule_file_has_nothing_apart_from_itself(policy: Policy) -> None:
    assert other_changes(policy, lambda document: None) == []


def test_what_decides_is_not_listed(policy: Policy) -> None:
    assert other_changes(policy, lambda d: d["review_flags"][0].update(kind="note")) == []


def test_nothing_but_the_schema_changes_without_a_word(policy: Policy) -> None:
    """Every text, number, list and note of the file, one after another: each change is a part that decides, or is listed."""
    old = policy.revisions[0]
    document = json.loads(old.model_dump_json(by_alias=True))
    silent = []
    for place in places(document):
        edited = deepcopy(document)
        change(edited, place)
        with suppress(ValidationError):
            new = Revision.model_validate_json(json.dumps(edited))
            if edited != document and not (list(non_decision_changes(old, new, ())) or changed_parts(old, new)):
                silent.append(place)
    checked_elsewhere = [place for place in silent if place[-3:-1] in (("actions", 0), ("otherwise", 0))]
    assert [place for place in silent if place not in checked_elsewhere] == [("$schema",), ("policy",)]
    assert {place[-1] for place in checked_elsewhere} == {"name"}


def places(value: Any, way: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    for key, part in value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ():
        yield (*way, key)
        yield from places(part, (*way, key))


def change(document: Json, place: tuple[Any, ...]) -> None:
    holder: Any = document
    for step in place[:-1]:
        holder = holder[step]
    value = holder[place[-1]]
    if isinstance(value, list):
        holder[place[-1]] = value[1:]
    elif value is None or isinstance(value, str):
        holder[place[-1]] = "0" * 64 if place[-1] == "sha256" else f"z{value}"
    elif isinstance(value, int):
        holder[place[-1]] = value + 1 if not isinstance(value, bool) else not value


def test_a_rule_that_shows_in_no_answer_is_listed(policy: Policy) -> None:
    """An age cannot be above and below 12: the note is never seen, and the cap beside it is."""
    old = policy.revisions[0]
    document = json.loads(old.model_dump_json(by_alias=True))
    tests = [{"name": "age_years", "operator": operator, "value": 12} for operator in ("less_than", "greater_than")]
    document["review_flags"].append(document["review_flags"][6] | {"id": "idle", "conditions": {"all": tests}})
    document["pathways"][0]["criteria"][4]["conditions"]["all"][0]["value"] = 7
    found = compare(policy.vocabulary, old, Revision.model_validate_json(json.dumps(document)))
    assert [part.id for part in found.parts] == ["frontline.cycle_cap", "idle"]
    assert [part.id for part in found.idle] == ["idle"]


def test_golden_cases_are_new_gone_or_changed_in_what_differs() -> None:
    old = {"a": {"shows": "A", "expected": {"decision": "denied", "missing": []}}, "b": {"shows": "B"}}
    new = {"a": {"shows": "A", "expected": {"decision": "pended", "missing": []}}, "c": {"shows": "C"}}
    assert list(golden_case_changes(old, new)) == [
        NonDecisionChange("golden case, expected", "a", '{"decision": "denied"}', '{"decision": "pended"}'),
        NonDecisionChange("golden case", "c", None, "C"),
        NonDecisionChange("golden case", "b", "B", None),
    ]
    assert list(golden_case_changes(old, old)) == []
