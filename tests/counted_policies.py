"""Made-up policies whose authorizations hold other things than the shipped one: a study, a device, visits."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any, ClassVar, Literal

from business_rules.actions import rule_action
from business_rules.fields import FIELD_NUMERIC
from drawing import asks
from medpolicy.actions.coverage import PeriodActions, ReviewActions
from pydantic import Field
from small import criterion, document, pathway

from medpolicy.language.determination import Approval, AuthorizedQuantity
from medpolicy.language.forms import Date
from medpolicy.language.request import Fact, PriorAuthorizationRequest

Json = dict[str, Any]
Count = Annotated[int, Field(ge=1, le=99)]


def fact(label: str, unit: str | None = None) -> Fact:
    return Fact(label, f"{label}?", "the order", unit)


class StudyRequest(PriorAuthorizationRequest):
    """An imaging study is authorized for a period, and nothing is counted."""

    study: Annotated[Literal["ct", "mri", "other"] | None, fact("Study")] = None
    date_of_study: Annotated[Date, fact("Date of the study")]
    weeks_of_therapy: Annotated[int | None, Field(ge=0, le=99), fact("Weeks of therapy", "weeks")] = None

    service_day: ClassVar[str] = "date_of_study"


class DeviceRequest(PriorAuthorizationRequest):
    """A device is authorized in units, at most so many in all."""

    delivered: Annotated[Date, fact("Day of delivery")]
    units_ordered: Annotated[int | None, Field(ge=0, le=50), fact("Units ordered", "units")] = None
    study: Annotated[Literal["ct", "mri", "other"] | None, fact("Study")] = None
    weeks_of_therapy: Annotated[int | None, Field(ge=0, le=99), fact("Weeks of therapy", "weeks")] = None

    service_day: ClassVar[str] = "delivered"
    authorized_quantity: ClassVar[AuthorizedQuantity | None] = AuthorizedQuantity(
        name="units", variable="units_ordered", unit="unit", cap="max_units"
    )


class DeviceActions(ReviewActions):
    @rule_action(label="Approve", params={"months": FIELD_NUMERIC, "max_units": FIELD_NUMERIC})
    def approve(self, months: Count, max_units: Count) -> None:
        self._record(Approval(months, max_units))


class VisitsRequest(PriorAuthorizationRequest):
    """Visits are authorized without a period and without a cap."""

    first_visit: Annotated[Date, fact("First visit")]
    visits_wanted: Annotated[int, Field(ge=1, le=30), fact("Visits", "visits")]
    study: Annotated[Literal["ct", "mri", "other"] | None, fact("Study")] = None
    weeks_of_therapy: Annotated[int | None, Field(ge=0, le=99), fact("Weeks of therapy", "weeks")] = None

    service_day: ClassVar[str] = "first_visit"
    authorized_quantity: ClassVar[AuthorizedQuantity | None] = AuthorizedQuantity(
        name="home_visits", variable="visits_wanted", unit="home visit"
    )


class VisitsActions(ReviewActions):
    @rule_action(label="Approve")
    def approve(self) -> None:
        self._record(Approval())


@dataclass(frozen=True)
class MadeUp:
    """A policy with a request that it approves, and what is said of the authorization."""

    policy: str
    model: type[PriorAuthorizationRequest]
    actions: type[ReviewActions]
    terms: Mapping[str, int]
    request: Mapping[str, Any]
    authorization: Mapping[str, Any]
    columns: Mapping[str, Any]
    sentence: str
    invariant: str | None
    """The text of the invariant that asking for more never helps."""
    other_terms: Mapping[str, int] | None
    in_words: str

    @property
    def day(self) -> str:
        return self.model.service_day

    @property
    def approved(self) -> Json:
        return {"request_id": "R-1", "study": "mri", "weeks_of_therapy": 6, **self.request}

    def rules(self, first: str, weeks: int = 6, terms: Mapping[str, int] | None = None) -> Json:
        """The revision that begins on a day and asks for so many weeks of therapy."""
        enough = {"all": [asks("weeks_of_therapy", "greater_than_or_equal_to", weeks)]}
        one = pathway("listed", {"all": [asks("study", "is_one_of", ["ct", "mri"])]}, [criterion("weeks", enough)])
        one["actions"] = [{"name": "approve", "params": dict(self.terms if terms is None else terms)}]
        return document([one], [], first) | {"policy": self.policy, "effective_from": first}


STUDY = MadeUp(
    policy="made-up-study",
    model=StudyRequest,
    actions=PeriodActions,
    terms={"months": 3},
    request={"date_of_study": "2026-11-30"},
    authorization={"start": "2026-11-30", "end": "2027-02-27", "months": 3},
    columns={"authorization_start": "2026-11-30", "authorization_end": "2027-02-27"},
    sentence="From 2026-11-30 to 2027-02-27 (3 months).",
    invariant=None,
    other_terms={"months": 4},
    in_words="4 months",
)
DEVICE = MadeUp(
    policy="made-up-device",
    model=DeviceRequest,
    actions=DeviceActions,
    terms={"months": 12, "max_units": 9},
    request={"delivered": "2026-05-01", "units_ordered": 1},
    authorization={"start": "2026-05-01", "end": "2027-04-30", "months": 12, "units": 1, "max_units": 9},
    columns={
        "authorization_start": "2026-05-01",
        "authorization_end": "2027-04-30",
        "authorization_units": 1,
    },
    sentence="From 2026-05-01 to 2027-04-30 (12 months), for 1 unit; at most 9 units in all. It ends at the date or at the"
    " unit count, whichever comes first.",
    invariant="asking for more units never makes an approval",
    other_terms={"months": 12, "max_units": 8},
    in_words="12 months, at most 8 units in all",
)
VISITS = MadeUp(
    policy="made-up-visits",
    model=VisitsRequest,
    actions=VisitsActions,
    terms={},
    request={"first_visit": "2026-05-01", "visits_wanted": 4},
    authorization={"start": "2026-05-01", "end": None, "months": None, "home_visits": 4},
    columns={"authorization_start": "2026-05-01", "authorization_end": None, "authorization_home_visits": 4},
    sentence="From 2026-05-01, for 4 home visits. It ends at the home visit count.",
    invariant="asking for more home visits never makes an approval",
    other_terms=None,
    in_words="",
)
