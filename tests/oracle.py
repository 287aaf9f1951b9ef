"""A second reading of the contract for the policy inotuzumab-ozogamicin, used by the tests only.

Written by hand from sections 1 to 5 of the contract. It shares no code, no rule file and no table with the engine,
so that an error would have to be made twice to go unseen. It takes valid requests only and knows a single revision.
"""

from __future__ import annotations

from calendar import isleap
from datetime import date, timedelta
from typing import Any, NamedTuple

EFFECTIVE_FROM = date(2026, 4, 2)
MONTHS = 12
MAX_TOTAL_CYCLES = 6

DISEASES = ("acute_lymphoblastic_leukemia", "lymphoblastic_lymphoma")
FRONTLINE = ("frontline_induction", "frontline_consolidation")
RELAPSED_OR_REFRACTORY = ("relapsed", "refractory")
TYROSINE_KINASE_INHIBITORS = {"imatinib", "dasatinib", "nilotinib", "bosutinib", "ponatinib", "other_tki"}
WITH_MINI_HYPER_CVD = ({"mini_hyper_cvd"}, {"mini_hyper_cvd", "blinatumomab"})


class Reading(NamedTuple):
    """A condition: true, false, or None for unknown, and then the missing variables that it waits for."""

    holds: bool | None
    waits_for: frozenset[str] = frozenset()

    @property
    def status(self) -> str:
        return {True: "met", False: "not_met", None: "unknown"}[self.holds]

    @property
    def acts(self) -> bool:
        """A gate or hold acts unless it is ruled out."""
        return self.holds is not False


def all_of(*parts: Reading) -> Reading:
    if any(part.holds is False for part in parts):
        return Reading(False)
    return open_or(True, parts)


def any_of(*parts: Reading) -> Reading:
    if any(part.holds is True for part in parts):
        return Reading(True)
    return open_or(False, parts)


def open_or(otherwise: bool, parts: tuple[Reading, ...]) -> Reading:
    """Unknown if a part is, and then waiting for what its unknown parts wait for, and for nothing of the others."""
    unknown = [part for part in parts if part.holds is None]
    if unknown:
        return Reading(None, frozenset().union(*(part.waits_for for part in unknown)))
    return Reading(otherwise)


def one_of(request: dict[str, Any], variable: str, *values: str | bool) -> Reading:
    """The test that a variable has one of these values: unknown if the variable is missing."""
    value = request.get(variable)
    if value is None:
        return Reading(None, frozenset({variable}))
    return Reading(value in values)


def cycle_cap(request: dict[str, Any]) -> Reading:
    """Total cycles are received plus requested, and missing if either is, even where the sum could be guessed."""
    missing = frozenset(name for name in ("cycles_received", "cycles_requested") if request.get(name) is None)
    if missing:
        return Reading(None, missing)
    return Reading(request["cycles_received"] + request["cycles_requested"] <= MAX_TOTAL_CYCLES)


def with_mini_hyper_cvd(request: dict[str, Any]) -> Reading:
    """The regimen is exactly mini-hyper-CVD, with or without blinatumomab."""
    regimen = request.get("combination_regimen")
    if regimen is None:
        return Reading(None, frozenset({"combination_regimen"}))
    return Reading(set(regimen) in WITH_MINI_HYPER_CVD)


def relapsed_refractory_regimen(request: dict[str, Any]) -> Reading:
    """Single agent; or one TKI alone and Ph positive; or mini-hyper-CVD, with or without blinatumomab."""
    regimen = request.get("combination_regimen")
    if regimen is None:
        single_agent = one_tki_alone = Reading(None, frozenset({"combination_regimen"}))
    else:
        single_agent = Reading(len(set(regimen)) == 0)
        one_tki_alone = Reading(len(set(regimen)) == 1 and set(regimen) <= TYROSINE_KINASE_INHIBITORS)
    return any_of(
        single_agent,
        all_of(one_tki_alone, one_of(request, "ph_status", "positive")),
        with_mini_hyper_cvd(request),
    )


def has_other_tki(request: dict[str, Any]) -> Reading:
    regimen = request.get("combination_regimen")
    if regimen is None:
        return Reading(None, frozenset({"combination_regimen"}))
    return Reading("other_tki" in regimen)


def no_cycles_received(request: dict[str, Any]) -> Reading:
    received = request.get("cycles_received")
    if received is None:
        return Reading(None, frozenset({"cycles_received"}))
    return Reading(received == 0)


def listed_indication(request: dict[str, Any]) -> Reading:
    return all_of(
        one_of(request, "disease", *DISEASES),
        one_of(request, "lineage", "b_cell_precursor"),
        one_of(request, "disease_setting", *FRONTLINE, *RELAPSED_OR_REFRACTORY),
    )


def said_yes(request: dict[str, Any], variable: str) -> Reading:
    """A yes/no fact with the default no is a statement about the submission, hence never unknown."""
    return Reading(request.get(variable) is True)


def said_no(request: dict[str, Any], variable: str) -> Reading:
    return Reading(request.get(variable) is not True)


def completed_years(birth: date, on: date) -> int:
    """Age in completed years; a birthday on 29 February falls on 1 March in years without one."""
    month, day = birth.month, birth.day
    if (month, day) == (2, 29) and not isleap(on.year):
        month, day = 3, 1
    return on.year - birth.year - ((on.month, on.day) < (month, day))


def last_day(start: date) -> date:
    """The day before the day 12 calendar months later, where 29 February goes to 28 February."""
    day = 28 if (start.month, start.day) == (2, 29) else start.day
    return date(start.year + 1, start.month, day) - timedelta(days=1)


def below_labeled_age(request: dict[str, Any], service_start: date) -> bool:
    born = request.get("birth_date")
    return born is not None and completed_years(date.fromisoformat(born), service_start) < 1


def decide(request: dict[str, Any]) -> dict[str, Any]:
    """Decide a valid request in its JSON form; an absent or null value is missing, or no where the default is no."""
    service_start = date.fromisoformat(request["service_start_date"])
    if service_start < EFFECTIVE_FROM:
        return {
            "decision": "pended",
            "coverage": "unknown",
            "pathway": None,
            "not_met": [],
            "missing": [],
            "review_flags": ["no_revision_in_effect"],
            "denial_reasons": [],
            "authorization": None,
            "criteria": [],
        }

    initial = one_of(request, "request_type", "initial")
    continuation = one_of(request, "request_type", "continuation")
    listed_disease = one_of(request, "disease", *DISEASES)
    b_cell_precursor = one_of(request, "lineage", "b_cell_precursor")
    cd22_positive = one_of(request, "cd22_status", "positive")
    ph_positive = one_of(request, "ph_status", "positive")
    ph_negative = one_of(request, "ph_status", "negative")
    no_exclusion = one_of(request, "therapy_exclusion", False)

    # Section 3: when each pathway applies, and its criteria in the order of the policy document.
    applies = {
        "frontline": all_of(initial, listed_disease, one_of(request, "disease_setting", *FRONTLINE)),
        "relapsed_refractory": all_of(
            initial, listed_disease, one_of(request, "disease_setting", *RELAPSED_OR_REFRACTORY)
        ),
        "continuation": continuation,
    }
    asked = {
        "frontline": {
            "frontline.b_cell_precursor": b_cell_precursor,
            "frontline.cd22_positive": cd22_positive,
            "frontline.ph_negative": ph_negative,
            "frontline.mini_hyper_cvd": with_mini_hyper_cvd(request),
            "frontline.cycle_cap": cycle_cap(request),
            "frontline.no_exclusion": no_exclusion,
        },
        "relapsed_refractory": {
            "relapsed_refractory.b_cell_precursor": b_cell_precursor,
            "relapsed_refractory.cd22_positive": cd22_positive,
            "relapsed_refractory.ph_status_known": any_of(ph_positive, ph_negative),
            "relapsed_refractory.regimen": relapsed_refractory_regimen(request),
            "relapsed_refractory.cycle_cap": cycle_cap(request),
            "relapsed_refractory.no_exclusion": no_exclusion,
        },
        "continuation": {
            "continuation.listed_indication": listed_indication(request),
            "continuation.no_unacceptable_toxicity": one_of(request, "unacceptable_toxicity", False),
            "continuation.no_disease_progression": one_of(request, "disease_progression", False),
            "continuation.cycle_cap": cycle_cap(request),
            "continuation.no_exclusion": no_exclusion,
        },
    }

    # Section 4, steps 1 and 2: coverage and the decision that follows from it.
    coverage = any_of(*(all_of(applies[pathway], *asked[pathway].values()) for pathway in applies))
    decision = {"met": "approved", "not_met": "denied", "unknown": "pended"}[coverage.status]

    # Steps 3 to 5: what turns the decision into a pend, and what is only noted.
    gates = {
        "plan_document_governs": said_yes(request, "plan_document_conflict"),
        "cd22_test_not_submitted": all_of(initial, listed_indication(request), said_no(request, "cd22_test_submitted")),
        "no_prior_authorization": all_of(continuation, said_no(request, "prior_authorization_on_file")),
        "continuation_without_prior_cycles": all_of(continuation, no_cycles_received(request)),
    }
    holds = {
        "unlisted_tki": ("approved", all_of(initial, has_other_tki(request))),
        "off_label_mandate": ("denied", said_yes(request, "off_label_support_submitted")),
    }
    acting = {flag: condition for flag, condition in gates.items() if condition.acts}
    acting |= {flag: condition for flag, (kind, condition) in holds.items() if kind == decision and condition.acts}
    notes = ["below_labeled_age"] if below_labeled_age(request, service_start) else []
    final = "pended" if acting else decision

    # Section 5: what is said about it. A reading that is not unknown waits for nothing.
    missing = coverage.waits_for.union(*(condition.waits_for for condition in acting.values()))
    not_ruled_out = [pathway for pathway, condition in applies.items() if condition.holds is not False]
    criteria = [(name, reading.status) for pathway in not_ruled_out for name, reading in asked[pathway].items()]
    not_met = sorted(name for name, status in criteria if status == "not_met")
    return {
        "decision": final,
        "coverage": coverage.status,
        "pathway": next((pathway for pathway, condition in applies.items() if condition.holds is True), None),
        "not_met": not_met,
        "missing": sorted(missing),
        "review_flags": [*acting, *notes],
        "denial_reasons": denial_reasons(not_met, not_ruled_out) if final == "denied" else [],
        "authorization": authorization(request, service_start) if final == "approved" else None,
        "criteria": criteria,
    }


def denial_reasons(not_met: list[str], not_ruled_out: list[str]) -> list[str]:
    return not_met if not_ruled_out else ["indication_not_listed"]


def authorization(request: dict[str, Any], service_start: date) -> dict[str, str | int]:
    return {
        "start": service_start.isoformat(),
        "end": last_day(service_start).isoformat(),
        "months": MONTHS,
        "cycles": request["cycles_requested"],
        "max_total_cycles": MAX_TOTAL_CYCLES,
    }
