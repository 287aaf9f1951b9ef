"""The answer to a question about a space: a request, a proof, or neither."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from medpolicy.language.determination import Determination


class Disagreement(RuntimeError):
    """The formulas, the tables and the stock engine disagree about a request: a bug in the program."""


@dataclass(frozen=True, slots=True)
class Witness:
    """A request of which a statement is true, decided under each revision in question."""

    request: Mapping[str, Any]
    """The request in its JSON form, with no fact that the statement does not need."""
    facts: Mapping[str, Any]
    """The value of every variable, None where it is missing, derived ones included."""
    codes: Mapping[str, int]
    """The class code of every variable of the space."""
    determinations: tuple[Determination, ...]
    """The answer under each revision, in the order of the question."""
    smallest: bool
    """Whether it is proven that no request with fewer facts satisfies the statement."""


@dataclass(frozen=True, slots=True)
class Impossible:
    """It is proven that the statement is true of no request."""


@dataclass(frozen=True, slots=True)
class GaveUp:
    """The time limit was reached; the answer is unknown."""

    limit: float
    """The time limit in seconds."""


Found = Witness | Impossible | GaveUp
