from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from medpolicy import InvalidRequest, Policy
from medpolicy.language.extra import Extra
from medpolicy.language.record import MOST_OF_ONE_VALUE, placed, read_json_record, read_json_request
from medpolicy.text.findings import Finding, Unusable

REQUEST = {"request_id": "A", "request_type": "initial", "service_start_date": "2026-05-01"}


def text_of(**changes: Any) -> bytes:
    return json.dumps(REQUEST | changes).encode()


def findings_of(
    policy: Policy, text: bytes, extra: Extra = "refuse", line_offset: int = 0
) -> list[tuple[int | None, int | None, str, str]]:
    with pytest.raises(InvalidRequest) as caught:
        read_json_request(policy.vocabulary.request, text, "r.json", line_offset, extra)
    assert {finding.file for finding in caught.value.findings} == {"r.json"}
    return [(finding.line, finding.column, finding.code, finding.json_path) for finding in caught.value.findings]


def test_a_fault_of_syntax_ends_the_reading(policy: Policy) -> None:
    assert findings_of(policy, b'{"disease": "x",\n "lineage" "y"}') == [(2, 11, "syntax", "$")]


def test_another_word_for_extra_is_refused(policy: Policy) -> None:
    with pytest.raises(ValueError, match=r"^`extra` must be `refuse`, `ignore` or `keep`, not `ignored`$"):
        findings_of(policy, text_of(), "ignored")  # type: ignore[arg-type]


def test_a_list_is_no_record(policy: Policy) -> None:
    assert findings_of(policy, b"[]", line_offset=4) == [(5, 1, "not-a-record", "$")]


def test_faults_stand_in_the_order_of_the_text_with_missing_keys_first(policy: Policy) -> None:
    text = b'{"ph_status": "x", "disease": "y", "combination_regimen": ["imatinib", "z"], "cd22": 1,\n"request_id": 5}'
    assert findings_of(policy, text) == [
        (1, 1, "missing-key", "$.service_start_date"),
        (1, 1, "missing-key", "$.request_type"),
        (1, 15, "not-allowed", "$.ph_status"),
        (1, 31, "not-allowed", "$.disease"),
        (1, 72, "not-allowed", "$.combination_regimen[1]"),
        (1, 78, "unknown-key", "$.cd22"),
        (2, 15, "not-allowed", "$.request_id"),
    ]


def test_faults_of_a_line_are_counted_from_the_lines_before_it(policy: Policy) -> None:
    assert findings_of(policy, text_of(disease="x"), line_offset=9)[0][0] == 10


def test_a_byte_order_mark_shifts_no_column(policy: Policy) -> None:
    assert findings_of(policy, b"\xef\xbb\xbf" + text_of(disease="x")) == findings_of(policy, text_of(disease="x"))


def test_a_key_given_twice_hides_no_other_fault_and_counts_where_it_stands_last(policy: Policy) -> None:
    text = text_of(disease="other", lineage="x")[:-1] + b',\n"disease": "y"}'
    assert findings_of(policy, text) == [
        (1, 115, "not-allowed", "$.lineage"),
        (2, 1, "duplicate-key", "$.disease"),
        (2, 1, "not-allowed", "$.disease"),
    ]


def test_keys_given_twice_deeper_down_have_their_own_places(policy: Policy) -> None:
    text = text_of()[:-1] + b', "zone": {"a": 1, "a": 2}, "zone": 3}'
    codes = findings_of(policy, text, "ignore")
    assert codes == [(1, 101, "duplicate-key", "$.zone.a"), (1, 110, "duplicate-key", "$.zone")]


def test_a_key_given_twice_before_a_fault_of_syntax_is_the_one_fault(policy: Policy) -> None:
    text = b'{"disease": "x", "disease": "y", "lineage" 1}'
    assert [finding[:3] for finding in findings_of(policy, text)] == [(1, 18, "duplicate-key")]


def test_of_very_many_faults_in_one_value_the_rest_is_counted(policy: Policy) -> None:
    with pytest.raises(InvalidRequest) as caught:
        read_json_request(policy.vocabulary.request, text_of(combination_regimen=["x"] * 1000, disease="y"))
    findings = caught.value.findings
    assert len(findings) == 1 + MOST_OF_ONE_VALUE + 1
    assert findings[-2].message == "`combination_regimen` has 980 more such entries"
    assert findings[-1].json_path == "$.disease"


@pytest.mark.parametrize("key", ["decision", "policy", "authorization", "review_flags"])
def test_an_extra_key_that_a_determination_has_cannot_be_kept(policy: Policy, key: str) -> None:
    assert [finding[2:] for finding in findings_of(policy, text_of(**{key: 1}), "keep")] == [
        ("reserved-key", f"$.{key}")
    ]


def test_an_unkeepable_key_hides_no_other_fault(policy: Policy) -> None:
    found = findings_of(policy, text_of(disease="x", decision=1), "keep")
    assert [reject[2] for reject in found] == ["not-allowed", "reserved-key"]


def test_extra_keys_are_kept_as_they_are(policy: Policy) -> None:
    request, kept = read_json_request(
        policy.vocabulary.request, text_of(zone={"a": [1.5, None]}, b="\u00e4"), extra="keep"
    )
    assert kept == {"zone": {"a": [1.5, None]}, "b": "\u00e4"}
    assert request.request_id == "A"


def test_extra_keys_are_left_out(policy: Policy) -> None:
    request, kept = read_json_request(policy.vocabulary.request, text_of(zone=1, decision=2), extra="ignore")
    assert (request.request_id, kept) == ("A", {})


def test_a_record_alone_is_read_strictly() -> None:
    assert read_json_record(b'{"a": 1}') == {"a": 1}
    with pytest.raises(Unusable, match="given twice"):
        read_json_record(b'{"a": 1, "a": 2}', "f.jsonl", 3)


def test_a_finding_without_a_place_stands_where_the_record_begins() -> None:
    (found,) = placed([Finding("x", "y", ("nowhere",))], b"\n {}", "f", 2)
    assert found.place == "f:4:2"


def all_findings(policy: Policy, text: bytes) -> tuple[Finding, ...]:
    try:
        read_json_request(policy.vocabulary.request, text, "r.json")
    except InvalidRequest as error:
        return error.findings
    return ()


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)


@given(name=st.text(max_size=10) | st.sampled_from(["disease", "birth_date", "combination_regimen"]), value=VALUES)
def test_whatever_a_record_holds_is_a_request_or_findings_with_places(policy: Policy, name: str, value: Any) -> None:
    text = json.dumps(REQUEST | {name: value}).encode()
    findings = all_findings(policy, text)
    assert all(finding.line == 1 and finding.column for finding in findings)


SECRET = "S3CRET-7788"


@pytest.mark.parametrize("value", [SECRET, [SECRET], {"a": SECRET}, [[SECRET]], 77889900112233, -77889900112233.5])
def test_no_message_shows_a_value(policy: Policy, value: Any) -> None:
    names = [
        name
        for name, variable in policy.vocabulary.variables.items()
        if variable.derived is None and name != "request_id"
    ]
    with pytest.raises(InvalidRequest) as caught:
        read_json_request(policy.vocabulary.request, json.dumps(dict.fromkeys(names, value)).encode())
    assert {finding.path[0] for finding in caught.value.findings} >= set(names)
    assert SECRET not in str(caught.value)
    assert "778899" not in str(caught.value)
