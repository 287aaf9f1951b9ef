"""A proof that runs past its limit says so, and nothing is called impossible or equivalent that was not proven."""

from __future__ import annotations

from drawing import asks
from tiny import INITIAL, document, pathway, tiny

from medpolicy.golden.cover import proof
from medpolicy.golden.cover.measure import measured
from medpolicy.golden.cover.report import all_covered, described
from medpolicy.golden.cover.report_text import report_text
from medpolicy.golden.mutate import verdicts
from medpolicy.golden.mutate.report import described as described_mutants
from medpolicy.golden.mutate.report import report_text as mutants_text
from medpolicy.golden.mutate.verdicts import mutated

KNOWN = {"any": [asks("cd22_status", "equal_to", option) for option in ("positive", "negative")]}
CONTENT = document([pathway("first", {"all": [INITIAL]}, {"asked": KNOWN})])


def test_what_was_not_proven_in_time_is_not_covered(monkeypatch):
    monkeypatch.setattr(proof, "MOST_POINTS", 0)
    file = tiny(CONTENT, [{"cd22_status": "positive"}])
    asked = described(measured(file))["rules"][1]["tests"][0]
    assert (asked["state"], asked["not_met"]) == ("infeasible", {"state": "infeasible", "cases": []})

    monkeypatch.setattr(proof, "LIMIT", 0.0)
    found = described(measured(file))
    asked = found["rules"][1]["tests"][0]
    assert asked["state"] == "not_covered"
    assert asked["not_met"] == {"state": "not_covered", "gave_up": True, "cases": []}
    assert not all_covered(found["figures"])
    text = report_text(found, file.revision, 200)
    assert "not met: no case, and whether there can be one is undecided" in text


def test_a_mutant_of_which_nothing_was_proven_in_time_is_undecided(monkeypatch):
    monkeypatch.setattr(verdicts, "LIMIT", 0.0)
    found = described_mutants(mutated(tiny(CONTENT, [{"cd22_status": "positive"}])))
    figures = found["figures"]
    assert (figures["surviving"], figures["equivalent"]) == (0, 0)
    assert figures["undecided"] > 0
    assert figures["percent"] == 100 * figures["killed"] // (figures["killed"] + figures["undecided"]) < 100
    assert mutants_text(found, 200).startswith(
        "tiny.json:1: undecided (date) in effective_from\n"
        "  2026-04-02 -> 2026-04-01\n"
        "  whether a request would notice it is undecided\n"
    )
