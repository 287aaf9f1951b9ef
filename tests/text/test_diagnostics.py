"""What the log and `MEDPOLICY_DEBUG` tell: what was loaded, refused and where the program failed, and no value of a request."""

from __future__ import annotations

import json
import logging
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from project import EXAMPLES, ROOT

from medpolicy import InvalidPolicy, InvalidRequest, UndecidedRequest, load_policy
from medpolicy.batch import decide_file
from medpolicy.cli.main import main
from medpolicy.columns.frame import ColumnDecider
from medpolicy.policy import Policy
from medpolicy.text import diagnostics
from medpolicy.text.diagnostics import report_failure, traceback_without_values

NAME = "inotuzumab-ozogamicin"
CANARY = "C4NARY-55667788"
RECORD = json.loads((EXAMPLES / "approved-relapsed-single-agent.json").read_bytes()) | {"request_id": CANARY}
POLICY = load_policy(NAME)


@pytest.fixture(autouse=True)
def _everything_is_told(monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> None:
    monkeypatch.setenv(diagnostics.DEBUG_VARIABLE, "1")
    monkeypatch.setattr(diagnostics, "_printed", set())
    caplog.set_level(logging.DEBUG)


def all_told(caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]) -> str:
    """Every log record, with all that it holds, and standard error."""
    return "".join(f"{vars(record)}\n" for record in caplog.records) + capsys.readouterr().err


def failing(*_: Any, **__: Any) -> Any:
    secret = CANARY
    try:
        raise KeyError(secret)
    except KeyError as error:
        failure = ValueError(f"{secret} is not allowed")
        failure.add_note(secret)
        raise failure from error


# Tracebacks


def test_a_traceback_has_places_and_code_and_no_value() -> None:
    try:
        failing()
    except ValueError as error:
        told = "".join(traceback_without_values(error))
    assert CANARY not in told
    assert told.count("Traceback (most recent call last):\n") == 2
    assert "    raise KeyError(secret)\n" in told
    assert f'{Path(__file__).name}", line ' in told
    assert ", in failing\n" in told
    assert "\nKeyError\n" in told
    assert "direct cause" in told
    assert told.endswith("\nValueError\n")


def test_an_exception_on_the_way_is_told_unless_it_is_suppressed() -> None:
    def told(suppressed: bool) -> str:
        try:
            try:
                raise KeyError(CANARY)
            except KeyError:
                failure = TypeError(CANARY)
                failure.__suppress_context__ = suppressed
                raise failure  # noqa: B904 - whether its context is suppressed is what is tried
        except TypeError as error:
            return "".join(traceback_without_values(error))

    assert told(suppressed=True).count("Traceback") == 1
    assert told(suppressed=False).count("Traceback") == 2
    assert "while the one above was handled" in told(suppressed=False)
    assert CANARY not in told(suppressed=False)


def test_exceptions_that_cause_each_other_come_to_an_end() -> None:
    first, second = ValueError(CANARY), TypeError(CANARY)
    first.__cause__, second.__cause__ = second, first
    assert "".join(traceback_without_values(first)).count("Traceback") == 2


def test_without_the_variable_nothing_is_printed(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv(diagnostics.DEBUG_VARIABLE)
    report_failure(ValueError(CANARY))
    assert capsys.readouterr().err == ""


def test_an_exception_that_was_never_raised_has_no_place(caplog: pytest.LogCaptureFixture) -> None:
    report_failure(UndecidedRequest(CANARY))
    assert caplog.messages == ["failed: medpolicy.policy.UndecidedRequest at an unknown place"]


# Failures of the program


@pytest.fixture
def _broken(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    with monkeypatch.context() as patch:
        patch.setattr(ColumnDecider, "decide", failing)
        patch.setattr(Policy, "_decide", failing)
        patch.setitem(vars(POLICY), "_readers", {None: failing})
        yield


@pytest.mark.usefixtures("_broken")
def test_a_failing_decision_is_told_without_its_request(
    caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(UndecidedRequest) as raised:
        POLICY.decide(RECORD)
    assert str(raised.value) == "the request could not be decided (ValueError)"
    assert caplog.messages[0].startswith("failed: ValueError at ")
    told = all_told(caplog, capsys)
    assert "raise failure from error" in told
    assert CANARY not in told


@pytest.mark.usefixtures("_broken")
@pytest.mark.parametrize("output", ["jsonl", "csv"])
def test_a_batch_that_fails_on_every_record_prints_one_traceback(
    output: str, tmp_path: Path, caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]
) -> None:
    source = tmp_path / "in.jsonl"
    source.write_text("".join(json.dumps(RECORD | {"request_id": f"{CANARY}-{n}"}) + "\n" for n in range(5)), "utf-8")
    summary = decide_file(POLICY, source, tmp_path / f"out.{output}")
    assert (summary.decided, summary.rejected) == (0, 5)
    assert f"rejected records of {source}: 5 undecided" in caplog.messages
    told = all_told(caplog, capsys)
    assert told.count("direct cause") == 1
    assert CANARY not in told


def test_an_unexpected_error_of_the_command_line_is_told_where_it_happened(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    monkeypatch.setattr(Policy, "decide", failing)
    request = tmp_path / "request.json"
    request.write_text(json.dumps(RECORD), "utf-8")
    assert main(["decide", str(request)]) == 2
    told = capsys.readouterr().err
    assert "raise failure from error" in told
    assert told.endswith("\nValueError\nerror[internal]: unexpected error (ValueError)\n  help: please report it\n")
    assert CANARY not in told


# What was loaded and refused


def test_what_is_loaded_is_logged_with_its_digest(caplog: pytest.LogCaptureFixture) -> None:
    policy = load_policy(NAME)
    [decider] = policy.deciders
    [file, loaded] = caplog.messages
    assert file.startswith("loaded ")
    assert file.endswith(f"2026-04-02.json: policy {NAME}, revision 2026-04-02, {decider.digest}")
    assert loaded == f"loaded {NAME}: revision 2026-04-02"


def test_what_is_refused_is_logged_with_the_codes_of_its_findings_alone(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    folder = tmp_path / NAME
    folder.mkdir()
    file = folder / "2026-04-02.json"
    file.write_text(json.dumps({"policy": NAME, CANARY: 1, f"{CANARY}-2": 2}), "utf-8")
    with pytest.raises(InvalidPolicy) as refused:
        load_policy(NAME, tmp_path)
    codes = Counter(finding.code for finding in refused.value.findings)
    assert codes["unknown-key"] == 2
    counts = ", ".join(f"{count} {code}" for code, count in codes.items())
    assert caplog.messages == [f"refused {file}: {counts}", f"refused {NAME}: {counts}"]
    assert {record.levelname for record in caplog.records} == {"WARNING"}


@pytest.mark.parametrize(("one", "other"), [("csv", "csv"), ("jsonl", "jsonl"), ("jsonl", "parquet")])
def test_faulty_records_are_counted_by_code_and_no_value_of_theirs_is_told(
    one: str, other: str, tmp_path: Path, caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]
) -> None:
    rows = [RECORD, RECORD | {"request_id": f"{CANARY}-2", "disease": CANARY}, RECORD | {"lineage": CANARY}]
    source = tmp_path / f"in.{one}"
    if one == "jsonl":
        source.write_text("".join(json.dumps(row) + "\n" for row in rows), "utf-8")
    else:
        names = [name for name, value in RECORD.items() if not isinstance(value, list | bool)]
        lines = [names, *([str(row[name]) for name in names] for row in rows)]
        source.write_text("".join(",".join(line) + "\n" for line in lines), "utf-8")
    decide_file(POLICY, source, tmp_path / f"out.{other}")
    assert f"decided {source}: read 3 = decided 1 + rejected 2" in caplog.messages
    assert f"rejected records of {source}: 2 not-allowed, 1 repeated-id" in caplog.messages
    assert CANARY not in all_told(caplog, capsys)


def test_faulty_rows_of_a_table_are_counted_by_code(
    caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]
) -> None:
    POLICY.decide_table(pa.Table.from_pylist([RECORD, RECORD | {"disease": CANARY}]))
    assert caplog.messages == [
        "decided a table: read 2, rejected 1",
        "rejected records of a table: 1 not-allowed, 1 repeated-id",
    ]
    assert CANARY not in all_told(caplog, capsys)


def test_a_refused_request_is_told_to_the_caller_alone(
    caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]
) -> None:
    POLICY.decide(RECORD)
    with pytest.raises(InvalidRequest):
        POLICY.decide(RECORD | {"disease": CANARY})
    assert all_told(caplog, capsys) == ""


# The logger


def ran(code: str) -> tuple[str, str]:
    ended = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True, cwd=ROOT
    )
    return ended.stdout, ended.stderr


def test_a_program_that_sets_up_no_logging_hears_nothing(tmp_path: Path) -> None:
    (tmp_path / NAME).mkdir()
    (tmp_path / NAME / "2026-04-02.json").write_text("{}", "utf-8")
    code = (
        "import logging, medpolicy\n"
        f"try: medpolicy.load_policy({NAME!r}, {str(tmp_path)!r})\n"
        "except medpolicy.InvalidPolicy: print(logging.getLogger('medpolicy').handlers)"
    )
    assert ran(code) == ("[<NullHandler (NOTSET)>]\n", "")


def test_a_program_that_does_not_log_does_not_pay_for_logging() -> None:
    code = f"import sys, medpolicy; medpolicy.load_policy({NAME!r}); print('logging' in sys.modules)"
    assert ran(code) == ("False\n", "")
