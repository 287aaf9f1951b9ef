"""What an authorization holds is what its policy declares, in every face: one of a study, of a device, and of visits."""

from __future__ import annotations

import copy
import csv
import json
import pickle
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Annotated, Any, ClassVar

import counted_policies
import made_up
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from counted_policies import DEVICE, STUDY, VISITS, Json, MadeUp
from medpolicy.actions.coverage import CoverageActions, PeriodActions
from pydantic import Field
from small import DrugRequest

from medpolicy import Authorization, Determination, InvalidRequest, Policy, load_policy
from medpolicy.batch import decide_file
from medpolicy.cli.main import main
from medpolicy.language.determination import AuthorizedQuantity
from medpolicy.language.forms import Date
from medpolicy.language.request import PriorAuthorizationRequest
from medpolicy.language.vocabulary import Vocabulary
from medpolicy.sql import DIALECTS, statement

FIRST = "2026-01-01"
EXPECTED = ("decision", "coverage", "pathway", "not_met", "missing", "review_flags")


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A folder with the rules of the made-up policies, which are found through entry points."""
    folder = tmp_path_factory.mktemp("installed")
    entries = {}
    for policy in (STUDY, DEVICE, VISITS):
        for part, of in (("variables", policy.model), ("actions", policy.actions)):
            entries[f"{policy.policy}.{part}"] = f"{of.__module__}:{of.__name__}"
        made_up.write(folder / "rules", policy.rules(FIRST))
    with made_up.entry_points(folder, entries):
        yield folder


@pytest.fixture(params=[STUDY, DEVICE, VISITS], ids=lambda of: of.policy)
def of(request: pytest.FixtureRequest, installed: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> MadeUp:
    monkeypatch.setenv("MEDPOLICY_RULES", str(installed / "rules"))
    monkeypatch.setenv("COLUMNS", "300")
    monkeypatch.chdir(tmp_path)
    found: MadeUp = request.param
    return found


def records(of: MadeUp) -> list[Json]:
    """Requests that are approved, denied, pended, and before any revision."""
    changes: list[Json] = [{}, {"weeks_of_therapy": 5}, {"study": None}, {of.day: "2025-12-31"}]
    return [of.approved | change | {"request_id": f"R-{number}"} for number, change in enumerate(changes, 1)]


DECISIONS = ["approved", "denied", "pended", "pended"]


def run(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str]:
    status = main(list(arguments))
    written = capsys.readouterr()
    return status, written.out + written.err


def edited(of: MadeUp, folder: Path, **changes: Any) -> Path:
    """A rules folder with one revision of the policy, made with changes."""
    file = folder / "edited" / of.policy / f"{FIRST}.json"
    file.parent.mkdir(parents=True)
    file.write_text(json.dumps(of.rules(FIRST, **changes)))
    return file


# Deciding


@pytest.mark.parametrize("engine", ["tables", "business-rules"])
def test_a_request_is_decided_by_the_day_and_with_the_amounts_that_are_declared(of: MadeUp, engine: Any) -> None:
    policy = load_policy(of.policy)
    for _ in range(2):  # the second time the values are recognised
        found = [policy.decide(record, engine=engine) for record in records(of)]
        assert [answer.decision for answer in found] == DECISIONS
        assert [answer.revision for answer in found] == [FIRST, FIRST, FIRST, None]
        assert json.loads(found[0].to_json())["authorization"] == of.authorization
        assert list(json.loads(found[0].to_json())["authorization"]) == list(of.authorization)
        assert [answer.authorization for answer in found[1:]] == [None, None, None]
        assert [finding.code for finding in refused(policy, {**of.approved, of.day: None})] == ["missing-key"]


def refused(policy: Policy, record: Json) -> Any:
    with pytest.raises(InvalidRequest) as error:
        policy.decide(record)
    return error.value.findings


def test_a_fact_of_another_policy_is_unknown(of: MadeUp) -> None:
    policy = load_policy(of.policy)
    names = [name for name in ("service_start_date", "cycles_requested") if name not in of.approved]
    found = refused(policy, of.approved | dict.fromkeys(names, 1))
    assert [(finding.code, finding.json_path) for finding in found] == [("unknown-key", f"$.{name}") for name in names]


def test_an_authorization_has_the_declared_amounts_as_attributes_and_stays_as_it_is(of: MadeUp) -> None:
    found = load_policy(of.policy).decide(of.approved).authorization
    assert isinstance(found, Authorization)
    assert found.start == date.fromisoformat(of.authorization["start"])
    assert {name: getattr(found, name) for name in list(of.authorization)[2:]} == {
        name: value for name, value in of.authorization.items() if name not in ("start", "end")
    }
    for name in ("cycles", "max_total_cycles", "__nothing__"):
        with pytest.raises(AttributeError, match=name):
            getattr(found, name)
    for name in of.authorization:
        with pytest.raises(AttributeError):
            setattr(found, name, 1)
    again = [pickle.loads(pickle.dumps(found)), copy.copy(found), copy.deepcopy(found)]
    assert again == [found] * 3
    assert len({found, *again}) == 1


def test_a_determination_reads_back_from_its_json_and_from_a_pickle(of: MadeUp) -> None:
    policy = load_policy(of.policy)
    for record in records(of):
        found = policy.decide(record)
        again = Determination.from_json(found.to_json())
        assert (again, pickle.loads(pickle.dumps(found))) == (found, found)
        assert again.authorization == found.authorization
    document = json.loads(policy.decide(of.approved).to_json())
    document["authorization"] |= {"a": 1, "b": 2}
    with pytest.raises(ValueError, match=r"^not a determination: authorization$"):
        Determination.from_json(json.dumps(document))


@pytest.mark.parametrize("of", [DEVICE], indirect=True)
def test_an_amount_that_the_request_does_not_give_is_null(of: MadeUp) -> None:
    quantity = of.model.authorized_quantity
    assert quantity is not None
    policy = load_policy(of.policy)
    record = of.approved | {quantity.variable: None}
    found = policy.decide(record)
    assert json.loads(found.to_json())["authorization"] == dict(of.authorization) | {quantity.name: None}
    assert Determination.from_json(found.to_json()) == found
    [row] = policy.decide_table(as_table(of, [record])).decided.to_pylist()
    assert row[f"authorization_{quantity.name}"] is None
    assert row["authorization_start"] is not None


# Columns and files


def as_table(of: MadeUp, rows: list[Json]) -> pa.Table:
    return pa.table(
        {name: [date.fromisoformat(row[name]) if name == of.day else row[name] for row in rows] for name in of.approved}
    )


def authorizations(rows: list[Json]) -> list[Json]:
    return [
        {
            name: str(value) if isinstance(value, date) else value
            for name, value in row.items()
            if "authorization" in name
        }
        for row in rows
    ]


def test_a_table_has_a_column_for_the_quantity_that_is_declared_and_no_other(of: MadeUp) -> None:
    given = as_table(of, records(of))
    found = load_policy(of.policy).decide_table(given)
    assert found.rejected.num_rows == 0
    assert found.decided.column("decision").to_pylist() == DECISIONS
    nothing = dict.fromkeys(of.columns)
    assert authorizations(found.decided.to_pylist()) == [dict(of.columns), nothing, nothing, nothing]
    assert list(of.columns) == found.decided.column_names[12:]
    frame = load_policy(of.policy).decide_table(pl.from_arrow(given)).decided
    assert frame.to_dicts() == found.decided.to_pylist()


@pytest.mark.parametrize("source", ["jsonl", "csv", "parquet"])
@pytest.mark.parametrize("output", ["jsonl", "csv", "parquet"])
def test_a_file_is_decided_in_every_format(of: MadeUp, source: str, output: str, tmp_path: Path) -> None:
    given, answers = tmp_path / f"in.{source}", tmp_path / f"out.{output}"
    write(of, records(of), given)
    assert str(decide_file(load_policy(of.policy), given, answers)) == "read 4 = decided 4 + rejected 0"
    if output == "jsonl":
        policy = load_policy(of.policy)
        assert answers.read_bytes().splitlines() == [policy.decide(record).to_json() for record in records(of)]
        return
    if output == "parquet":
        rows = pq.read_table(answers).to_pylist()
        expected = dict(of.columns)
    else:
        with answers.open(newline="") as file:
            rows = list(csv.DictReader(file))
        expected = {name: "" if value is None else str(value) for name, value in of.columns.items()}
    assert [row["decision"] for row in rows] == DECISIONS
    assert authorizations(rows)[0] == expected


def write(of: MadeUp, rows: list[Json], path: Path) -> None:
    if path.suffix == ".jsonl":
        path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    elif path.suffix == ".csv":
        with path.open("w", newline="") as file:
            writer = csv.DictWriter(file, list(of.approved))
            writer.writeheader()
            writer.writerows(rows)
    else:
        pq.write_table(as_table(of, rows), path)


@pytest.mark.parametrize("dialect", DIALECTS)
def test_the_select_reads_the_declared_day_and_no_other(of: MadeUp, dialect: str) -> None:
    text = statement(load_policy(of.policy), dialect)
    assert of.day in text
    assert "service_start_date" not in text
    assert f"{FIRST}" in text


# Texts, checks, cases


def test_the_answer_in_words_names_the_units_that_are_declared(
    of: MadeUp, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    (tmp_path / "request.json").write_text(json.dumps(of.approved))
    status, text = run(capsys, "decide", "request.json", "--policy", of.policy)
    assert status == 0
    assert " ".join(text.split("Authorization\n")[1].split("\n\n")[0].split()) == of.sentence


def test_the_schema_offers_the_parameters_of_the_policys_own_approval(
    of: MadeUp, capsys: pytest.CaptureFixture[str]
) -> None:
    status, text = run(capsys, "schema", "--policy", of.policy)
    assert status == 0
    for name in ("months", "max_units", "max_total_cycles"):
        assert (f'"{name}"' in text) is (name in of.terms)


def test_the_rules_have_no_fault_and_more_never_helps_where_a_quantity_is_declared(
    of: MadeUp, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["check", "--policy", of.policy, "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["findings"] == []
    more = {
        invariant["id"]: invariant["text"] for invariant in found["invariants"] if invariant["id"].startswith("more-")
    }
    quantity = of.model.authorized_quantity
    if quantity is None:
        assert more == {}
    else:
        assert more == {f"more-{quantity.name.replace('_', '-')}-never-help": of.invariant}
    assert {invariant["verdict"] for invariant in found["invariants"]} == {"proven"}


@pytest.mark.parametrize("of", [DEVICE, VISITS], indirect=True)
def test_rules_under_which_more_of_the_quantity_helps_break_the_invariant(
    of: MadeUp, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    quantity = of.model.authorized_quantity
    assert quantity is not None
    file = edited(of, tmp_path)
    rules = json.loads(file.read_text())
    at_least = {"name": quantity.variable, "operator": "greater_than_or_equal_to", "value": 2}
    rules["pathways"][0]["criteria"][0]["conditions"]["all"].append(at_least)
    file.write_text(json.dumps(rules))
    status, text = run(capsys, "check", str(file))
    assert status == 1
    assert f"the invariant `more-{quantity.name.replace('_', '-')}-never-help` does not hold" in text
    assert f"with 2 {quantity.units} requested the decision is approved" in text


@pytest.mark.parametrize("of", [STUDY, DEVICE], indirect=True)
def test_a_change_of_what_is_granted_is_told_in_the_declared_units(
    of: MadeUp, capsys: pytest.CaptureFixture[str], tmp_path: Path, installed: Path
) -> None:
    assert of.other_terms is not None
    old = installed / "rules" / of.policy / f"{FIRST}.json"
    status, text = run(capsys, "diff", str(old), str(edited(of, tmp_path, terms=of.other_terms)))
    assert status == 1, text
    assert f"approved: {of.in_words}" in text


def test_a_change_of_a_criterion_is_shown_by_requests_of_the_policys_own_facts(
    of: MadeUp, capsys: pytest.CaptureFixture[str], tmp_path: Path, installed: Path
) -> None:
    old = installed / "rules" / of.policy / f"{FIRST}.json"
    status, text = run(capsys, "diff", str(old), str(edited(of, tmp_path, weeks=4)), "--json")
    assert status == 1, text
    assert of.day in text
    assert "service_start_date" not in text


def an_approval(of: MadeUp, **terms: Any) -> str:
    """A line of a file of cases: the approved request, and what is expected, with changes of the authorization."""
    answer = json.loads(load_policy(of.policy).decide(of.approved).to_json())
    expected = {name: answer[name] for name in EXPECTED} | {"authorization": dict(of.authorization) | terms}
    return json.dumps({"shows": "An approval.", "request": of.approved, "expected": expected})


@pytest.fixture
def cases(of: MadeUp, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where the golden cases of the policy stand, beside its rules; there is none yet."""
    edited(of, tmp_path)
    monkeypatch.setenv("MEDPOLICY_RULES", str(tmp_path / "edited"))
    file = tmp_path / "edited" / of.policy / "cases" / f"{FIRST}.jsonl"
    file.parent.mkdir()
    return file


def test_cases_are_written_run_covered_and_mutated_with_the_declared_terms(
    of: MadeUp, cases: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(capsys, "cases", "--policy", of.policy, "--complete", "-o", str(cases))[0] == 0
    cases.write_text(cases.read_text() + an_approval(of))
    for command in ("cases", "cover"):
        status, text = run(capsys, command, "--policy", of.policy)
        assert status == 0, text
    assert main(["mutate", "--policy", of.policy, "--json"]) == 1
    [found] = json.loads(capsys.readouterr().out)["revisions"]
    assert found["figures"]["undecided"] == 0
    assert found["kinds"]["action"]["killed"] == 2 * len(of.terms)  # each one less and one more


def test_an_accepted_case_has_the_declared_terms_in_their_order(
    of: MadeUp, cases: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    cases.write_text(an_approval(of, start="1999-01-01"))
    status, text = run(capsys, "cases", "--policy", of.policy)
    assert status == 1
    assert "got start " + of.authorization["start"] in " ".join(text.split())
    assert run(capsys, "cases", "--policy", of.policy, "--accept")[0] == 0
    assert list(json.loads(cases.read_text())["expected"]["authorization"].items()) == list(of.authorization.items())


@pytest.mark.parametrize("key", ["cycles", "max_total_cycles"])
def test_a_case_with_a_term_that_is_not_declared_is_refused(
    of: MadeUp, cases: Path, key: str, capsys: pytest.CaptureFixture[str]
) -> None:
    cases.write_text(an_approval(of, **{key: 1}))
    status, text = run(capsys, "cases", "--policy", of.policy)
    assert status == 2
    assert f"unknown key `{key}`" in text


def test_a_case_may_have_no_end_only_where_the_policy_sets_no_period(
    of: MadeUp, cases: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    cases.write_text(an_approval(of, end=None, months=None))
    status, text = run(capsys, "cases", "--policy", of.policy)
    assert status == (0 if of is VISITS else 2), text
    assert ("`months` must be a whole number" in text) is (of is not VISITS)


# Faulty declarations


class Undeclared(PriorAuthorizationRequest):
    """No `service_day`."""


class Dated(PriorAuthorizationRequest):
    begins: Annotated[Date, counted_policies.fact("Begins")]
    maybe: Annotated[Date | None, counted_policies.fact("Maybe")] = None
    units: Annotated[int | None, Field(ge=0, le=9), counted_policies.fact("Units")] = None

    service_day: ClassVar[str] = "begins"


def quantity(name: str = "units", variable: str = "units", cap: str | None = None) -> AuthorizedQuantity:
    return AuthorizedQuantity(name, variable, "unit", cap)


@pytest.mark.parametrize(
    ("day", "declared", "message"),
    [
        ("begin", None, "`service_day` of Faulty is `begin`, which is no date that every request has"),
        ("maybe", None, "`service_day` of Faulty is `maybe`, which is no date that every request has"),
        ("units", None, "`service_day` of Faulty is `units`, which is no date that every request has"),
        ("begins", quantity(variable="unit"), "is taken from `unit`, which is no whole number that a request gives"),
        ("begins", quantity(variable="begins"), "is taken from `begins`, which is no whole number"),
        ("begins", quantity(cap="max_units"), "has the cap `max_units`, which is no parameter of the action `approve`"),
        ("begins", quantity(name="start"), "has the name `start`, which an authorization cannot have"),
        ("begins", quantity(name="home visits"), "has the name `home visits`, which an authorization cannot have"),
        ("begins", quantity(name="months", cap="months"), "has the name `months`, which an authorization cannot have"),
    ],
)
def test_a_faulty_declaration_is_refused_when_the_vocabulary_is_built(
    day: str, declared: AuthorizedQuantity | None, message: str
) -> None:
    faulty = type("Faulty", (Dated,), {"service_day": day, "authorized_quantity": declared})
    with pytest.raises(TypeError, match=message):
        Vocabulary("faulty", faulty, PeriodActions, Path())


def test_a_model_without_a_service_day_is_refused() -> None:
    with pytest.raises(TypeError, match="Undeclared does not declare `service_day`"):
        Vocabulary("undeclared", Undeclared, PeriodActions, Path())


def test_a_cap_that_only_the_action_or_only_the_model_has_is_refused() -> None:
    approve = [{"name": "approve", "params": {"months": 3, "max_total_cycles": 6}}]
    with pytest.raises(TypeError, match="records a cap, which the policy does not declare"):
        Vocabulary("dated", Dated, CoverageActions, Path()).record(approve)

    class Forgetful(CoverageActions):
        def approve(self, months: int, max_total_cycles: int) -> None:
            PeriodActions(self._record).approve(months)

    with pytest.raises(TypeError, match="records no cap, which the policy declares"):
        Vocabulary("drug", DrugRequest, Forgetful, Path()).record(approve)
