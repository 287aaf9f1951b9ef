from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from project import EXAMPLES

from medpolicy import Determination, Policy
from medpolicy.show.render import ASCII_MARKS, RECOMMENDATION, readable
from medpolicy.testing import requests


def answer(policy: Policy, example: str, width: int = 80, **changes: Any) -> str:
    record = json.loads((EXAMPLES / f"{example}.json").read_bytes()) | changes
    return readable_answer(policy, policy.decide(record), width)


def readable_answer(policy: Policy, determination: Determination, width: int = 80) -> str:
    id = determination.revision
    return readable(determination, policy.vocabulary, None if id is None else policy.revision(id), width)


def test_a_denial_is_a_recommendation_with_its_reasons(policy: Policy) -> None:
    text = answer(policy, "denied-frontline-over-six-cycles", 100)
    assert text.startswith(
        "DENIED: request PA-1005\n"
        "Policy: Inotuzumab Ozogamicin (Besponsa), revision 2026-04-02\n"
        "Pathway: Frontline therapy (induction or consolidation)\n"
        "\n"
        f"{RECOMMENDATION}\n"
        "\n"
        "Reasons for the denial\n"
        "  1. The policy allows 6 treatment cycles at the most; the cycles received and the cycles requested\n"
        "     come to more than 6.\n"
        "     Where: Coverage criteria, frontline, item 5; relapsed or refractory, item 5\n"
        "     Rule:  frontline.cycle_cap\n"
    )
    assert (
        "  \u2717 The member gets 6 cycles of the drug at the most.\n"
        "    Asks for: Total cycles is at most 6\n"
        "    Observed: Total cycles: 7 (Cycles received: 4; Cycles requested: 3)\n"
        "    Where:    Coverage criteria, frontline, item 5; relapsed or refractory, item 5\n"
        "    Rule:     frontline.cycle_cap\n"
    ) in text


def test_where_no_pathway_applies_each_is_shown_with_what_was_observed(policy: Policy) -> None:
    text = answer(policy, "denied-indication-not-listed")
    assert (
        "No pathway of the policy applies\n"
        "  Frontline therapy (induction or consolidation), which applies to:\n"
        "    - all of:\n"
        "      - Type of request is initial\n"
        "      - Disease is acute lymphoblastic leukemia or lymphoblastic lymphoma\n"
        "      - Setting is frontline induction or frontline consolidation\n"
        "    Observed: Type of request: initial\n"
        "              Disease: other\n"
        "              Setting: relapsed\n"
    ) in text
    assert "Criteria" not in text


def test_what_is_missing_comes_with_the_question_and_where_to_look(policy: Policy) -> None:
    text = answer(policy, "pended-missing-ph-status")
    assert (
        "The answer is open: facts are missing.\n"
        "\n"
        "What is missing\n"
        "  ? Philadelphia chromosome (ph_status)\n"
        "    Ask: Is the disease Philadelphia chromosome-positive or -negative?\n"
        "    Usually found in: the cytogenetics or BCR-ABL1 report\n"
    ) in text
    assert "    Observed: Philadelphia chromosome: missing\n" in text


def test_missing_facts_and_a_gate_are_both_said(policy: Policy) -> None:
    text = answer(policy, "pended-missing-ph-status", 100, plan_document_conflict=True)
    assert "\nThe answer is open: facts are missing, and a person has to look: see the review flags.\n" in text


def test_a_gate_on_met_criteria_is_said(policy: Policy) -> None:
    text = answer(policy, "pended-plan-document-conflict", 100)
    assert "\nEvery criterion of the pathway is met, but a person has to look first: see the review flags.\n" in text
    assert "(gate, pends the decision)\n    Where: Important reminder\n    Rule:  plan_document_governs\n" in text


def test_a_hold_of_a_denial_names_what_is_not_met(policy: Policy) -> None:
    text = answer(policy, "pended-off-label-support", 120)
    assert (
        "\nThe policy's criteria are not met, but a person has to look before any denial: see the review flags.\n"
        "Not met: relapsed_refractory.regimen\n"
    ) in text
    assert RECOMMENDATION not in text


def test_without_a_revision_in_effect_only_the_flag_speaks(policy: Policy) -> None:
    text = answer(policy, "pended-before-effective-date")
    assert text.startswith(
        "PENDED: request PA-1014\n"
        "Policy: inotuzumab-ozogamicin, no revision in effect\n"
        "\n"
        "A person has to look: see the review flags.\n"
        "\n"
        "Review flags\n"
    )


def test_an_approval_says_when_it_ends(policy: Policy) -> None:
    text = answer(policy, "approved-with-note-below-one-year", 100)
    assert (
        "Every criterion of the pathway is met.\n"
        "\n"
        "Authorization\n"
        "  From 2026-07-10 to 2027-07-09 (12 months), for 1 cycle; at most 6 cycles in all. It ends at the\n"
        "  date or at the cycle count, whichever comes first.\n"
    ) in text
    assert "(note, changes nothing)" in text


def test_while_the_pathway_is_open_the_criteria_of_each_are_shown(policy: Policy) -> None:
    text = answer(policy, "approved-relapsed-single-agent", disease_setting=None)
    assert "\nCriteria, if this applies: Frontline therapy (induction or consolidation)\n" in text
    assert "\nCriteria, if this applies: Relapsed or refractory disease\n" in text


def test_control_characters_of_a_request_id_do_not_reach_the_terminal(policy: Policy) -> None:
    text = answer(policy, "approved-relapsed-single-agent", request_id="\x1b[31m\nDENIED")
    assert text.startswith("APPROVED: request \N{REPLACEMENT CHARACTER}[31m\N{REPLACEMENT CHARACTER}DENIED\n")


def test_marks_can_be_plain(policy: Policy) -> None:
    determination = policy.decide(json.loads((EXAMPLES / "denied-frontline-over-six-cycles.json").read_bytes()))
    text = readable(determination, policy.vocabulary, policy.revisions[0], marks=ASCII_MARKS)
    assert text.isascii()
    assert "  x The member gets 6 cycles" in text


@given(data=st.data(), width=st.integers(0, 200))
def test_every_answer_can_be_read(policy: Policy, data: st.DataObject, width: int) -> None:
    determination = policy.decide(data.draw(requests(policy)))
    text = readable_answer(policy, determination, width)
    ids = [part.id for part in (*determination.criteria, *determination.denial_reasons, *determination.review_flags)]
    assert all(id in text for id in ids)
    assert all(policy.vocabulary.variables[name].fact.label in text for name in determination.missing)


@pytest.mark.parametrize("width", [60, 80, 200])
def test_no_line_is_longer_than_the_width(policy: Policy, width: int) -> None:
    for example in EXAMPLES.glob("*.json"):
        lines = answer(policy, example.stem, width).splitlines()
        assert max(map(len, lines)) <= min(width, 120)
