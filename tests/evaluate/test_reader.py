"""The reader gives the model's answers, and accepts nothing that the model refuses."""

from __future__ import annotations

import gc
import json
import os
import shutil
import sysconfig
import weakref
from collections.abc import Callable, Mapping
from datetime import date, datetime, timedelta
from enum import StrEnum
from pathlib import Path
from types import NoneType
from typing import Annotated, Any, Literal

import pytest
from annotated_types import Ge
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import AfterValidator, Field, field_validator
from small import (
    EXAMPLES,
    WORDS,
    SmallRequest,
    criterion,
    documents,
    fact,
    pathway,
    revision_of,
)
from small import revision as revision_from

from medpolicy import InvalidRequest, Policy, load_policy
from medpolicy.evaluate import native
from medpolicy.evaluate.compiled import MOST_REMEMBERED, Compiled, Remembered
from medpolicy.evaluate.decide import Decider
from medpolicy.evaluate.value_form import MOST_LISTED, ValueForm, value_form
from medpolicy.language.domains_alone import says_domains_alone
from medpolicy.language.fields import Day, Problem, Sum, day
from medpolicy.language.forms import EARLIEST, LATEST, Date, Set
from medpolicy.language.record import read_json_request
from medpolicy.language.request import PriorAuthorizationRequest
from medpolicy.language.vocabulary import Vocabulary
from medpolicy.testing import near_boundaries, requests


def without_c(policy: Policy) -> Policy:
    """The same policy, which reads in Python alone."""
    copied = Policy(policy.vocabulary, policy.deciders)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("MEDPOLICY_WITHOUT_C", "1")
        assert copied._readers
    return copied


POLICY = load_policy("inotuzumab-ozogamicin")
IN_PYTHON = without_c(POLICY)
BOTH = pytest.mark.parametrize("policy", [POLICY, IN_PYTHON], ids=["as installed", "in Python"])
ANY = {"name": "dose", "operator": "greater_than", "value": 0}
BASE: dict[str, Any] = {
    "request_id": "A-1",
    "request_type": "initial",
    "service_start_date": "2026-05-01",
    "birth_date": "1980-01-01",
    "combination_regimen": ["imatinib"],
    "cycles_received": 1,
    "cycles_requested": 2,
    "therapy_exclusion": False,
}


class Word(str):
    """Text of a class of its own."""


class Answer(StrEnum):
    """Text that is a member of an enumeration."""

    POSITIVE = "positive"
    IMATINIB = "imatinib"


class List(list[Any]):
    """A list of a class of its own."""


ODD: list[Any] = [
    *(None, True, False, 0, 1, -1, 2, 999, 1000, 10**30, 0.0, 1.0, 1.5, float("nan"), float("inf")),
    *("", " ", "1", "true", "positive", "Positive", "positive ", "imatinib", "none", "a\ud800", "\ud800", "ä", "\0"),
    *("2026-05-01", "1899-12-31", "1900-01-01", "2199-12-31", "2200-01-01", "2026-02-29", "20260501", "2026-W18-5"),
    *(
        "2026-5-01",
        "2026-05-01T00:00:00",
        " 2026-05-01",
        "2026-05-01\n",
        "\uff12\uff10\uff12\uff16-05-01",
        "2026-05-32",
        "0000-01-01",
    ),
    *([], ["imatinib"], ["imatinib", "imatinib"], ["imatinib", "other"], ["x"], [None], [["imatinib"]], [True], {}),
    *(("imatinib",), {"imatinib"}, frozenset(), {"imatinib": 1}, List(["imatinib"]), [Word("imatinib")]),
    *([Answer.IMATINIB], Answer.POSITIVE, Word("positive"), Word("2026-05-01"), b"positive", object(), 1j),
    *(date(2026, 5, 1), date(1899, 12, 31), datetime(2026, 5, 1), timedelta(1), date.max),
]


OF_JSON = {str, int, float, bool, NoneType, list, dict}
JSON = st.sampled_from([value for value in ODD if type(value) in OF_JSON and "\\ud800" not in repr(value)])


def answer(policy: Policy, record: Any, engine: Any = "tables", revision: str | None = None) -> str:
    """The answer as JSON, or the faults."""
    try:
        return policy.decide(record, engine=engine, revision=revision).to_json().decode()
    except InvalidRequest as error:
        return str(error)


@BOTH
@pytest.mark.parametrize("name", [*POLICY.vocabulary.request.model_fields, "total_cycles", "ph_statsu", 1, None])
def test_an_odd_value_of_each_variable_is_answered_as_the_model_and_the_stock_engine_answer_it(
    policy: Policy, name: Any
) -> None:
    for value in ODD:
        record = {**BASE, name: value}
        assert answer(policy, record) == answer(POLICY, record, "business-rules"), repr(value)


@BOTH
@pytest.mark.parametrize("name", BASE)
def test_a_record_without_a_key_is_answered_alike(policy: Policy, name: str) -> None:
    record = {key: value for key, value in BASE.items() if key != name}
    assert answer(policy, record) == answer(POLICY, record, "business-rules")


CHANGES = st.lists(
    st.tuples(st.sampled_from([*POLICY.vocabulary.request.model_fields]), st.sampled_from(ODD)), max_size=4
)


@BOTH
@given(changes=CHANGES)
def test_odd_values_together_are_answered_alike(policy: Policy, changes: list[tuple[str, Any]]) -> None:
    record = {**BASE, **dict(changes)}
    assert answer(policy, record) == answer(POLICY, record, "business-rules")


# The reader in C is the one in Python


def test_where_there_is_a_compiler_the_reader_in_c_is_built() -> None:
    headers = Path(sysconfig.get_paths()["include"], "Python.h")
    assert native.Reader is not None or shutil.which("cc") is None or not headers.exists()


def c_alone() -> Callable[[Any], Any]:
    """The reader in C, which says of a record that it does not take that it is refused."""
    [compiled] = POLICY._compiled.values()
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv("MEDPOLICY_WITHOUT_C", raising=False)
        found = native.native_reader(
            compiled, None, facts=dict, otherwise=lambda _: "refused", elsewhere=lambda _: "not in effect"
        )
    if found is None:
        pytest.skip("the reader in C was not built")
    return found


@settings(max_examples=500)
@given(requests(POLICY) | near_boundaries(POLICY), CHANGES, st.sampled_from([*BASE, "disease"]))
def test_both_readers_take_the_same_records_and_give_the_same_answers(
    record: dict[str, Any], changes: list[tuple[str, Any]], left_out: str
) -> None:
    record = {name: value for name, value in (record | dict(changes)).items() if name != left_out or changes}
    in_python = IN_PYTHON._readers[POLICY.revisions[0].revision]
    expected, found = in_python(record), c_alone()(record)
    if expected is None or not all(type(value) in OF_JSON for value in record.values()):
        assert found == "refused"
    else:
        assert found.verdict == expected.verdict
        assert POLICY.decide(record).facts == expected.facts


def test_every_day_of_the_domain_and_none_beside_it_is_read() -> None:
    in_c, in_python = c_alone(), IN_PYTHON._readers[POLICY.revisions[0].revision]
    for year in range(1898, 2202):
        for month in range(14):
            for number in (0, 1, 28, 29, 30, 31, 32):
                written = f"{year}-{month:02}-{number:02}"
                record = {**BASE, "birth_date": written, "service_start_date": "2199-12-31"}
                known = day(written)
                refused = known is None or not EARLIEST <= known <= LATEST
                assert ((in_c(record) == "refused"), in_python(record) is None) == (refused, refused), written


def with_thresholds(count: int, highest: int) -> Policy:
    """A policy whose criteria each ask for another dose."""

    class Weighed(SmallRequest):
        dose: Annotated[int | None, Field(ge=-5, le=highest), fact("Dose")] = None

    vocabulary = Vocabulary("small", Weighed, WORDS.actions, WORDS.rules)
    asked = [criterion(f"c{number}", ANY | {"value": highest // count * number}) for number in range(count)]
    return Policy(vocabulary, (Decider(revision_of([pathway("p", ANY, asked)], []), "", vocabulary),))


@pytest.mark.parametrize(
    ("count", "highest", "most_words", "in_c"),
    [
        (1, 10 * MOST_LISTED, 64, True),
        (100, 1000, 64, True),
        (2100, 10_000, 64, True),
        (2100, 10_000, 32, False),
        (2, 1 << 62, 64, False),
    ],
    ids=["a large domain", "two words of bits", "many words of bits", "too many bits", "too large numbers"],
)
def test_doses_around_each_threshold_are_decided_alike_in_c_and_in_python(
    count: int, highest: int, most_words: int, in_c: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(native, "MOST_WORDS", most_words)
    policy = with_thresholds(count, highest)
    plain = without_c(policy)
    is_built = native.Reader is not None and "MEDPOLICY_WITHOUT_C" not in os.environ
    assert (type(policy._readers["one"]) is not type(plain._readers["one"])) is (in_c and is_built)
    step = highest // count
    for dose in [
        -6,
        -5,
        None,
        True,
        1.0,
        "1",
        10**30,
        *(step * number + near for number in (0, 1, count) for near in (-1, 0, 1)),
    ]:
        record = {"request_id": "R-1", "service_start_date": "2026-01-01", "kind": "a", "dose": dose}
        assert answer(policy, record) == answer(plain, record) == answer(policy, record, "business-rules"), dose


@given(requests(POLICY) | near_boundaries(POLICY), st.sampled_from([None, POLICY.revisions[0].revision]))
def test_a_plain_request_is_read_and_gets_the_answer_of_the_stock_engine(
    record: dict[str, Any], revision: str | None
) -> None:
    found = POLICY._readers[revision](record)
    assert found is not None
    expected = POLICY.decide(record, revision=revision, engine="business-rules")
    assert found == expected
    assert [*found.facts.items()] == [*expected.facts.items()]


@settings(EXAMPLES)
@given(documents(), st.data())
def test_any_revision_of_another_vocabulary_is_read_with_the_verdicts_of_the_stock_engine(document, data):
    policy = Policy(WORDS, (Decider(revision_from(document), "", WORDS),))
    in_python = without_c(policy)
    for record in data.draw(st.lists(requests(policy), min_size=1, max_size=5)):
        assert answer(policy, record) == answer(in_python, record) == answer(policy, record, "business-rules")


class Mixed(SmallRequest):
    color: Annotated[Literal["red", 2] | None, fact("Color")] = None


def test_options_of_several_types_are_read_by_the_model() -> None:
    vocabulary = Vocabulary("small", Mixed, WORDS.actions, WORDS.rules)
    decided = revision_of([pathway("p", ANY, [criterion("p.a", ANY)])], [])
    policy = Policy(vocabulary, (Decider(decided, "", vocabulary),))
    for color in ("red", 2, None):
        record = {"request_id": "R-1", "service_start_date": "2026-01-01", "kind": "a", "color": color}
        assert answer(policy, record) == answer(policy, record, "business-rules"), color


@given(st.text("0123456789-W:T +\u0663", min_size=8, max_size=12) | st.dates().map(str) | st.text(max_size=12))
def test_text_that_is_no_day_is_not_read(written: str) -> None:
    if day(written) is None:
        for read in (POLICY._readers[None], IN_PYTHON._readers[None]):
            assert read({**BASE, "birth_date": written}) is None


@given(requests(POLICY), requests(POLICY))
def test_each_day_is_decided_by_the_revision_in_effect(first: dict[str, Any], second: dict[str, Any]) -> None:
    [decider] = POLICY.deciders
    later = decider.revision.model_copy(update={"revision": "later", "effective_from": date(2027, 1, 1)})
    ended = decider.revision.model_copy(update={"effective_to": date(2026, 12, 31)})
    two = Policy(POLICY.vocabulary, (Decider(ended, "a", POLICY.vocabulary), Decider(later, "b", POLICY.vocabulary)))
    for record in (
        first,
        second,
        BASE | {"service_start_date": "2026-12-31"},
        BASE | {"service_start_date": "2027-01-01"},
    ):
        assert answer(two, record) == answer(two, record, "business-rules")
        for pinned in ("later", decider.revision.revision):
            assert answer(two, record, revision=pinned) == answer(two, record, "business-rules", pinned)


def test_a_record_that_changes_later_changes_no_determination() -> None:
    record = json.loads(json.dumps(BASE))
    found = POLICY.decide(record)
    expected = POLICY.decide(dict(BASE), engine="business-rules")
    record["combination_regimen"].append("other")
    record["cycles_received"] = 9
    assert found == expected
    assert found.facts["combination_regimen"] == frozenset({"imatinib"})


@BOTH
def test_a_policy_that_nobody_holds_is_let_go_of_with_its_readers(policy: Policy) -> None:
    copied = Policy(policy.vocabulary, policy.deciders) if policy is POLICY else without_c(policy)
    copied.decide(dict(BASE))
    compiled = weakref.ref(next(iter(copied._compiled.values())))
    del copied
    gc.collect()
    assert compiled() is None


# JSON text


def answer_of_text(decide: Callable[[bytes], bytes], text: bytes) -> bytes | str:
    try:
        return decide(text)
    except InvalidRequest as error:
        return str(error)


def read_by_the_model(text: bytes) -> bytes:
    request, _ = read_json_request(POLICY.vocabulary.request, text)
    return POLICY.decide(request, engine="business-rules").to_json()


@given(requests(POLICY) | near_boundaries(POLICY), st.lists(st.tuples(st.sampled_from([*BASE, "ph_statsu"]), JSON)))
def test_text_is_decided_byte_for_byte_as_the_record_in_it(record: dict[str, Any], changes: list[Any]) -> None:
    text = json.dumps({**record, **dict(changes)}).encode()
    assert answer_of_text(POLICY.decide_json, text) == answer_of_text(read_by_the_model, text)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (b"", "the text is empty"),
        (b"[]", "1:1: error[not-a-record]: a request must be an object with a key for each fact"),
        (b'{"request_id": "A", "request_id": "B"}', "the key `request_id` is given twice"),
        (b'{"request_id": "A", "cycles_received": NaN}', "NaN"),
        (b'{"request_id": "A", "cycles_received": 1e999}', ""),
        (b'{"request_id": "\\ud800"}', ""),
        (b'{"request_id": "\xff"}', "the text is not UTF-8"),
        (b"\xff\xfe{\x00}\x00", "the text is UTF-16"),
        (b'{"request_id": "A"} {}', ""),
        (b'{\n"request_id": "A",\n"disease": "x"}', "3:12: error[not-allowed]"),
        (b"[" * 300, ""),
    ],
)
def test_text_that_cannot_be_read_is_refused_with_its_place(text: bytes, said: str) -> None:
    found = answer_of_text(POLICY.decide_json, text)
    assert isinstance(found, str)
    assert found == answer_of_text(read_by_the_model, text)
    assert said in found


def test_a_byte_order_mark_is_passed_over() -> None:
    text = json.dumps(BASE).encode()
    assert POLICY.decide_json(b"\xef\xbb\xbf" + text) == POLICY.decide_json(text) == POLICY.decide(BASE).to_json()


# What a model asks for beside its domains


def odd(value: int) -> int:
    """Refuse an even number."""
    if value % 2 == 0:
        raise ValueError
    return value


class Checked(SmallRequest):
    dose: Annotated[int, Field(ge=0, le=3), AfterValidator(odd), fact("Dose")]


class Constrained(SmallRequest):
    dose: Annotated[int, Field(ge=0, le=3, multiple_of=3), fact("Dose")]


class Renamed(SmallRequest):
    dose: Annotated[int, Field(ge=0, le=3, alias="doses"), fact("Dose")]


class Validated(SmallRequest):
    @field_validator("dose")
    @classmethod
    def odd(cls, value: int) -> int:
        return odd(value)


class Lenient(SmallRequest, strict=False):
    pass


class Finished(SmallRequest):
    def model_post_init(self, _: Any) -> None:
        odd(self.dose or 1)


class Made(SmallRequest):
    def __init__(self, **given: Any) -> None:
        super().__init__(**given | {"dose": 3})


class Later(SmallRequest):
    service_start_date: Annotated[Date, Field(ge=date(2026, 2, 1)), fact("Start")]


class Equipped(SmallRequest):
    tools: Annotated[Annotated[frozenset[Literal["x", "y"]], Set] | None, Field(min_length=1), fact("Tools")] = None


class TwiceBounded(SmallRequest):
    dose: Annotated[int, Field(ge=0, le=3), Ge(2), fact("Dose")]


class Workday(Day):
    """A kind that allows less than its range."""

    def problems(self, value: Any) -> list[Problem]:
        return super().problems(value) or (self._refuse() if self.typed(value).weekday() > 4 else [])


def test_a_kind_that_allows_less_than_its_range_is_read_by_the_model() -> None:
    assert value_form(Workday(EARLIEST, LATEST)) is ValueForm.OTHER
    assert value_form(Day(EARLIEST, LATEST)) is ValueForm.DAY


class OfSets(SmallRequest):
    tools: Annotated[frozenset[Literal["x", "y"]] | None, fact("Tools")] = None


@pytest.mark.parametrize(
    "model", [OfSets, Made, Later, Equipped, TwiceBounded, Checked, Constrained, Renamed, Validated, Lenient, Finished]
)
def test_a_model_with_checks_of_its_own_reads_every_request_itself(model: type[PriorAuthorizationRequest]) -> None:
    vocabulary = Vocabulary("small", model, WORDS.actions, WORDS.rules)
    decided = revision_of([pathway("p", ANY, [criterion("p.a", ANY)])], [])
    policy = Policy(vocabulary, (Decider(decided, "", vocabulary),))
    assert not says_domains_alone(model)
    for dose in (1, 2, "1"):
        record = {"request_id": "R-1", "service_start_date": "2026-01-01", "kind": "a", "dose": dose, "tools": []}
        assert answer(policy, record) == answer(policy, record, "business-rules")


class NothingInAll(Sum):
    def of(self, facts: Mapping[str, Any]) -> int:
        return 0


def test_a_derived_variable_with_a_way_of_its_own_is_worked_out_by_it() -> None:
    class Summed(SmallRequest):
        derived = {"total": (NothingInAll("dose", "cycles_requested"), fact("Total"))}

    vocabulary = Vocabulary("small", Summed, WORDS.actions, WORDS.rules)
    total = {"name": "total", "operator": "greater_than", "value": 2}
    policy = Policy(
        vocabulary, (Decider(revision_of([pathway("p", ANY, [criterion("p.a", total)])], []), "", vocabulary),)
    )
    record = {"request_id": "R-1", "service_start_date": "2026-01-01", "kind": "a", "dose": 2, "cycles_requested": 2}
    assert answer(policy, record) == answer(policy, record, "business-rules")
    assert policy.decide(record).facts["total"] == 0


class Key:
    """A key that is no text, and equal to one."""

    def __init__(self, name: str) -> None:
        self.name = name

    def __hash__(self) -> int:
        return hash(self.name)

    def __eq__(self, other: object) -> bool:
        return other == self.name


@BOTH
@pytest.mark.parametrize("name", ["disease", "birth_date", "request_id"])
def test_a_key_that_is_equal_to_a_name_but_no_text_is_refused(policy: Policy, name: str) -> None:
    record = {key: value for key, value in BASE.items() if key != name} | {Key(name): BASE.get(name)}
    assert "error[unknown-key]" in answer(policy, record)
    assert answer(policy, record) == answer(policy, record, "business-rules")


def test_the_models_of_the_project_ask_for_their_domains_alone() -> None:
    assert says_domains_alone(POLICY.vocabulary.request)
    assert says_domains_alone(WORDS.request)


# What is remembered


def test_what_is_remembered_is_forgotten_when_it_becomes_too_much() -> None:
    squares = Remembered(lambda number: number * number, most=3)
    for number in range(10):
        assert squares[number] == number * number
        assert len(squares) <= 3


def test_the_verdicts_of_a_large_revision_are_kept_in_bounded_memory() -> None:
    [decider] = POLICY.deciders
    compiled = Compiled(decider)
    criteria = len(list(decider.revision.criteria()))
    assert compiled.most_verdicts * criteria <= 1 << 22
    assert compiled.most_verdicts == MOST_REMEMBERED
