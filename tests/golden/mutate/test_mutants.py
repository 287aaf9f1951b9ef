"""Every mutant and its verdict, against brute force over every request of small policies."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from itertools import combinations, product
from typing import Any

import pytest
from drawing import asks
from hypothesis import given, settings
from hypothesis import strategies as st
from tiny import INITIAL, document, flag, pathway, read, request, tiny

from medpolicy import Policy
from medpolicy.golden import answer
from medpolicy.golden.mutate.mutants import KINDS, mutants
from medpolicy.golden.mutate.report import described, report_text
from medpolicy.golden.mutate.verdicts import mutated
from medpolicy.language.vocabulary import find_vocabulary
from medpolicy.policy import policy_of
from medpolicy.text.findings import Unusable

WORDS = find_vocabulary("inotuzumab-ozogamicin")
CONTINUING = asks("request_type", "equal_to", "continuation")
REGIMEN = "combination_regimen"

POLICIES = {
    "a cap, a regimen and every kind of flag": document(
        [
            pathway(
                "first",
                {"all": [INITIAL, asks("disease_progression", "is_false")]},
                {
                    "first.cap": {"all": [asks("total_cycles", "less_than_or_equal_to", 3)]},
                    "first.regimen": {
                        "any": [
                            asks(REGIMEN, "is_exactly", ["imatinib"]),
                            {
                                "all": [
                                    asks("cd22_status", "equal_to", "positive"),
                                    asks(REGIMEN, "contains", "other"),
                                ]
                            },
                        ]
                    },
                },
            )
        ],
        [
            flag("gate", "gate", {"all": [INITIAL, asks("plan_document_conflict", "is_true")]}),
            flag("hold", "hold", {"any": [asks("cycles_received", "equal_to", 0)]}, "denied"),
            flag("note", "note", {"all": [asks("cd22_status", "not_equal_to", "positive")]}),
        ],
        effective_to="2026-12-31",
    ),
    "two pathways that read one fact": document(
        [
            pathway(
                "low",
                {"all": [asks("cycles_received", "less_than", 2)]},
                {"low.cd22": {"any": [asks("cd22_status", "equal_to", option) for option in ("positive", "negative")]}},
            ),
            pathway(
                "high",
                {"all": [asks("cycles_received", "greater_than", 2)]},
                {"high.cd22": {"all": [asks("cd22_status", "is_one_of", ["positive"])]}},
            ),
        ],
        [
            flag("hold", "hold", {"any": [CONTINUING, asks("disease_progression", "is_true")]}, "approved"),
            flag("note", "note", {"all": [asks("cycles_received", "equal_to", 0)]}),
        ],
    ),
}

DOMAINS: dict[str, list[Any]] = {
    "request_type": ["initial", "continuation"],
    "service_start_date": ["2026-04-01", "2026-04-02", "2026-04-03", "2026-12-30", "2026-12-31", "2027-01-01"],
    "cd22_status": [None, "positive", "negative"],
    "ph_status": [None, "positive", "negative"],
    "disease_progression": [None, False, True],
    "plan_document_conflict": [False, True],
    "cycles_received": [None, 0, 1, 2, 3, 4],
    "cycles_requested": [None, 1, 2, 3, 4],
    REGIMEN: [
        None,
        *(list(some) for size in range(4) for some in combinations(["imatinib", "other", "dasatinib"], size)),
    ],
}
"""Values that tell every class of the policies and of their mutants, but the options and yes/no facts left out here."""

LEFT_OUT = {"variable", "option"}
"""Kinds whose mutants may read what is left out."""


def reads(content: dict[str, Any]) -> set[str]:
    """The variables of all conditions, those behind the total for it."""
    text = json.dumps(content)
    names = {name for name in DOMAINS if f'"{name}"' in text} | {"request_type", "service_start_date"}
    return names | ({"cycles_received", "cycles_requested"} if "total_cycles" in text else set())


def every_request(names: set[str], one_day: bool) -> Iterator[dict[str, Any]]:
    domains = {name: DOMAINS[name] for name in DOMAINS if name in names}
    if one_day:
        domains["service_start_date"] = ["2026-05-01"]
    for values in product(*domains.values()):
        yield request("all", **dict(zip(domains, values, strict=True)))


def answers(policy: Policy, requests: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [answer(policy.decide(record)) for record in requests]


def some_of(requests: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """A few requests of later days."""
    later = [record for record in requests if record["service_start_date"] > "2026-04-02"]
    return [
        {name: value for name, value in request.items() if name != "request_id"}
        for request in later[:: len(later) // 12]
    ]


@pytest.fixture(scope="module", params=POLICIES.values(), ids=POLICIES)
def verdicts(request):
    """A policy, some cases that notice a part of its mutants, and what became of these."""
    content = request.param
    requests = list(every_request(reads(content), one_day=False))
    file = tiny(content, [*some_of(requests), {"service_start_date": "2026-04-02"}])
    return content, file, requests, mutated(file)


def test_each_mutant_is_what_brute_force_says(verdicts):
    _, file, requests, found = verdicts
    today = answers(file.policy, requests)
    for verdict in found.verdicts:
        mutant = read(verdict.mutant.document)
        assert (verdict.outcome == "refused") is bool(mutant.errors)
        if mutant.errors:
            assert verdict.fault.code in {error.code for error in mutant.errors}
            continue
        changed = policy_of(WORDS, [mutant])
        killers = [case.id for case in file.cases if answer(changed.decide(case.request)) != case.expected]
        assert [case.id for case in verdict.killers] == killers
        assert (verdict.outcome == "killed") is bool(killers)
        if verdict.outcome == "surviving":
            assert answer(file.policy.decide(verdict.request)) == verdict.answer
            assert answer(changed.decide(verdict.request)) == verdict.under_mutant != verdict.answer
        elif verdict.outcome == "equivalent":
            differing = [one for one, other in zip(today, answers(changed, requests), strict=True) if one != other]
            assert differing == [], str(verdict.mutant)
        else:
            assert verdict.outcome == "killed"


def test_both_policies_have_mutants_of_every_outcome(verdicts):
    outcomes = Counter(verdict.outcome for verdict in verdicts[3].verdicts)
    assert set(outcomes) == {"refused", "killed", "surviving", "equivalent"}


def test_the_essential_cases_are_those_without_which_a_mutant_survives(verdicts):
    found = verdicts[3]
    alone = Counter(verdict.killers[0].id for verdict in found.verdicts if len(verdict.killers) == 1)
    assert {case.id: number for case, number in found.essential.items()} == alone
    assert found.golden.cases[-1].id in alone


def test_a_figure_counts_every_mutant_once(verdicts):
    figures = described(verdicts[3])["figures"]
    outcomes = [figures[outcome] for outcome in ("refused", "killed", "equivalent", "surviving", "undecided")]
    assert figures["mutants"] == sum(outcomes) == len(verdicts[3].verdicts)


@settings(max_examples=settings.default.max_examples // 12)
@given(
    st.lists(
        st.sampled_from(
            [
                asks("cd22_status", "equal_to", "positive"),
                asks("disease_progression", "is_true"),
                asks("cycles_received", "less_than", 2),
                asks("cycles_received", "greater_than", 1),
                asks("cd22_status", "not_equal_to", "negative"),
                asks("total_cycles", "less_than_or_equal_to", 3),
                asks(REGIMEN, "contains_all", ["imatinib", "other"]),
                asks(REGIMEN, "is_exactly", ["other"]),
            ]
        ),
        min_size=1,
        max_size=3,
    ),
    st.sampled_from(["all", "any"]),
    st.sampled_from(["gate", "note"]),
)
def test_equivalent_and_surviving_mutants_of_any_small_condition(tests, group, kind):
    content = document(
        [pathway("first", {"all": [INITIAL]}, {"asked": {"all": [asks("cd22_status", "equal_to", "positive")]}})],
        [flag("flag", kind, {group: tests})],
    )
    file = tiny(content)
    requests = list(every_request(reads(content), one_day=True))
    today = answers(file.policy, requests)
    for verdict in mutated(file).verdicts:
        if verdict.outcome == "refused" or verdict.mutant.kind in LEFT_OUT | {"date"}:
            continue
        changed = policy_of(WORDS, [read(verdict.mutant.document)])
        same = answers(changed, requests) == today
        assert verdict.outcome == ("equivalent" if same else "surviving"), str(verdict.mutant)


def made(content: dict[str, Any], kind: str) -> list[str]:
    return [f"{mutant.rule}: {mutant}" for mutant in mutants(content, WORDS) if mutant.kind == kind]


def asked(condition: Any) -> dict[str, Any]:
    return document([pathway("first", {"all": [INITIAL]}, {"asked": condition})])


def test_a_constant_is_off_by_one_either_way():
    content = asked({"all": [asks("total_cycles", "less_than", 6), asks("birth_date", "after", "2020-03-01")]})
    assert made(content, "constant") == [
        "asked: total_cycles less_than 6 -> total_cycles less_than 5",
        "asked: total_cycles less_than 6 -> total_cycles less_than 7",
        "asked: birth_date after 2020-03-01 -> birth_date after 2020-02-29",
        "asked: birth_date after 2020-03-01 -> birth_date after 2020-03-02",
    ]


def test_an_option_is_another_one_or_one_less_or_one_more():
    content = asked(
        {
            "all": [
                asks("lineage", "equal_to", "t_cell"),
                asks("disease", "is_one_of", ["other", "lymphoblastic_lymphoma"]),
            ]
        }
    )
    assert made(content, "option")[1:] == [
        "asked: lineage equal_to t_cell -> lineage equal_to b_cell_precursor",
        "asked: lineage equal_to t_cell -> lineage equal_to other",
        "asked: disease is_one_of [other, lymphoblastic_lymphoma] -> disease is_one_of [lymphoblastic_lymphoma]",
        "asked: disease is_one_of [other, lymphoblastic_lymphoma] -> disease is_one_of [other]",
        "asked: disease is_one_of [other, lymphoblastic_lymphoma] -> disease is_one_of [other, lymphoblastic_lymphoma, acute_lymphoblastic_leukemia]",
    ]


def test_an_operator_becomes_every_other_one_that_takes_the_constant():
    content = asked({"all": [asks("disease_progression", "is_true"), asks(REGIMEN, "contains", "imatinib")]})
    assert made(content, "operator")[1:] == [
        "asked: disease_progression is_true -> disease_progression is_false",
        "asked: combination_regimen contains imatinib -> combination_regimen does_not_contain imatinib",
    ]


def test_a_variable_becomes_every_other_one_that_the_test_makes_sense_for():
    content = asked({"all": [asks("cd22_status", "equal_to", "positive"), asks("cycles_received", "equal_to", 0)]})
    assert made(content, "variable") == [
        "asked: cd22_status equal_to positive -> ph_status equal_to positive",
        "asked: cycles_received equal_to 0 -> age_years equal_to 0",
    ]


def test_a_group_is_turned_and_loses_each_part_where_it_has_several():
    content = asked({"any": [{"all": [INITIAL]}, asks("cd22_status", "equal_to", "positive")]})
    assert made(content, "group") == ["asked: any -> all"]
    assert made(content, "test dropped") == [
        "asked: all of (request_type equal_to initial) -> dropped",
        "asked: cd22_status equal_to positive -> dropped",
    ]


def test_of_equal_parts_of_a_group_one_is_dropped():
    twice = asks("cd22_status", "equal_to", "positive")
    content = asked({"all": [twice, INITIAL, twice]})
    assert made(content, "test dropped") == [
        "asked: cd22_status equal_to positive -> dropped",
        "asked: request_type equal_to initial -> dropped",
    ]


def test_rules_are_dropped_and_flags_are_of_every_other_kind():
    content = document(
        [pathway("first", {"all": [INITIAL]}, {"asked": {"all": [INITIAL]}})],
        [flag("held", "hold", {"all": [INITIAL]}, "denied")],
    )
    assert made(content, "rule dropped") == [
        "first: first -> dropped",
        "asked: asked -> dropped",
        "held: held -> dropped",
    ]
    assert made(content, "flag") == [
        "held: hold of denied -> gate",
        "held: hold of denied -> hold of approved",
        "held: hold of denied -> note",
    ]


def test_an_action_is_another_one_or_off_by_one():
    content = asked({"all": [INITIAL]})
    assert made(content, "action")[:6] == [
        "first: approve -> deny",
        "first: approve -> flag_for_review",
        "first: months 12 -> months 11",
        "first: months 12 -> months 13",
        "first: max_total_cycles 6 -> max_total_cycles 5",
        "first: max_total_cycles 6 -> max_total_cycles 7",
    ]


def test_the_days_in_effect_move():
    content = document([pathway("first", {"all": [INITIAL]}, {"asked": {"all": [INITIAL]}})], effective_to="2026-12-31")
    assert made(content, "date") == [
        "effective_from: 2026-04-02 -> 2026-04-01",
        "effective_from: 2026-04-02 -> 2026-04-03",
        "effective_to: 2026-12-31 -> 2026-12-30",
        "effective_to: 2026-12-31 -> 2027-01-01",
    ]


def test_no_mutant_changes_a_text_alone_and_none_is_the_file_itself():
    content = POLICIES["a cap, a regimen and every kind of flag"]
    said = [json.dumps(mutant.document, sort_keys=True) for mutant in mutants(content, WORDS)]
    assert json.dumps(content, sort_keys=True) not in said
    assert len(set(said)) == len(said)
    assert {mutant.kind for mutant in mutants(content, WORDS)} == set(KINDS)


def test_mutants_say_nothing_while_a_case_fails():
    file = tiny(asked({"all": [INITIAL]}), [{}])
    file.cases[0].expected["decision"] = "denied"
    with pytest.raises(Unusable) as refused:
        mutated(file)
    [fault] = refused.value.findings
    assert fault.message == "1 golden case fails"
    assert fault.line == 1


def test_a_survivor_is_told_with_its_place_and_a_request_that_would_notice_it():
    file = tiny(asked({"all": [asks("total_cycles", "less_than_or_equal_to", 6)]}))
    text = report_text(described(mutated(file)), 120)
    assert "tiny.json:1: surviving (constant) in asked" in text
    assert "total_cycles less_than_or_equal_to 6 -> total_cycles less_than_or_equal_to 5" in text
    assert '"cycles_requested":1,"request_type":"initial","cycles_received":5' in text
    assert '\n  decision: "approved", and with this slip "denied"\n' in text
    assert "\n  missing: with this slip no longer cycles_received, cycles_requested, also birth_date\n" in text
    assert "0 %  of" in text
