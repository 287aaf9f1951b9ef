"""Spark gives every row the answer that one machine gives it, and every faulty row the same messages."""

from __future__ import annotations

import json
import pickle
import subprocess
import sys
from collections import Counter
from datetime import date, timedelta

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from project import ROOT

from medpolicy import InvalidPolicy, InvalidRequest, __version__, load_policy
from medpolicy.columns.in_place import columns_in_place
from medpolicy.evaluate.tables import tables
from medpolicy.language.fields import Day, Text, WholeNumber

pytest_plugins = ["spark_session"]
pytestmark = pytest.mark.xdist_group("spark")  # one session, also where several processes run the tests

ROWS = 200_000
CASES = sorted(ROOT.glob("rules/*/cases/*.jsonl"))
APPROVED = json.loads((ROOT / "examples" / "approved-frontline-mini-hyper-cvd-blinatumomab.json").read_text("utf-8"))
OPEN_OR_MET = {"relapsed_refractory.ph_status_known"}
FRAMES = load_policy("inotuzumab-ozogamicin").column_decider()
COLUMNS, IN_PLACE = FRAMES.columns, columns_in_place(FRAMES)
SHARED = {
    "code": "repeated-id",
    "path": "$.request_id",
    "message": "`request_id` must be unique; another record has the same",
    "help": None,
}


@pytest.fixture(scope="session")
def decide(spark):
    from medpolicy.spark import decide

    return decide


@pytest.fixture
def framed(spark, tmp_path):
    """Makes a Spark frame of an Arrow table, in as many files as told."""

    def make(table, files=1):
        folder = tmp_path / f"in-{len(list(tmp_path.iterdir()))}"
        folder.mkdir()
        size = -(-table.num_rows // files)
        for number in range(files):
            part = table.slice(number * size, size).rename_columns([f"c{at}" for at in range(table.num_columns)])
            pq.write_table(part, folder / f"{number:03}.parquet")
        return spark.read.parquet(str(folder)).toDF(*table.column_names)

    return make


@pytest.fixture
def answers_of(decide, policy, framed, tmp_path):
    """The Arrow table that Spark answers to an Arrow table or a Spark frame."""

    def answers(given, files=1, **options):
        folder = tmp_path / f"out-{len(list(tmp_path.iterdir()))}"
        frame = framed(given, files) if isinstance(given, pa.Table) else given
        decide(frame, policy, **options).write.parquet(str(folder))
        return pq.read_table(folder)

    return answers


def day(value):
    return date.fromisoformat(value) if isinstance(value, str) else value


def requests(*changes):
    """A table of requests like one that is approved, each with its own id and some facts changed."""
    records = [APPROVED | {"request_id": f"R-{number}"} | change for number, change in enumerate(changes, 1)]
    columns = {name: [record.get(name) for record in records] for name in dict.fromkeys(APPROVED) | records[0]}
    return pa.table(
        {
            name: [day(value) for value in values] if name.endswith("_date") else values
            for name, values in columns.items()
        }
    )


def with_column(table, name, column):
    return table.drop([name] if name in table.column_names else []).append_column(name, column)


def plain(table):
    return table.cast(pa.schema([IN_PLACE.field(name) for name in table.column_names]))


def rows_of(answers):
    return {row["request_id"]: row for row in answers.to_pylist()}


def faults_by_row(rejected):
    """How often each list of faults comes with each id."""
    rows = ((row["request_id"], row.get("faults") or row["fault"]) for row in rejected.to_pylist())
    return Counter((id, json.dumps(faults, sort_keys=True)) for id, faults in rows)


def worth_a_try(policy, variable):
    """Of each class that the rules tell apart a representative, some members, its first and its last."""
    found = []
    if isinstance(variable.kind, Day):
        found = [date(2024, 2, 29), date(2028, 2, 29), date(2027, 3, 1)]
        found += [revision.effective_from + timedelta(days) for revision in policy.revisions for days in (-1, 0, 1)]
    if isinstance(variable.kind, WholeNumber):
        found = [*range(variable.kind.lowest, variable.kind.lowest + 9), variable.kind.highest]
    for decider in policy.deciders:
        table = tables(decider.conditions.values(), policy.vocabulary).get(variable.name)
        for one in table.classes if table is not None else ():
            found += [one.representative, *one.members[:3], *one.members[-3:], one.first, one.last]
    return [variable.kind.plain(value) for value in found if value is not None] or [True, False]


def many_requests(policy, rows):
    """The policy's own cases, with many facts emptied or changed to a value that the rules tell from others."""
    random = np.random.default_rng(20260402)
    cases = [json.loads(line)["request"] for path in CASES for line in path.read_text("utf-8").splitlines()]
    picked = random.integers(0, len(cases), rows)
    change = np.where(random.random(rows) < 0.6, 0.04, 0.4)
    columns = {}
    for name, variable in policy.vocabulary.variables.items():
        if isinstance(variable.kind, Text):
            columns[name] = pa.array([f"R-{number}" for number in random.permutation(rows)])
        elif variable.derived is None:
            others = worth_a_try(policy, variable)
            values = [case.get(name) for case in cases] + others + [None]
            chance = random.random(rows)
            changed = len(cases) + random.integers(0, len(others), rows)
            emptied = chance < (0.0002 if variable.required else change / 2)
            index = np.where(emptied, len(values) - 1, np.where(chance < change, changed, picked))
            known = [day(value) for value in values] if isinstance(variable.kind, Day) else values
            columns[name] = pa.array(known).take(pa.array(index))
    return pa.table(columns)


# The columns of a frame


@pytest.mark.parametrize(
    ("name", "type_"),
    [
        ("cycles_requested", pa.float64()),
        ("cycles_requested", pa.float32()),
        ("cycles_requested", pa.decimal128(10, 0)),
        ("cycles_requested", pa.string()),
        ("request_id", pa.int64()),
        ("service_start_date", pa.timestamp("us")),
        ("service_start_date", pa.timestamp("us", "UTC")),
        ("therapy_exclusion", pa.int8()),
        ("disease", pa.bool_()),
        ("disease", pa.binary()),
        ("combination_regimen", pa.string()),
        ("combination_regimen", pa.list_(pa.int32())),
        ("combination_regimen", pa.struct([("first", pa.string())])),
        ("combination_regimen", pa.map_(pa.string(), pa.bool_())),
        ("diseese", pa.string()),
        ("age_years", pa.int32()),
    ],
    ids=str,
)
def test_a_column_that_cannot_be_used_is_refused_as_on_one_machine(policy, decide, framed, name, type_):
    table = with_column(requests({}), name, pa.nulls(1, type_))
    with pytest.raises(InvalidRequest) as on_one_machine:
        policy.decide_table(table)
    with pytest.raises(InvalidRequest) as on_spark:
        decide(framed(table), policy)
    assert on_spark.value.findings == on_one_machine.value.findings


def test_every_fault_of_the_columns_is_reported_at_once(spark, policy, decide):
    frame = spark.sql("select 1 request_id, 'initial' request_type, 'x' lineag, 2 cycles_requested, 3 cycles_requested")
    with pytest.raises(InvalidRequest) as refused:
        decide(frame, policy)
    assert [(finding.code, *finding.path) for finding in refused.value.findings] == [
        ("repeated-column", "cycles_requested"),
        ("column-type", "request_id"),
        ("missing-column", "service_start_date"),
        ("unknown-column", "lineag"),
    ]


def test_an_extra_column_may_not_have_the_name_of_a_column_of_the_answer(framed, policy, decide):
    table = requests({}).append_column("Fault", pa.array(["x"])).append_column("decision", pa.array(["x"]))
    with pytest.raises(InvalidRequest) as refused:
        decide(framed(table), policy, extra="keep")
    assert {(finding.code, finding.message) for finding in refused.value.findings} == {
        ("taken-column", "the extra column `Fault` has a name that the answer uses itself"),
        ("taken-column", "the extra column `decision` has a name that the answer uses itself"),
    }


def test_what_is_no_frame_is_refused(policy, decide):
    with pytest.raises(InvalidRequest, match="must be a Spark frame"):
        decide(requests({}), policy)


def test_another_word_for_extra_is_refused(framed, policy, decide):
    with pytest.raises(ValueError, match="`extra` must be `refuse`, `ignore` or `keep`, not `ignored`"):
        decide(framed(requests({})), policy, extra="ignored")


def test_a_streaming_frame_is_refused(spark, policy, decide):
    frame = spark.readStream.format("rate").load()
    with pytest.raises(InvalidRequest, match="a streaming frame has no end") as refused:
        decide(
            frame.selectExpr("'R-1' request_id", "'initial' request_type", "current_date() service_start_date"), policy
        )
    assert [finding.help for finding in refused.value.findings] == ["decide each of its batches in `foreachBatch`"]


def test_an_unknown_revision_is_refused_before_anything_runs(framed, policy, decide):
    with pytest.raises(InvalidPolicy, match="unknown revision `2026-04-03`"):
        decide(framed(requests({})), policy, revision="2026-04-03")


def test_every_type_that_holds_a_fact_is_read(spark, answers_of):
    frame = spark.sql(
        """select 'R-1' request_id, 'continuation' request_type, date'2026-06-15' service_start_date,
        cast(1 as tinyint) cycles_received, cast(2 as smallint) cycles_requested, null birth_date, null lineage,
        array() combination_regimen, true prior_authorization_on_file"""
    )
    (row,) = answers_of(frame).to_pylist()
    assert (row["fault"], row["decision"], row["review_flags"]) == (None, "pended", [])
    assert {"lineage", "combination_regimen", "cycles_received"} & {*row["missing"]} == {"lineage"}


# The rows


def test_200_000_rows_have_field_by_field_the_answers_of_one_machine(policy, answers_of):
    table = many_requests(policy, ROWS)
    expected = policy.decide_table(table)
    answers = answers_of(table, files=5)

    faulty = answers.filter(answers["fault"].is_valid())
    known = plain(answers.filter(answers["fault"].is_null()).drop(["fault"]).sort_by("request_id"))
    wanted = plain(expected.decided.sort_by("request_id"))
    assert answers.schema.names == IN_PLACE.names
    assert known.num_rows + faulty.num_rows == ROWS
    assert [name for name in COLUMNS.names if not known[name].equals(wanted[name])] == []
    assert faults_by_row(faulty) == faults_by_row(expected.rejected)
    assert all(faulty[name].null_count == faulty.num_rows for name in COLUMNS.names[1:])

    # The rows are worth comparing: every decision, every reason and every flag is among them many times.
    assert 100 < faulty.num_rows < ROWS / 10
    assert min(Counter(known["decision"].to_pylist()).values()) > ROWS / 100
    revision = policy.revisions[-1]
    flags = {revision.not_in_effect.id, *(flag.id for flag in revision.review_flags)}
    criteria = {criterion.id for pathway in revision.pathways for criterion in pathway.criteria} - OPEN_OR_MET
    for name, ids in (
        ("review_flags", flags),
        ("not_met", criteria),
        ("denial_reasons", criteria | {revision.unlisted.id}),
    ):
        counts = Counter(known[name].combine_chunks().flatten().to_pylist())
        assert counts.keys() == ids
        assert min(counts.values()) > 50, counts


def test_faulty_rows_have_the_messages_of_one_machine_and_their_neighbours_an_answer(policy, answers_of):
    faulty = [
        {"request_id": None},
        {"request_id": ""},
        {"request_type": None},
        {"request_type": "Initial"},
        {"service_start_date": None},
        {"service_start_date": date(1899, 12, 31)},
        {"service_start_date": date(2200, 1, 1)},
        {"birth_date": date(2026, 6, 16)},
        {"disease": "lymphoma"},
        {"combination_regimen": ["mini_hyper_cvd", "imatinb"]},
        {"combination_regimen": [None]},
        {"cycles_requested": 0},
        {"cycles_received": 2**40},
        {"request_type": None, "service_start_date": None, "cd22_status": "pos", "cycles_requested": 1000},
    ]
    table = requests({}, *faulty, {"cycles_requested": 7})
    answers, expected = answers_of(table), policy.decide_table(table)
    assert expected.rejected.num_rows == len(faulty)
    assert faults_by_row(answers.filter(answers["fault"].is_valid())) == faults_by_row(expected.rejected)
    decided = {id: row["decision"] for id, row in rows_of(answers).items() if row["fault"] is None}
    assert decided == {"R-1": "approved", f"R-{len(faulty) + 2}": "denied"}


def test_text_that_is_no_day_has_the_messages_of_one_machine(policy, answers_of):
    days = ["2026-06-15", "2026-6-15", "20260615", "2026-02-29", "15.06.2026", "", None]
    table = with_column(requests(*({} for _ in days)), "service_start_date", pa.array(days))
    answers, expected = answers_of(table), policy.decide_table(table)
    assert [id for id, row in rows_of(answers).items() if row["fault"] is None] == ["R-1"]
    assert faults_by_row(answers.filter(answers["fault"].is_valid())) == faults_by_row(expected.rejected)


def test_days_and_text_beyond_what_python_holds_take_no_row_away(framed, answers_of):
    frame = framed(requests({}, {}, {}))
    far = "if(request_id = 'R-2', date'2020-01-01' + 5000000, birth_date)"
    unreadable = "if(request_id = 'R-3', cast(X'ff' as string), lineage)"
    named = {"birth_date": far, "lineage": unreadable}
    rows = rows_of(answers_of(frame.selectExpr(*(f"{named.get(name, name)} as {name}" for name in frame.columns))))
    codes = {id: [fault["code"] for fault in row["fault"] or ()] for id, row in rows.items()}
    assert codes == {"R-1": [], "R-2": ["not-allowed"], "R-3": ["encoding"]}


def test_every_row_of_a_repeated_id_has_a_fault(answers_of, policy):
    table = requests(
        {"request_id": "A"},
        {"request_id": "B"},
        {"request_id": "B", "cycles_requested": 0},
        {"request_id": "b"},
        {"request_id": "B "},
        {"request_id": "C"},
        {"request_id": "C"},
        {"request_id": "C"},
    )
    answers = answers_of(table, files=4)
    (alone,) = policy.decide_table(requests({"cycles_requested": 0})).rejected["faults"].to_pylist()
    found = Counter((row["request_id"], json.dumps(row["fault"])) for row in answers.to_pylist())
    assert found == {
        ("A", "null"): 1,
        ("b", "null"): 1,
        ("B ", "null"): 1,
        ("B", json.dumps([SHARED])): 1,
        ("B", json.dumps([*alone, SHARED])): 1,
        ("C", json.dumps([SHARED])): 3,
    }
    assert answers.filter(answers["fault"].is_valid())["decision"].null_count == 5


def test_rows_without_an_id_are_not_repeats_of_each_other(answers_of):
    answers = answers_of(requests({"request_id": None}, {"request_id": None}, {"request_id": ""}, {"request_id": ""}))
    assert answers["request_id"].to_pylist() == [None] * 4
    codes = Counter(fault["code"] for faults in answers["fault"].to_pylist() for fault in faults)
    assert codes == {"missing-key": 2, "not-allowed": 2}


def test_extra_columns_are_kept_also_beside_a_fault(answers_of):
    table = requests({}, {"disease": "x"})
    extras = {"Lineage": [1, 2], "a.b `c`": [["x"], None], "fault note": [{"k": 1.5}, {"k": None}]}
    for name, values in extras.items():
        table = table.append_column(name, pa.array(values))
    answers = answers_of(table, extra="keep")
    assert answers.schema.names == [*IN_PLACE.names, *extras]
    rows = rows_of(answers)
    assert [row["decision"] for _, row in sorted(rows.items())] == ["approved", None]
    assert {name: [rows["R-1"][name], rows["R-2"][name]] for name in extras} == extras


def test_extra_columns_are_dropped_when_they_are_to_be_ignored(answers_of):
    table = requests({}).append_column("member name", pa.array(["x"])).append_column("Request_Id", pa.array(["y"]))
    answers = answers_of(table, extra="ignore")
    assert answers.schema.names == IN_PLACE.names
    assert answers.to_pylist()[0]["decision"] == "approved"


def test_an_empty_frame_has_an_empty_answer_with_every_column(decide, policy, framed):
    from pyspark.sql import types as T

    answers = decide(framed(requests({}).slice(0, 0)), policy)
    assert answers.collect() == []
    assert answers.schema.names == IN_PLACE.names
    vocabulary, text = T.ArrayType(T.StringType()), T.StringType()
    fault = T.StructType([T.StructField(name, text) for name in ("code", "path", "message", "help")])
    wanted = {"decision": text, "not_met": vocabulary, "authorization_start": T.DateType(), "fault": T.ArrayType(fault)}
    wanted |= {"authorization_cycles": T.LongType(), "requires_clinician_review": T.BooleanType()}
    assert {name: answers.schema[name].dataType for name in wanted} == wanted


def test_a_pinned_revision_is_used_whatever_the_date_and_without_it_none_is_in_effect(answers_of, policy):
    table = requests({"service_start_date": date(2000, 1, 1)}, {"service_start_date": date(2026, 6, 15)})
    revision = policy.revisions[-1].revision
    pinned, by_date = rows_of(answers_of(table, revision=revision)), rows_of(answers_of(table))
    assert pinned["R-1"]["revision"] == pinned["R-2"]["revision"] == by_date["R-2"]["revision"] == revision
    assert by_date["R-1"]["revision"] is None
    assert by_date["R-1"]["review_flags"] == ["no_revision_in_effect"]
    expected = policy.decide_table(table, revision=revision)
    assert plain(expected.decided).to_pylist() == [
        {name: value for name, value in row.items() if name != "fault"} for _, row in sorted(pinned.items())
    ]


def test_ids_are_not_counted_where_the_caller_says_that_they_are_unique(answers_of, policy, decide, framed):
    table = requests({"request_id": "A"}, {"request_id": "A"}, {"request_id": "B"})
    counted, not_counted = answers_of(table), answers_of(table, ids_are_unique=True)
    assert sorted(plain(counted)["request_id"].to_pylist()) == sorted(not_counted["request_id"].to_pylist())
    assert [fault is None for fault in counted.sort_by("request_id")["fault"].to_pylist()] == [False, False, True]
    assert not_counted["fault"].null_count == not_counted.num_rows == 3
    plan = decide(framed(table), policy, ids_are_unique=True)._jdf.queryExecution().toString()
    assert "Window" not in plan
    assert "Exchange" not in plan


@pytest.mark.parametrize("name", ["disease\nS3CRET,initial", "S3CRET-1001", "1971-11-08 S3CRET"])
@pytest.mark.parametrize("extra", ["refuse", "ignore", "keep"])
def test_no_message_shows_a_column_that_may_be_data(name, extra, framed, policy, decide):
    table = requests({})
    for _ in range(2):
        table = table.append_column(name, pa.array(["x"]))
    if extra == "ignore":
        decide(framed(table), policy, extra=extra)
        return
    with pytest.raises(InvalidRequest) as refused:
        decide(framed(table), policy, extra=extra)
    assert "S3CRET" not in str(refused.value) + repr(refused.value.findings)


# The executors


def test_an_executor_without_the_program_says_so(spark, policy):
    from pyspark import cloudpickle

    from medpolicy.spark import _answering

    sent = cloudpickle.dumps(_answering(pickle.dumps(policy), None, (), __version__))
    code = """
import pickle, sys
from importlib.machinery import PathFinder

class WithoutTheProgram(PathFinder):
    @classmethod
    def find_spec(cls, name, *args):
        return None if name.startswith("medpolicy") else super().find_spec(name, *args)

sys.meta_path[:] = [each for each in sys.meta_path if "Frozen" in str(each) or "Builtin" in str(each)] + [WithoutTheProgram]
next(pickle.loads(sys.stdin.buffer.read())(iter([])), None)
"""
    ended = subprocess.run([sys.executable, "-c", code], input=sent, capture_output=True, timeout=120, check=False)
    message = f"this executor cannot import `medpolicy`: its Python needs medpolicy {__version__}, as on the driver"
    assert ended.stderr.decode().strip().endswith(f"RuntimeError: {message}")


def test_an_executor_with_another_version_says_so(spark, policy):
    from medpolicy.spark import _answering

    message = f"this executor has medpolicy {__version__}: its Python needs 0.9, as on the driver"
    with pytest.raises(RuntimeError, match=message):
        list(_answering(pickle.dumps(policy), None, (), "0.9")([]))
