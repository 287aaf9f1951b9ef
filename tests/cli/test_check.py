from __future__ import annotations

import json
import re
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from project import RULE_FILE

from cli.running import Ran, Run
from medpolicy.load.document import sha256_of

Rules = Callable[..., Path]

DOCUMENT = "document.txt"
PROVEN = (
    "proven: every request gets exactly one decision\n"
    "proven: no request is approved with a criterion not met\n"
    "proven: no request is denied without a reason: a criterion not met, or that no pathway applies\n"
    "proven: a missing fact never makes an approval or a denial\n"
    "proven: asking for more cycles never makes an approval\n"
    "proven: An initial request for use with a tyrosine kinase inhibitor in Philadelphia chromosome-negative disease is never"
    " approved\n"
    "proven: More than 6 treatment cycles in all are never approved\n"
)


def proven_of(*files: Path) -> str:
    return "".join(f"{file}: {line}" for file in files for line in PROVEN.splitlines(keepends=True))


def faults(ran: Ran) -> str:
    """The findings but those for information: the shipped rules have one."""
    found = re.split(r"(?m)^(?=\S)", ran.out)
    return "".join(text for text in found if ": info[" not in text)


@pytest.fixture
def compared(rules: Rules, tmp_path: Path) -> Callable[[str], Path]:
    """A rule file of which each passage stands for one sentence, and a document of these sentences with one replaced."""

    def write(heading: str = "Sentence of title.") -> Path:
        passages = json.loads(RULE_FILE.read_bytes())["passages"]
        sentences = {id: f"Sentence of {id}." for id in passages}
        file = rules(*((passage["sha256"], sha256_of(sentences[id])) for id, passage in passages.items()))
        text = "\n\n".join(sentences.values()).replace("Sentence of title.", heading)
        (tmp_path / DOCUMENT).write_text(text, "utf-8")
        return file

    return write


def test_every_fault_of_a_rule_file_is_data_and_the_count_is_not(run: Run, rules: Rules) -> None:
    file = rules(('"name": "ph_status"', '"name": "ph_statsu"'), ('"name": "total_cycles"', '"name": "cycles"'))
    ran = run("check", file)
    assert ran.status == 1
    assert ran.out == (
        f"{file}:310:22: error[unknown-variable]: unknown variable `ph_statsu`\n"
        "  at $.pathways[0].criteria[2].conditions.all[0].name\n"
        "  help: did you mean `ph_status`?\n"
        f"{file}:333:22: error[unknown-variable]: unknown variable `cycles`\n"
        "  at $.pathways[0].criteria[4].conditions.all[0].name\n"
        "  help: did you mean `total_cycles`?\n"
    )
    assert ran.err == "1 file, 2 errors, 0 warnings\n"


def test_a_warning_alone_is_told_by_the_exit_status_and_the_file_still_loads(run: Run, rules: Rules) -> None:
    file = rules(('    "footer-id"\n', '    "title"\n'), ('    "title",\n', ""))
    ran = run("check", file)
    assert ran.status == 1
    assert ran.out.startswith(f"{file}:")
    assert "warning[uncited-passage]: no rule cites the passage `footer-id`" in ran.out
    assert ran.err == f"{PROVEN}1 file, 0 errors, 1 warning, 1 for information\n"
    assert run("show", "--rules", "rules").status == 0


def test_a_file_that_cannot_be_read_is_refused_and_the_others_are_checked(run: Run, rules: Rules) -> None:
    file = rules(('"policy": "inotuzumab-ozogamicin"', '"policy": "inotuzumab"'))
    ran = run("check", "nowhere.json", "rules", file)
    assert ran.status == 2
    assert ran.out.startswith(f"{file}:3:13: error[unknown-policy]: unknown policy `inotuzumab`\n")
    assert ran.err == (
        "nowhere.json: error[no-such-file]: there is no such file\n"
        "rules: error[not-a-file]: is a folder, not a file\n"
        "  help: `--rules DIR` checks all rule files of a folder that has a folder for each policy\n"
        "1 file, 1 error, 0 warnings\n"
    )


@pytest.mark.parametrize("name", ["requests.csv", "README.md", "answers.parquet"])
def test_a_file_of_another_format_is_told_as_such(run: Run, tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_text("# what it is\n", "utf-8")
    ran = run("check", name)
    assert ran.status == 1
    assert ran.out == (
        f"{name}:1:1: error[not-a-rule-file]: this is not a rule file: it does not begin with `{{`\n"
        "  help: a rule file is JSON, and its name ends in `.json`\n"
    )
    assert "error[not-a-rule-file]: this is not a rule file" in run("diff", name, name).refusal


def test_a_file_of_cases_is_told_as_such(run: Run, tmp_path: Path) -> None:
    (tmp_path / "2026-04-02.jsonl").write_text("{}\n{}\n", "utf-8")
    assert run("check", "2026-04-02.jsonl").refusal == (
        "2026-04-02.jsonl: error[not-a-rule-file]: is a file of JSON Lines, as golden cases and requests are, and not a rule"
        " file\n  help: `medpolicy cases` runs golden cases\n0 files, 0 errors, 0 warnings\n"
    )


def test_files_and_a_folder_together_are_refused(run: Run, rules: Rules) -> None:
    message = run("check", rules(), "--rules", "rules").refusal
    assert message == "medpolicy check: error[usage]: name rule files, or `--rules` and `--policy`, not both\n"


def test_a_folder_without_rule_files_is_refused(run: Run, tmp_path: Path) -> None:
    (tmp_path / "rules").mkdir()
    assert run("check", "--rules", "rules").refusal == "rules: error[no-rule-files]: there is no rule file to check\n"


def test_files_of_a_folder_are_held_against_each_other(run: Run, rules: Rules) -> None:
    earlier = rules()
    later = rules(('"revision": "2026-04-02"', '"revision": "2027-01-01"'), name="2027-01-01.json")
    ran = run("check", "--rules", "rules")
    assert ran.status == 1
    assert ran.out.startswith(
        f"{later}:6:21: error[revisions-overlap]: revisions `2026-04-02` and `2027-01-01` are both"
    )
    assert ran.err == f"{proven_of(earlier, later)}2 files, 1 error, 0 warnings, 2 for information\n"


def test_a_file_in_the_folder_of_another_policy_is_a_fault(run: Run, rules: Rules) -> None:
    file = rules()
    file.parent.rename("rules/inotuzumab")
    ran = run("check", "--rules", "rules")
    assert ran.status == 1
    assert ran.out.startswith(
        "rules/inotuzumab/2026-04-02.json:3:13: error[policy-folder]: the file is of `inotuzumab-ozogamicin`,"
        " its folder of `inotuzumab`\n"
    )


def test_a_finding_in_json_has_the_parts_of_the_one_in_words(run: Run, rules: Rules) -> None:
    file = rules(('"name": "ph_status"', '"name": "ph_statsu"'))
    ran = run("check", file, "--json")
    assert (ran.status, ran.err) == (1, "1 file, 1 error, 0 warnings\n")
    assert json.loads(ran.out) == {
        "files": [{"file": str(file), "usable": False, "policy": None, "revision": None, "rules_digest": None}],
        "findings": [
            {
                "code": "unknown-variable",
                "severity": "error",
                "message": "unknown variable `ph_statsu`",
                "help": "did you mean `ph_status`?",
                "path": "$.pathways[0].criteria[2].conditions.all[0].name",
                "file": str(file),
                "line": 310,
                "column": 22,
            }
        ],
        "invariants": [],
    }


def test_the_installed_rules_have_no_fault(run: Run) -> None:
    ran = run("check")
    assert (ran.status, faults(ran)) == (0, "")
    assert "info[criterion-never-fails]: the criterion `relapsed_refractory.ph_status_known` can never fail" in ran.out
    assert ran.err == f"{PROVEN}1 file, 0 errors, 0 warnings, 1 for information\n"


def test_a_usable_file_is_described_in_json(run: Run, rules: Rules) -> None:
    ran = run("check", rules(), "--json")
    (described,) = json.loads(ran.out)["files"]
    assert described["usable"] is True
    assert (described["policy"], described["revision"]) == ("inotuzumab-ozogamicin", "2026-04-02")
    assert described["rules_digest"].startswith("sha256:")


def test_a_changed_document_shows_what_is_new_and_what_is_lost(run: Run, compared: Callable[[str], Path]) -> None:
    file = compared("An altogether new sentence, of many words.")
    ran = run("check", file, "--source", DOCUMENT)
    assert ran.status == 1
    assert faults(ran) == (
        "document.txt:3:1: error[unaccounted-paragraph]: no passage accounts for the paragraph"
        " `An altogether new sentence, …`\n"
        "  help: it stands after the passage `page-header`; a passage of it has the sha256"
        f" {sha256_of('An altogether new sentence, of many words.')}\n"
        f"{file}:19:5: error[lost-passage]: document.txt does not contain the passage `title` (Title)\n"
        "  at $.passages.title\n"
        "  help: look for its new wording, and at the rules that cite it\n"
    )
    assert ran.err == f"{PROVEN}1 file, 2 errors, 0 warnings, 1 for information\n"


def test_a_document_that_the_passages_cover_gives_no_finding(run: Run, compared: Callable[..., Path]) -> None:
    ran = run("check", compared(), "--source", DOCUMENT)
    assert (ran.status, faults(ran)) == (0, "")
    assert ran.err == f"{PROVEN}1 file, 0 errors, 0 warnings, 1 for information\n"


def test_of_several_revisions_the_latest_is_compared(run: Run, compared: Callable[..., Path], rules: Rules) -> None:
    file = compared()
    text = file.read_text("utf-8").replace('"effective_to": null', '"effective_to": "2026-12-31"')
    later = file.with_name("2027-01-01.json")
    later.write_text(file.read_text("utf-8").replace("2026-04-02", "2027-01-01"), "utf-8")
    file.write_text(text, "utf-8")
    ran = run("check", "--rules", "rules", "--source", DOCUMENT)
    assert (ran.status, faults(ran)) == (0, "")
    assert ran.err == (
        f"document.txt is compared with the latest revision, {later}\n"
        f"{proven_of(file, later)}2 files, 0 errors, 0 warnings, 2 for information\n"
    )


def test_a_faulty_file_is_not_compared(run: Run, rules: Rules, tmp_path: Path) -> None:
    (tmp_path / DOCUMENT).write_text("A sentence.", "utf-8")
    file = rules(('"name": "ph_status"', '"name": "ph_statsu"'))
    ran = run("check", file, "--source", DOCUMENT)
    assert ran.status == 1
    assert ran.err == (
        "document.txt is not compared with any rule file: the faults found come first\n1 file, 1 error, 0 warnings\n"
    )


def test_a_missing_document_is_refused(run: Run, rules: Rules) -> None:
    message = run("check", rules(), "--source", "nowhere.txt").refusal
    assert message == "nowhere.txt: error[no-such-file]: there is no such file\n"


def test_a_file_over_the_limit_is_a_faulty_file(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "large.json"
    path.write_bytes(b" " * (1 << 20) + b"{}")
    ran = run("check", str(path))
    assert ran.status == 1
    assert ran.out == "large.json:1:1: error[too-large]: is larger than 1 MiB\n"


def test_without_the_solver_the_extra_is_named_and_the_rest_is_checked(
    run: Run, rules: Rules, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "z3", None)
    rules(
        ('"effective_to": null', '"effective_to": "2026-11-30"'),
        ('    "footer-id"\n', '    "title"\n'),
        ('    "title",\n', ""),
    )
    rules(('"revision": "2026-04-02"', '"revision": "2027-01-01"'), ('"effective_from": "2026-04-02"', '"effective_from": "2027-01-01"'), name="2027-01-01.json")  # fmt: skip
    ran = run("check", "--rules", "rules", "--json")
    assert ran.status == 1
    assert [finding["code"] for finding in json.loads(ran.out)["findings"]] == [
        "uncited-passage",
        "gap-between-revisions",
    ]
    assert json.loads(ran.out)["invariants"] == []
    assert ran.err == (
        "warning[extra-missing]: the findings about logic and the proofs of invariants are left out: this needs the extra"
        " `prove`\n  help: install it with `pip install 'medpolicy[prove]'`\n2 files, 0 errors, 2 warnings\n"
    )


def test_a_broken_invariant_is_an_error_with_the_request_that_breaks_it(run: Run, rules: Rules) -> None:
    file = rules(('"operator": "less_than_or_equal_to", "value": 6', '"operator": "less_than_or_equal_to", "value": 7'))
    ran = run("check", file, "--json")
    assert ran.status == 1
    told = json.loads(ran.out)
    (broken,) = [invariant for invariant in told["invariants"] if invariant["verdict"] == "broken"]
    assert (broken["file"], broken["id"]) == (str(file), "no_more_than_six_cycles")
    (finding,) = [finding for finding in told["findings"] if finding["severity"] == "error"]
    assert (finding["code"], finding["decision"]) == ("invariant-broken", "approved")
    assert finding["request"] == broken["request"]
    Path("request.json").write_text(json.dumps(finding["request"]), "utf-8")
    decided = run("decide", "request.json", "--rules", "rules", "--json")
    assert json.loads(decided.out)["decision"] == "approved"
    assert "broken: More than 6 treatment cycles in all are never approved\n" in ran.err
    assert "  approved, for example: {" in run("check", file).out


def test_a_proof_past_the_limit_is_told_and_is_no_proof(run: Run, rules: Rules) -> None:
    ran = run("check", rules(), "--limit", "0", "--json")
    assert ran.status == 1
    told = json.loads(ran.out)
    assert {finding["code"] for finding in told["findings"]} == {"not-proven"}
    assert {invariant["verdict"] for invariant in told["invariants"]} == {"not proven"}
    assert "not proven: More than 6 treatment cycles in all are never approved\n" in ran.err
    (finding,) = [finding for finding in told["findings"] if "`no_more_than_six_cycles` holds" in finding["message"]]
    assert finding["severity"] == "warning"
    assert finding["message"].endswith("is undecided: the time limit was reached")
    assert finding["help"] == "give it more time with `--limit`; simpler conditions are decided sooner"
