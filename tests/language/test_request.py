"""Faulty requests, a table for each kind of variable with the exact message and help, and what is accepted beside JSON."""

from __future__ import annotations

import copy
import json
import math
import pickle
from collections import ChainMap, OrderedDict, UserDict, defaultdict
from collections.abc import Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from types import MappingProxyType
from typing import Annotated, Any, ClassVar

import pytest
from project import APPROVED as VALID
from small import DrugRequest

from medpolicy import InvalidRequest
from medpolicy.language.fields import CompletedYears, Derived
from medpolicy.language.forms import Date
from medpolicy.language.request import Fact, PriorAuthorizationRequest, facts_of, variables_of

OPTIONAL = ["birth_date", "disease", "combination_regimen", "cycles_received", "cycles_requested", "therapy_exclusion"]
DEFAULT_NO = ["cd22_test_submitted", "prior_authorization_on_file", "off_label_support_submitted"]
DEFAULT_NO += ["plan_document_conflict"]

MISSING = "leave a missing fact out (in JSON also `null` without quotes, in CSV an empty cell)"
PLAIN = "write it as JSON does, or as a date, set or tuple of Python"
REQUIRED = "this fact may not be missing"

TEXT = "must be text of at least one character"
CHOICE = "must be `positive` or `negative`"
YES_NO = "must be `true` or `false`"
NUMBER = "must be a whole number from 0 to 999"
DAY = "must be a day from 1900-01-01 to 2199-12-31, written `YYYY-MM-DD`"
TREATMENTS = "`mini_hyper_cvd`, `blinatumomab`, `imatinib`, `dasatinib`, `nilotinib`, `bosutinib`, `ponatinib`, `other_tki` and `other`"
SET = f"must be a list of {TREATMENTS}"
HOLDS = f"must hold only {TREATMENTS}"

DIGITS = "write the digits alone: no quotes, blanks, plus sign, leading zeros or decimal point"
POINT = "write it without a decimal point"
LOWER = "write it in lower case, without quotes or blanks"
CALENDAR = "the calendar has no such day"
TIME = "leave out the time of day"
LIST = "write a list, also of one option"
NONE = f"the empty list `[]` means that there is none (in CSV the word `none` alone); {MISSING}"


def faults(policy, record):
    """The findings on a record that must be refused."""
    with pytest.raises(InvalidRequest) as refused:
        policy.decide(record)
    assert refused.value.findings, "a refused request has at least one finding"
    return refused.value.findings


def said(policy, **changes):
    """Path, message and help of each finding on an otherwise valid record."""
    return [(fault.json_path, fault.message, fault.help) for fault in faults(policy, VALID | changes)]


def cases(*rows):
    return [pytest.param(*row[1:], id=row[0]) for row in rows]


def test_the_record_that_these_tests_change_is_valid(policy):
    assert policy.decide(VALID).decision == "approved"


YES_NO_FAULTS = {
    None: ["yes", "N", 1, 0, 1.0, [True], {}],
    LOWER: ["true", "False", "TRUE "],
    MISSING: ["null", "unknown", "", math.nan],
}
DAY_FAULTS = {
    None: [
        *("2026-2-3", "20260402", "1777593600", "04/02/2026", "2026/04/02", "2026-W14-4", 1777593600, True),
        *("2026-04-02\n", "2026-04-02 ", "\N{FULLWIDTH DIGIT TWO}026-04-02", ["2026-04-02"], {"year": 2026}),
        *("1899-12-31", "2200-01-01", date(1899, 12, 31), date(2200, 1, 1)),
    ],
    CALENDAR: ["2026-02-30", "2027-02-29", "2026-13-01", "0000-01-01"],
    TIME: [
        *(datetime(2026, 4, 2), datetime(2026, 4, 2, 12, tzinfo=UTC)),
        *("2026-04-02T00:00:00", "2026-04-02 00:00:00+00:00"),
    ],
    MISSING: [math.nan, "null", "unknown", ""],
}
FAULTS: dict[str, dict[str | None, list[Any]]] = {
    f"`request_id` {TEXT}": {
        None: ["", True, ["PA-1001"], {"id": "PA-1001"}],
        "write it in quotes": [1001, 1001.0],
        PLAIN: [b"PA-1001"],
        "it holds half a character (a lone surrogate)": ["PA-\ud800"],
    },
    f"`cd22_status` {CHOICE}": {
        None: [
            *("equivocal", "relapsed", "+", "\udfff", "positive" * 9999),
            *(1, True, ["positive"], {"value": "positive"}),
        ],
        "did you mean `positive`?": ["Positive", " positive", "postive"],
        "did you mean `negative`?": ["NEGATIVE"],
        MISSING: ["", " ", "null", "N/A", "unknown", math.nan],
        PLAIN: [b"positive"],
    },
    f"`therapy_exclusion` {YES_NO}": YES_NO_FAULTS,
    f"`cd22_test_submitted` {YES_NO}": YES_NO_FAULTS,
    f"`cycles_received` {NUMBER}": {
        None: [
            *(-1, 1000, 10**5000, 6.5, math.inf, True, False, [6], {"cycles": 6}),
            *("1000", "9" * 5000, "6.5", "6e0", "six", "6 cycles"),
        ],
        POINT: [6.0],
        DIGITS: ["6", "06", " 6 ", "+6", "6.0"],
        MISSING: [math.nan, "N/A", "unknown", ""],
        PLAIN: [Decimal(6), 6j],
    },
    f"`birth_date` {DAY}": DAY_FAULTS,
    f"`service_start_date` {DAY}": DAY_FAULTS,
    f"`combination_regimen` {SET}": {
        None: [0, False, {"imatinib": True}],
        LIST: ["imatinib", "mini_hyper_cvd;blinatumomab"],
        NONE: ["none", "None"],
        MISSING: ["N/A", "", math.nan],
        PLAIN: [{"imatinib": True}.keys(), b"imatinib"],
    },
}
"""For each message about a variable the faulty values that it is said of, by the help that comes with it."""


@pytest.mark.parametrize(
    ("message", "advice", "value"),
    [
        pytest.param(message, advice, value, id=f"{message[:24]} {advice} {place}")
        for message, faulty in FAULTS.items()
        for advice, values in faulty.items()
        for place, value in enumerate(values)
    ],
)
def test_a_faulty_value_is_refused_with_the_help_that_fits_it(policy, message, advice, value):
    name = message.split("`")[1]
    assert said(policy, **{name: value}) == [(f"$.{name}", message, advice)]


def test_a_slip_of_blanks_and_hyphens_finds_its_option(policy):
    [(_, message, advice)] = said(policy, disease="Acute lymphoblastic-leukemia")
    assert message == "`disease` must be `acute_lymphoblastic_leukemia`, `lymphoblastic_lymphoma` or `other`"
    assert advice == "did you mean `acute_lymphoblastic_leukemia`?"


def test_each_whole_number_has_its_own_domain(policy):
    [(_, message, _)] = said(policy, cycles_requested=0)
    assert message == "`cycles_requested` must be a whole number from 1 to 999"


@pytest.mark.parametrize(
    ("advice", "options"),
    [
        (None, ["rituximab", 3, True, ["imatinib"], json.loads("[" * 200 + "]" * 200), {"name": "imatinib"}]),
        ("did you mean `imatinib`?", ["Imatinib"]),
        ("did you mean `blinatumomab`?", [" blinatumomab"]),
        ("did you mean `mini_hyper_cvd`?", ["mini-hyper-CVD"]),
        (NONE, ["none"]),
        (MISSING, ["unknown"]),
        ("leave out the empty entry", ["", None]),
    ],
)
@pytest.mark.parametrize("shape", [list, tuple])
def test_an_option_that_a_set_may_not_hold_is_refused_at_its_place(policy, shape, advice, options):
    for option in options:
        expected = [("$.combination_regimen[1]", f"`combination_regimen` {HOLDS}", advice)]
        assert said(policy, combination_regimen=shape(["imatinib", option, "imatinib"])) == expected, option


def test_every_faulty_option_of_a_list_is_reported(policy):
    found = said(policy, combination_regimen=["Imatinib", "imatinib", None, "Imatinib"])
    assert [(path, advice) for path, _, advice in found] == [
        ("$.combination_regimen[0]", "did you mean `imatinib`?"),
        ("$.combination_regimen[2]", "leave out the empty entry"),
        ("$.combination_regimen[3]", "did you mean `imatinib`?"),
    ]


@pytest.mark.parametrize("shape", [set, frozenset])
def test_faulty_options_of_a_set_are_reported_in_one_order_and_without_a_place(policy, shape):
    found = said(policy, combination_regimen=shape({"Imatinib", "dasatinip", "zz", "yy", "imatinib"}))
    assert [(path, advice) for path, _, advice in found] == [
        ("$.combination_regimen", None),
        ("$.combination_regimen", "did you mean `dasatinib`?"),
        ("$.combination_regimen", "did you mean `imatinib`?"),
    ]


def test_options_given_twice_count_once(policy):
    once = policy.decide(VALID | {"combination_regimen": ["mini_hyper_cvd"]})
    twice = policy.decide(VALID | {"combination_regimen": ["mini_hyper_cvd", "mini_hyper_cvd"]})
    assert twice == once
    assert twice.decision == "approved"


# Missing facts and defaults


@pytest.mark.parametrize("name", ["request_id", "request_type", "service_start_date"])
@pytest.mark.parametrize("how", ["left out", "null"])
def test_a_fact_that_every_request_has_may_not_be_missing(policy, name, how):
    record = VALID | {name: None}
    if how == "left out":
        del record[name]

    [found] = faults(policy, record)

    domain = {
        "request_id": TEXT,
        "request_type": "must be `initial` or `continuation`",
        "service_start_date": DAY,
    }[name]
    assert (found.code, found.message, found.help) == ("missing-key", f"`{name}` is missing; it {domain}", REQUIRED)


@pytest.mark.parametrize(
    ("name", "default"), [*dict.fromkeys(OPTIONAL).items(), *dict.fromkeys(DEFAULT_NO, False).items()]
)
def test_null_and_an_absent_key_both_mean_missing_or_the_default(policy, name, default):
    absent = {key: value for key, value in VALID.items() if key != name}
    assert getattr(policy.request(absent), name) is default
    assert getattr(policy.request(VALID | {name: None}), name) is default
    assert policy.decide(absent) == policy.decide(VALID | {name: None})
    assert default is None or policy.decide(absent) == policy.decide(VALID | {name: default})


def test_the_empty_set_is_a_value_and_not_a_missing_fact(policy):
    assert policy.request(VALID | {"combination_regimen": []}).combination_regimen == frozenset()
    assert policy.request(VALID | {"combination_regimen": None}).combination_regimen is None


# The order of days


@pytest.mark.parametrize("birth_date", [date(2026, 5, 2), "2026-05-02"])
@pytest.mark.parametrize("service_start_date", [date(2026, 5, 1), "2026-05-01"])
def test_a_member_is_not_born_after_the_service_starts(policy, birth_date, service_start_date):
    record = VALID | {"birth_date": birth_date, "service_start_date": service_start_date}
    [found] = faults(policy, record)
    assert (found.code, found.json_path) == ("date-order", "$.birth_date")
    assert found.message == "`birth_date` must not be after `service_start_date`"
    assert [fault.json_path for fault in faults(policy, record | {"lineage": "myeloid"})] == [
        "$.lineage",
        "$.birth_date",
    ]


def test_a_member_may_be_born_on_the_day_the_service_starts(policy):
    assert facts_of(policy.request(VALID | {"birth_date": "2026-05-01"}))["age_years"] == 0


# Keys


@pytest.mark.parametrize(
    ("key", "shown", "advice"),
    cases(
        ("a misspelled key", "ph_statsu", "`ph_statsu`", "did you mean `ph_status`?"),
        ("blanks and capitals", "Birth Date", "`Birth Date`", "did you mean `birth_date`?"),
        ("a key of something else", "member_name", "`member_name`", None),
        ("a derived variable", "total_cycles", "`total_cycles`", "it is worked out from `cycles_received` and `cycles_requested`"),
        ("another derived variable", "age_years", "`age_years`", "it is worked out from `birth_date` and `service_start_date`"),
        ("a field of the model class", "model_config", "`model_config`", None),
        ("an empty key", "", "``", None),
    ),
)  # fmt: skip
def test_an_unknown_key_is_refused_and_the_nearest_name_given(policy, key, shown, advice):
    for value in (None, 2):  # 2 is what the derived one comes to
        [found] = faults(policy, VALID | {key: value})
        assert (found.code, found.message, found.help) == ("unknown-key", f"unknown key {shown}", advice)


@pytest.mark.parametrize(
    ("key", "advice"),
    cases(
        ("a number", 5, "a key is the name of a fact, written as text"),
        ("the overflow of csv.DictReader", None, "a key is the name of a fact, written as text"),
        ("bytes", b"disease", "a key is the name of a fact, written as text"),
        ("a control character", "dis\x1b[31mease\n", "did you mean `disease`?"),
        ("a lone surrogate", "\ud800", None),
        ("a very long key", "k" * 5000, None),
        ("a day", "1971-11-08", None),
        ("an id", "PA-1001", None),
    ),
)  # fmt: skip
def test_an_unknown_key_that_may_be_data_is_placed_and_not_shown(policy, key, advice):
    [found] = faults(policy, VALID | {key: None})
    message = f"key {len(VALID) + 1} has an unknown name, which is not shown: it may be data"
    assert (found.code, found.message, found.help, found.path) == ("unknown-key", message, advice, ())


# Records


@pytest.mark.parametrize(
    ("record", "advice"),
    cases(
        ("nothing", None, None),
        ("a number", 5, None),
        ("a text", json.dumps(VALID), "read the JSON text first"),
        ("bytes", json.dumps(VALID).encode(), "read the JSON text first"),
        ("a list", [VALID], "decide one request at a time"),
        ("a list of pairs", list(VALID.items()), "decide one request at a time"),
        ("a class", dict, None),
    ),
)
def test_what_is_no_record_is_refused(policy, record, advice):
    [found] = faults(policy, record)
    assert (found.code, found.help) == ("not-a-record", advice)
    assert found.message == "a request must be an object with a key for each fact"
    assert found.path == ()


def test_an_empty_record_is_told_all_that_it_needs(policy):
    found = faults(policy, {})
    assert [finding.json_path for finding in found] == ["$.request_id", "$.service_start_date", "$.request_type"]
    assert {finding.code for finding in found} == {"missing-key"}


def test_every_fault_of_a_record_is_reported_at_once(policy):
    record = {
        "request_type": "first",
        "service_start_date": "tomorrow",
        "birth_date": "1899-12-31",
        "diseases": "other",
        "cd22_test_submitted": "yes",
        "combination_regimen": ["imatinib", "rituximab"],
        "cycles_received": "6",
    }
    with pytest.raises(InvalidRequest) as refused:
        policy.decide(record)
    assert str(refused.value) == "\n".join(
        [
            "error[unknown-key]: unknown key `diseases`",
            "  at $.diseases",
            "  help: did you mean `disease`?",
            "error[missing-key]: `request_id` is missing; it must be text of at least one character",
            "  at $.request_id",
            f"  help: {REQUIRED}",
            f"error[not-allowed]: `service_start_date` {DAY}",
            "  at $.service_start_date",
            "error[not-allowed]: `request_type` must be `initial` or `continuation`",
            "  at $.request_type",
            f"error[not-allowed]: `birth_date` {DAY}",
            "  at $.birth_date",
            "error[not-allowed]: `cd22_test_submitted` must be `true` or `false`",
            "  at $.cd22_test_submitted",
            f"error[not-allowed]: `combination_regimen` {HOLDS}",
            "  at $.combination_regimen[1]",
            f"error[not-allowed]: `cycles_received` {NUMBER}",
            "  at $.cycles_received",
            f"  help: {DIGITS}",
        ]
    )


def test_an_invalid_request_is_a_value_error_that_can_be_pickled_and_keeps_no_trace_of_the_record(policy):
    with pytest.raises(InvalidRequest) as refused:
        policy.decide(VALID | {"lineage": "myeloid"})
    error = refused.value
    assert isinstance(error, ValueError)
    assert error.__context__ is None
    assert error.__cause__ is None
    again = pickle.loads(pickle.dumps(error))
    assert (str(again), again.findings) == (str(error), error.findings)


# What a Python mapping may hold besides JSON values


class Someday(date):
    """As some test libraries make them."""


@pytest.mark.parametrize("value", [date(1971, 11, 8), Someday(1971, 11, 8)])
def test_a_date_of_python_is_a_day(policy, value):
    assert policy.request(VALID | {"birth_date": value}).birth_date == date(1971, 11, 8)
    assert policy.decide(VALID | {"birth_date": value}) == policy.decide(VALID)


@pytest.mark.parametrize("shape", [list, tuple, set, frozenset])
def test_a_list_tuple_or_set_of_python_is_a_set(policy, shape):
    value = shape(["blinatumomab", "mini_hyper_cvd"])
    request = policy.request(VALID | {"combination_regimen": value})
    assert request.combination_regimen == frozenset({"mini_hyper_cvd", "blinatumomab"})
    assert policy.decide(request).criteria[3].observed["combination_regimen"] == ["blinatumomab", "mini_hyper_cvd"]


class Row(Mapping):
    """A mapping of someone else's making."""

    def __init__(self, values):
        self._values = values

    def __getitem__(self, key):
        return self._values[key]

    def __iter__(self):
        return iter(self._values)

    def __len__(self):
        return len(self._values)


@pytest.mark.parametrize(
    "mapping",
    [OrderedDict, UserDict, MappingProxyType, ChainMap, Row, lambda values: defaultdict(list, values)],
    ids=["OrderedDict", "UserDict", "MappingProxyType", "ChainMap", "a Mapping class", "defaultdict"],
)
def test_every_kind_of_mapping_is_read_and_left_as_it_was(policy, mapping):
    assert policy.decide(mapping(dict(VALID))) == policy.decide(VALID)
    faulty = mapping({**VALID, "disease": "AML"})
    assert [fault.json_path for fault in faults(policy, faulty)] == ["$.disease"]
    assert dict(faulty) == {**VALID, "disease": "AML"}


def test_a_record_is_never_changed_by_deciding_it(policy):
    record = VALID | {"combination_regimen": ["imatinib", "imatinib"], "birth_date": None}
    before = copy.deepcopy(record)
    policy.decide(record)
    assert record == before


# Request models


def test_a_request_model_is_decided_like_the_mapping_it_came_from(policy):
    request = policy.request(VALID)
    assert policy.decide(request) == policy.decide(VALID)
    assert policy.request(request) == request


def test_a_request_model_cannot_be_changed(policy):
    request = policy.request(VALID)
    with pytest.raises(ValueError, match="frozen"):
        request.cycles_requested = 3


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"cycles_received": -1}, [f"`cycles_received` {NUMBER}"]),
        ({"cycles_received": "6"}, [f"`cycles_received` {NUMBER}"]),
        ({"combination_regimen": ["rituximab"]}, [f"`combination_regimen` {HOLDS}"]),
        ({"birth_date": date(2026, 5, 2)}, ["`birth_date` must not be after `service_start_date`"]),
        ({"request_id": None}, [f"`request_id` is missing; it {TEXT}"]),
        ({"disease": "AML", "ph_status": True}, ["`disease` must be `acute_lymphoblastic_leukemia`, `lymphoblastic_lymphoma` or `other`", "`ph_status` must be `positive` or `negative`"]),
    ],
)  # fmt: skip
def test_a_request_model_built_without_validation_is_validated(policy, changes, expected):
    request = policy.vocabulary.request.model_construct(**{**VALID, **changes})
    assert [fault.message for fault in faults(policy, request)] == expected


def test_a_request_model_that_was_tampered_with_is_validated(policy):
    request = policy.request(VALID)
    request.__dict__["disease"] = "AML"
    assert [fault.json_path for fault in faults(policy, request)] == ["$.disease"]
    request.__dict__["diseases"] = "other"
    assert [fault.json_path for fault in faults(policy, request)] == ["$.diseases", "$.disease"]


def test_a_request_model_without_a_required_fact_is_refused(policy):
    request = policy.vocabulary.request.model_construct(request_id="PA-1001")
    assert [fault.json_path for fault in faults(policy, request)] == ["$.service_start_date", "$.request_type"]


def test_the_request_model_of_something_else_is_refused_with_a_reason(policy):
    [found] = faults(policy, PriorAuthorizationRequest(request_id="PA-1001"))
    assert found.code == "not-a-record"
    assert found.help == "this is the model of something else; give a mapping, or the policy's own request model"


# Variables


def test_every_variable_says_what_to_ask_and_where_to_look(policy):
    for variable in policy.vocabulary.variables.values():
        assert variable.fact.label
        assert variable.fact.ask.endswith("?")
        assert variable.fact.found_in


def test_only_facts_without_a_default_that_not_every_request_has_may_be_missing(policy):
    variables = variables_of(policy.vocabulary.request)
    given = [name for name, variable in variables.items() if variable.derived is None]
    required = {"request_id", "request_type", "service_start_date"}
    assert {name for name in given if not variables[name].may_be_missing} == required | set(DEFAULT_NO)


def test_the_variables_of_a_policy_cannot_be_changed(policy):
    with pytest.raises(TypeError):
        policy.vocabulary.variables["weight"] = policy.vocabulary.variables["disease"]


def test_a_variable_without_a_declared_form_is_refused():
    class Untold(PriorAuthorizationRequest):
        weight: float | None = None

    with pytest.raises(TypeError, match="the variable weight has no Fact"):
        variables_of(Untold)


def test_years_between_days_without_an_order_are_refused_when_declared() -> None:
    class Unordered(DrugRequest):
        begun: Annotated[Date | None, Fact("Begun", "When did it begin?", "there")] = None
        derived: ClassVar[Mapping[str, tuple[Derived, Fact]]] = {
            "years": (CompletedYears("begun", "service_start_date"), Fact("Years", "How many?", "there")),
        }

    with pytest.raises(TypeError, match="the years of years can be negative: `earlier` must hold its two days"):
        variables_of(Unordered)
