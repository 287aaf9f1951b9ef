"""What changes between two revisions: each transition that can happen, shown and proven, or the proof that none can."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from medpolicy.diff.causes import Causes
from medpolicy.diff.parts import Part, changed_parts, with_part
from medpolicy.language.determination import Decision
from medpolicy.language.revision import Revision
from medpolicy.language.vocabulary import Vocabulary
from medpolicy.solve import (
    DECISIONS,
    FALSE,
    LIMIT,
    GaveUp,
    Impossible,
    Region,
    RevisionFormulas,
    Solver,
    Space,
    Witness,
    answers_differ,
    differ,
)

_EXPLANATIONS = 2 * len(DECISIONS) ** 2
"""How many questions share one limit: the criteria and the region of each change."""


@dataclass(frozen=True, slots=True)
class Change:
    """Requests whose answer changes: from one decision to another, or in its reasons where the decision stays."""

    before: Decision
    after: Decision
    witness: Witness
    criteria: tuple[str, ...]
    """The ids of the parts that cause it: criteria, flags, or pathways."""
    all_criteria: bool
    """Whether these are all of them: False if time ran out before every part was examined."""
    region: Region
    """Around the witness: every request there changes in this way."""


@dataclass(frozen=True, slots=True)
class Undecided:
    """A change of which the time limit left open whether it can happen."""

    before: Decision
    after: Decision


@dataclass(frozen=True)
class Comparison:
    """Two revisions, both pinned: each decides every request, whatever the date."""

    solver: Solver
    parts: tuple[Part, ...]
    """The parts that do not mean the same in both, or may not, where the time ran out."""
    alike: tuple[Part, ...]
    """The parts that are written differently and mean the same."""
    transitions: tuple[Change, ...]
    reasons: tuple[Change, ...]
    open: tuple[Undecided, ...]
    idle: tuple[Part, ...] = ()
    """Those of `parts` of which it is proven that no answer depends on which revision they are taken from."""

    @property
    def space(self) -> Space:
        """The requests that the revisions are compared on."""
        return self.solver.space

    @property
    def equivalent(self) -> bool:
        """Whether it is proven that every request gets the same answer: decision, reasons, flags, missing facts, terms."""
        return not (self.transitions or self.reasons or self.open)


def compare(vocabulary: Vocabulary, old: Revision, new: Revision, limit: float = LIMIT) -> Comparison:
    """Compare two revisions of one policy; each question may take `limit` seconds."""
    return _Comparer(Solver(Space(vocabulary, [old, new])), changed_parts(old, new), limit).comparison()


class _Comparer:
    """Puts the questions to the solver. Parts that mean the same are made equal first, which leaves little to prove."""

    def __init__(self, solver: Solver, parts: tuple[Part, ...], limit: float) -> None:
        self._solver = solver
        self._causes = Causes(solver, parts, limit)
        self._limit = limit
        self._share = limit / _EXPLANATIONS
        self._old = solver.revisions[0]
        self._alike = tuple(part for part in parts if part not in self._causes.differing)
        self._new = self._with_old(solver.revisions[1].revision, self._alike)
        self._answers_differ = answers_differ(self._old, self._new)

    def comparison(self) -> Comparison:
        found = [self._change(before, after) for before in DECISIONS for after in DECISIONS]
        changes = [change for change in found if isinstance(change, Change)]
        return Comparison(
            self._solver,
            self._causes.differing,
            self._alike,
            tuple(change for change in changes if change.before != change.after),
            tuple(change for change in changes if change.before == change.after),
            tuple(change for change in found if isinstance(change, Undecided)),
            self._idle(changes),
        )

    def _with_old(self, revision: Revision, parts: Iterable[Part]) -> RevisionFormulas:
        """A revision with some parts as the old one has them."""
        for part in parts:
            revision = with_part(revision, part, part.old)
        return RevisionFormulas(self._solver.space, revision)

    def _idle(self, changes: list[Change]) -> tuple[Part, ...]:
        """The parts that cause no change; none where that cannot be proven of all of them together."""
        causes = {id for change in changes for id in change.criteria}
        parts = tuple(part for part in self._causes.differing if part.id not in causes)
        if not parts:
            return ()
        depends = answers_differ(self._new, self._with_old(self._new.revision, parts))
        found = self._solver.find(depends, self._share, decided_under=())
        return parts if isinstance(found, Impossible) else ()

    def _change(self, before: Decision, after: Decision) -> Change | Undecided | None:
        change = self._old.decided[before] & self._new.decided[after]
        if before == after:
            change &= self._answers_differ
        elif FALSE in (differ(self._old.decided[decided], self._new.decided[decided]) for decided in (before, after)):
            return None  # a request has one decision, and the same requests get this one in both
        found = self._solver.find(change, self._limit)
        if isinstance(found, GaveUp):
            return Undecided(before, after)
        if not isinstance(found, Witness):
            return None
        criteria, complete = self._causes.of(change, None if before == after else after, found, self._share)
        region = self._solver.region(change, found, self._share)
        return Change(before, after, found, criteria, complete, region)
