"""A policy whose fields `src` does not know: a grade, worst first and held as text, a percentage in steps of 5, a difference.

Its kinds, its request and its rules stand here alone; `installed` makes it a policy like any other.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, ClassVar

from business_rules.fields import FIELD_SELECT
from drawing import asks
from pydantic import Field
from small import DrugRequest, criterion, document, flag, pathway

from medpolicy.language import installed as entry_points_of
from medpolicy.language import vocabulary
from medpolicy.language.fields import (
    Derived,
    FactType,
    GivenNumber,
    Kind,
    Problem,
    SolverNumber,
    Storage,
    WholeNumber,
    WholeNumberType,
    operator,
)
from medpolicy.language.fields.bits import unsigned_at_least, widened
from medpolicy.language.request import Fact

NAME = "made-up"
GRADES = ("E", "D", "C", "B", "A")

Json = dict[str, Any]


class GradeType(FactType):
    name = "grade"

    @operator(FIELD_SELECT)
    def at_least(self, grade: str) -> bool:
        return GRADES.index(self.value) >= GRADES.index(grade)

    @operator(FIELD_SELECT)
    def worse_than(self, grade: str) -> bool:
        return GRADES.index(self.value) < GRADES.index(grade)


@dataclass(frozen=True, slots=True)
class Grade(Kind):
    """From E, the worst, to A: its order is not that of the alphabet."""

    type = GradeType
    storage = Storage.TEXT
    ordered = True
    size = len(GRADES)
    lowest = "E"
    highest = "A"
    domain = "a grade from E to A"

    def index(self, value: Any) -> int:
        return GRADES.index(value)

    def value(self, index: int) -> str:
        return GRADES[index]

    def problems(self, value: Any) -> list[Problem]:
        return [] if isinstance(value, str) and value in GRADES else self._refuse("A is the best")

    def constant_schema(self, operator: str) -> dict[str, Any]:
        return {"enum": list(GRADES)}


class ShareType(WholeNumberType):
    name = "share"


@dataclass(frozen=True, slots=True)
class Share(Kind):
    """A percentage in steps of 5."""

    type = ShareType
    storage = Storage.INTEGER
    ordered = True
    size = 21
    step = 5
    lowest = 0
    highest = 100
    domain = "a percentage from 0 to 100 in steps of 5"

    def index(self, value: Any) -> int:
        return int(value) // 5

    def value(self, index: int) -> int:
        return index * 5

    def problems(self, value: Any) -> list[Problem]:
        return [] if type(value) is int and 0 <= value <= 100 and value % 5 == 0 else self._refuse()

    def from_text(self, cell: str) -> Any:
        return int(cell) if cell.isdecimal() else cell

    def constant_schema(self, operator: str) -> dict[str, Any]:
        return {"type": "integer", "multipleOf": 5}


@dataclass(frozen=True, slots=True)
class Difference(Derived):
    """What is left of one whole number after another."""

    rises_with = (True, False)
    whole: str
    used: str

    @property
    def parts(self) -> tuple[str, str]:
        return self.whole, self.used

    def kind(self, kinds: Mapping[str, Kind]) -> WholeNumber:
        whole, used = kinds[self.whole], kinds[self.used]
        return WholeNumber(whole.lowest - used.highest, whole.highest - used.lowest)

    def value(self, whole: int, used: int) -> int:
        return whole - used

    def sql(self, exp: Any, whole: Any, used: Any) -> Any:
        return exp.Sub(this=whole, expression=used)

    def column(self, np: Any, kinds: Any, whole: Any, used: Any) -> Any:
        return whole - used + (kinds[self.used].size - 1)

    def solver(self, z3: Any, whole: GivenNumber, used: GivenNumber) -> SolverNumber:
        return Rest(z3, whole, used)


class Rest(SolverNumber):
    def __init__(self, z3: Any, whole: GivenNumber, used: GivenNumber) -> None:
        self.z3 = z3
        width = max(whole.bits.size(), used.bits.size()) + 1
        self._lowest = whole.kind.lowest - used.kind.highest
        self._bits = widened(z3, whole.bits, width) + (used.kind.size - 1) - widened(z3, used.bits, width)

    def at_least(self, value: int) -> Any:
        return unsigned_at_least(self.z3, self._bits, value - self._lowest)

    def at_most(self, value: int) -> Any:
        return self.z3.Not(self.at_least(value + 1))


def fact(label: str) -> Fact:
    return Fact(label, f"What is the {label.casefold()}?", "the chart")


class MadeUpRequest(DrugRequest):
    grade: Annotated[Annotated[str, Grade()] | None, fact("Grade")] = None
    share: Annotated[Annotated[int, Share()] | None, fact("Share")] = None
    visits_granted: Annotated[int | None, Field(ge=0, le=20), fact("Visits granted")] = None
    visits_used: Annotated[int | None, Field(ge=0, le=20), fact("Visits used")] = None

    derived: ClassVar[Mapping[str, tuple[Derived, Fact]]] = {
        "visits_left": (Difference("visits_granted", "visits_used"), fact("Visits left")),
    }


def revision(day: str, least: Any = "C", most: Any = 30) -> Json:
    """Approved: at least the grade `least`, a share below `most`, a visit left; a person looks at an A with a share of 100."""
    criteria = [
        criterion("only.share", asks("share", "less_than", most)),
        criterion("only.visits", asks("visits_left", "greater_than_or_equal_to", 1)),
    ]
    doubtful = {"all": [asks("grade", "at_least", "A"), asks("share", "equal_to", 100)]}
    written = document(
        [pathway("only", asks("grade", "at_least", least), criteria)], [flag("doubtful", "gate", doubtful)], day
    )
    return written | {"policy": NAME, "effective_from": day}


@contextmanager
def installed(folder: Path, request: str) -> Iterator[Path]:
    """The policy as an installed package has it, with one revision; yields the folder of rules."""
    write(folder / "rules", revision("2026-01-01"))
    actions = "medpolicy.actions.coverage:CoverageActions"
    with entry_points(folder, {f"{NAME}.variables": request, f"{NAME}.actions": actions}):
        yield folder / "rules"


@contextmanager
def entry_points(folder: Path, entries: Mapping[str, str]) -> Iterator[None]:
    """A folder on the path of Python, with the entry points of an installed package of policies."""
    package = folder / "made_up-1.0.dist-info"
    package.mkdir()
    (package / "METADATA").write_text("Metadata-Version: 2.1\nName: made-up\nVersion: 1.0\n")
    lines = (f"{name} = {value}\n" for name, value in entries.items())
    (package / "entry_points.txt").write_text("[medpolicy.policies]\n" + "".join(lines))
    caches = (entry_points_of._installed, vocabulary.find_vocabulary)
    sys.path.insert(0, str(folder))
    for cached in caches:
        cached.cache_clear()
    try:
        yield
    finally:
        sys.path.remove(str(folder))
        for cached in caches:
            cached.cache_clear()


def write(rules: Path, *revisions: Json) -> None:
    """Rule files in a folder of rules."""
    for written in revisions:
        file = rules / written["policy"] / f"{written['revision']}.json"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(json.dumps(written), "utf-8")
