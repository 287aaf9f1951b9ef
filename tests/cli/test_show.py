from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest
from project import RULE_FILE

from cli.running import Run
from medpolicy.cli import show
from medpolicy.load.document import sha256_of

Rules = Callable[..., Path]


@pytest.fixture
def two_revisions(rules: Rules) -> None:
    earlier = rules(('"effective_to": null', '"effective_to": "2026-12-31"'))
    later = earlier.with_name("2999.json")
    later.write_text(RULE_FILE.read_text("utf-8").replace('"2026-04-02"', '"2199-01-01"'), "utf-8")


def test_a_document_that_is_no_text_is_refused(run: Run, tmp_path: Path) -> None:
    (tmp_path / "document.pdf").write_bytes(b"%PDF-1.7")
    assert run("show", "--source", "document.pdf").refusal == (
        "document.pdf: error[not-text]: is not a plain text\n  help: save the document's text as UTF-8\n"
    )


def test_a_rule_stands_beside_its_passage_and_before_its_action(run: Run) -> None:
    output = run("show").output
    assert (
        "frontline.ph_negative                    [Coverage criteria, frontline, item 3;\n"
        "  - Philadelphia chromosome is negative  relapsed or refractory, item 3, second\n"
        "                                         option]\n"
        "                                           The disease is Philadelphia\n"
        "                                           chromosome-negative.\n"
        "Otherwise: deny: Frontline use is covered in Philadelphia chromosome-negative\n"
        "           disease; the status submitted is not negative.\n"
    ) in output


def test_groups_within_groups_are_indented(run: Run) -> None:
    lines = run("show").out.splitlines()
    begin = lines.index(next(line for line in lines if line.startswith("relapsed_refractory.regimen ")))
    assert [line[:40].rstrip() for line in lines[begin : begin + 9]] == [
        "relapsed_refractory.regimen",
        "  - any of:",
        "    - Given together with: nothing",
        "    - all of:",
        "      - Philadelphia chromosome is",
        "        positive",
        "      - any of:",
        "        - Given together with: exactly",
        "          imatinib",
    ]


def test_flags_name_their_kind_and_what_they_hold_and_no_document_is_quoted(run: Run) -> None:
    out = run("show").out
    assert "\nplan_document_governs, a gate " in out
    assert "\nunlisted_tki, a hold of what would be " in out
    assert "\nbelow_labeled_age, a note " in out
    assert ">" not in out
    assert max(map(len, out.splitlines())) <= 80


def test_an_invariant_says_what_must_never_be_seen(run: Run) -> None:
    out = run("show").out
    assert "\nINVARIANTS: they decide nothing; `medpolicy check` proves that they hold\n" in out
    assert (
        "no_more_than_six_cycles, never approved  [Coverage criteria, frontline, item 5;\n"
        "when                                     relapsed or refractory, item 5]\n"
        "  - Total cycles is more than 6            The member gets 6 cycles of the drug\n"
    ) in out
    assert "\nIn words: More than 6 treatment cycles in all are never approved.\n" in out


def test_an_invariant_in_json_has_its_condition_in_words(run: Run) -> None:
    _, cap = json.loads(run("show", "--json").out)["invariants"]
    assert (cap["id"], cap["never"]) == ("no_more_than_six_cycles", "approved")
    assert cap["text"] == "More than 6 treatment cycles in all are never approved."
    assert cap["conditions"] == [[0, "Total cycles is more than 6"]]
    assert [passage["id"] for passage in cap["passages"]] == ["frontline.cycles", "continuation"]


def test_rules_without_invariants_have_no_heading_for_them(run: Run, rules: Rules) -> None:
    file = rules()
    document = json.loads(file.read_bytes())
    del document["invariants"]
    file.write_text(json.dumps(document), "utf-8")
    assert "INVARIANTS" not in run("show", "--rules", "rules").out


def test_the_documents_own_words_stand_below_ours(run: Run, rules: Rules, tmp_path: Path) -> None:
    written = "- The disease has no\n  Philadelphia chromosome."
    passage = json.loads(RULE_FILE.read_bytes())["passages"]["frontline.ph"]
    rules((passage["sha256"], sha256_of(written)))
    (tmp_path / "document.txt").write_text(f"A heading\n{written}\n", "utf-8")
    out = run("show", "--rules", "rules", "--source", "document.txt").out
    assert (
        "                                           chromosome-negative.\n"
        '                                           > "The disease has no Philadelphia\n'
        '                                             chromosome."\n'
    ) in out
    assert "> (not in the document)\n" in out


@pytest.mark.parametrize(
    ("today", "revision"),
    [(date(2026, 3, 1), "2199-01-01"), (date(2026, 4, 2), "2026-04-02"), (date(2199, 1, 1), "2199-01-01")],
    ids=["before the first", "on the first day of the first", "on the first day of the second"],
)
def test_the_revision_in_effect_today_is_shown_or_else_the_latest(
    run: Run, two_revisions: None, monkeypatch: pytest.MonkeyPatch, today: date, revision: str
) -> None:
    class Calendar(date):
        @classmethod
        def today(cls) -> date:  # type: ignore[override]
            return today

    monkeypatch.setattr(show, "date", Calendar)
    assert run("show", "--rules", "rules").out.splitlines()[1].startswith(f"Revision {revision}, in effect from ")


def test_another_revision_is_shown_by_its_id(run: Run, two_revisions: None) -> None:
    ran = run("show", "--rules", "rules", "--revision", "2199-01-01")
    assert ran.out.splitlines()[1] == "Revision 2199-01-01, in effect from 2199-01-01 on"


def test_the_json_holds_every_rule_in_words_with_its_passages(run: Run) -> None:
    shown = json.loads(run("show", "--json").output)
    assert [pathway["applies"]["id"] for pathway in shown["pathways"]] == [
        "frontline",
        "relapsed_refractory",
        "continuation",
    ]
    cap = shown["pathways"][0]["criteria"][4]
    assert (cap["id"], cap["conditions"]) == ("frontline.cycle_cap", [[0, "Total cycles is at most 6"]])
    assert (cap["action"], list(cap["params"])) == ("deny", ["reason"])
    assert [(passage["id"], passage["original"]) for passage in cap["passages"]] == [("frontline.cycles", None)]
    assert shown["pathways"][0]["applies"]["params"] == {"months": 12, "max_total_cycles": 6}
    assert [(flag["kind"], flag["holds"]) for flag in shown["review_flags"]][3:] == [
        ("gate", None),
        ("hold", "approved"),
        ("hold", "denied"),
        ("note", None),
    ]
