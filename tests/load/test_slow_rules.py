"""Rule files made to be slow, large or deep: each is read at once, and what is not worked out is said."""

from __future__ import annotations

import json
import random
from datetime import date, timedelta
from itertools import combinations
from random import Random
from typing import Any

import pytest
from faults import VALID_RULES

from load.test_fuzz_rules import decide_some, read
from medpolicy.evaluate.engine import StockEngine
from medpolicy.evaluate.tables import tables
from medpolicy.language.condition import Condition, Test
from medpolicy.language.vocabulary import find_vocabulary
from medpolicy.load import file
from medpolicy.load.file import MOST_VALUES
from medpolicy.load.parts import values_of
from medpolicy.text.json_text import MOST_BYTES

VALID = json.loads(VALID_RULES)
TEST = {"name": "lineage", "operator": "equal_to", "value": "b_cell_precursor"}


def valid_with(condition: Any) -> bytes:
    """The valid file with another condition of its first criterion."""
    document = json.loads(json.dumps(VALID))
    document["pathways"][0]["criteria"][0]["conditions"] = condition
    return json.dumps(document, separators=(",", ":")).encode()


def valid_with_pathways(*applies: Any) -> bytes:
    first, *_ = VALID["pathways"]
    (criterion,) = first["criteria"]
    pathways = [
        first | {"id": f"p{place}", "applies": condition, "criteria": [criterion | {"id": f"p{place}.c"}]}
        for place, condition in enumerate(applies)
    ]
    return json.dumps(VALID | {"pathways": pathways}, separators=(",", ":")).encode()


def any_of_three(chance: Random) -> dict[str, Any]:
    yes_no = ["cd22_test_submitted", "prior_authorization_on_file", "disease_progression", "unacceptable_toxicity"]
    yes_no += ["therapy_exclusion", "off_label_support_submitted", "plan_document_conflict"]
    numbers = ["cycles_received", "cycles_requested", "total_cycles", "age_years"]

    def test() -> dict[str, Any]:
        if chance.random() < 0.6:
            return {"name": chance.choice(yes_no), "operator": chance.choice(["is_true", "is_false"]), "value": True}
        operator = chance.choice(["equal_to", "not_equal_to", "less_than", "greater_than"])
        return {"name": chance.choice(numbers), "operator": operator, "value": chance.randint(1, 12)}

    return {"any": [test(), test(), test()]}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (b"[" * MOST_BYTES, "brackets are nested deeper than 201 levels"),
        (b'{"a":' * (MOST_BYTES // 5), "brackets are nested deeper than 201 levels"),
        (b'{"all":[' * (MOST_BYTES // 8), "brackets are nested deeper than 201 levels"),
        (b"9" * MOST_BYTES, "a number has too many digits"),
        (b'"' * MOST_BYTES, "text follows after the end of the document"),
        (b'"' + b"a" * (MOST_BYTES - 1), "the text ends inside the string that begins here"),
        (b'"' + b"\\" * (MOST_BYTES - 1), "the text ends inside the string that begins here"),
        (b'"' + b"\\n" * (MOST_BYTES // 2 - 1) + b'"', "a rule file must be an object"),
        (b"\n" * MOST_BYTES, "the text is empty"),
        (b"\0" * MOST_BYTES, "the unusual character U+0000 stands outside of a string"),
        (b"[" + b"1," * (MOST_BYTES // 4) + b"1]", "holds more than 60000 values"),
        (b"[" + b"1," * 40_000 + b"1]", "a rule file must be an object, not a list"),
        (b"{" + b",".join(b'"%d":1' % number for number in range(60000)) + b',"7":1}', "the key `7` is given twice"),
    ],
    ids=["brackets", "objects", "groups", "digits", "quotes", "a string", "backslashes", "escapes", "blank lines", "NUL", "numbers", "fewer numbers", "keys"],
)  # fmt: skip
def test_a_mebibyte_of_anything_is_refused_at_once(text: bytes, message: str) -> None:
    (finding,) = read(text).findings
    assert finding.message.startswith(message)


@pytest.mark.parametrize(
    "condition",
    [
        {"all": [{}] * 49_000},
        {"all": [1] * 49_000},
        {"all": [{"all": [{}]}] * 16_000},
        {"all": [{"any": []}] * 24_000},
        {"all": [TEST | {"operator": "is_one_of", "value": [[]] * 49_000}]},
        {"all": [TEST | {"name": f"linaeg{number}"} for number in range(5000)]},
        {"all": [TEST | {"operator": f"equal_ot{number}"} for number in range(5000)]},
        {"all": [TEST | {"value": f"b_cell_{number}"} for number in range(5000)]},
        {"all": [TEST | {f"nmae{number}": 1} for number in range(5000)]},
        TEST | {f"nmae{number}": 1 for number in range(49_000)},
        {"all": ["\x1b"] * 49_000},
    ],
    ids=[
        "empty objects",
        "numbers",
        "groups",
        "empty groups",
        "lists",
        "variables",
        "operators",
        "options",
        "keys",
        "keys of one test",
        "control characters",
    ],
)
def test_thousands_of_faults_are_cut_where_nobody_reads_on(condition: Any) -> None:
    assert read(valid_with(condition)).findings[-1].code == "more-findings"


@pytest.mark.parametrize("key", ["pathways", "review_flags", "invariants", "informative"])
def test_empty_parts_without_number_are_cut_where_nobody_reads_on(key: str) -> None:
    text = json.dumps(VALID | {key: [{}] * (MOST_VALUES - 1_000)})
    assert read(text).findings[-1].code == "more-findings"


@pytest.mark.parametrize(
    "condition",
    [
        {"all": [{}] * 100_000},
        {"all": [1] * 200_000},
        {"all": [{"all": [{}]}] * 60_000},
        TEST | {"value": [[]] * 250_000},
        TEST | {f"n{number}": 1 for number in range(61_000)},
    ],
)
def test_more_values_than_a_person_writes_are_refused_unread(condition: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(file, "read_revision", None)
    (finding,) = read(valid_with(condition)).findings
    assert str(finding) == "x.json:1:1: error[too-large]: holds more than 60000 values"


def test_values_are_counted_and_not_signs() -> None:
    def with_values(count: int) -> bytes:
        """A file with so many values, and with more signs in its texts than there are values."""
        document = VALID | {"title": "," * 100_000, "informative": []}
        return json.dumps(
            document | {"informative": ["title"] * (count - sum(1 for _ in values_of(document)))}
        ).encode()

    assert "too-large" not in {finding.code for finding in read(with_values(MOST_VALUES)).findings}
    assert [finding.code for finding in read(with_values(MOST_VALUES + 1)).findings] == ["too-large"]


@pytest.mark.parametrize("applies", [5, {"all": 5}, {"all": [{}]}, {"all": [TEST | {"name": "linaeg"}]}])
def test_a_fault_that_was_not_looked_for_keeps_a_condition_from_being_compared(applies: Any) -> None:
    document = json.loads(valid_with({"all": [TEST | {"name": "linaeg", "value": 5}] * 600 + [{}] * 600}))
    document["pathways"][1]["applies"] = applies
    assert read(json.dumps(document)).findings[-1].code == "more-findings"


def test_ten_thousand_tests_in_one_group_are_used() -> None:
    file = read(valid_with({"all": [TEST] * 10_000}))
    assert file.revision is not None
    decide_some(file, few=2)


@pytest.mark.parametrize(("name", "operator"), [("total_cycles", "equal_to"), ("birth_date", "equal_to")])
def test_the_engine_is_asked_of_each_test_below_at_and_above_its_constant_alone(
    name: str, operator: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = date(1900, 1, 1)
    values = (
        range(2, 1002) if name == "total_cycles" else [str(first + timedelta(20 * number)) for number in range(1000)]
    )
    asked = 0

    class Counting(StockEngine):
        def holds(self, condition: Condition) -> bool:
            nonlocal asked
            asked += 1
            return super().holds(condition)

    monkeypatch.setattr("medpolicy.evaluate.tables.StockEngine", Counting)
    some = [Test(name=name, operator=operator, value=value) for value in values]
    table = tables(some, find_vocabulary("inotuzumab-ozogamicin"))[name]
    assert len(table.classes) >= 1000
    assert asked <= 3 * len(some)


@pytest.mark.parametrize("clauses", [40, 80, 400])
def test_conditions_that_are_a_riddle_do_not_hang_the_comparison_of_pathways(clauses: int) -> None:
    chance = random.Random(clauses)
    first, second = ({"all": [any_of_three(chance) for _ in range(clauses)]} for _ in range(2))
    found = {finding.code for finding in read(valid_with_pathways(first, second)).findings}
    assert not found & {"syntax", "wrong-value", "unknown-variable"}


def test_what_is_too_much_to_compare_is_said_not_to_be_proven() -> None:
    numbers = [{"name": "total_cycles", "operator": "equal_to", "value": 1 + number} for number in range(900)]
    options = find_vocabulary("inotuzumab-ozogamicin").variables["combination_regimen"].kind.choices
    subsets = [list(some) for size in range(1, 7) for some in combinations(options, size)]
    sets = [{"name": "combination_regimen", "operator": "contains_all", "value": some} for some in subsets[:399]]
    for text in (
        valid_with_pathways(*numbers),
        valid_with_pathways({"all": sets[:300]}, {"any": sets[300:]}, *sets[:200]),
    ):
        file = read(text)
        assert "overlap-not-proven" in {finding.code for finding in file.findings}
        assert file.revision is not None


# Depth


def nested(levels: int, innermost: Any, *keys: str) -> Any:
    for level in range(levels):
        innermost = {keys[level % len(keys)]: [innermost]}
    return innermost


@pytest.mark.parametrize("innermost", [TEST, TEST | {"operator": "is_one_of", "value": ["other", "t_cell"]}])
@pytest.mark.parametrize("keys", [("all",), ("any",), ("all", "any")])
def test_sixty_four_groups_in_each_other_are_used_and_sixty_five_refused(innermost: Any, keys: tuple[str, ...]) -> None:
    file = read(valid_with(nested(64, innermost, *keys)))
    assert file.revision is not None
    decide_some(file, few=2)
    (finding,) = read(valid_with(nested(65, innermost, *keys))).errors
    assert finding.message == "groups are nested deeper than 64 levels"
    assert finding.path == ("pathways", 0, "criteria", 0, "conditions")


def test_the_condition_of_a_pathway_may_be_as_deep_and_is_compared() -> None:
    deep = [
        nested(64, {"name": "ph_status", "operator": "equal_to", "value": option}, "any")
        for option in ("positive", "negative")
    ]
    assert not read(valid_with_pathways(*deep)).errors
    assert [finding.code for finding in read(valid_with_pathways(deep[0], deep[0])).errors] == ["pathways-overlap"]


def test_faults_inside_groups_that_are_too_deep_are_told_as_well() -> None:
    found = [finding.code for finding in read(valid_with(nested(80, TEST | {"name": "linaeg"}, "all"))).errors]
    assert sorted(found) == ["nesting", "unknown-variable"]


@pytest.mark.parametrize("number", [10**4299, -(10**4298), 2**53, 2**63, 2**64])
def test_a_number_of_any_size_is_no_more_than_outside_the_domain(number: int) -> None:
    test = TEST | {"name": "total_cycles", "value": number}
    assert [finding.code for finding in read(valid_with({"all": [TEST, test]})).errors] == ["wrong-value"]
    document = json.loads(json.dumps(VALID))
    document["pathways"][0]["actions"][0]["params"]["months"] = number
    assert [finding.code for finding in read(json.dumps(document)).errors] == ["wrong-parameter"]
