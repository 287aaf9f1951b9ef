"""The decision as polars expressions, written by hand for this policy: no validation, no reasons."""

from __future__ import annotations

from datetime import date
from functools import reduce
from operator import and_, or_
from pathlib import Path

import polars as pl

DISEASES = ["acute_lymphoblastic_leukemia", "lymphoblastic_lymphoma"]
FRONTLINE = ["frontline_induction", "frontline_consolidation"]
RELAPSED = ["relapsed", "refractory"]
HYPER_CVD = ["mini_hyper_cvd", "blinatumomab"]
KINASE = ["imatinib", "dasatinib", "nilotinib", "bosutinib", "ponatinib", "other_tki"]
EFFECTIVE = date(2026, 4, 2)
MOST_CYCLES = 6


def decision() -> pl.Expr:
    """The decision of each row; polars' three-valued logic carries the missing facts."""
    column = pl.col
    regimen = column("combination_regimen").list
    initial, disease = column("request_type") == "initial", column("disease").is_in(DISEASES)
    lineage, cd22 = column("lineage") == "b_cell_precursor", column("cd22_status") == "positive"
    setting, ph = column("disease_setting"), column("ph_status")
    few = column("cycles_received") + column("cycles_requested") <= MOST_CYCLES
    included = ~column("therapy_exclusion")
    hyper_cvd = regimen.contains("mini_hyper_cvd") & regimen.eval(pl.element().is_in(HYPER_CVD)).list.all()
    one_inhibitor = (regimen.n_unique() == 1) & regimen.first().is_in(KINASE)
    alone = (regimen.len() == 0) | hyper_cvd | (one_inhibitor & (ph == "positive"))
    frontline = _all(
        initial, disease, setting.is_in(FRONTLINE), lineage, cd22, ph == "negative", hyper_cvd, few, included
    )
    relapsed = _all(initial, disease, setting.is_in(RELAPSED), lineage, cd22, ph.is_in(["positive", "negative"]), alone)
    relapsed = _all(relapsed, few, included)
    listed = _all(disease, lineage, setting.is_in([*FRONTLINE, *RELAPSED]))
    well = ~column("unacceptable_toxicity") & ~column("disease_progression")
    continuation = _all(~initial, listed, well, few, included)
    met = _any(frontline, relapsed, continuation)
    stopped = _any(
        column("service_start_date") < EFFECTIVE,
        _no_by_default("plan_document_conflict"),
        initial & listed & ~_no_by_default("cd22_test_submitted"),
        ~initial & ~_no_by_default("prior_authorization_on_file"),
        ~initial & (column("cycles_received") == 0),
    ).fill_null(True)
    held = (initial & regimen.contains("other_tki")).fill_null(True)
    approved, denied = met & ~held & ~stopped, ~met & ~_no_by_default("off_label_support_submitted") & ~stopped
    vocabulary = (
        pl.when(approved).then(pl.lit("approved")).when(denied).then(pl.lit("denied")).otherwise(pl.lit("pended"))
    )
    return vocabulary.alias("decision")


def decide(source: Path, output: Path) -> None:
    """Parquet to Parquet, streaming: the id and the decision of each row."""
    pl.scan_parquet(source).select("request_id", decision()).sink_parquet(output)


def _no_by_default(name: str) -> pl.Expr:
    return pl.col(name).fill_null(False)


def _all(*parts: pl.Expr) -> pl.Expr:
    return reduce(and_, parts)


def _any(*parts: pl.Expr) -> pl.Expr:
    return reduce(or_, parts)
