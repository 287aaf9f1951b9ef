"""`medpolicy diff`: what it prints, in which form, and with which exit status."""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Callable
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from project import EXAMPLES, RULE_FILE

from cli.running import Run

Rules = Callable[..., Path]

CAP = ('"value": 6', '"value": 7')
TITLE = ('"title": "Inotuzumab', '"title": "The drug inotuzumab')
KEYS = {"from", "to", "witness", "criteria", "region"}


@pytest.fixture
def new(rules: Rules) -> Path:
    """The shipped file with a frontline cap of seven."""
    return rules(CAP)


def git(*arguments: str) -> None:
    identity = ["-c", "user.name=a", "-c", "user.email=a@example.org", "-c", "init.defaultBranch=main"]
    subprocess.run(["git", *identity, *arguments], check=True, capture_output=True)


@pytest.fixture
def repository(rules: Rules) -> Path:
    """A repository whose last commit has the shipped file, and whose working tree has another cap."""
    file = rules()
    cases = file.parent / "cases"
    cases.mkdir()
    (cases / "2026-04-02.jsonl").write_text('{"shows": "Old.", "request": {"request_id": "a"}}\n', "utf-8")
    git("init", "-q")
    git("add", ".")
    git("commit", "-q", "-m", "one")
    rules(CAP)
    (cases / "2026-04-02.jsonl").write_text('{"shows": "New.", "request": {"request_id": "a"}}\n', "utf-8")
    return file


def test_a_file_that_means_the_same_is_equivalent(run: Run, rules: Rules) -> None:
    output = run("diff", RULE_FILE, rules(TITLE)).output
    assert "Equivalent: it is proven that every request gets the same answer, missing facts\nincluded.\n" in output
    assert output.endswith(
        "\nCHANGED WITHOUT CHANGING ANY ANSWER\n- title\n    OLD: Inotuzumab Ozogamicin (Besponsa)\n"
        "    NEW: The drug inotuzumab Ozogamicin (Besponsa)\n"
    )


def test_json_of_an_equivalent_file_has_the_three_keys(run: Run) -> None:
    output = run("diff", RULE_FILE, RULE_FILE, "--json").output
    assert json.loads(output) == {"equivalent": True, "transitions": [], "reasons_changed": []}


def test_json_has_the_shape_of_the_contract(run: Run, new: Path) -> None:
    ran = run("diff", RULE_FILE, new, "--json")
    assert (ran.status, ran.err) == (1, "")
    told = json.loads(ran.out)
    assert list(told) == ["equivalent", "transitions", "reasons_changed"]
    assert told["equivalent"] is False
    assert [(transition["from"], transition["to"]) for transition in told["transitions"]] == [
        ("denied", "approved"),
        ("denied", "pended"),
        ("pended", "approved"),
    ]
    for transition in told["transitions"]:
        assert set(transition) == KEYS
        assert transition["criteria"] == ["frontline.cycle_cap"]
        assert transition["region"].startswith("every request where ")
        assert transition["witness"]["cycles_requested"] == 7
    assert [set(change) for change in told["reasons_changed"]] == [{"decision", "witness", "criteria"}] * 2
    assert [change["decision"] for change in told["reasons_changed"]] == ["denied", "pended"]


def test_a_witness_is_a_request_that_decide_takes(run: Run, new: Path) -> None:
    witness = json.loads(run("diff", RULE_FILE, new, "--json").out)["transitions"][0]["witness"]
    Path("request.json").write_text(json.dumps(witness), "utf-8")
    assert json.loads(run("decide", "request.json", "--json").out)["decision"] == "denied"
    assert json.loads(run("decide", "request.json", "--json", "--rules", "rules").out)["decision"] == "approved"


def test_the_text_says_what_changes_why_and_where(run: Run, new: Path) -> None:
    ran = run("diff", RULE_FILE, new)
    assert ran.status == 1
    vocabulary = " ".join(ran.out.split())
    assert vocabulary.startswith(
        f"Inotuzumab Ozogamicin (Besponsa) OLD: {RULE_FILE} (revision 2026-04-02, in effect from"
    )
    for line in (
        "OLD / NEW       approved        denied          pended",
        "approved        same answers    never           never",
        "denied          possible        other reasons   possible",
        "DENIED TO APPROVED",
        "  Because of: frontline.cycle_cap",
        "    Cycles requested: 7",
        "    OLD: denied: frontline.cycle_cap",
        "    NEW: approved: 12 months, at most 6 cycles in all",
        "PENDED AS BEFORE, OTHER REASONS",
        "frontline.cycle_cap, criterion",
    ):
        assert f"\n{line}\n" in ran.out
    assert "whatever the date of service" in vocabulary
    assert "every request where Total cycles is 7; Type of request is initial;" in vocabulary


def test_a_corpus_is_counted_for_each_transition(run: Run, new: Path) -> None:
    record = json.loads((EXAMPLES / "denied-frontline-over-six-cycles.json").read_bytes())
    assert record["cycles_received"] + record["cycles_requested"] == 7
    records = [record | {"request_id": f"r{number}"} for number in range(8)]
    others = [json.loads(line) for line in (EXAMPLES / "requests.jsonl").read_bytes().splitlines()]
    lines = "".join(json.dumps(record) + "\n" for record in [*records, *others, {}])
    Path("corpus.jsonl").write_text(lines, "utf-8")
    ran = run("diff", RULE_FILE, new, "--corpus", "corpus.jsonl", "--json")
    assert ran.status == 1
    decided = len(records) + len(others)
    assert ran.err == f"corpus.jsonl: read {decided + 1} = decided {decided} + rejected 1\n"
    told = {
        (transition["from"], transition["to"]): transition["corpus"]
        for transition in json.loads(ran.out)["transitions"]
    }
    count = told["denied", "approved"]["count"]
    assert count >= 8
    assert told["denied", "approved"] == {
        "count": count,
        "share": count / decided,
        "examples": [f"r{number}" for number in range(5)],
        "by_criterion": {"frontline.cycle_cap": {"count": count, "share": count / decided}},
    }
    assert told["denied", "pended"] == {"count": 0, "share": 0.0, "examples": [], "by_criterion": {}}
    text = run("diff", RULE_FILE, new, "--corpus", "corpus.jsonl").out
    assert f"  In corpus.jsonl: {count} of {decided} records ({count / decided:.2%})\n" in text
    assert f"  Records: r0, r1, r2, r3, r4 and {count - 5} more\n" in text


def test_markdown_is_a_comment_for_a_pull_request(run: Run, new: Path) -> None:
    ran = run("diff", RULE_FILE, new, "--markdown")
    assert (ran.status, ran.err) == (1, "")
    assert ran.out.startswith("### Inotuzumab Ozogamicin (Besponsa): what changes\n")
    assert "| **denied** | **possible** | other reasons | **possible** |\n" in ran.out
    assert ran.out.count("<details>") == ran.out.count("</details>") == 5
    assert "| Cycles requested | 7 |\n" in ran.out
    tables = [line for line in ran.out.splitlines() if line.startswith("|")]
    assert {line.count("|") for line in tables} == {3, 4, 5}


def test_markdown_takes_an_authors_text_as_it_is(run: Run, rules: Rules) -> None:
    hostile = rules(('"title": "Inotuzumab', '"title": "<b>|`*_[x](y)'))
    out = run("diff", RULE_FILE, hostile, "--markdown").out
    assert "<b>|" not in out
    assert "&#60;b&#62;&#124;&#96;&#42;&#95;&#91;x&#93;(y)" in out


def test_markdown_keeps_the_name_of_a_golden_case_as_it_is(run: Run, repository: Path) -> None:
    cases = repository.parent / "cases" / "2026-04-02.jsonl"
    cases.write_text('{"request": {"request_id": "a_b<i>"}}\n{"request": {"request_id": "`<b>`"}}\n', "utf-8")
    out = run("diff", f"HEAD:{repository}", repository, "--markdown").out
    assert "\n- golden case `a_b<i>`: (none) \N{RIGHTWARDS ARROW} None\n" in out
    assert "\n- golden case <code>&#96;&#60;b&#62;&#96;</code>: (none) \N{RIGHTWARDS ARROW} None\n" in out


class Page(HTMLParser):
    """The tags of a page, what they load, and whether they are closed."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: list[str] = []
        self.loads: list[str] = []
        self.text = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.loads += [value or "" for name, value in attrs if name in ("src", "href", "xlink:href", "srcset")]
        if tag not in ("meta", "br"):
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += data


def test_html_is_one_page_that_loads_nothing(run: Run, new: Path) -> None:
    ran = run("diff", RULE_FILE, new, "--html")
    assert (ran.status, ran.err) == (1, "")
    page = Page()
    page.feed(ran.out)
    assert page.open == []
    assert "svg" in page.tags
    assert not {"script", "link", "img", "iframe"} & set(page.tags)
    assert {link[:1] for link in page.loads} == {"#"}
    assert not re.search(r"url\(|@import|https?:", ran.out)
    assert {link[1:] for link in page.loads} <= set(re.findall(r'id="([^"]*)"', ran.out))
    assert page.text.count("The member gets 6 cycles of the drug at the most.") == 2
    assert "Total cycles is at most 6" in page.text
    assert "Total cycles is at most 7" in page.text


def test_html_takes_an_authors_text_as_it_is(run: Run, rules: Rules) -> None:
    hostile = rules(CAP, ('"title": "Inotuzumab', '"title": "<script>alert(1)</script>&amp;'))
    out = run("diff", RULE_FILE, hostile, "--html").out
    assert "<script" not in out
    assert "&lt;script&gt;alert(1)&lt;/script&gt;&amp;amp;" in out


def test_no_text_of_a_rule_file_becomes_markup(run: Run, rules: Rules) -> None:
    hostile = "<script>{{ 7 * 7 }}</script>|`"
    keys = ("title", "where", "says", "reason", "text", "note", "publisher", "document")
    edits = [(f'"{key}": "', f'"{key}": "{hostile}') for key in keys]
    new = rules(CAP, *edits)
    for old, other in ((RULE_FILE, new), (new, RULE_FILE)):
        page, comment = (run("diff", old, other, form).out for form in ("--html", "--markdown"))
        assert page.count("&lt;script&gt;{{ 7 * 7 }}&lt;/script&gt;|`") >= len(keys)
        escaped = "&#60;script&#62;&#123;&#123; 7 &#42; 7 &#125;&#125;&#60;/script&#62;&#124;&#96;"
        assert comment.count(escaped) >= len(keys)
        assert "<script" not in page + comment


def test_a_file_at_a_commit_is_compared_with_its_golden_cases(run: Run, repository: Path) -> None:
    ran = run("diff", f"HEAD:{repository}", repository, "--json")
    assert (ran.status, ran.err) == (1, "")
    told = json.loads(ran.out)
    assert [transition["to"] for transition in told["transitions"]] == ["approved", "pended", "approved"]
    assert told["apart"] == [{"what": "golden case, shows", "id": "a", "old": '"Old."', "new": '"New."'}]


@pytest.mark.parametrize("ref", ["main", "HEAD", "HEAD~0", ""])
def test_a_commit_is_named_as_git_names_it(run: Run, repository: Path, ref: str) -> None:
    assert run("diff", f"{ref}:{repository}", f"HEAD:{repository}").status == 0


def test_a_path_may_count_from_the_current_folder(run: Run, repository: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(repository.parent)
    assert run("diff", f"HEAD:./{repository.name}", repository.name).status == 1
    assert run("diff", f"HEAD:{repository.name}", repository.name).refusal == (
        f"HEAD:{repository.name}: error[git]: there is no file `{repository.name}` at `HEAD`\n"
        f"  help: a path counts from the root of the repository; below this folder it is `./{repository.name}`\n"
    )


@pytest.mark.parametrize(
    ("old", "said"),
    [
        ("nowhere:x.json", "nowhere:x.json: error[git]: the git repository has no commit `nowhere`"),
        ("--help:x.json", "medpolicy diff: error[usage]: unknown option `--help:x.json`"),
        ("HEAD:x.json", "HEAD:x.json: error[git]: there is no file `x.json` at `HEAD`"),
        ("x/y.json", "x/y.json: error[no-such-file]: there is no such file"),
        ("rules", "rules: error[not-a-file]: is a folder, not a file"),
        ("HEAD:rules", "HEAD:rules: error[not-a-file]: is a folder, not a file"),
        ("HEAD:", "HEAD:: error[git]: names a commit and no file\n  help: name one: `HEAD:PATH`\n"),
        ("2026-04-03", "error[unknown-revision]: there is no file and no revision `2026-04-03`"),
    ],
)
def test_a_revision_that_there_is_not_is_refused(run: Run, repository: Path, old: str, said: str) -> None:
    assert run("diff", old, repository).refusal.startswith(said)


def test_a_folder_and_a_file_of_cases_say_which_rule_file_is_meant(run: Run, repository: Path) -> None:
    assert run("diff", repository.parent, repository).refusal == (
        f"{repository.parent}: error[not-a-file]: is a folder, not a file\n"
        f"  help: the rule file in it is `{repository}`\n"
    )
    cases = repository.parent / "cases" / "2026-04-02.jsonl"
    for name, file in ((f"{cases}", f"{repository}"), (f"HEAD:{cases}", f"HEAD:{repository}")):
        assert run("diff", name, repository).refusal == (
            f"{name}: error[not-a-rule-file]: is a file of JSON Lines, as golden cases and requests are, and not a rule"
            f" file\n  help: the rule file of these cases is `{file}`\n"
        )


def test_moved_days_are_told_and_do_not_count_as_other_answers(run: Run, rules: Rules) -> None:
    later = rules(('"effective_from": "2026-04-02"', '"effective_from": "2026-05-01"'))
    ran = run("diff", RULE_FILE, later)
    assert ran.status == 0
    vocabulary = " ".join(ran.out.split())
    assert "Equivalent, the days in effect apart: it is proven" in vocabulary
    told = (
        "Service from 2026-04-02 to 2026-04-30 falls under the old revision alone; with the new one in its place, and no"
        " other, such a request is pended (no_revision_in_effect)."
    )
    assert told in vocabulary
    assert "days in effect OLD: from 2026-04-02 on NEW: from 2026-05-01 on" in vocabulary
    for form in ("--markdown", "--html"):
        assert told.split(" (")[0] in run("diff", RULE_FILE, later, form).out


def test_outside_of_a_repository_no_commit_is_known(run: Run, new: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(Path.cwd().parent))
    message = run("diff", f"HEAD:{new}", new).refusal
    assert message.startswith(f"HEAD:{new}: error[git]: the current folder is in no git repository\n")


def test_without_git_a_commit_cannot_be_read(run: Run, new: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    assert run("diff", f"HEAD:{new}", new).refusal == (
        f"HEAD:{new}: error[git]: `REF:PATH` needs git, which cannot be run here\n  help: install git, or name a file\n"
    )


def test_ids_of_revisions_are_looked_up(run: Run, rules: Rules) -> None:
    rules(('"effective_to": null', '"effective_to": "2026-12-31"'))
    rules(
        ('"2026-04-02"', '"2027-01-01"'),
        ('"effective_from": "2026-04-02"', '"effective_from": "2027-01-01"'),
        CAP,
        name="2027-01-01.json",
    )
    ran = run("diff", "2026-04-02", "2027-01-01", "--rules", "rules", "--json")
    assert (ran.status, ran.err) == (1, "")
    assert [transition["from"] for transition in json.loads(ran.out)["transitions"]] == ["denied", "denied", "pended"]


def test_an_unusable_corpus_is_refused(run: Run, new: Path) -> None:
    message = run("diff", RULE_FILE, new, "--corpus", "nowhere.csv").refusal
    assert message == "nowhere.csv: error[no-such-file]: there is no such file\n"


def test_a_proof_that_runs_past_its_limit_says_so(run: Run, new: Path) -> None:
    ran = run("diff", RULE_FILE, new, "--limit", "0")
    assert ran.status == 1
    assert "Undecided: 9 questions stayed undecided within 0 s" in " ".join(ran.out.split())
    assert "\nDENIED TO APPROVED: UNDECIDED\n  Whether this can happen is undecided within 0 s.\n" in ran.out
    told = json.loads(run("diff", RULE_FILE, new, "--limit", "0", "--json").out)
    assert (told["equivalent"], told["transitions"]) == (False, [])
    assert {"from": "denied", "to": "approved"} in told["open"]
    for form in ("--markdown", "--html"):
        assert "undecided" in run("diff", RULE_FILE, new, "--limit", "0", form).out


def test_a_corpus_settles_what_the_solver_could_not(run: Run, new: Path) -> None:
    source = EXAMPLES / "denied-frontline-over-six-cycles.json"
    Path("corpus.jsonl").write_text(json.dumps(json.loads(source.read_bytes())) + "\n", "utf-8")
    told: dict[str, Any] = json.loads(
        run("diff", RULE_FILE, new, "--limit", "0", "--json", "--corpus", "corpus.jsonl").out
    )
    counts = {(change["from"], change["to"]): change.get("corpus", {}).get("count") for change in told["open"]}
    assert counts["denied", "approved"] == 1
    assert counts["denied", "pended"] == 0
    assert counts["denied", "denied"] is None


def test_records_with_a_fault_are_counted_and_never_shown(run: Run, new: Path) -> None:
    good = json.loads((EXAMPLES / "denied-frontline-over-six-cycles.json").read_bytes())
    bad = good | {"request_id": "second", "lineage": "secret-lineage"}
    Path("corpus.jsonl").write_text("".join(json.dumps(record) + "\n" for record in (good, bad)), "utf-8")
    for form in ((), ("--markdown",), ("--html",)):
        ran = run("diff", RULE_FILE, new, "--corpus", "corpus.jsonl", *form)
        assert "Of corpus.jsonl 1 record had a fault and is not counted." in " ".join(ran.out.split())
        assert ran.err == "corpus.jsonl: read 2 = decided 1 + rejected 1\n"
        assert "secret" not in ran.out
    told = json.loads(run("diff", RULE_FILE, new, "--corpus", "corpus.jsonl", "--json").out)
    assert told["rejected"] == 1
    assert [transition["corpus"]["count"] for transition in told["transitions"]] == [1, 0, 0]


def test_without_the_solver_the_extra_is_named(run: Run, new: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "z3", None)
    assert run("diff", RULE_FILE, new).refusal == (
        "error[extra-missing]: this needs the extra `prove`\n  help: install it with `pip install 'medpolicy[prove]'`\n"
    )


@pytest.mark.parametrize("form", ["--markdown", "--html"])
def test_without_the_templates_package_the_extra_is_named(run: Run, monkeypatch: pytest.MonkeyPatch, form: str) -> None:
    monkeypatch.setitem(__import__("sys").modules, "jinja2", None)
    ran = run("diff", RULE_FILE, RULE_FILE, form)
    assert (ran.status, ran.out) == (2, "")
    assert ran.err == (
        "error[extra-missing]: this needs the extra `prove`\n  help: install it with `pip install 'medpolicy[prove]'`\n"
    )
    assert run("diff", RULE_FILE, RULE_FILE).status == 0
