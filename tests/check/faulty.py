"""The shipped rule file with slips, and what is found in it."""

from __future__ import annotations

import json
from collections.abc import Callable
from copy import deepcopy
from pathlib import Path
from typing import Any

from project import RULE_FILE

from medpolicy.check import Logic, Shown, checked
from medpolicy.load import RuleFile, read_rule_file
from medpolicy.policy import policy_of
from medpolicy.text.findings import Finding

Json = dict[str, Any]
Edit = Callable[[Json], None]

SHIPPED = json.loads(RULE_FILE.read_bytes())


def part(document: Json, id: str) -> Json:
    """The pathway, criterion, flag or invariant with an id."""
    every = [*document["pathways"], *document["review_flags"], *document["invariants"]]
    every += [criterion for pathway in document["pathways"] for criterion in pathway["criteria"]]
    return next(item for item in every if item["id"] == id)


def with_condition(id: str, condition: Json, key: str = "conditions") -> Edit:
    """The edit that gives a part another condition."""

    def edit(document: Json) -> None:
        part(document, id)[key] = condition

    return edit


def with_criterion(pathway: str, id: str, condition: Json) -> Edit:
    """The edit that adds a criterion at the end of a pathway."""

    def edit(document: Json) -> None:
        criteria = part(document, pathway)["criteria"]
        criteria.append({**deepcopy(criteria[-1]), "id": id, "conditions": condition})

    return edit


def file_of(*edits: Edit, name: str = "x.json") -> RuleFile:
    """The shipped rule file with edits; it has no error."""
    document = deepcopy(SHIPPED)
    for edit in edits:
        edit(document)
    file = read_rule_file(Path(name), json.dumps(document, indent=2).encode())
    assert file.revision is not None, file.findings
    return file


def logic(*edits: Edit) -> Logic:
    """What is found in the shipped rule file with edits; every request shown gets the decision that is shown with it."""
    file = file_of(*edits)
    found = checked(file)
    confirm(file, found.findings)
    return found


def confirm(file: RuleFile, findings: tuple[Finding, ...]) -> None:
    assert file.vocabulary is not None
    policy = policy_of(file.vocabulary, [file])
    for finding in findings:
        assert isinstance(finding, Shown)
        assert finding.request is not None, f"{finding} shows no request"
        for engine in ("tables", "business-rules"):
            assert policy.decide(finding.request, engine=engine).decision == finding.decision
            if finding.other_request is not None:
                assert policy.decide(finding.other_request, engine=engine).decision == finding.other_decision


def of(code: str, *edits: Edit) -> list[Finding]:
    """The findings of one code in the shipped rule file with edits, but those that it has without them."""
    return [finding for finding in logic(*edits).findings if finding.code == code and finding.message not in AS_SHIPPED]


AS_SHIPPED = {
    "the criterion `relapsed_refractory.ph_status_known` can never fail; it only demands that `ph_status` be known"
}


def verdict(id: str, *edits: Edit) -> str:
    """What became of one invariant."""
    return next(proof.verdict for proof in logic(*edits).proofs if proof.id == id)
