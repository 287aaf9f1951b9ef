"""The policy as one function, written by hand for this record and nothing else: no validation, no texts, no second policy.

It reads the mapping as it comes, knows missing facts, and gives the decision and the ids of the criteria that are not met.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

EFFECTIVE = "2026-04-02"
DISEASES = frozenset({"acute_lymphoblastic_leukemia", "lymphoblastic_lymphoma"})
FRONTLINE = frozenset({"frontline_induction", "frontline_consolidation"})
RELAPSED = frozenset({"relapsed", "refractory"})
LISTED = FRONTLINE | RELAPSED
KINASE = frozenset({"imatinib", "dasatinib", "nilotinib", "bosutinib", "ponatinib", "other_tki"})
HYPER_CVD = ({"mini_hyper_cvd"}, {"mini_hyper_cvd", "blinatumomab"})
MOST_CYCLES = 6


def decide(record: Mapping[str, Any]) -> tuple[str, list[str]]:
    """The decision, and the ids of the criteria that are not met, in the order of the file."""
    get = record.get
    if record["service_start_date"] < EFFECTIVE:
        return "pended", []
    received, requested = get("cycles_received"), get("cycles_requested")
    too_many = None if received is None or requested is None else received + requested > MOST_CYCLES
    if record["request_type"] == "continuation":
        coverage, not_met = _continuation(get, too_many)
        stopped = not get("prior_authorization_on_file") or received is None or received == 0
    else:
        coverage, not_met = _initial(get, too_many)
        stopped = (
            not get("cd22_test_submitted")
            and _within(get("disease"), DISEASES) is not False
            and get("lineage") in (None, "b_cell_precursor")
            and _within(get("disease_setting"), LISTED) is not False
        )
    if stopped or get("plan_document_conflict") or coverage is None:
        return "pended", not_met
    if not coverage:
        return "pended" if get("off_label_support_submitted") else "denied", not_met
    if record["request_type"] == "initial":
        regimen = get("combination_regimen")
        if regimen is None or "other_tki" in regimen:
            return "pended", not_met
    return "approved", not_met


def _continuation(get: Any, too_many: bool | None) -> tuple[bool | None, list[str]]:
    lineage = get("lineage")
    listed = _lowest(
        _within(get("disease"), DISEASES),
        None if lineage is None else lineage == "b_cell_precursor",
        _within(get("disease_setting"), LISTED),
    )
    statuses = (
        ("continuation.listed_indication", listed),
        ("continuation.no_unacceptable_toxicity", _no(get("unacceptable_toxicity"))),
        ("continuation.no_disease_progression", _no(get("disease_progression"))),
        ("continuation.cycle_cap", _no(too_many)),
        ("continuation.no_exclusion", _no(get("therapy_exclusion"))),
    )
    return _whole(True, statuses)


def _initial(get: Any, too_many: bool | None) -> tuple[bool | None, list[str]]:
    disease = _within(get("disease"), DISEASES)
    if disease is False:
        return False, []
    setting = get("disease_setting")
    if setting is None:
        one = _frontline(get, too_many, None)
        other = _relapsed(get, too_many, None)
        return (None if one[0] is None or other[0] is None else False), one[1] + other[1]
    if setting in FRONTLINE:
        return _frontline(get, too_many, disease)
    if setting in RELAPSED:
        return _relapsed(get, too_many, disease)
    return False, []


def _frontline(get: Any, too_many: bool | None, applies: bool | None) -> tuple[bool | None, list[str]]:
    lineage, cd22, ph, regimen = get("lineage"), get("cd22_status"), get("ph_status"), get("combination_regimen")
    statuses = (
        ("frontline.b_cell_precursor", None if lineage is None else lineage == "b_cell_precursor"),
        ("frontline.cd22_positive", None if cd22 is None else cd22 == "positive"),
        ("frontline.ph_negative", None if ph is None else ph == "negative"),
        ("frontline.mini_hyper_cvd", None if regimen is None else set(regimen) in HYPER_CVD),
        ("frontline.cycle_cap", _no(too_many)),
        ("frontline.no_exclusion", _no(get("therapy_exclusion"))),
    )
    return _whole(applies, statuses)


def _relapsed(get: Any, too_many: bool | None, applies: bool | None) -> tuple[bool | None, list[str]]:
    lineage, cd22, ph, given = get("lineage"), get("cd22_status"), get("ph_status"), get("combination_regimen")
    regimen: bool | None
    if given is None:
        regimen = None
    elif not given or set(given) in HYPER_CVD:
        regimen = True
    elif len(set(given)) == 1 and given[0] in KINASE:
        regimen = None if ph is None else ph == "positive"
    else:
        regimen = False
    statuses = (
        ("relapsed_refractory.b_cell_precursor", None if lineage is None else lineage == "b_cell_precursor"),
        ("relapsed_refractory.cd22_positive", None if cd22 is None else cd22 == "positive"),
        ("relapsed_refractory.ph_status_known", None if ph is None else True),
        ("relapsed_refractory.regimen", regimen),
        ("relapsed_refractory.cycle_cap", _no(too_many)),
        ("relapsed_refractory.no_exclusion", _no(get("therapy_exclusion"))),
    )
    return _whole(applies, statuses)


def _whole(applies: bool | None, statuses: tuple[tuple[str, bool | None], ...]) -> tuple[bool | None, list[str]]:
    not_met = [id for id, status in statuses if status is False]
    return _lowest(applies, *(status for _, status in statuses)), not_met


def _lowest(*statuses: bool | None) -> bool | None:
    if False in statuses:
        return False
    return None if None in statuses else True


def _within(value: Any, values: frozenset[str]) -> bool | None:
    return None if value is None else value in values


def _no(status: bool | None) -> bool | None:
    return None if status is None else not status
