"""Sections 3 to 5 of the contract once more, written apart from the program, and strategies for conditions and revisions."""

from __future__ import annotations

import json

from drawing import any_condition, any_test, as_model
from hypothesis import strategies as st
from project import NAME, RULE_FILE

from medpolicy import load_policy
from medpolicy.language.condition import All, Test
from medpolicy.language.fields import Missing
from medpolicy.language.revision import Revision

CONSTANTS = {
    "cycles_received": [0, 1, 6],
    "total_cycles": [6, 7],
    "age_years": [1, 18],
    "birth_date": ["2008-02-29", "2026-04-02"],
}
TESTED = ["request_type", "disease", "therapy_exclusion", "combination_regimen", *CONSTANTS]


def kleene(condition, facts, policy):
    """The status and the waiting variables of a condition, straight from the contract's words."""
    if isinstance(condition, Test):
        if facts[condition.name] is None:
            parts = policy.vocabulary.variables[condition.name].parts
            return "unknown", {part for part in parts if facts[part] is None}
        known = policy.vocabulary.engine_variables(facts, Missing.FAILS)
        answer = getattr(getattr(known, condition.name).field_type(facts[condition.name]), condition.operator)
        return ("met" if answer(condition.for_engine()["value"]) else "not_met"), set()
    parts = [kleene(part, facts, policy) for part in condition.parts]
    settling, otherwise = ("not_met", "met") if isinstance(condition, All) else ("met", "not_met")
    if settling in [status for status, _ in parts]:
        return settling, set()
    waiting = set().union(*(names for status, names in parts if status == "unknown"))
    return ("unknown" if "unknown" in [status for status, _ in parts] else otherwise), waiting


LOADED = load_policy(NAME)
MAY_BE_MISSING = sorted(
    name for name, variable in LOADED.vocabulary.variables.items() if variable.may_be_missing and not variable.derived
)
conditions = any_condition(any_test(TESTED, LOADED.vocabulary, CONSTANTS), most=12).map(as_model)


@st.composite
def revisions(draw):
    """Any revision of the vocabulary: up to three pathways, which may overlap, criteria in no order of their ids, and flags."""
    document = json.loads(RULE_FILE.read_text(encoding="utf-8"))
    kinds = draw(st.permutations(["initial", "continuation", None]))
    approve, flag_action = document["pathways"][0]["actions"], document["review_flags"][0]["actions"]
    deny = document["pathways"][0]["criteria"][0]["otherwise"]
    document["pathways"] = []
    for number, kind in enumerate(kinds[: draw(st.integers(1, 3))]):
        only = [Test(name="request_type", operator="equal_to", value=kind)] if kind else []
        document["pathways"].append(
            {
                "id": f"p{number}",
                "title": "P",
                "cites": ["title"],
                "applies": All(all=(*only, draw(conditions))).for_engine(),
                "criteria": [
                    {
                        "id": f"p{number}.c{9 - place}",
                        "cites": ["title"],
                        "conditions": asked.for_engine(),
                        "otherwise": deny,
                    }
                    for place, asked in enumerate(draw(st.lists(conditions, min_size=1, max_size=3)))
                ],
                "actions": approve,
            }
        )
    document["review_flags"] = [
        {
            "id": f"f{number}",
            "cites": ["title"],
            "conditions": draw(conditions).for_engine(),
            "actions": flag_action,
            **kind,
        }
        for number, kind in enumerate(draw(st.lists(st.sampled_from(FLAG_KINDS), max_size=3)))
    ]
    return Revision.model_validate_json(json.dumps(document))


FLAG_KINDS = [
    {"kind": "gate"},
    {"kind": "note"},
    {"kind": "hold", "holds": "approved"},
    {"kind": "hold", "holds": "denied"},
]


def by_the_contract(revision, facts, policy):
    """Sections 4 and 5 of the contract once more, for any revision: what is decided, and what is said of it."""
    said = {id: kleene(condition, facts, policy) for id, condition in revision.conditions()}
    status = {id: status for id, (status, _) in said.items()}
    parts = {
        pathway.id: [pathway.id, *(criterion.id for criterion in pathway.criteria)] for pathway in revision.pathways
    }
    whole = {
        id: "not_met"
        if any(status[part] == "not_met" for part in some)
        else "met"
        if all(status[part] == "met" for part in some)
        else "unknown"
        for id, some in parts.items()
    }
    if "met" in whole.values():
        coverage, decision = "met", "approved"
    elif "unknown" in whole.values():
        coverage, decision = "unknown", "pended"
    else:
        coverage, decision = "not_met", "denied"
    acting = [
        flag.id
        for flag in revision.review_flags
        if (flag.kind == "note" and status[flag.id] == "met")
        or (flag.kind == "gate" and status[flag.id] != "not_met")
        or (flag.kind == "hold" and status[flag.id] != "not_met" and flag.holds == decision)
    ]
    pending = [flag.id for flag in revision.review_flags if flag.id in acting and flag.kind != "note"]
    listed = [part for id, some in parts.items() if status[id] != "not_met" for part in some[1:]]
    not_met = sorted(part for part in listed if status[part] == "not_met")
    open_ids = [part for id, some in parts.items() if whole[id] != "not_met" for part in some]
    asked = [*pending, *(open_ids if coverage == "unknown" else [])]
    final = "pended" if pending else decision
    applying = [id for id in parts if status[id] == "met"]
    return {
        "decision": final,
        "coverage": coverage,
        "pathway": applying[0] if applying else None,
        "criteria": [(part, status[part]) for part in listed],
        "not_met": not_met,
        "missing": sorted(set().union(*(said[id][1] for id in asked if status[id] == "unknown"))),
        "denial_reasons": (not_met or ["indication_not_listed"]) if final == "denied" else [],
        "review_flags": acting,
        "approves": final == "approved",
    }
