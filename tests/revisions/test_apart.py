"""What changed without changing an answer is listed, each thing once."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from medpolicy import Policy
from medpolicy.revision import Revision
from medpolicy.revisions.apart import Apart, cases_apart, changed_apart

Json = dict[str, Any]


def apart(policy: Policy, edit: Callable[[Json], object]) -> list[Apart]:
    old = policy.revisions[0]
    document = json.loads(old.model_dump_json(by_alias=True))
    edit(document)
    return list(changed_apart(old, Revision.model_validate_json(json.dumps(document)), ()))


def passage(document: Json, **changes: str) -> None:
    document["passages"]["title"] |= changes


def criterion(document: Json, **changes: object) -> None:
    document["pathways"][0]["criteria"][0] |= changes


@pytest.mark.parametrize(
    ("edit", "what", "id"),
    [
        (lambda d: d.update(title="Another"), "title", ""),
        (lambda d: d.update(effective_to="2027-12-31"), "effective to", ""),
        (lambda d: d["source"].update(status="draft"), "source, status", ""),
        (lambda d: d["informative"].pop(), "informative", ""),
        (lambda d: passage(d, says="Another."), "passage", "title"),
        (lambda d: passage(d, where="Elsewhere"), "place of the passage", "title"),
        (lambda d: passage(d, sha256="0" * 64), "original of the passage", "title"),
        (lambda d: d["passages"].pop("title"), "passage", "title"),
        (lambda d: criterion(d, cites=["frontline"]), "citation", "frontline.b_cell_precursor"),
        (lambda d: criterion(d, note="Why."), "note", "frontline.b_cell_precursor"),
        (
            lambda d: criterion(d, otherwise=[{"name": "deny", "params": {"reason": "Another."}}]),
            "text",
            "frontline.b_cell_precursor",
        ),
        (lambda d: d["pathways"][0].update(title="Another"), "title", "frontline"),
        (lambda d: d["pathways"].reverse(), "order of the rules", ""),
        (lambda d: d["invariants"].pop(), "invariant", "no_more_than_six_cycles"),
        (lambda d: d["invariants"][1].update(never="pended"), "invariant", "no_more_than_six_cycles"),
    ],
)
def test_each_change_is_listed_once(policy: Policy, edit: Callable[[Json], object], what: str, id: str) -> None:
    (found,) = apart(policy, edit)
    assert (found.what, found.id) == (what, id)


def test_a_rule_file_has_nothing_apart_from_itself(policy: Policy) -> None:
    assert apart(policy, lambda document: None) == []


def test_what_decides_is_not_listed(policy: Policy) -> None:
    assert apart(policy, lambda d: d["review_flags"][0].update(kind="note")) == []


def test_golden_cases_are_new_gone_or_changed_in_what_differs() -> None:
    old = {"a": {"shows": "A", "expected": {"decision": "denied", "missing": []}}, "b": {"shows": "B"}}
    new = {"a": {"shows": "A", "expected": {"decision": "pended", "missing": []}}, "c": {"shows": "C"}}
    assert list(cases_apart(old, new)) == [
        Apart("golden case, expected", "a", '{"decision": "denied"}', '{"decision": "pended"}'),
        Apart("golden case", "c", None, "C"),
        Apart("golden case", "b", "B", None),
    ]
    assert list(cases_apart(old, old)) == []
