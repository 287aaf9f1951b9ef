"""What changes between two revisions: each transition that can happen, shown and proven, or the proof that none can."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property, reduce

from medpolicy.diff.causes import Causes
from medpolicy.diff.parts import Part, changed_parts, with_part
from medpolicy.language.determination import Decision
from medpolicy.language.revision import Revision
from medpolicy.language.vocabulary import Vocabulary
from medpolicy.solve import (
    DECISIONS,
    FALSE,
    LIMIT,
    Formula,
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
    """Requests whose answer changes: from one decision to another, or in its reasons where the decision is the same."""

    before: Decision
    after: Decision
    witness: Witness
    criteria: tuple[str, ...]
    """The ids of the parts that bring it about: criteria, flags, or pathways."""
    all_criteria: bool
    """Whether these are all of them: the time sufficed to look at every part."""
    region: Region
    """Around the witness: every request there changes in this way."""


@dataclass(frozen=True, slots=True)
class Open:
    """A change of which could not be told in time whether it can happen."""

    before: Decision
    after: Decision
    limit: float


@dataclass(frozen=True)
class Comparison:
    """Two revisions, both pinned: each decides every request, whatever the date."""

    solver: Solver
    parts: tuple[Part, ...]
    """The parts that do not mean the same in both, or of which that could not be told in time."""
    alike: tuple[Part, ...]
    """The parts that are written otherwise, and mean the same."""
    transitions: tuple[Change, ...]
    reasons: tuple[Change, ...]
    open: tuple[Open, ...]
    idle: tuple[Part, ...] = ()
    """Those of `parts` of which it is proven that no answer shows whether they are as before or as they are now."""

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
    return _Comparing(Solver(Space(vocabulary, [old, new])), changed_parts(old, new), limit).comparison()


class _Comparing:
    """The questions to the solver. Parts that mean the same are taken as written alike, which leaves little to prove."""

    def __init__(self, solver: Solver, parts: tuple[Part, ...], limit: float) -> None:
        self._solver = solver
        self._causes = Causes(solver, parts, limit)
        self._limit = limit
        self._old, new = solver.revisions
        self._alike = tuple(part for part in parts if part not in self._causes.telling)
        same = reduce(lambda each, part: with_part(each, part, part.old), self._alike, new.revision)
        self._new = RevisionFormulas(solver.space, same)

    def comparison(self) -> Comparison:
        found = [self._change(before, after) for before in DECISIONS for after in DECISIONS]
        changes = [each for each in found if isinstance(each, Change)]
        return Comparison(
            self._solver,
            self._causes.telling,
            self._alike,
            tuple(each for each in changes if each.before != each.after),
            tuple(each for each in changes if each.before == each.after),
            tuple(each for each in found if isinstance(each, Open)),
            self._idle(changes),
        )

    def _idle(self, changes: list[Change]) -> tuple[Part, ...]:
        """The parts that bring no change about; none where that cannot be proven of all together."""
        named = {id for each in changes for id in each.criteria}
        parts = tuple(part for part in self._causes.telling if part.id not in named)
        if not parts:
            return ()
        without = reduce(lambda each, part: with_part(each, part, part.old), parts, self._new.revision)
        shown = answers_differ(self._new, RevisionFormulas(self._solver.space, without))
        found = self._solver.find(shown, self._limit / _EXPLANATIONS, decided_under=())
        return parts if isinstance(found, Impossible) else ()

    def _change(self, before: Decision, after: Decision) -> Change | Open | None:
        change = self._old.decided(before) & self._new.decided(after)
        if before == after:
            change &= self._answers_differ
        elif FALSE in (self._decided_otherwise(each) for each in (before, after)):
            return None  # a request has one decision, and these requests are the same in both
        found = self._solver.find(change, self._limit)
        if isinstance(found, GaveUp):
            return Open(before, after, found.limit)
        if not isinstance(found, Witness):
            return None
        share = self._limit / _EXPLANATIONS
        if before == after:
            criteria, complete = self._causes.of_reasons(change, found, share)
        else:
            criteria, complete = self._causes.of_transition(change, after, found, share)
        region = self._solver.region(change, found, share)
        return Change(before, after, found, criteria, complete, region)

    def _decided_otherwise(self, decision: Decision) -> Formula:
        """That a request gets a decision under one revision and not under the other."""
        return differ(self._old.decided(decision), self._new.decided(decision))

    @cached_property
    def _answers_differ(self) -> Formula:
        return answers_differ(self._old, self._new)
