"""The cases without which a figure falls: each is the only one that shows something, or that notices a slip."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from medpolicy.golden import GoldenCase, RevisionCases


def essential_cases(golden: RevisionCases, showing: Iterable[Sequence[GoldenCase]]) -> Mapping[GoldenCase, int]:
    """The cases that alone show a thing, with the number of such things, in the order of the file.

    `showing` has, for each thing, the cases that show it.
    """
    alone = Counter(cases[0] for cases in showing if len(cases) == 1)
    return {case: alone[case] for case in golden.cases if case in alone}


def essential_plain(essential: Mapping[GoldenCase, int]) -> list[dict[str, Any]]:
    """Essential cases as plain values."""
    return [
        {"case": case.id, "line": case.line, "shows": case.shows, "alone": number} for case, number in essential.items()
    ]


def essential_line(report: Mapping[str, Any]) -> str:
    """How many cases of a report are essential, and which."""
    ids = [case["case"] for case in report["essential"]]
    listed = f": {', '.join(ids)}" if ids else ""
    return f"{len(ids)} of {report['cases']} cases {'is' if len(ids) == 1 else 'are'} needed for these figures{listed}"
