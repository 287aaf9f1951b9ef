"""Coverage against a second, brute-force reading of `docs/coverage.md`, on small conditions that hypothesis makes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from itertools import combinations, product
from typing import Any

from drawing import asks
from hypothesis import given, settings
from hypothesis import strategies as st
from operators import OPERATORS
from tiny import DAY, INITIAL, document, flag, pathway, tiny

from medpolicy.golden import RevisionCases
from medpolicy.golden.cover.measure import measured
from medpolicy.golden.cover.obligations import Obligation
from medpolicy.golden.cover.report import described

Facts = Mapping[str, Any]
Truth = bool | None
Steps = tuple[int, ...]

REGIMENS = ["imatinib", "dasatinib", "other", "bosutinib"]
DOMAINS: dict[str, list[Any]] = {
    "cd22_status": [None, "positive", "negative"],
    "lineage": [None, "b_cell_precursor", "t_cell", "other"],
    "disease_progression": [None, False, True],
    "plan_document_conflict": [False, True],
    "cycles_received": [None, *range(7)],
    "cycles_requested": [None, *range(1, 7)],
    "combination_regimen": [
        None,
        *(list(some) for size in range(5) for some in combinations(REGIMENS, size)),
    ],
    "birth_date": [None, DAY, "2025-05-02", "2025-05-01", "2024-05-02", "2024-05-01"],
}
"""Values that are enough to tell every class: the numbers in the tests below are 2 to 4, the ages 1, the options three of these."""

TESTS = [
    asks("cd22_status", "equal_to", "positive"),
    asks("cd22_status", "not_equal_to", "positive"),
    asks("lineage", "is_one_of", ["b_cell_precursor", "t_cell"]),
    asks("lineage", "equal_to", "t_cell"),
    asks("disease_progression", "is_false"),
    asks("plan_document_conflict", "is_true"),
    *(asks("total_cycles", operator, 4) for operator in ("less_than", "less_than_or_equal_to", "equal_to")),
    asks("total_cycles", "greater_than", 2),
    asks("cycles_received", "not_equal_to", 3),
    asks("cycles_received", "less_than", 2),
    asks("combination_regimen", "is_exactly", ["imatinib"]),
    asks("combination_regimen", "contains", "dasatinib"),
    asks("combination_regimen", "is_contained_by", ["imatinib", "dasatinib"]),
    asks("combination_regimen", "shares_no_elements_with", ["imatinib", "other"]),
    asks("age_years", "less_than", 1),
    asks("age_years", "less_than_or_equal_to", 1),
]
CONDITIONS = st.recursive(
    st.sampled_from(TESTS),
    lambda parts: st.builds(
        lambda key, inside: {key: inside}, st.sampled_from(["all", "any"]), st.lists(parts, min_size=1, max_size=3)
    ),
    max_leaves=4,
).map(lambda made: made if "operator" not in made else {"all": [made]})


def whole(facts: Facts) -> dict[str, Any]:
    """Facts with the total and the age, which are missing where a part is."""
    received, requested, born = (facts.get(name) for name in ("cycles_received", "cycles_requested", "birth_date"))
    total = None if received is None or requested is None else received + requested
    years = None if born is None else int(DAY[:4]) - int(born[:4]) - (born[5:] > DAY[5:])
    return {**facts, "total_cycles": total, "age_years": years}


def truth(test: Mapping[str, Any], facts: Facts) -> Truth:
    value, constant = facts.get(test["name"]), test["value"]
    if value is None:
        return None
    return OPERATORS[test["operator"]](set(value) if isinstance(value, list) else value, constant)


def evaluate(condition: Any, facts: Facts, instead: Mapping[Steps, bool], steps: Steps = ()) -> Truth:
    if steps in instead:
        return instead[steps]
    if "operator" in condition:
        return truth(condition, facts)
    [(key, parts)] = condition.items()
    inside = [evaluate(part, facts, instead, (*steps, place)) for place, part in enumerate(parts)]
    deciding = key == "any"
    if deciding in inside:
        return deciding
    return None if None in inside else not deciding


def follows(condition: Any, facts: Facts, steps: list[Steps]) -> bool:
    return all(evaluate(condition, facts, dict.fromkeys(steps, outcome)) is outcome for outcome in (True, False))


def leaves(condition: Any, steps: Steps = ()) -> Iterator[tuple[Steps, dict[str, Any]]]:
    if "operator" in condition:
        yield steps, condition
    else:
        for place, part in enumerate(next(iter(condition.values()))):
            yield from leaves(part, (*steps, place))


def parts_of(name: str) -> list[str]:
    """The given facts behind a variable, but the day of the service, which is never missing."""
    return {"total_cycles": ["cycles_received", "cycles_requested"], "age_years": ["birth_date"]}.get(name, [name])


def shows(obligation: Obligation, condition: Any, facts: Facts) -> bool:
    """Whether facts show an obligation of a condition, somebody looking at its rule."""
    if obligation.what == "missing":
        reading = [steps for steps, test in leaves(condition) if obligation.name in parts_of(test["name"])]
        names = {part for _, test in leaves(condition) for part in parts_of(test["name"])}
        beside = {
            part
            for steps, test in leaves(condition)
            for part in parts_of(test["name"])
            if steps in reading and part != obligation.name
        }
        alone = facts.get(obligation.name) is None and all(facts.get(part) is not None for part in beside & names)
        return alone and follows(condition, facts, reading)
    test = dict(leaves(condition))[obligation.occurrence.steps]
    if not follows(condition, facts, [obligation.occurrence.steps]):
        return False
    if obligation.what == "boundary":
        return facts[test["name"]] == obligation.value
    return truth(test, facts) is (obligation.what == "met")


def looked_at(rule: str, applies: Any, criterion: Any, facts: Facts) -> bool:
    initial = facts["request_type"] == "initial"
    applying = evaluate(applies, facts, {}) if initial else False
    if rule == "asked":
        return applying is not False
    if rule == "held":
        return initial and applying is True and evaluate(criterion, facts, {}) is True
    return True


def names_in(*conditions: Any) -> list[str]:
    return sorted(
        {part for condition in conditions for _, test in leaves(condition) for part in parts_of(test["name"])}
    )


def every_request(names: list[str]) -> Iterator[dict[str, Any]]:
    for kind in ("initial", "continuation"):
        for values in product(*(DOMAINS[name] for name in names)):
            yield whole({"request_type": kind, **dict(zip(names, values, strict=True))})


CASES = st.lists(
    st.fixed_dictionaries(
        {
            "request_type": st.sampled_from(["initial", "initial", "continuation"]),
            **{name: st.sampled_from(values + values[:1] * (len(values) // 2)) for name, values in DOMAINS.items()},
        }
    ),
    max_size=12,
)


@settings(max_examples=settings.default.max_examples // 3)
@given(st.sampled_from(TESTS), CONDITIONS, CONDITIONS, CASES)
def test_what_is_covered_infeasible_and_not_covered_is_what_brute_force_finds(applies, criterion, held, cases):
    file = tiny(
        document(
            [pathway("first", {"all": [INITIAL, applies]}, {"asked": criterion})],
            [flag("held", "hold", held, "approved"), flag("noted", "note", held)],
        ),
        cases,
    )
    conditions = {"first": {"all": [INITIAL, applies]}, "asked": criterion, "held": held, "noted": held}
    reads = {"first": [applies], "asked": [applies, criterion], "held": [applies, criterion, held], "noted": [held]}
    found = measured(file)

    for obligation, shown_by in found.shown_by.items():
        if obligation.rule is None:
            continue
        rule = obligation.rule.id
        if rule == "first" and obligation.occurrence is not None and obligation.occurrence.steps == (0,):
            continue  # the kind of request is no variable of the brute force

        def shown(facts, obligation=obligation, rule=rule):
            condition = conditions[rule] if rule != "first" else {"all": [{"all": []}, applies]}
            if rule == "first" and facts["request_type"] != "initial":
                return False
            return looked_at(rule, applies, criterion, facts) and shows(obligation, condition, facts)

        expected = [f"case-{number}" for number, case in enumerate(cases, 1) if shown(whole(case))]
        assert [case.id for case in shown_by] == expected
        if not expected:
            names = names_in(*reads[rule])
            assert found.feasible[obligation] is any(shown(facts) for facts in every_request(names))


def test_the_obligations_are_those_of_the_definition():
    criterion = {"any": [asks("cd22_status", "equal_to", "positive"), asks("total_cycles", "less_than", 4)]}
    found = measured(tiny(document([pathway("first", {"all": [INITIAL]}, {"asked": criterion})])))

    told = [
        (
            obligation.what,
            obligation.rule.id,
            obligation.occurrence.test.name if obligation.occurrence else obligation.name,
            obligation.value,
        )
        for obligation in found.shown_by
        if obligation.rule is not None
    ]
    assert told == [
        ("met", "first", "request_type", None),
        ("not_met", "first", "request_type", None),
        ("met", "asked", "cd22_status", None),
        ("not_met", "asked", "cd22_status", None),
        ("met", "asked", "total_cycles", None),
        ("not_met", "asked", "total_cycles", None),
        ("boundary", "asked", "total_cycles", 3),
        ("boundary", "asked", "total_cycles", 4),
        ("missing", "asked", "cd22_status", None),
        ("missing", "asked", "cycles_received", None),
        ("missing", "asked", "cycles_requested", None),
    ]
    dates = [
        (obligation.value.isoformat(), obligation.above) for obligation in found.shown_by if obligation.rule is None
    ]
    assert dates == [("2026-04-01", False), ("2026-04-02", True)]


def told(criterion: Any, *cases: Facts) -> list[str]:
    """The state of each test of a criterion."""
    file = tiny(document([pathway("first", {"all": [INITIAL]}, {"asked": criterion})]), cases)
    [rule] = [rule for rule in described(measured(file))["rules"] if rule["id"] == "asked"]
    return [test["state"] for test in rule["tests"]]


@given(CONDITIONS, CASES)
def test_a_test_is_covered_by_a_pair_infeasible_without_a_possible_pair_and_else_not_covered(criterion, cases):
    def alone(steps: Steps, facts: Facts) -> bool:
        """Whether no other part masks a test: beside it every part of an `all` is met, and every part of an `any` is not."""
        part, at = criterion, ()
        for step in steps:
            [(key, parts)] = part.items()
            beside = [evaluate(part, facts, {}) for place, part in enumerate(parts) if place != step]
            if any(status is not (key == "all") for status in beside):
                return False
            part, at = parts[step], (*at, step)
        return True

    def pair(steps: Steps, test: Any, requests: list[dict[str, Any]]) -> bool:
        shown = {
            truth(test, request)
            for request in requests
            if request["request_type"] == "initial" and alone(steps, request)
        }
        return {True, False} <= shown

    given_cases, possible = [whole(case) for case in cases], list(every_request(names_in(criterion)))
    for (steps, test), state in zip(leaves(criterion), told(criterion, *cases), strict=True):
        if pair(steps, test, given_cases):
            assert state == "covered"
        else:
            assert state == ("not_covered" if pair(steps, test, possible) else "infeasible")


def figures(file: RevisionCases) -> int:
    return sum(figure["covered"] for figure in described(measured(file))["figures"].values())


@settings(max_examples=settings.default.max_examples // 5)
@given(CONDITIONS, CONDITIONS, CASES)
def test_the_figures_fall_by_what_a_case_shows_alone_and_by_no_other_case(criterion, held, cases):
    content = document(
        [pathway("first", {"all": [INITIAL]}, {"asked": criterion})], [flag("f", "hold", held, "denied")]
    )
    whole_file = tiny(content, cases)
    essential = {case.id: number for case, number in measured(whole_file).essential.items()}
    for case in whole_file.cases:
        without = replace(whole_file, cases=tuple(other for other in whole_file.cases if other is not case))
        assert figures(whole_file) - figures(without) == essential.get(case.id, 0)


def test_a_request_before_the_revision_is_in_effect_shows_nothing_but_its_dates():
    only = {"all": [asks("cd22_status", "equal_to", "positive")]}
    early = {"service_start_date": "2026-04-01", "cd22_status": "positive"}
    found = measured(tiny(document([pathway("first", {"all": [INITIAL]}, {"asked": only})]), [early]))
    assert {obligation.rule for obligation, cases in found.shown_by.items() if cases} == {None}
