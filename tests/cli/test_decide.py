from __future__ import annotations

import io
import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import pytest
from project import EXAMPLES, ROOT

from cli.running import Run
from medpolicy import Determination, Policy
from medpolicy.cli import options

RequestFile = Callable[..., str]
Rules = Callable[..., Path]

DENIED = EXAMPLES / "denied-frontline-over-six-cycles.json"
BATCH = "use `medpolicy batch`, which reads JSON Lines, CSV and Parquet"


def test_every_fault_of_a_request_is_reported_with_its_place_and_never_its_value(
    run: Run, request_file: RequestFile
) -> None:
    file = request_file(diseese="SECRET", disease=None, lineage="b-cell", cycles_received="4", birth_date="2071-11-08")
    assert run("decide", file).refusal == (
        "request.json:5:17: error[date-order]: `birth_date` must not be after `service_start_date`\n"
        "  at $.birth_date\n"
        "request.json:6:14: error[not-allowed]: `lineage` must be `b_cell_precursor`, `t_cell` or `other`\n"
        "  at $.lineage\n"
        "  help: did you mean `b_cell_precursor`?\n"
        "request.json:12:22: error[not-allowed]: `cycles_received` must be a whole number from 0 to 999\n"
        "  at $.cycles_received\n"
        "  help: write the digits alone: no quotes, blanks, plus sign, leading zeros or decimal point\n"
        "request.json:15:3: error[unknown-key]: unknown key `diseese`\n"
        "  at $.diseese\n"
        "  help: did you mean `disease`?\n"
    )


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (None, "x.json: error[no-such-file]: there is no such file\n"),
        (b"", "x.json:1:1: error[syntax]: the text is empty\n"),
        ("{}".encode("utf-16"), "x.json:1:1: error[encoding]: the text is UTF-16\n  help: save it as UTF-8\n"),
        (b" " * ((1 << 20) + 1), "x.json:1:1: error[too-large]: is larger than 1 MiB\n"),
        (b"\n 1", "x.json:1:1: error[not-a-record]: a request must be an object with a key for each fact\n"),
    ],
    ids=["no file", "empty", "UTF-16", "large", "a number"],
)
def test_what_holds_no_request_is_refused(run: Run, content: bytes | None, message: str) -> None:
    if content is not None:
        Path("x.json").write_bytes(content)
    assert run("decide", "x.json").refusal == message


def test_a_folder_is_refused(run: Run) -> None:
    Path("folder").mkdir()
    assert run("decide", "folder").refusal == "folder: error[not-a-file]: is a folder, not a file\n"


@pytest.mark.parametrize(
    ("name", "text", "what"),
    [
        ("requests.csv", (EXAMPLES / "requests.csv").read_bytes(), "a CSV file"),
        ("requests.txt", (EXAMPLES / "requests.csv").read_bytes(), "a CSV file"),
        ("requests.jsonl", (EXAMPLES / "requests.jsonl").read_bytes(), "JSON Lines"),
        ("requests.json", b' [{"request_id": "a"}]', "a list in JSON"),
        ("requests.parquet", b"PAR1\x00\xff", "a Parquet file"),
    ],
    ids=["CSV", "CSV by its first line", "JSON Lines", "a list", "Parquet"],
)
def test_many_requests_are_sent_to_the_command_for_them(
    run: Run, tmp_path: Path, name: str, text: bytes, what: str
) -> None:
    (tmp_path / name).write_bytes(text)
    message = run("decide", name).refusal
    assert message == f"{name}: error[not-one-request]: is {what}; this command decides one request\n  help: {BATCH}\n"


def test_where_several_policies_are_installed_one_has_to_be_named(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(options, "known_policies", lambda: ("another", "inotuzumab-ozogamicin"))
    monkeypatch.setattr(options, "rule_files", lambda folder: [folder])
    monkeypatch.setattr(options, "vocabulary", lambda name: SimpleNamespace(rules=Path(name)), raising=False)
    assert run("decide", DENIED).refusal == (
        "medpolicy: error[usage]: there are several policies: `another` and `inotuzumab-ozogamicin`\n"
        "  help: name one with `--policy`\n"
    )


def test_of_several_policies_the_one_with_rule_files_in_the_folder_is_meant(
    run: Run, rules: Rules, monkeypatch: pytest.MonkeyPatch
) -> None:
    rules()
    monkeypatch.setattr(options, "known_policies", lambda: ("another", "inotuzumab-ozogamicin"))
    assert run("decide", DENIED, "--rules", "rules").status == 0


def test_without_any_policy_nothing_is_decided(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(options, "known_policies", lambda: ())
    ran = run("decide", DENIED)
    assert (ran.status, ran.out, ran.err) == (2, "", "error[no-policy]: no policy is installed\n")


@pytest.mark.parametrize("way", ["the option", "the environment"])
def test_rules_are_read_from_another_folder(run: Run, rules: Rules, monkeypatch: pytest.MonkeyPatch, way: str) -> None:
    rules(('"less_than_or_equal_to", "value": 6', '"less_than_or_equal_to", "value": 7'))
    if way == "the environment":
        monkeypatch.setenv("MEDPOLICY_RULES", "rules")
        ran = run("decide", DENIED)
    else:
        ran = run("decide", DENIED, "--rules", "rules")
    assert (ran.status, ran.err) == (0, "")
    assert ran.out.startswith("APPROVED: request PA-1005\n")


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ("nowhere", "nowhere: error[no-such-folder]: there is no such folder\n  help: `--rules` takes a folder\n"),
        (
            "rules/inotuzumab-ozogamicin/2026-04-02.json",
            "rules/inotuzumab-ozogamicin/2026-04-02.json: error[no-such-folder]: is a file, not a folder\n"
            "  help: `--rules` takes a folder\n",
        ),
        (
            "rules/inotuzumab-ozogamicin",
            "rules/inotuzumab-ozogamicin: error[no-rule-files]: holds no rule file of an installed policy\n"
            "  help: a rules folder holds a folder for each policy: `inotuzumab-ozogamicin`\n",
        ),
    ],
)
def test_a_folder_without_the_policy_is_refused(run: Run, rules: Rules, given: str, message: str) -> None:
    rules()
    ran = run("decide", DENIED, "--rules", given)
    assert (ran.status, ran.out, ran.err) == (2, "", message)


def test_an_extra_key_that_a_determination_has_is_not_kept(run: Run, request_file: RequestFile) -> None:
    assert run("decide", request_file(decision="approved", member_group="A"), "--extra", "keep").refusal == (
        "request.json:16:3: error[reserved-key]: the key `decision` cannot be kept: a determination has one of that name\n"
        "  at $.decision\n"
        "  help: rename it, or leave it out with `--extra ignore`\n"
    )


def test_extra_keys_are_kept_behind_the_keys_of_the_determination(run: Run, request_file: RequestFile) -> None:
    output = run("decide", request_file(zone=[1, None], member_group="\u00c4"), "--extra", "keep", "--json").output
    assert list(json.loads(output))[-3:] == ["review_flags", "zone", "member_group"]
    assert output.endswith(',"zone":[1,null],"member_group":"\u00c4"}\n')


def test_extra_keys_are_left_out(run: Run, request_file: RequestFile) -> None:
    output = run("decide", request_file(zone=1, decision="x"), "--extra", "ignore", "--json").output
    assert list(json.loads(output))[-1] == "review_flags"


def test_a_pinned_revision_decides_whatever_the_date(run: Run) -> None:
    request = EXAMPLES / "pended-before-effective-date.json"
    assert json.loads(run("decide", request, "--json").out)["revision"] is None
    ran = run("decide", request, "--json", "--revision", "2026-04-02")
    assert json.loads(ran.out)["revision"] == "2026-04-02"


@pytest.mark.parametrize("engine", ["tables", "business-rules"])
@pytest.mark.parametrize("example", sorted(path.stem for path in EXAMPLES.glob("*.json")))
def test_the_json_is_the_determination_alone(run: Run, policy: Policy, example: str, engine: str) -> None:
    file = EXAMPLES / f"{example}.json"
    output = run("decide", file, "--json", "--engine", engine).output
    assert output.encode() == policy.decide(json.loads(file.read_bytes())).to_json() + b"\n"
    assert Determination.from_json(output).decision == example.partition("-")[0]


@pytest.mark.parametrize("example", sorted(path.stem for path in EXAMPLES.glob("*.json")))
def test_the_answer_for_people_fits_the_width_and_names_the_decision(run: Run, example: str) -> None:
    output = run("decide", EXAMPLES / f"{example}.json").output
    assert output.startswith(example.partition("-")[0].upper() + ": request PA-")
    assert max(map(len, output.splitlines())) <= 80


def test_standard_input_is_read_for_a_dash(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"\xef\xbb\xbf" + DENIED.read_bytes())))
    assert run("decide", "-").output.startswith("DENIED: request PA-1005\n")


def test_faults_of_standard_input_are_placed_in_it(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b'{"request_id": 1}')))
    message = run("decide", "-").refusal
    assert "<stdin>:1:16: error[not-allowed]: `request_id` must be text of at least one character\n" in message


def test_too_much_on_standard_input_is_refused(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b" " * ((1 << 20) + 1))))
    ran = run("decide", "-")
    assert (ran.status, ran.out, ran.err) == (2, "", "<stdin>: error[too-large]: is larger than 1 MiB\n")


def test_marks_are_plain_where_the_output_cannot_hold_others() -> None:
    ended = subprocess.run(
        [sys.executable, "-m", "medpolicy", "decide", str(DENIED)],
        capture_output=True,
        env={"PYTHONIOENCODING": "ascii", "COLUMNS": "80", "PATH": ""},
        timeout=60,
        check=True,
        cwd=ROOT,
    )
    marks = {line[2:3] for line in ended.stdout.decode("ascii").splitlines() if line[:2] == "  " and line[3:4] == " "}
    assert {"+", "x"} <= marks
