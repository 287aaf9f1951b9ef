"""Slips of the hand in the shipped rules: `check`, `cases` and `diff` say so in words that an author understands."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from shutil import copytree

import pytest
from check.faulty import Json, part
from project import RULE_FILE

from cli.running import Run


@dataclass(frozen=True)
class Slip:
    """A slip, and what is said of it: by `check` where it can know, by the first failing case, by `diff`."""

    edit: Callable[[Json], object]
    check: str | None
    case: str
    why: str
    first_transition: str
    because_of: str


def first(document: Json, id: str, key: str = "conditions") -> Json:
    """The first test of a part."""
    return part(document, id)[key]["all"][0]


def drop(options: list[str], option: str) -> None:
    options.remove(option)


SLIPS = {
    "7 for 6 in one cap": Slip(
        lambda it: first(it, "relapsed_refractory.cycle_cap").update(value=7),
        "error[invariant-broken]: the invariant `no_more_than_six_cycles` does not hold: a request breaks it",
        "Seven cycles in total for a relapse, none received so far, exceed the cap.",
        "`relapsed_refractory.cycle_cap` is met: it asks for Total cycles is at most 7 (observed: Total cycles: 7)",
        "DENIED TO APPROVED",
        "relapsed_refractory.cycle_cap",
    ),
    "positive for negative": Slip(
        lambda it: first(it, "frontline.ph_negative").update(value="positive"),
        None,
        "Frontline consolidation with mini-hyper-CVD that meets every criterion is approved for 12 months.",
        "`frontline.ph_negative` is not met: it asks for Philadelphia chromosome is positive (observed: Philadelphia"
        " chromosome: negative)",
        "APPROVED TO DENIED",
        "frontline.ph_negative",
    ),
    "a dropped option": Slip(
        lambda it: drop(part(it, "continuation.listed_indication")["conditions"]["all"][2]["value"], "refractory"),
        None,
        "A continuation of treatment for refractory disease is approved.",
        "`continuation.listed_indication` is not met",
        "APPROVED TO DENIED",
        "continuation.listed_indication",
    ),
    "less than for at most": Slip(
        lambda it: first(it, "continuation.cycle_cap").update(operator="less_than"),
        None,
        "A continuation up to six cycles in total is within the cap.",
        "`continuation.cycle_cap` is not met: it asks for Total cycles is less than 6 (observed: Total cycles: 6)",
        "APPROVED TO DENIED",
        "continuation.cycle_cap",
    ),
    "a dropped test": Slip(
        lambda it: part(it, "relapsed_refractory.regimen")["conditions"]["any"][1]["all"].pop(0),
        "error[invariant-broken]: the invariant `no_initial_tki_in_ph_negative_disease` does not hold",
        "A listed tyrosine kinase inhibitor is not covered in relapsed Philadelphia chromosome-negative disease.",
        "`relapsed_refractory.regimen` is met",
        "DENIED TO APPROVED",
        "relapsed_refractory.regimen",
    ),
    "another variable, read by the criterion beside it": Slip(
        lambda it: first(it, "continuation.no_unacceptable_toxicity").update(name="disease_progression"),
        "warning[criterion-implied]: the criterion `continuation.no_disease_progression` is implied by"
        " `continuation.no_unacceptable_toxicity`: it rules out no approval",
        "Unacceptable toxicity on the current regimen ends the coverage.",
        "`continuation.no_unacceptable_toxicity` is met: it asks for Disease progression: no",
        "DENIED TO APPROVED",
        "continuation.no_unacceptable_toxicity",
    ),
    "another variable, asked the opposite elsewhere": Slip(
        lambda it: first(it, "frontline.cd22_positive").update(name="ph_status"),
        "error[pathway-cannot-approve]: the pathway `frontline` can approve no request: its criteria"
        " `frontline.cd22_positive` and `frontline.ph_negative` are never met together",
        "Frontline consolidation with mini-hyper-CVD that meets every criterion is approved for 12 months.",
        "`frontline.cd22_positive` is not met: it asks for Philadelphia chromosome is positive",
        "APPROVED TO DENIED",
        "frontline.cd22_positive",
    ),
    "a gate made a note": Slip(
        lambda it: part(it, "no_prior_authorization").update(kind="note"),
        None,
        "A continuation that meets every criterion pends when no earlier authorization is on file.",
        "every criterion of `continuation` is met, and no gate or hold acts",
        "PENDED TO APPROVED",
        "no_prior_authorization",
    ),
}


@pytest.fixture(params=SLIPS)
def slip(request: pytest.FixtureRequest, rules: Callable[..., Path]) -> Slip:
    """A slip, made in the rule file of a folder that has the golden cases too."""
    made = SLIPS[request.param]
    file = rules()
    copytree(RULE_FILE.parent / "cases", file.parent / "cases")
    document = json.loads(file.read_bytes())
    made.edit(document)
    file.write_text(json.dumps(document, indent=2), "utf-8")
    return made


def unwrapped(text: str) -> str:
    return " ".join(text.split())


def test_check_tells_what_it_can_know(slip: Slip, run: Run) -> None:
    ran = run("check", "--rules", "rules")
    found = [line for line in ran.out.splitlines() if ": error[" in line or ": warning[" in line]
    assert bool(found) is (slip.check is not None)
    assert slip.check is None or slip.check in ran.out


def test_a_golden_case_fails_and_says_why(slip: Slip, run: Run) -> None:
    ran = run("cases", "--rules", "rules")
    assert ran.status == 1
    told = unwrapped(ran.out)
    assert slip.case in told
    assert slip.why in told


def test_diff_names_the_transition_and_its_cause(slip: Slip, run: Run) -> None:
    ran = run("diff", RULE_FILE, "rules/inotuzumab-ozogamicin/2026-04-02.json")
    assert ran.status == 1
    assert f"\n{slip.first_transition}\n  Because of: {slip.because_of}\n" in ran.out
