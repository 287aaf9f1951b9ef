"""The strategies that draw requests: valid, varied, near what the rules look at, for whichever policy."""

from __future__ import annotations

import subprocess
import sys
from collections import Counter
from collections.abc import Mapping
from datetime import date, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Annotated, ClassVar, Literal

import pytest
import small
from drawing import asks
from hypothesis import HealthCheck, Phase, find, given, settings
from hypothesis import strategies as st
from medpolicy.actions.coverage import CoverageActions
from project import ROOT
from pydantic import Field
from small import DrugRequest

from medpolicy import InvalidPolicy, Policy, load_policy
from medpolicy.evaluate.decide import Decider
from medpolicy.evaluate.tables import tables
from medpolicy.language.fields import CompletedYears, Derived, Sum
from medpolicy.language.forms import Date, NoUnlessGiven, Set
from medpolicy.language.request import Fact, facts_of
from medpolicy.language.vocabulary import Vocabulary
from medpolicy.testing import near_boundaries, requests

POLICY = load_policy("inotuzumab-ozogamicin")


def sample(strategy, size=300):
    """The same requests each time."""
    found = []

    @settings(
        max_examples=size,
        derandomize=True,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(strategy)
    def collect(request):
        found.append(request)

    collect()
    return found


@pytest.fixture(scope="module")
def drawn():
    return sample(requests(POLICY))


@pytest.fixture(scope="module")
def near():
    return sample(near_boundaries(POLICY))


def test_no_decision_is_rare(drawn, near):
    for requests_drawn in (drawn, near):
        decisions = Counter(POLICY.decide(request).decision for request in requests_drawn)
        assert set(decisions) == {"approved", "denied", "pended"}
        assert min(decisions.values()) >= len(requests_drawn) / 20
        assert decisions["approved"] >= len(requests_drawn) / 8


def test_every_pathway_and_flag_is_seen_and_nearly_every_criterion_in_each_of_its_statuses(drawn, near):
    found = [POLICY.decide(request) for request in drawn + near]
    [revision] = POLICY.revisions

    assert {answer.pathway for answer in found} == {None, *(pathway.id for pathway in revision.pathways)}
    statuses = {(criterion.id, criterion.status) for determination in found for criterion in determination.criteria}
    criteria = [criterion.id for pathway in revision.pathways for criterion in pathway.criteria]
    possible = {(id, status) for id in criteria for status in ("met", "not_met", "unknown")}
    possible.remove(("relapsed_refractory.ph_status_known", "not_met"))
    assert statuses <= possible
    assert {(id, "met") for id in criteria} <= statuses
    assert len(possible - statuses) <= len(possible) / 10
    flags = {flag.id for determination in found for flag in determination.review_flags}
    assert flags == {flag.id for flag in revision.review_flags} | {revision.not_in_effect.id}


def test_every_value_of_small_domains_is_drawn_and_every_fact_is_missing_at_times(drawn):
    for name, variable in POLICY.vocabulary.variables.items():
        if variable.derived is not None:
            continue
        seen = [request.get(name) for request in drawn]
        if variable.may_be_missing:
            assert None in seen, name
        for option in getattr(variable.kind, "options", ()):
            assert any(option == value or (isinstance(value, list) and option in value) for value in seen), option


def test_a_missing_fact_is_at_times_left_out_and_at_times_written(drawn):
    assert any("ph_status" not in request for request in drawn)
    assert any("ph_status" in request and request["ph_status"] is None for request in drawn)


def test_a_set_is_at_times_out_of_order_and_at_times_with_repeats(drawn):
    regimens = [request["combination_regimen"] for request in drawn if request.get("combination_regimen")]
    assert any(len(regimen) > len(set(regimen)) for regimen in regimens)
    assert ["blinatumomab", "mini_hyper_cvd"] in regimens
    assert ["mini_hyper_cvd", "blinatumomab"] in regimens


@given(requests(POLICY))
def test_a_drawn_request_is_valid_and_in_json_form(request):
    assert POLICY.request(request)
    assert all(value is None or type(value) in {str, bool, int, list} for value in request.values())


@given(requests(POLICY, complete=True))
def test_a_complete_request_has_every_fact(request):
    assert None not in facts_of(POLICY.request(request)).values()


@given(near_boundaries(POLICY))
def test_a_request_near_a_boundary_is_valid_and_complete(request):
    assert None not in facts_of(POLICY.request(request)).values()


@pytest.mark.parametrize("total", [5, 6, 7])
def test_the_cycles_come_to_the_cap_and_to_one_more_or_less_in_several_ways(near, total):
    pairs = {
        (request["cycles_received"], request["cycles_requested"])
        for request in near
        if request["cycles_received"] + request["cycles_requested"] == total
    }
    assert len(pairs) >= 2


@pytest.mark.parametrize("day", ["2026-04-01", "2026-04-02", "2026-04-03"])
def test_the_service_starts_on_and_next_to_the_effective_date(near, day):
    assert day in {request["service_start_date"] for request in near}


def test_birthdays_fall_on_and_next_to_the_service_date(drawn, near):
    seen = set()
    for request in drawn + near:
        if request.get("birth_date"):
            born = date.fromisoformat(request["birth_date"])
            start = date.fromisoformat(request["service_start_date"])
            if start.year - born.year == 1 and (start.month, start.day) != (2, 29):
                seen.add((start - born.replace(year=start.year)).days if (born.month, born.day) != (2, 29) else None)
    assert {-1, 0, 1} <= seen


def test_29_february_is_a_day_of_service_and_of_birth(drawn):
    assert any(request["service_start_date"].endswith("-02-29") for request in drawn)
    assert any((request.get("birth_date") or "").endswith("-02-29") for request in drawn)


def found(strategy, holds):
    calm = settings(database=None, derandomize=True, deadline=None, max_examples=2000)
    return find(strategy, lambda request: holds(POLICY.decide(request)), settings=calm)


LEAST = {"request_id": "R-1", "service_start_date": "2026-04-02", "request_type": "initial"}


@pytest.mark.parametrize(
    ("holds", "least"),
    [
        (
            lambda determination: "below_labeled_age" in {flag.id for flag in determination.review_flags},
            {**LEAST, "birth_date": "2026-04-02"},
        ),
        (lambda determination: determination.revision is None, {**LEAST, "service_start_date": "2026-04-01"}),
        (
            lambda determination: determination.decision == "approved",
            {
                **LEAST,
                "disease": "acute_lymphoblastic_leukemia",
                "lineage": "b_cell_precursor",
                "disease_setting": "frontline_induction",
                "cd22_status": "positive",
                "cd22_test_submitted": True,
                "ph_status": "negative",
                "combination_regimen": ["mini_hyper_cvd"],
                "cycles_received": 0,
                "cycles_requested": 1,
                "therapy_exclusion": False,
            },
        ),
    ],
    ids=["below one year", "before the first day", "approved"],
)
def test_what_is_found_is_shrunk_to_the_fewest_facts_and_ordinary_values(holds, least):
    assert found(requests(POLICY), holds) == least


def test_the_parts_of_a_sum_over_a_cap_are_shrunk_to_one_more_than_it_allows():
    shown = found(requests(POLICY), lambda answer: "frontline.cycle_cap" in answer.not_met)
    assert shown.keys() == {*LEAST, "cycles_received", "cycles_requested"}
    assert shown["cycles_received"] + shown["cycles_requested"] == 7


def test_what_is_found_near_a_boundary_is_shrunk_to_ordinary_values():
    shown = found(near_boundaries(POLICY), lambda answer: "frontline.cycle_cap" in answer.not_met)
    assert shown["service_start_date"] == "2026-04-02"
    assert shown["cycles_received"] + shown["cycles_requested"] == 7
    assert shown["birth_date"] == "1999-02-28"


def test_without_hypothesis_it_is_said_how_to_get_it():
    told = "import sys; sys.modules['hypothesis'] = None; import medpolicy.testing"
    ended = subprocess.run([sys.executable, "-c", told], capture_output=True, text=True, timeout=60, check=False)
    assert ended.stderr.endswith(
        "ImportError: medpolicy.testing needs hypothesis: install it with `pip install 'medpolicy[test]'`\n"
    )


def test_the_example_of_the_docs_passes(tmp_path):
    text = (ROOT / "docs" / "testing.md").read_text("utf-8")
    (tmp_path / "test_example.py").write_text(text.split("```python\n")[1].split("```")[0], "utf-8")
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "test_example.py"]
    ended = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=300, check=False)
    assert "2 passed" in ended.stdout, ended.stdout


# Another policy


def fact(name):
    return Fact(name, f"What is the {name}?", "the chart")


class OtherRequest(DrugRequest):
    """A request with two sums that share a part, three days in a row, and a set."""

    first_dose: Annotated[Date | None, fact("first dose")] = None
    diagnosed: Annotated[Date | None, fact("diagnosis")] = None
    born: Annotated[Date | None, fact("birth")] = None
    weeks: Annotated[int | None, Field(ge=-5, le=50), fact("weeks")] = None
    more_weeks: Annotated[int | None, Field(ge=0, le=50), fact("more weeks")] = None
    line: Annotated[Literal["first", "second"] | None, fact("line")] = None
    markers: Annotated[Annotated[frozenset[Literal["x", "y", "z"]], Set] | None, fact("markers")] = None
    urgent: Annotated[NoUnlessGiven, fact("urgency")] = False

    earlier: ClassVar[tuple[tuple[str, str], ...]] = (
        ("born", "diagnosed"),
        ("diagnosed", "first_dose"),
        ("first_dose", "service_start_date"),
    )
    derived: ClassVar[Mapping[str, tuple[Derived, Fact]]] = {
        "all_weeks": (Sum("weeks", "more_weeks"), fact("all weeks")),
        "weeks_and_cycles": (Sum("more_weeks", "cycles_requested"), fact("weeks and cycles")),
        "age_at_diagnosis": (CompletedYears("born", "diagnosed"), fact("age at diagnosis")),
        "years_treated": (CompletedYears("first_dose", "service_start_date"), fact("years treated")),
    }


def other_decider(day, until, *tests):
    line = {"any": [asks("line", "equal_to", "first"), asks("urgent", "is_true")]}
    pathways = [small.pathway("only", line, [small.criterion("every", {"all": list(tests)})], months=3)]
    both = {"all": [asks("urgent", "is_true"), asks("line", "equal_to", "second")]}
    content = small.document(pathways, [small.flag("urgent", "gate", both)], day)
    revision = small.revision(content | {"policy": "other", "effective_from": day, "effective_to": until})
    return Decider(revision, f"sha256:{day}", OTHER_WORDS)


OTHER_WORDS = Vocabulary("other", OtherRequest, CoverageActions, Path("other"))
EARLIER = other_decider(
    "2024-02-29",
    "2025-01-31",
    asks("all_weeks", "equal_to", 13),
    asks("weeks_and_cycles", "greater_than", 20),
    asks("age_at_diagnosis", "less_than", 18),
    asks("years_treated", "greater_than_or_equal_to", 2),
    asks("markers", "shares_exactly_one_element_with", ["x", "y"]),
    asks("first_dose", "after", "2020-02-28"),
)
LATER = other_decider("2025-02-01", None, asks("weeks", "less_than", 0), asks("markers", "contains", "z"))
OTHER = Policy(OTHER_WORDS, (EARLIER, LATER))


@given(requests(OTHER))
def test_the_requests_of_another_policy_are_valid_too(request):
    assert OTHER.request(request)


@given(requests(OTHER, complete=True) | near_boundaries(OTHER))
def test_the_complete_requests_of_another_policy_have_every_fact(request):
    assert None not in facts_of(OTHER.request(request)).values()


def test_another_policy_is_approved_by_each_of_its_revisions_and_denied_by_each():
    found = [OTHER.decide(request) for request in sample(requests(OTHER), size=1000)]
    kinds = Counter((answer.revision, answer.decision) for answer in found)
    for revision in ("2024-02-29", "2025-02-01"):
        assert kinds[revision, "approved"] >= 50
        assert kinds[revision, "denied"] >= 50
    assert kinds[None, "pended"] >= 20


def test_the_requests_of_one_revision_are_about_its_dates_and_its_constants():
    for strategy in (requests(OTHER, revision="2025-02-01"), near_boundaries(OTHER, revision="2025-02-01")):
        drawn = sample(strategy)
        days = Counter(request["service_start_date"] >= "2025-02-01" for request in drawn)
        assert days[True] >= len(drawn) * 2 / 3
        decisions = Counter(OTHER.decide(request, revision="2025-02-01").decision for request in drawn)
        assert min(decisions["approved"], decisions["denied"]) >= len(drawn) / 10
    near = {request["first_dose"] for request in sample(near_boundaries(OTHER, revision="2025-02-01"))}
    assert "2020-02-27" not in near


@pytest.mark.parametrize("strategy", [requests, near_boundaries])
def test_a_revision_that_there_is_not_is_refused_at_once(strategy):
    with pytest.raises(InvalidPolicy, match="unknown revision `2025-02-02` of `other`"):
        strategy(OTHER, revision="2025-02-02")


@settings(max_examples=30, deadline=None)
@given(small.documents(), st.data())
def test_any_policy_gives_valid_requests_however_odd_its_conditions(document, data):
    policy = Policy(small.WORDS, (Decider(small.revision(document), "", small.WORDS),))
    for strategy in (requests(policy), requests(policy, complete=True), near_boundaries(policy)):
        assert policy.decide(data.draw(strategy))


def seen(policy, requests_drawn):
    """What requests show: the class of each variable (0: missing), and both values at which two classes meet."""
    conditions = [condition for revision in policy.revisions for _, condition in revision.conditions()]
    tables_of = tables(conditions, policy.vocabulary)
    every = {(name, code) for name, table in tables_of.items() for code in range(len(table)) if code or can_miss(table)}
    ends = {
        (name, value)
        for name, table in tables_of.items()
        for low, high in pairwise(table.classes)
        if low.last is not None
        for value in (low.last, high.first)
    }
    days = {day for revision in policy.revisions for day in (revision.effective_from, revision.effective_to) if day}
    ends |= {("service_start_date", day + timedelta(off)) for day in days for off in (-1, 0, 1)}
    shown, near = set(), 0
    for request in requests_drawn:
        facts = facts_of(policy.request(request))
        shown |= {(name, table.code(facts[name])) for name, table in tables_of.items()} | (ends & facts.items())
        near += bool(ends & facts.items())
    return every, ends, shown, near / len(requests_drawn)


def can_miss(table):
    return table.variable.may_be_missing


@pytest.mark.parametrize("policy", [POLICY, OTHER], ids=["shipped", "other"])
def test_every_class_and_both_sides_of_every_boundary_are_drawn(policy):
    every, ends, shown, _ = seen(policy, sample(requests(policy), size=500))
    _, _, shown_near, near = seen(policy, sample(near_boundaries(policy), size=700))
    assert every - shown - shown_near == set()
    assert ends - shown_near == set()
    assert near >= 0.95


def test_the_boundaries_of_another_policy_are_met_from_both_sides():
    facts = [facts_of(OTHER.request(request)) for request in sample(near_boundaries(OTHER), size=700)]
    for name, values in {
        "all_weeks": {12, 13, 14},
        "weeks_and_cycles": {19, 20, 21},
        "age_at_diagnosis": {17, 18, 19},
        "years_treated": {1, 2, 3},
        "weeks": {-1, 0, 1},
        "first_dose": {date(2020, 2, 27), date(2020, 2, 28), date(2020, 2, 29)},
        "service_start_date": {date(2024, 2, 28), date(2024, 2, 29), date(2025, 1, 31), date(2025, 2, 1)},
        "markers": {frozenset({"x", "y"}), frozenset({"x"}), frozenset({"z"}), frozenset()},
    }.items():
        assert values <= {facts[name] for facts in facts}, name
