"""Which changed parts cause a change: without one of them it would not happen, or with it alone it would."""

from __future__ import annotations

from functools import cache
from time import monotonic

from medpolicy.diff.parts import Part, condition_of, exchanged, flag_effect
from medpolicy.language.determination import Decision
from medpolicy.solve import TRUE, Formula, Point, RevisionFormulas, Solver, Witness, answers_differ, differ, some


class Causes:
    """The changed parts of two revisions, and each revision with one of these parts taken from the other."""

    def __init__(self, solver: Solver, parts: tuple[Part, ...], limit: float) -> None:
        self._solver, self._space = solver, solver.space
        self._old, self._new = solver.revisions
        self._meanings_differ = {part: self._meaning_differs(part) for part in parts}
        different, undecided = solver.which(TRUE, self._meanings_differ, limit)
        self.differing = tuple(part for part in parts if part in different or part in undecided)
        """The parts that do not mean the same in both revisions, or may not (where the time ran out)."""
        self._exchanged = cache(self._formulas_exchanged)

    def of(
        self, change: Formula, after: Decision | None, witness: Witness, limit: float
    ) -> tuple[tuple[str, ...], bool]:
        """The ids of the parts that a change needs or that alone make it, and whether these are all.

        `after` is the new decision, or None where only the reasons change. The parts that matter for the witness come
        first, then as many others as there is time to examine.
        """
        until = monotonic() + limit
        point = Point(witness.codes, witness.facts)
        differing_here = [part for part in self.differing if point.holds(self._meanings_differ[part])]
        found = {part for part in differing_here if monotonic() < until and point.holds(self._matters(part, after))}
        found = found or set(differing_here)
        others: dict[Part, Formula] = {}
        for part in self.differing:
            if part not in found and monotonic() < until:
                others[part] = self._meanings_differ[part] & self._matters(part, after)
        also, undecided = self._solver.which(change, others, max(0.0, until - monotonic()))
        complete = not undecided and len(found) + len(others) == len(self.differing)
        return tuple(dict.fromkeys(part.id for part in self.differing if part in found | also)), complete

    def _matters(self, part: Part, after: Decision | None) -> Formula:
        without, alone = self._exchanged(part)
        if after is None:
            return answers_differ(without, self._new) | answers_differ(self._old, alone)
        return ~without.decided[after] | alone.decided[after]

    def _formulas_exchanged(self, part: Part) -> list[RevisionFormulas]:
        revisions = exchanged(self._old.revision, self._new.revision, part)
        return [RevisionFormulas(self._space, revision) for revision in revisions]

    def _meaning_differs(self, part: Part) -> Formula:
        old, new = condition_of(part.old), condition_of(part.new)
        if old is None or new is None or flag_effect(part.old) != flag_effect(part.new):
            return TRUE
        before, after = self._space.status(old), self._space.status(new)
        facts = sorted(self._space.asks_for(old) | self._space.asks_for(new))
        waiting = [differ(self._space.keeps_open(old, name), self._space.keeps_open(new, name)) for name in facts]
        return some([differ(before.met, after.met), differ(before.possible, after.possible), *waiting])
