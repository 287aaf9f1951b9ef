"""A run that is killed leaves the whole output with its rejects, or no output; and running again gives the same bytes."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from random import Random
from time import perf_counter
from typing import Any

import pytest
from project import TESTS

from batch.making import FORMATS, Batch, decide, records, spoiled_records, write
from medpolicy.text import replace

pytestmark = pytest.mark.skipif(os.name != "posix", reason="signals are sent as POSIX has them")

FAULTY = spoiled_records(31, 300)

Run = Callable[..., dict[str, Any]]


@pytest.fixture(scope="module")
def run() -> Iterator[Run]:
    """Run a batch in a child of another process, killed as asked for."""
    environment = os.environ | {"PYTHONPATH": str(TESTS)}
    called = [sys.executable, "-m", "batch.forking"]
    with subprocess.Popen(called, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment) as process:
        told, answered = process.stdin, process.stdout
        if told is None or answered is None:
            raise AssertionError("no pipes")

        def once(source: Path, output: Path, **how: Any) -> dict[str, Any]:
            print(json.dumps({"arguments": ["batch", str(source), "-o", str(output)], **how}), file=told, flush=True)
            found: dict[str, Any] = json.loads(answered.readline())
            return found

        yield once


def left(folder: Path) -> set[str]:
    """The files that a run left, but for what it was writing."""
    return {path.name for path in folder.iterdir() if not path.name.endswith(".part")} - {"in.csv", "in.jsonl"}


def check_what_is_left(output: Path, whole: Batch, earlier: tuple[bytes, bytes] | None = None) -> None:
    """Either no output, or the earlier one, or the whole of it, each with its own rejects."""
    rejects = output.with_name(f"{output.name}.rejects.jsonl")
    if not output.exists():
        return
    found = output.read_bytes(), rejects.read_bytes() if rejects.exists() else b""
    if found not in (earlier, (whole.output, whole.rejected)):
        raise AssertionError("half an output, or one beside the rejects of another run")


@pytest.mark.parametrize(
    ("rows", "earlier"),
    [(FAULTY, b""), (records(34, 50), b"earlier rejects")],
    ids=["rejects now", "rejects before"],
)
def test_a_run_killed_at_any_step_of_replacing_leaves_all_or_nothing(
    rows: list[Any], earlier: bytes, tmp_path: Path, run: Run
) -> None:
    source, output = write(tmp_path / "in.csv", rows), tmp_path / "out.csv"
    rejects = output.with_name(f"{output.name}.rejects.jsonl")
    whole = decide(source, output)
    assert bool(whole.rejected) is (rows is FAULTY)
    for step in range(1, 100):
        output.write_bytes(b"earlier")
        rejects.unlink(missing_ok=True)
        if earlier:
            rejects.write_bytes(earlier)
        ended = run(source, output, step=step)
        check_what_is_left(output, whole, (b"earlier", earlier))
        if ended["status"] != -signal.SIGKILL:
            break
    assert ended["status"] == (1 if whole.rejected else 0)
    assert ended["steps"] == step - 1 >= 16
    assert output.read_bytes() == whole.output
    assert rejects.exists() is bool(whole.rejected)
    again = decide(source, output)
    assert (again.output, again.rejected) == (whole.output, whole.rejected)


@pytest.mark.parametrize("suffix", FORMATS)
def test_a_run_killed_at_random_leaves_all_or_nothing_and_runs_again_to_the_same_bytes(
    suffix: str, tmp_path: Path, run: Run
) -> None:
    random = Random(suffix)
    rows = [each | {"request_id": f"R-{number}"} for number, each in enumerate(FAULTY * 6)]
    source, output = write(tmp_path / "in.jsonl", rows), tmp_path / f"out.{suffix}"
    began = perf_counter()
    assert run(source, output)["status"] == 1
    duration = perf_counter() - began
    whole = decide(source, output)
    killed = 0
    while killed < int(os.environ.get("MEDPOLICY_KILLED", "6")):
        for name in left(tmp_path):
            (tmp_path / name).unlink()
        ended = run(source, output, after=random.random() * duration, signal=signal.SIGKILL)
        if ended["status"] == -signal.SIGKILL:
            killed += 1
        else:  # it was faster than the first time
            duration *= 0.8
        check_what_is_left(output, whole)
    again = decide(source, output)
    assert (again.output, again.rejected) == (whole.output, whole.rejected)


@pytest.mark.parametrize("suffix", FORMATS)
def test_a_run_that_is_interrupted_leaves_no_file_and_says_nothing(suffix: str, tmp_path: Path, run: Run) -> None:
    rows = [each | {"request_id": f"{copy}-{each['request_id']}"} for copy in range(8) for each in records(32, 1000)]
    source, output = write(tmp_path / "in.csv", rows), tmp_path / f"out.{suffix}"
    began = perf_counter()
    assert run(source, output)["status"] == 0
    duration = perf_counter() - began
    output.unlink()
    shares = [0.7, 0.5, 0.3, 0.1]
    while shares:
        ended = run(source, output, after=shares[-1] * duration, signal=signal.SIGINT)
        names = {path.name for path in tmp_path.iterdir()}
        if ended["status"] == 0:  # it was faster than the first time
            assert names == {"in.csv", output.name}
            output.unlink()
            duration *= 0.8
            continue
        shares.pop()
        assert (ended["status"], ended["told"]) == (130, "")
        assert names == {"in.csv"}


def test_a_rejects_file_of_an_earlier_run_is_removed(tmp_path: Path) -> None:
    source, output = write(tmp_path / "in.csv", FAULTY), tmp_path / "out.csv"
    assert decide(source, output).rejected
    source.write_bytes(write(tmp_path / "good.csv", records(33, 10)).read_bytes())
    assert decide(source, output).summary.rejected == 0
    assert left(tmp_path) == {"out.csv", "good.csv"}


def test_a_run_in_vain_leaves_the_earlier_output_and_its_rejects(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source, output = write(tmp_path / "in.csv", FAULTY), tmp_path / "out.csv"
    earlier = decide(source, output)
    with monkeypatch.context() as patch:
        patch.setattr(replace.os, "fsync", interrupted)
        with pytest.raises(KeyboardInterrupt):
            decide(source, output)
    assert output.read_bytes() == earlier.output
    assert output.with_name(f"{output.name}.rejects.jsonl").read_bytes() == earlier.rejected
    assert left(tmp_path) == {"out.csv", "out.csv.rejects.jsonl"}


def interrupted(_: int) -> None:
    raise KeyboardInterrupt
