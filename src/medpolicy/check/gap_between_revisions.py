"""Days between two revisions on which none is in effect."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from itertools import pairwise

from medpolicy.check.shown import Shown
from medpolicy.fields import Day
from medpolicy.load import RuleFile
from medpolicy.policy import policy_of
from medpolicy.solve import Space
from medpolicy.solve.ordinary import Ordinary
from medpolicy.solve.space import SERVICE_DAY
from medpolicy.source import Finding, quoted

CODE = "gap-between-revisions"


def find(files: Sequence[RuleFile]) -> Iterator[Finding]:
    """A finding for each gap between usable revisions of one policy, with a request of its first day."""
    for policy in dict.fromkeys(file.revision.policy for file in files if file.revision is not None):
        of_it = [file for file in files if file.revision is not None and file.revision.policy == policy]
        yield from _of_policy(sorted(of_it, key=_begins))


def _begins(file: RuleFile) -> date:
    return date.max if file.revision is None else file.revision.effective_from


def _of_policy(files: list[RuleFile]) -> Iterator[Finding]:
    covered = date.min
    for before, after in pairwise(files):
        earlier, later = before.revision, after.revision
        if earlier is None or later is None:
            continue
        covered = max(covered, earlier.effective_to or date.max)
        if covered == date.max or covered + timedelta(1) >= later.effective_from:
            continue
        first, last = covered + timedelta(1), later.effective_from - timedelta(1)
        message = f"no revision is in effect from {first} to {last}, between {quoted(earlier.revision)} and {quoted(later.revision)}"
        advice = (
            f"let the earlier one end on {last} (`effective_to` in {before.name}), if no days are left out on purpose"
        )
        if later.effective_from - first == timedelta(1):
            message = (
                f"no revision is in effect on {first}, between {quoted(earlier.revision)} and {quoted(later.revision)}"
            )
        yield after.placed(_shown(files, first, message, advice))


def _shown(files: list[RuleFile], day: date, message: str, advice: str) -> Finding:
    path, (words, revision) = ("effective_from",), (files[0].words, files[0].revision)
    if words is None or revision is None or not _is_service_day(day, words.variables[SERVICE_DAY].kind):
        return Finding(CODE, message, path, advice, "warning")
    ordinary = Ordinary(Space(words, [revision]))
    facts = {name: ordinary.beside(each) for name, each in words.variables.items() if each.derived is None}
    request = ordinary.record({**facts, SERVICE_DAY: day})
    decision = policy_of(words, files).decide(request).decision
    return Shown(CODE, message, path, advice, "warning", request=request, decision=decision)


def _is_service_day(day: date, kind: object) -> bool:
    return isinstance(kind, Day) and kind.earliest <= day <= kind.latest
