from __future__ import annotations

from time import monotonic

import pytest

from check.faulty import AS_SHIPPED, file_of, logic
from medpolicy.check import checked


def test_the_shipped_rules_have_one_finding_for_information() -> None:
    (only,) = logic().findings
    assert (only.severity, only.message) == ("info", *AS_SHIPPED)


def test_every_invariant_of_the_shipped_rules_is_proven_in_three_seconds() -> None:
    begun = monotonic()
    proofs = checked(file_of()).proofs
    assert monotonic() - begun < 3
    assert [(proof.id, proof.verdict) for proof in proofs] == [
        ("exactly-one-decision", "proven"),
        ("no-approval-with-a-not-met-criterion", "proven"),
        ("no-denial-without-a-reason", "proven"),
        ("a-missing-fact-never-helps", "proven"),
        ("more-cycles-never-help", "proven"),
        ("no_initial_tki_in_ph_negative_disease", "proven"),
        ("no_more_than_six_cycles", "proven"),
    ]


def test_findings_come_in_the_order_of_the_file() -> None:
    def last_and_first(document: dict) -> None:  # type: ignore[type-arg]
        for place in (0, 2):
            criterion = document["pathways"][place]["criteria"][0]
            criterion["conditions"] = {
                "name": "request_type",
                "operator": "is_one_of",
                "value": ["initial", "continuation"],
            }

    lines = [finding.line for finding in logic(last_and_first).findings]
    assert lines == sorted(line for line in lines if line is not None)
    assert len(lines) == 3


@pytest.mark.parametrize("limit", [0.0])
def test_without_time_nothing_is_claimed(limit: float) -> None:
    found = checked(file_of(), limit)
    assert {finding.code for finding in found.findings} == {"not-proven"}
    assert {finding.severity for finding in found.findings} == {"warning"}
    assert any(finding.message.endswith("questions like this one are undecided") for finding in found.findings)
    assert {proof.verdict for proof in found.proofs} == {"not proven"}
