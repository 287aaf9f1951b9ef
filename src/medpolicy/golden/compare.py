"""Running a case: what its revision answers today, compared with what the case expects."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from medpolicy.golden.case import EXPECTED, GoldenCase, answer
from medpolicy.golden.folder import RevisionCases
from medpolicy.golden.why import reasons

NOTHING = "nothing"


@dataclass(frozen=True, slots=True)
class Difference:
    """A part of an answer that is not as expected."""

    field: str
    expected: Any
    got: Any

    def __str__(self) -> str:
        return f"{self.field}: expected {_shown(self.expected)}, got {_shown(self.got)}"


@dataclass(frozen=True, slots=True)
class Compared:
    """A case with today's answer: the differences, and the reasons for the answer where there are any."""

    case: GoldenCase
    got: Mapping[str, Any]
    differences: tuple[Difference, ...]
    why: tuple[str, ...]

    @property
    def passed(self) -> bool:
        """Whether the answer is as expected."""
        return not self.differences

    def lines(self) -> list[str]:
        """The differences and then the reasons, as lines for people."""
        return [*map(str, self.differences), *(f"why: {reason}" for reason in self.why)]


def compared(revision: RevisionCases, case: GoldenCase) -> Compared:
    """Decide a case's request by its own revision alone, and compare."""
    determination = revision.policy.decide(case.request)
    got = answer(determination)
    differences = tuple(
        Difference(field, case.expected[field], got[field])
        for field in EXPECTED
        if _unordered(case.expected[field]) != _unordered(got[field])
    )
    why = tuple(reasons(revision, determination, _differing(differences))) if differences else ()
    return Compared(case, got, differences, why)


def failing(revision: RevisionCases) -> list[GoldenCase]:
    """The cases of a revision whose answers are not as expected."""
    return [case for case in revision.cases if not compared(revision, case).passed]


def _differing(differences: Iterable[Difference]) -> dict[str, set[str] | None]:
    """The parts that differ; for a list the ids that are only expected or only in the answer."""
    return {
        difference.field: set(difference.expected) ^ set(difference.got)
        if isinstance(difference.expected, list)
        else None
        for difference in differences
    }


def _unordered(value: Any) -> Any:
    return sorted(value) if isinstance(value, list) else value


def _shown(value: Any) -> str:
    if isinstance(value, list):
        return ", ".join(value) or NOTHING
    if isinstance(value, dict):
        return ", ".join(f"{key} {_shown(term)}" for key, term in value.items())
    return NOTHING if value is None else str(value)
