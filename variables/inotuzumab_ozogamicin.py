"""The facts that the policy on inotuzumab ozogamicin asks for."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, ClassVar, Literal

from pydantic import Field

from medpolicy.language.determination import AuthorizedQuantity
from medpolicy.language.fields import CompletedYears, Derived, Sum
from medpolicy.language.forms import Date, NoUnlessGiven, Set
from medpolicy.language.request import Fact, PriorAuthorizationRequest

Regimen = Literal[
    "mini_hyper_cvd",
    "blinatumomab",
    "imatinib",
    "dasatinib",
    "nilotinib",
    "bosutinib",
    "ponatinib",
    "other_tki",
    "other",
]


class InotuzumabOzogamicinRequest(PriorAuthorizationRequest):
    """One request for inotuzumab ozogamicin, as a flat record; None is a missing fact."""

    service_start_date: Annotated[
        Date,
        Fact(
            label="Start of service",
            ask="On which day is the first dose of this request to be given?",
            found_in="the request",
        ),
    ]
    cycles_requested: Annotated[
        int | None,
        Field(ge=1, le=999),
        Fact(
            label="Cycles requested",
            ask="How many cycles are asked for now?",
            found_in="the order",
            unit="cycles",
        ),
    ] = None
    request_type: Annotated[
        Literal["initial", "continuation"],
        Fact(
            label="Type of request",
            ask="Is this the first authorization of the drug, or the continuation of one?",
            found_in="the request",
        ),
    ]
    birth_date: Annotated[
        Date | None,
        Fact(label="Date of birth", ask="When was the member born?", found_in="the eligibility record or the claim"),
    ] = None
    disease: Annotated[
        Literal["acute_lymphoblastic_leukemia", "lymphoblastic_lymphoma", "other"] | None,
        Fact(label="Disease", ask="Which disease is the drug to treat?", found_in="the pathology report"),
    ] = None
    lineage: Annotated[
        Literal["b_cell_precursor", "t_cell", "other"] | None,
        Fact(
            label="Lineage",
            ask="From which cell lineage does the disease arise?",
            found_in="the pathology report (immunophenotyping)",
        ),
    ] = None
    disease_setting: Annotated[
        Literal["frontline_induction", "frontline_consolidation", "relapsed", "refractory", "other"] | None,
        Fact(
            label="Setting",
            ask="Is the treatment frontline induction or consolidation, or is the disease relapsed or refractory?",
            found_in="the oncologist's notes",
        ),
    ] = None
    cd22_status: Annotated[
        Literal["positive", "negative"] | None,
        Fact(
            label="CD22 status",
            ask="Does testing show CD22 protein on the surface of the B cells?",
            found_in="the pathology report (flow cytometry or immunohistochemistry)",
        ),
    ] = None
    cd22_test_submitted: Annotated[
        NoUnlessGiven,
        Fact(
            label="CD22 test submitted",
            ask="Was a CD22 test or analysis submitted with the request?",
            found_in="the attachments of the request",
        ),
    ] = False
    ph_status: Annotated[
        Literal["positive", "negative"] | None,
        Fact(
            label="Philadelphia chromosome",
            ask="Is the disease Philadelphia chromosome-positive or -negative?",
            found_in="the cytogenetics or BCR-ABL1 report",
        ),
    ] = None
    prior_authorization_on_file: Annotated[
        NoUnlessGiven,
        Fact(
            label="Earlier authorization on file",
            ask="Has the plan authorized the drug for this member before?",
            found_in="the plan's authorization records",
        ),
    ] = False
    combination_regimen: Annotated[
        Annotated[frozenset[Regimen], Set] | None,
        Fact(
            label="Given together with",
            ask="Which treatments are given together with the drug, if any?",
            found_in="the order or the treatment plan",
        ),
    ] = None
    cycles_received: Annotated[
        int | None,
        Field(ge=0, le=999),
        Fact(
            label="Cycles received",
            ask="How many cycles of the drug has the member received so far, whoever paid for them?",
            found_in="the treatment record or earlier claims",
            unit="cycles",
        ),
    ] = None
    disease_progression: Annotated[
        bool | None,
        Fact(
            label="Disease progression",
            ask="Has the disease progressed on the current regimen?",
            found_in="the oncologist's notes since the last authorization",
        ),
    ] = None
    unacceptable_toxicity: Annotated[
        bool | None,
        Fact(
            label="Unacceptable toxicity",
            ask="Has the current regimen caused unacceptable toxicity?",
            found_in="the oncologist's notes since the last authorization",
        ),
    ] = None
    therapy_exclusion: Annotated[
        bool | None,
        Fact(
            label="Exclusion to the therapy",
            ask="Does the member have an exclusion to the therapy?",
            found_in="the member's plan documents",
        ),
    ] = None
    off_label_support_submitted: Annotated[
        NoUnlessGiven,
        Fact(
            label="Off-label support submitted",
            ask="Was support from a compendium or the peer-reviewed literature submitted?",
            found_in="the attachments of the request",
        ),
    ] = False
    plan_document_conflict: Annotated[
        NoUnlessGiven,
        Fact(
            label="Conflict with plan documents",
            ask="Is a plan or programme term on this drug in conflict with the policy?",
            found_in="the member's plan documents",
        ),
    ] = False

    service_day: ClassVar[str] = "service_start_date"
    authorized_quantity: ClassVar[AuthorizedQuantity | None] = AuthorizedQuantity(
        name="cycles", variable="cycles_requested", unit="cycle", cap="max_total_cycles"
    )
    earlier: ClassVar[tuple[tuple[str, str], ...]] = (("birth_date", "service_start_date"),)
    derived: ClassVar[Mapping[str, tuple[Derived, Fact]]] = {
        "total_cycles": (
            Sum("cycles_received", "cycles_requested"),
            Fact("Total cycles", "How many cycles come together?", "cycles received and cycles requested", "cycles"),
        ),
        "age_years": (
            CompletedYears("birth_date", "service_start_date"),
            Fact("Age", "How old is the member at the start of service?", "date of birth", "completed years"),
        ),
    }
