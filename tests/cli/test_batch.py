from __future__ import annotations

import json
import os
import pty
import re
import select
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from project import EXAMPLES

from cli.running import Run
from medpolicy.cli import batch
from medpolicy.policy import Policy

Write = Callable[..., Path]


@pytest.fixture
def requests(tmp_path: Path) -> Write:
    """Write the example requests, and further lines, into a file."""

    def write(*more: str, name: str = "in.csv") -> Path:
        text = (EXAMPLES / f"requests{Path(name).suffix}").read_text("utf-8")
        (tmp_path / name).write_text(text + "".join(f"{line}\n" for line in more), "utf-8")
        return Path(name)

    return write


def test_a_batch_says_on_standard_error_what_became_of_its_records(run: Run, requests: Write) -> None:
    ran = run("batch", requests(), "-o", "out.csv")
    assert (ran.status, ran.out, ran.err) == (0, "", "read 14 = decided 14 + rejected 0\n")
    assert not Path("out.csv.rejects.jsonl").exists()


def test_rejected_records_make_the_status_one_and_stand_beside_the_output(run: Run, requests: Write) -> None:
    ran = run("batch", requests('{"request_id": "X"}', name="in.jsonl"), "-o", "out.parquet")
    assert (ran.status, ran.out, ran.err) == (1, "", "read 15 = decided 14 + rejected 1\n")
    (reject,) = map(json.loads, Path("out.parquet.rejects.jsonl").read_text("utf-8").splitlines())
    assert (reject["record"], reject["request_id"]) == (15, "X")
    assert list(reject) == ["record", "request_id", "faults"]
    assert {fault["line"] for fault in reject["faults"]} == {15}


def test_an_unusable_file_makes_the_status_two_and_writes_nothing(run: Run) -> None:
    message = run("batch", "nowhere.csv", "-o", "out.csv").refusal
    assert message == "nowhere.csv: error[no-such-file]: there is no such file\n"
    assert list(Path().iterdir()) == []


def test_a_pinned_revision_decides_every_day(run: Run, requests: Write) -> None:
    assert run("batch", requests(), "-o", "out.csv", "--revision", "2026-04-02").status == 0
    assert "no_revision_in_effect" not in Path("out.csv").read_text("utf-8")
    assert run("batch", requests(), "-o", "out.csv").status == 0
    assert "no_revision_in_effect" in Path("out.csv").read_text("utf-8")


def test_rule_files_of_another_folder_are_used(run: Run, requests: Write, rules: Callable[..., Path]) -> None:
    rules(('"value": 6', '"value": 1'))
    assert run("batch", requests(), "-o", "other.csv", "--rules", "rules").status == 0
    assert run("batch", requests(), "-o", "out.csv").status == 0
    assert Path("other.csv").read_bytes() != Path("out.csv").read_bytes()


def test_extra_names_are_faults_ignored_or_kept(run: Run, requests: Write) -> None:
    text = requests().read_text("utf-8").splitlines()
    Path("more.csv").write_text(
        "\n".join(f"{line},{'zone' if at == 0 else at}" for at, line in enumerate(text)), "utf-8"
    )
    ran = run("batch", "more.csv", "-o", "out.csv")
    assert (ran.status, ran.err) == (2, "more.csv:1: error[unknown-column]: unknown column `zone`\n  at $.zone\n")
    assert run("batch", "more.csv", "-o", "out.csv", "--extra", "ignore").status == 0
    assert Path("out.csv").read_text("utf-8").splitlines()[0].endswith(",authorization_cycles")
    assert run("batch", "more.csv", "-o", "out.csv", "--extra", "keep").status == 0
    assert [line.rpartition(",")[2] for line in Path("out.csv").read_text("utf-8").splitlines()] == [
        *("zone", *map(str, range(1, 15)))
    ]


@pytest.mark.parametrize("arguments", [["-", "-o", "out.csv"], ["in.csv", "-o", "-"]])
def test_a_batch_reads_and_writes_files(run: Run, requests: Write, arguments: list[str]) -> None:
    requests()
    ran = run("batch", *arguments)
    assert ran.status == 2
    assert ran.err == (
        "medpolicy batch: error[usage]: a batch reads and writes files\n"
        "  help: name a file; its suffix tells the format\n"
    )


def test_a_failure_of_the_program_shows_no_value_and_no_trace(
    run: Run, requests: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise ZeroDivisionError("PA-1001")

    monkeypatch.setattr(Policy, "column_decider", fail)
    ran = run("batch", requests(), "-o", "out.csv")
    assert (ran.status, ran.err) == (
        2,
        "error[internal]: unexpected error (ZeroDivisionError)\n  help: please report it\n",
    )
    assert not Path("out.csv").exists()


def test_the_help_of_the_command_names_formats_and_rejects(run: Run) -> None:
    ran = run("batch", "--help")
    assert ran.status == 0
    for word in ("JSON Lines, CSV or Parquet", "OUT.rejects.jsonl", "--extra", "--revision"):
        assert word in ran.out


# Progress


CALL = [sys.executable, "-m", "medpolicy", "batch"]


def test_nothing_but_the_summary_is_written_to_a_pipe(requests: Write) -> None:
    ended = subprocess.run(
        [*CALL, requests(), "-o", "out.csv"], capture_output=True, text=True, timeout=120, check=True
    )
    assert (ended.stdout, ended.stderr) == ("", "read 14 = decided 14 + rejected 0\n")


@pytest.mark.skipif(os.name != "posix", reason="a terminal is opened as POSIX has it")
def test_progress_is_shown_on_a_terminal_and_taken_away_again(requests: Write) -> None:
    leader, follower = pty.openpty()
    with subprocess.Popen([*CALL, requests(), "-o", "out.csv"], stderr=follower, stdout=subprocess.PIPE) as process:
        os.close(follower)
        shown = read_all(leader)
        told = process.stdout.read() if process.stdout else b""
    os.close(leader)
    assert process.returncode == 0
    assert told == b""
    assert re.fullmatch(rb"\r14 records\r\x1b\[Kread 14 = decided 14 \+ rejected 0\r\n", shown)


def read_all(terminal: int) -> bytes:
    shown = b""
    while select.select([terminal], [], [], 120)[0]:
        try:
            some = os.read(terminal, 1024)
        except OSError:
            break
        if not some:
            break
        shown += some
    return shown


def test_progress_is_shown_a_few_times_a_second_with_thousands_told_apart(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    now = 100.0
    monkeypatch.setattr(batch, "monotonic", lambda: now)
    progress = batch.Progress()
    for records in (1000, 2000, 3000):
        progress(records)
        now += 0.15
    progress(1234567)
    progress.clear()
    assert capsys.readouterr().err == "\r1,000 records\r3,000 records\r\x1b[K"
