"""The workflow of docs/workflow.yml: every script of it is run, in a repository with an origin, as GitHub would run it."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest
import yaml
from project import ROOT

from medpolicy import __version__
from medpolicy.cli.main import COMMANDS

TEXT = (ROOT / "docs" / "workflow.yml").read_text("utf-8")
WORKFLOW = yaml.safe_load(TEXT)
JOBS = WORKFLOW["jobs"]
STEPS = {step["name"]: step for job in JOBS.values() for step in job["steps"] if "run" in step}
COMPARE = "What the change does to answers"
RULES = "rules/inotuzumab-ozogamicin"
FILE = f"{RULES}/2026-04-02.json"
CAP = '"operator": "less_than_or_equal_to", "value": '

GH = """
import json, os, sys
arguments = sys.argv[1:]
if "--jq" in arguments:
    print(os.environ["COMMENTS_THERE"])
else:
    [field] = [each for each in arguments if each.startswith("body=@")]
    told = {"arguments": arguments, "body": open(field.removeprefix("body=@")).read()}
    open(os.environ["TOLD"], "a").write(json.dumps(told) + "\\n")
"""


@dataclass
class Ended:
    status: int
    said: str
    outputs: dict[str, str]
    summary: str


class Runner:
    """A clone on the commit that GitHub makes of a pull request, and programs that stand in for `pip` and `gh`."""

    def __init__(self, folder: Path) -> None:
        self.origin, self.work, self.temp = folder / "origin.git", folder / "work", folder / "temp"
        self.programs, self.told = folder / "programs", folder / "told"
        for made in (self.temp, self.programs):
            made.mkdir()
        self._program("pip", 'import sys; print("pip", *sys.argv[1:])')
        self._program("gh", GH)
        subprocess.run(["git", "init", "-q", "--bare", "-b", "main", self.origin], check=True)
        subprocess.run(["git", "clone", "-q", self.origin, self.work], check=True, capture_output=True)
        shutil.copytree(ROOT / "rules", self.work / "rules", ignore=shutil.ignore_patterns("__pycache__", "*.py"))
        self.commit("before")
        self.git("push", "-q", "origin", "HEAD:main")
        self.git("checkout", "-q", "-b", "change")

    def _program(self, name: str, code: str) -> None:
        path = self.programs / name
        path.write_text(f"#!{sys.executable}\n{code}\n")
        path.chmod(0o755)

    def git(self, *arguments: str) -> None:
        identity = ("-c", "user.name=a", "-c", "user.email=a@example.org")
        subprocess.run(["git", *identity, *arguments], cwd=self.work, check=True, capture_output=True)

    def commit(self, message: str) -> None:
        self.git("add", "-A")
        self.git("commit", "-q", "-m", message)

    def edit(self, old: str, new: str, name: str = FILE, source: str | None = None) -> None:
        text = (self.work / (source or name)).read_text("utf-8")
        assert old in text
        (self.work / name).write_text(text.replace(old, new), "utf-8")

    def propose(self) -> None:
        """Commit the change; main moves on meanwhile; then the merge of both is checked out, on no branch."""
        self.commit("after")
        self.git("checkout", "-q", "main")
        (self.work / "README.md").write_text("Main moved on.\n")
        self.commit("meanwhile")
        self.git("push", "-q", "origin", "main")
        self.git("checkout", "-q", "--detach")
        self.git("merge", "-q", "--no-ff", "--no-edit", "change")
        self.git("branch", "-q", "-D", "main")

    def run(self, name: str, needs: dict[str, str] | None = None, comments_there: str = "") -> Ended:
        values = {
            "github.base_ref": "main",
            "github.token": "a-token",
            "github.repository": "someone/policies",
            "github.event.number": "17",
            **{f"needs.policy.outputs.{key}": value for key, value in (needs or {}).items()},
        }
        given = {**WORKFLOW["env"], **STEPS[name].get("env", {})}
        given = {key: re.sub(r"\$\{\{ (.*?) \}\}", lambda found: values[found[1]], text) for key, text in given.items()}
        output, summary = self.temp / "output", self.temp / "summary"
        output.write_text("")
        summary.write_text("")
        script = self.temp / "script.sh"
        script.write_text(STEPS[name]["run"])
        scripts = Path(sys.executable).parent
        environment = {
            **{
                key: value for key, value in os.environ.items() if not key.startswith(("PYTEST_", "MEDPOLICY_", "GIT_"))
            },
            "PATH": os.pathsep.join([str(self.programs), str(scripts), os.environ["PATH"]]),
            "RUNNER_TEMP": str(self.temp),
            "GITHUB_OUTPUT": str(output),
            "GITHUB_STEP_SUMMARY": str(summary),
            "TOLD": str(self.told),
            "COMMENTS_THERE": comments_there,
            **given,
        }
        ended = subprocess.run(
            ["bash", "--noprofile", "--norc", "-eo", "pipefail", script],
            cwd=self.work,
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=300,
        )
        return Ended(ended.returncode, ended.stdout, outputs(output.read_text()), summary.read_text())

    def requests(self) -> list[dict[str, object]]:
        """What was asked of GitHub to be written."""
        return [json.loads(line) for line in self.told.read_text().splitlines()] if self.told.exists() else []


def outputs(text: str) -> dict[str, str]:
    """The outputs of a step, as GitHub reads them."""
    found: dict[str, str] = {}
    lines = iter(text.splitlines())
    for line in lines:
        name, mark, end = line.partition("<<")
        if mark:
            found[name] = "\n".join(iter(lambda: next(lines), end))
        else:
            name, _, value = line.partition("=")
            found[name] = value
    return found


@pytest.fixture
def runner(tmp_path: Path) -> Runner:
    return Runner(tmp_path)


def test_every_step_passes_where_no_rule_is_changed_and_nothing_is_posted(runner):
    (runner.work / "NOTES.md").write_text("No rule.\n")
    runner.propose()
    ended = {name: runner.run(name) for name in STEPS if name != "Comment"}
    assert {name: step.status for name, step in ended.items()} == dict.fromkeys(ended, 0), ended
    compared = ended[COMPARE]
    assert compared.outputs == {
        "changed": "false",
        "comment": "No rule file is changed, compared with `main`.",
    }
    assert compared.summary == "No rule file is changed, compared with `main`.\n"
    assert runner.run("Comment", compared.outputs).status == 0
    assert runner.requests() == []


def test_a_change_that_changes_no_answer_says_so(runner):
    runner.edit("Inotuzumab Ozogamicin (Besponsa)", "Inotuzumab")
    runner.propose()
    ended = runner.run(COMPARE)
    assert ended.status == 0
    assert "**Equivalent" in ended.outputs["comment"]


def test_every_step_does_its_part_where_a_constant_is_changed(runner):
    runner.edit(f"{CAP}6", f"{CAP}7")
    runner.propose()
    ended = {name: runner.run(name) for name in STEPS if name != "Comment"}
    assert {name: step.status for name, step in ended.items()} == {
        "Install": 0,
        "Rule files": 1,
        "Golden cases": 1,
        "What the cases show": 1,
        "What the cases would notice": 1,
        COMPARE: 0,
    }, ended
    assert "error[invariant-broken]" in ended["Rule files"].said
    assert "decision: expected denied, got approved" in ended["Golden cases"].said

    text = ended[COMPARE].outputs["comment"]
    assert ended[COMPARE].outputs["changed"] == "true"
    assert text.startswith("### Inotuzumab Ozogamicin (Besponsa): what changes\n")
    assert f"Old: main:{FILE} (revision 2026-04-02" in text
    assert f"New: {FILE} (revision 2026-04-02" in text
    assert "<b>denied \N{RIGHTWARDS ARROW} approved</b>: <code>" in text
    assert "continuation.cycle&#95;cap</code>" in text
    assert "| Cycles requested | 7 |" in text
    assert ended[COMPARE].summary.strip() == text.strip()


def test_the_comment_is_posted_once_and_then_kept_up_to_date(runner):
    needs = {"changed": "true", "comment": 'Answers change: `x`, $(touch made) and "quotes".'}
    assert runner.run("Comment", needs).status == 0
    assert runner.run("Comment", needs, comments_there="41\n42").status == 0
    now = {"changed": "false", "comment": "No rule file is changed."}
    assert runner.run("Comment", now, comments_there="41").status == 0
    posted, updated, reverted = runner.requests()
    body = f"<!-- medpolicy diff -->\n{needs['comment']}\n"
    assert (posted["body"], updated["body"]) == (body, body)
    assert posted["arguments"][:3] == ["api", "--silent", "repos/someone/policies/issues/17/comments"]
    assert updated["arguments"][:5] == [
        "api",
        "--silent",
        "--method",
        "PATCH",
        "repos/someone/policies/issues/comments/41",
    ]
    assert reverted["body"] == "<!-- medpolicy diff -->\nNo rule file is changed.\n"
    assert not (runner.work / "made").exists()


def test_nothing_is_posted_where_nothing_could_be_compared(runner):
    assert runner.run("Comment", {"changed": "", "comment": ""}, comments_there="41").status == 0
    assert runner.requests() == []


@pytest.mark.skipif(shutil.which("jq") is None, reason="needs jq")
def test_only_the_comment_of_this_workflow_is_updated():
    [filter] = re.findall(r"--jq '(.*?)'\)", STEPS["Comment"]["run"], re.DOTALL)
    comments = [
        {"id": 1, "user": {"login": "someone"}, "body": "<!-- medpolicy diff -->\nmine"},
        {"id": 2, "user": {"login": "github-actions[bot]"}, "body": "another workflow"},
        {"id": 3, "user": {"login": "github-actions[bot]"}, "body": "<!-- medpolicy diff -->\nthis one"},
    ]
    ended = subprocess.run(["jq", filter], input=json.dumps(comments), capture_output=True, text=True, check=True)
    assert ended.stdout.split() == ["3"]


def test_a_new_revision_is_compared_with_the_one_before_it_and_an_edited_one_with_itself(runner):
    runner.edit('"effective_to": null', '"effective_to": "2026-12-31"')
    new = f"{RULES}/2027-01-01.json"
    runner.edit('"effective_to": "2026-12-31"', '"effective_to": null', new, FILE)
    runner.edit("2026-04-02", "2027-01-01", new)
    runner.edit('"months": 12', '"months": 6', new)
    runner.propose()
    ended = runner.run(COMPARE)
    assert ended.status == 0, ended.said
    edited, added = ended.outputs["comment"].split("### ")[1:]
    assert f"Old: main:{FILE}" in edited
    assert "equivalent" in edited.lower()
    assert f"Old: {FILE} (revision 2026-04-02" in added
    assert f"New: {new} (revision 2027-01-01" in added
    assert "approved, for other reasons" in added


def test_a_renamed_revision_is_told_as_removed_and_as_new(runner):
    runner.git("mv", FILE, f"{RULES}/2026-04-03.json")
    runner.propose()
    ended = runner.run(COMPARE)
    assert ended.status == 0
    assert ended.outputs["comment"].split("\n") == [
        f"`{RULES}/2026-04-03.json` is new, and no revision comes before it.",
        "",
        f"`{FILE}` is removed: requests of its days are pended, unless another revision is in effect.",
        "",
    ]


def test_a_file_that_cannot_be_compared_fails_the_step_after_the_others_were_compared(runner):
    new = f"{RULES}/2025-01-01.json"
    runner.edit('"effective_to": null', '"effective_to": "2025-12-31"', new, FILE)
    runner.edit("2026-04-02", "2025-01-01", new)
    runner.edit('"ph_status", "operator"', '"ph_statsu", "operator"')
    runner.propose()
    ended = runner.run(COMPARE)
    assert ended.status == 2
    assert "help: did you mean `ph_status`?" in ended.said
    assert ended.outputs["comment"].splitlines() == [
        f"`{FILE}` could not be compared: the log of the job says why.",
        "",
        f"`{new}` is new, and no revision comes before it.",
    ]
    assert ended.summary == ended.outputs["comment"] + "\n"


def test_a_file_name_is_never_run_nor_read_as_markdown(runner):
    name = f"{RULES}/2025 $(touch made)`touch made`; touch made @all.json"
    (runner.work / name).write_text("{}")
    runner.propose()
    ended = runner.run(COMPARE)
    assert ended.status == 0
    assert ended.outputs["comment"].strip() == (
        f"`{RULES}/2025???touch?made??touch?made???touch?made??all.json` is new, and no revision comes before it."
    )
    assert not (runner.work / "made").exists()


def test_a_long_text_is_cut_in_the_comment_and_whole_in_the_summary(runner):
    for number in range(400):
        (runner.work / f"rules/policy-{'long-' * 30}{number}").mkdir()
        (runner.work / f"rules/policy-{'long-' * 30}{number}/2026-01-01.json").write_text("{}")
    runner.propose()
    ended = runner.run(COMPARE)
    assert 59_000 < len(ended.outputs["comment"]) < 60_200
    assert ended.outputs["comment"].endswith("\n</details>\n\nThe rest is in the summary of the job.")
    assert ended.summary.count("is new, and no revision comes before it.") == 400


# What the file says of itself


def test_what_a_stranger_can_write_stands_in_no_script():
    for name, step in STEPS.items():
        assert "${{" not in step["run"], name


def test_actions_are_official_and_pinned_and_keep_no_token():
    used = [step for job in JOBS.values() for step in job["steps"] if "uses" in step]
    assert len(used) == 2
    for step in used:
        assert re.fullmatch(r"actions/[a-z-]+@[0-9a-f]{40}", step["uses"])
        assert re.search(rf"uses: {step['uses']} # v\d+\.\d+\.\d+\n", TEXT)
    [checkout] = [step for step in used if "checkout" in step["uses"]]
    assert checkout["with"]["persist-credentials"] is False


def test_only_the_job_that_runs_nothing_of_the_change_can_write_and_not_for_a_fork():
    assert WORKFLOW["permissions"] == {}
    assert {name: job["permissions"] for name, job in JOBS.items()} == {
        "policy": {"contents": "read"},
        "comment": {"pull-requests": "write"},
    }
    assert "head.repo.full_name == github.repository" in JOBS["comment"]["if"]
    assert [step["name"] for step in JOBS["comment"]["steps"]] == ["Comment"]


def test_this_version_is_installed_and_each_command_is_one_there_is(runner):
    assert f'"medpolicy[prove]=={__version__}"' in STEPS["Install"]["run"]
    assert runner.run("Install").said == f"pip install medpolicy[prove]=={__version__} pytest==9.*\n"
    page = (ROOT / "docs" / "workflow.md").read_text("utf-8")
    called = set(re.findall(r"(?:run: |  |`)medpolicy ([a-z]+)\b", TEXT + page))
    assert {"check", "cover", "mutate", "diff", "cases"} <= called
    assert called <= {*COMMANDS}
