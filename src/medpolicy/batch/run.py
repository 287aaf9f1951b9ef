"""A file of requests decided into a file of answers; every record is accounted for, and nothing half-done is left."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from medpolicy.batch.answer import Answerer
from medpolicy.batch.files import check_output, check_source, format_of, rejects_path, unusable
from medpolicy.batch.in_pieces import in_pieces
from medpolicy.batch.open_source import open_source
from medpolicy.batch.replacing import replacing
from medpolicy.batch.write import Writer, json_line, writer_for
from medpolicy.columns.chunk import Decided
from medpolicy.columns.rejects import fault_counts
from medpolicy.language.extra import Extra, check_extra
from medpolicy.policy import Policy
from medpolicy.text.diagnostics import log_decided

Progress = Callable[[int], None]


@dataclass(frozen=True, slots=True)
class Summary:
    """What became of the records of a batch: `read` is the sum of the other two."""

    decided: int = 0
    rejected: int = 0

    @property
    def read(self) -> int:
        """The number of records."""
        return self.decided + self.rejected

    def __str__(self) -> str:
        return f"read {self.read} = decided {self.decided} + rejected {self.rejected}"


def decide_file(
    policy: Policy,
    source: str | os.PathLike[str],
    output: str | os.PathLike[str],
    *,
    revision: str | None = None,
    extra: Extra = "refuse",
    progress: Progress | None = None,
) -> Summary:
    """Decide the requests of a file into another; formats are told by the suffixes.

    Rejected records go to the output's neighbour `OUT.rejects.jsonl`. Raises `Unusable` where a file cannot be used (and
    `InvalidPolicy`, which is one, for an unknown revision); then, and when the run is killed, there is no output.
    Running again gives the same bytes.
    """
    check_extra(extra)
    source, output = Path(source), Path(output)
    read, written = format_of(source), format_of(output)
    check_source(source)
    check_output(output, source)
    answerer = Answerer(policy, revision, extra, as_lines=written == "jsonl")
    requests = open_source(source, answerer.decider, extra)
    if extra == "keep" and read == "jsonl" != written:
        message = "the extra keys of JSON Lines can be kept in JSON Lines only"
        raise unusable("extra-keys", message, output, "choose an output with `.jsonl`, or `--extra ignore`")
    schema = answerer.schema(requests.schema)
    with replacing(output, rejects_path(output)) as (file, rejects):

        def collect(answers: Iterator[Decided]) -> tuple[Summary, Counter[str]]:
            for started in (file, rejects):
                started.seek(0)
                started.truncate()
            return _write(answers, writer_for(written, file, output, schema), rejects, progress)

        summary, faults = in_pieces(requests, answerer.answer, collect)
    log_decided(str(source), summary, faults)
    return summary


def _write(
    answers: Iterator[Decided], writer: Writer, rejects: IO[bytes], progress: Progress | None
) -> tuple[Summary, Counter[str]]:
    """Write all answers, in their order; what became of the records, and how many have which fault."""
    summary, faults = Summary(), Counter[str]()
    try:
        for decided in answers:
            writer.write(decided)
            rejects.writelines(json_line(reject.to_dict()) for reject in decided.rejects)
            summary = Summary(summary.decided + decided.rows, summary.rejected + len(decided.rejects))
            faults += fault_counts(decided.rejects)
            if progress is not None:
                progress(summary.read)
        writer.close()
    except BaseException:
        writer.abandon()
        raise
    return summary, faults
