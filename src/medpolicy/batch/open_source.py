"""Opening a file of requests in the format of its suffix."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from medpolicy.batch.csv import Csv
from medpolicy.batch.files import check_content, format_of
from medpolicy.batch.jsonl import JsonLines
from medpolicy.batch.parquet import Parquet
from medpolicy.batch.source import Source
from medpolicy.columns.chunk import frame_faults
from medpolicy.columns.frame import ColumnDecider
from medpolicy.language.extra import Extra
from medpolicy.text.findings import Unusable


def open_source(path: Path, decider: ColumnDecider, extra: Extra = "refuse") -> Source:
    """The source that a file is. Raises `Unusable` with every fault of its columns."""
    format = format_of(path)
    check_content(path, decider.given)
    if format == "jsonl":
        return JsonLines(path, decider.request, decider.given, extra)
    source = (Csv if format == "csv" else Parquet)(path, decider.request, decider.given, extra)
    faults = frame_faults(source.schema, decider, extra, text=format == "csv")
    if faults:
        raise Unusable([replace(fault, file=str(path), line=1 if format == "csv" else None) for fault in faults])
    return source
