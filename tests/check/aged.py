"""A vocabulary with days, an age and total cycles, of which every request that tests can tell apart can be listed."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from pathlib import Path
from typing import Annotated, ClassVar, Literal

from medpolicy.actions.coverage import CoverageActions
from pydantic import Field
from small import DrugRequest, fact

from medpolicy.language.fields import CompletedYears, Day, Derived, Sum
from medpolicy.language.request import Fact
from medpolicy.language.vocabulary import Vocabulary

FIRST, LAST = date(2025, 12, 31), date(2026, 1, 2)
OLDEST = date(2023, 12, 30)


class AgedRequest(DrugRequest):
    """Nobody is older than two years."""

    service_start_date: Annotated[Annotated[date, Day(FIRST, LAST)], fact("Start")]
    birth_date: Annotated[Annotated[date, Day(OLDEST, LAST)] | None, fact("Birth")] = None
    kind: Annotated[Literal["a", "b"] | None, fact("Kind")] = None
    cycles_received: Annotated[int | None, Field(ge=0, le=2), fact("Received")] = None
    cycles_requested: Annotated[int | None, Field(ge=1, le=2), fact("Requested")] = None

    earlier: ClassVar[tuple[tuple[str, str], ...]] = (("birth_date", "service_start_date"),)
    derived: ClassVar[Mapping[str, tuple[Derived, Fact]]] = {
        "total_cycles": (Sum("cycles_received", "cycles_requested"), fact("Total")),
        "age_years": (CompletedYears("birth_date", "service_start_date"), fact("Age")),
    }


AGED = Vocabulary("aged", AgedRequest, CoverageActions, Path())

BIRTHDAYS = [date(year, month, day) for year in (2024, 2025, 2026) for month, day in ((1, 1), (1, 2))]
BIRTHDAYS += [date(2023, 12, 31), date(2024, 12, 31), date(2025, 12, 31)]
"""The days that tests of the birth date name; the ages begin on these days alone."""

SERVICE_DAYS = [FIRST, date(2026, 1, 1), LAST]
BIRTHS = sorted(
    {day + timedelta(by) for day in BIRTHDAYS for by in (-1, 0, 1) if OLDEST <= day + timedelta(by) <= LAST}
)
