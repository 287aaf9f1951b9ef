"""Made-up requests for the policy on inotuzumab ozogamicin, drawn from a seed; no data of any person is in them.

`plausible` requests resemble what a plan may receive: two of three are initial requests, nine of ten facts are known,
most requests are near an approval, and a few are edge cases (an infant, a regimen outside the policy, a service before
the policy's date). The shares are guesses. `uniform` requests draw every fact evenly from its domain, *missing* being
one more value: hardly two of them are alike, which is the worst case for anything that remembers.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
import pyarrow as pa

Kind = Literal["plausible", "uniform"]
Codes = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]

SEED = 20260402
DISEASES = ("acute_lymphoblastic_leukemia", "lymphoblastic_lymphoma", "other")
LINEAGES = ("b_cell_precursor", "t_cell", "other")
SETTINGS = ("frontline_induction", "frontline_consolidation", "relapsed", "refractory", "other")
SIGNS = ("positive", "negative")
REGIMENS = (
    "mini_hyper_cvd",
    "blinatumomab",
    "imatinib",
    "dasatinib",
    "nilotinib",
    "bosutinib",
    "ponatinib",
    "other_tki",
    "other",
)
DEFAULTS_TO_NO = (
    "cd22_test_submitted",
    "prior_authorization_on_file",
    "off_label_support_submitted",
    "plan_document_conflict",
)
EFFECTIVE = date(2026, 4, 2)
YEAR = 365
EPOCH = date(1970, 1, 1).toordinal()

TEXT, YES_NO, NUMBER, DAY, SET = pa.string(), pa.bool_(), pa.int64(), pa.date32(), pa.list_(pa.string())
SCHEMA = pa.schema(
    [
        ("request_id", TEXT),
        ("request_type", TEXT),
        ("service_start_date", DAY),
        ("birth_date", DAY),
        ("disease", TEXT),
        ("lineage", TEXT),
        ("disease_setting", TEXT),
        ("cd22_status", TEXT),
        ("cd22_test_submitted", YES_NO),
        ("ph_status", TEXT),
        ("prior_authorization_on_file", YES_NO),
        ("combination_regimen", SET),
        ("cycles_received", NUMBER),
        ("cycles_requested", NUMBER),
        ("disease_progression", YES_NO),
        ("unacceptable_toxicity", YES_NO),
        ("therapy_exclusion", YES_NO),
        ("off_label_support_submitted", YES_NO),
        ("plan_document_conflict", YES_NO),
    ]
)
"""The columns of a request, in the order of the contract."""


def requests_table(rows: int, kind: Kind = "plausible", first: int = 0) -> pa.Table:
    """So many requests as an Arrow table, the ids counted on from `first`; the same call gives the same table."""
    random = np.random.default_rng((SEED, first, kind == "uniform"))
    facts = _plausible(random, rows) if kind == "plausible" else _uniform(random, rows)
    ids = pa.array(np.char.add("PA-", np.char.zfill(np.arange(first, first + rows).astype(str), 9)), TEXT)
    return pa.table({"request_id": ids, **facts}).select(SCHEMA.names).cast(SCHEMA)


def records(table: pa.Table) -> list[dict[str, Any]]:
    """The requests as a JSON reader gives them: days as text, sets as lists, a missing fact left out."""
    return [
        {
            name: value.isoformat() if isinstance(value, date) else value
            for name, value in row.items()
            if value is not None
        }
        for row in table.to_pylist()
    ]


def csv_frame(table: pa.Table) -> pa.Table:
    """The requests as cells of a CSV file: a set is `a;b`, the empty one `none`."""
    cells = [
        "none" if each == [] else ";".join(each) if each else None for each in table["combination_regimen"].to_pylist()
    ]
    place = table.schema.get_field_index("combination_regimen")
    return table.set_column(place, "combination_regimen", pa.array(cells, TEXT))


def _plausible(random: np.random.Generator, rows: int) -> dict[str, pa.Array]:
    starting = random.random(rows) < 0.65

    def by_type(initial: Codes, continuation: Codes) -> Codes:
        return np.where(starting, initial, continuation)

    def draw(*weights: float) -> Codes:
        return _draw(random, rows, weights)

    service = EFFECTIVE.toordinal() - EPOCH + random.integers(0, 640, rows)
    service = np.where(random.random(rows) < 0.01, service - 660, service)
    age = np.where(
        random.random(rows) < 0.2, random.integers(YEAR, 18 * YEAR, rows), random.integers(18, 86, rows) * YEAR
    )
    age = np.where(random.random(rows) < 0.003, random.integers(20, YEAR, rows), age)
    regimens: Sequence[Sequence[str] | None] = (
        (),
        ("mini_hyper_cvd",),
        ("mini_hyper_cvd", "blinatumomab"),
        *((tki,) for tki in REGIMENS[2:8]),
        ("blinatumomab",),
        ("mini_hyper_cvd", "other"),
        ("imatinib", "other"),
        None,
    )
    shares = (0.5, 0.2, 0.12, 0.015, 0.03, 0.005, 0.005, 0.04, 0.005, 0.02, 0.02, 0.01, 0.03)
    return {
        "request_type": _choice(("initial", "continuation"), np.where(starting, 0, 1)),
        "service_start_date": _days(service),
        "birth_date": _days(service - age, random.random(rows) < 0.005),
        "disease": _choice(DISEASES, draw(0.88, 0.06, 0.04, 0.02)),
        "lineage": _choice(LINEAGES, draw(0.87, 0.08, 0.02, 0.03)),
        "disease_setting": _choice(SETTINGS, draw(0.12, 0.13, 0.4, 0.28, 0.04, 0.03)),
        "cd22_status": _choice(SIGNS, draw(0.88, 0.05, 0.07)),
        "cd22_test_submitted": _yes_no(by_type(draw(0.08, 0.9, 0.02), draw(0.3, 0.4, 0.3))),
        "ph_status": _choice(SIGNS, draw(0.25, 0.65, 0.1)),
        "prior_authorization_on_file": _yes_no(by_type(draw(0.5, 0.03, 0.47), draw(0.04, 0.94, 0.02))),
        "combination_regimen": _sets(regimens, draw(*shares)),
        "cycles_received": _numbers(
            by_type(draw(0.8, 0.05, 0.03, 0.02), draw(0.02, 0.2, 0.34, 0.2, 0.12, 0.08)), random, 0.04
        ),
        "cycles_requested": _numbers(1 + draw(0.15, 0.35, 0.25, 0.12, 0.03, 0.07, 0.02, 0.01), random, 0.02),
        "disease_progression": _yes_no(by_type(draw(0.15, 0.05, 0.8), draw(0.82, 0.1, 0.08))),
        "unacceptable_toxicity": _yes_no(by_type(draw(0.15, 0.01, 0.84), draw(0.87, 0.05, 0.08))),
        "therapy_exclusion": _yes_no(draw(0.93, 0.02, 0.05)),
        "off_label_support_submitted": _yes_no(draw(0.4, 0.03, 0.57)),
        "plan_document_conflict": _yes_no(draw(0.4, 0.01, 0.59)),
    }


def _uniform(random: np.random.Generator, rows: int) -> dict[str, pa.Array]:
    def draw(size: int) -> Codes:
        return random.integers(0, size, rows)

    earliest = date(1900, 1, 1).toordinal() - EPOCH
    service = draw((date(2199, 12, 31) - EFFECTIVE).days) + EFFECTIVE.toordinal() - EPOCH
    birth = earliest + (random.random(rows) * (service - earliest)).astype(np.int64)
    every = [[option for bit, option in enumerate(REGIMENS) if place >> bit & 1] for place in range(1 << len(REGIMENS))]
    choices = {
        "disease": DISEASES,
        "lineage": LINEAGES,
        "disease_setting": SETTINGS,
        "cd22_status": SIGNS,
        "ph_status": SIGNS,
    }
    yes_no = (*DEFAULTS_TO_NO, "disease_progression", "unacceptable_toxicity", "therapy_exclusion")
    return {
        "request_type": _choice(("initial", "continuation"), draw(2)),
        "service_start_date": _days(service),
        "birth_date": _days(birth, random.random(rows) < 0.05),
        **{name: _choice(options, draw(len(options) + 1)) for name, options in choices.items()},
        **{name: _yes_no(draw(3)) for name in yes_no},
        "combination_regimen": _sets([*every, None], draw(len(every) + 1)),
        "cycles_received": _numbers(draw(1000), random, 0.05),
        "cycles_requested": _numbers(draw(999) + 1, random, 0.05),
    }


def _draw(random: np.random.Generator, rows: int, weights: Iterable[float]) -> Codes:
    shares = np.fromiter(weights, dtype=np.float64)
    return random.choice(len(shares), rows, p=shares / shares.sum())


def _choice(options: Sequence[str], codes: Codes) -> pa.Array:
    """An option for each code; null for the code after the last."""
    return pa.array([*options, None], TEXT).take(pa.array(codes))


def _yes_no(codes: Codes) -> pa.Array:
    return pa.array([False, True, None], YES_NO).take(pa.array(codes))


def _sets(sets: Sequence[Sequence[str] | None], codes: Codes) -> pa.Array:
    return pa.array([None if each is None else list(each) for each in sets], SET).take(pa.array(codes))


def _numbers(values: Codes, random: np.random.Generator, missing: float) -> pa.Array:
    return pa.array(values, NUMBER, mask=random.random(len(values)) < missing)


def _days(days: Codes, missing: Mask | None = None) -> pa.Array:
    return pa.array(days.astype(np.int32), mask=missing).cast(DAY)


def filled(record: Mapping[str, Any]) -> dict[str, Any]:
    """A request with every key: None where a fact is missing, False where the default is no."""
    return {name: record.get(name, False if name in DEFAULTS_TO_NO else None) for name in SCHEMA.names}
