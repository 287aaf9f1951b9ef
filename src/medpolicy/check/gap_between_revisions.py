"""Days between two revisions on which none is in effect."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, timedelta

from medpolicy.language.revision import Revision
from medpolicy.load import RuleFile
from medpolicy.load.overlap import example
from medpolicy.load.shown import Shown
from medpolicy.policy import policy_of
from medpolicy.text.findings import Finding, quoted

CODE = "gap-between-revisions"


def find(files: Sequence[RuleFile]) -> Iterator[Finding]:
    """A finding for each gap between usable revisions of one policy, with a request of its first day.

    None while a file is faulty: its revision may be the one that fills a gap.
    """
    usable = [(file.revision, file) for file in files if file.revision is not None]
    if len(usable) < len(files):
        return
    for policy in dict.fromkeys(revision.policy for revision, _ in usable):
        revisions = [(revision, file) for revision, file in usable if revision.policy == policy]
        yield from _of_policy(sorted(revisions, key=lambda pair: pair[0].effective_from))


def _of_policy(revisions: list[tuple[Revision, RuleFile]]) -> Iterator[Finding]:
    latest, latest_file = revisions[0]
    for later, after in revisions[1:]:
        covered = latest.effective_to or date.max
        if covered < later.effective_from - timedelta(1):
            first, last = covered + timedelta(1), later.effective_from - timedelta(1)
            days = f"on {first}" if first == last else f"from {first} to {last}"
            between = f"between {quoted(latest.revision)} and {quoted(later.revision)}"
            advice = f"let the earlier one end on {last} (`effective_to` in {latest_file.name}), if no days are left out on purpose"
            files = [file for _, file in revisions]
            yield after.placed(_shown(files, first, f"no revision is in effect {days}, {between}", advice))
        if covered < (later.effective_to or date.max):
            latest, latest_file = later, after


def _shown(files: list[RuleFile], day: date, message: str, advice: str) -> Finding:
    vocabulary = files[0].vocabulary
    request = None if vocabulary is None else example(vocabulary, {vocabulary.service_day: day}, day)
    if vocabulary is None or request is None:
        return Finding(CODE, message, ("effective_from",), advice, "warning")
    decision = policy_of(vocabulary, files).decide(request).decision
    return Shown(CODE, message, ("effective_from",), advice, "warning", request=request, decision=decision)
