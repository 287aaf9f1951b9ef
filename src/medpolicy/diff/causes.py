"""Which changed parts cause a change: without one of them it would not happen, or with it alone it would."""

from __future__ import annotations

from collections.abc import Callable
from time import monotonic

from medpolicy.diff.parts import Part, condition_of, flag_effect, with_part
from medpolicy.language.determination import Decision
from medpolicy.solve import TRUE, Formula, Point, RevisionFormulas, Solver, Witness, answers_differ, differ, some

Ids = tuple[str, ...]


class Causes:
    """The changed parts of two revisions, and each revision with one of these parts taken from the other."""

    def __init__(self, solver: Solver, parts: tuple[Part, ...], limit: float) -> None:
        self._solver, self._space = solver, solver.space
        self._old, self._new = solver.revisions
        self._differing = {part: self._meanings_differ(part) for part in parts}
        different, undecided = solver.which(TRUE, self._differing, limit)
        self.differing = tuple(part for part in parts if part in different or part in undecided)
        """The parts that do not mean the same in both revisions, or may not (where the time ran out)."""
        self._exchanged: dict[Part, tuple[RevisionFormulas, RevisionFormulas]] = {}

    def of_transition(self, change: Formula, after: Decision, witness: Witness, limit: float) -> tuple[Ids, bool]:
        """The ids of the parts that a transition needs or that alone make it, and whether these are all."""

        def matters(part: Part) -> Formula:
            without, alone = self._exchange(part)
            return ~without.decided[after] | alone.decided[after]

        return self._that_matter(change, matters, witness, limit)

    def of_reasons(self, change: Formula, witness: Witness, limit: float) -> tuple[Ids, bool]:
        """The ids of the parts that show in an answer whose decision stays, and whether these are all."""

        def matters(part: Part) -> Formula:
            without, alone = self._exchange(part)
            return answers_differ(without, self._new) | answers_differ(self._old, alone)

        return self._that_matter(change, matters, witness, limit)

    def _that_matter(
        self, change: Formula, matters: Callable[[Part], Formula], witness: Witness, limit: float
    ) -> tuple[Ids, bool]:
        """The parts that matter for the witness, then as many others as there is time to examine."""
        until = monotonic() + limit
        point = Point(witness.codes, witness.facts)
        differing_here = [part for part in self.differing if point.holds(self._differing[part])]
        found = {part for part in differing_here if monotonic() < until and point.holds(matters(part))}
        found = found or set(differing_here)
        others: dict[Part, Formula] = {}
        for part in self.differing:
            if part not in found and monotonic() < until:
                others[part] = self._differing[part] & matters(part)
        also, undecided = self._solver.which(change, others, max(0.0, until - monotonic()))
        complete = not undecided and len(found) + len(others) == len(self.differing)
        return tuple(dict.fromkeys(part.id for part in self.differing if part in found | also)), complete

    def _exchange(self, part: Part) -> tuple[RevisionFormulas, RevisionFormulas]:
        """The new revision without the change of a part, and the old one with that change alone."""
        if part not in self._exchanged:
            without = with_part(self._new.revision, part, part.old)
            alone = with_part(self._old.revision, part, part.new)
            self._exchanged[part] = RevisionFormulas(self._space, without), RevisionFormulas(self._space, alone)
        return self._exchanged[part]

    def _meanings_differ(self, part: Part) -> Formula:
        old, new = condition_of(part.old), condition_of(part.new)
        if old is None or new is None or flag_effect(part.old) != flag_effect(part.new):
            return TRUE
        before, after = self._space.status(old), self._space.status(new)
        facts = sorted(self._space.asks_for(old) | self._space.asks_for(new))
        waiting = [differ(self._space.keeps_open(old, name), self._space.keeps_open(new, name)) for name in facts]
        return some([differ(before.met, after.met), differ(before.possible, after.possible), *waiting])
