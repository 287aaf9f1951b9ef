"""Which changed parts bring a change about: without one it would not happen, or with it alone it would."""

from __future__ import annotations

from collections.abc import Callable
from time import monotonic

from medpolicy.diff.parts import Content, Part, with_part
from medpolicy.language.determination import Decision
from medpolicy.language.revision import All, Any_, Condition, Criterion, ReviewFlag, Test
from medpolicy.solve import TRUE, Formula, Point, RevisionFormulas, Solver, Witness, answers_differ, differ, some

Ids = tuple[str, ...]


class Causes:
    """The changed parts of two revisions, and each revision with one of them as the other has it."""

    def __init__(self, solver: Solver, parts: tuple[Part, ...], limit: float) -> None:
        self._solver, self._space = solver, solver.space
        self._old, self._new = solver.revisions
        self._differing = {part: self._meanings_differ(part) for part in parts}
        different, untold = solver.which(TRUE, self._differing, limit)
        self.telling = tuple(part for part in parts if part in different or part in untold)
        """The parts that do not mean the same in both revisions, or may not (where the time ran out)."""
        self._mixed: dict[Part, tuple[RevisionFormulas, RevisionFormulas]] = {}

    def of_transition(self, change: Formula, after: Decision, witness: Witness, limit: float) -> tuple[Ids, bool]:
        """The ids of the parts that a transition needs or that alone make it, and whether these are all."""

        def matters(part: Part) -> Formula:
            without, alone = self._sides(part)
            return ~without.decided(after) | alone.decided(after)

        return self._those_that_matter(change, matters, witness, limit)

    def of_reasons(self, change: Formula, witness: Witness, limit: float) -> tuple[Ids, bool]:
        """The ids of the parts that show in an answer whose decision stays, and whether these are all."""

        def matters(part: Part) -> Formula:
            without, alone = self._sides(part)
            return answers_differ(without, self._new) | answers_differ(self._old, alone)

        return self._those_that_matter(change, matters, witness, limit)

    def _those_that_matter(
        self, change: Formula, matters: Callable[[Part], Formula], witness: Witness, limit: float
    ) -> tuple[Ids, bool]:
        """Those that matter for the witness, and as many of the others as the time allows to look at."""
        until = monotonic() + limit
        point = Point(witness.codes, witness.facts)
        there = [part for part in self.telling if point.holds(self._differing[part])]
        found = {part for part in there if monotonic() < until and point.holds(matters(part))} or set(there)
        others: dict[Part, Formula] = {}
        for part in self.telling:
            if part not in found and monotonic() < until:
                others[part] = self._differing[part] & matters(part)
        also, untold = self._solver.which(change, others, max(0.0, until - monotonic()))
        complete = not untold and len(found) + len(others) == len(self.telling)
        return tuple(dict.fromkeys(part.id for part in self.telling if part in found | also)), complete

    def _sides(self, part: Part) -> tuple[RevisionFormulas, RevisionFormulas]:
        """The new revision without the change of a part, and the old one with that change alone."""
        if part not in self._mixed:
            without = with_part(self._new.revision, part, part.old)
            alone = with_part(self._old.revision, part, part.new)
            self._mixed[part] = RevisionFormulas(self._space, without), RevisionFormulas(self._space, alone)
        return self._mixed[part]

    def _meanings_differ(self, part: Part) -> Formula:
        old, new = _condition(part.old), _condition(part.new)
        if old is None or new is None or _effect(part.old) != _effect(part.new):
            return TRUE
        before, after = self._space.three(old), self._space.three(new)
        given = sorted(self._space.asks_for(old) | self._space.asks_for(new))
        waiting = [differ(self._space.keeps_open(old, name), self._space.keeps_open(new, name)) for name in given]
        return some([differ(before.met, after.met), differ(before.possible, after.possible), *waiting])


def _condition(content: Content | None) -> Condition | None:
    """The condition of a part, or None where it is more than that."""
    if isinstance(content, Criterion | ReviewFlag):
        return content.conditions
    return content if isinstance(content, All | Any_ | Test) else None


def _effect(content: Content | None) -> object:
    return (content.kind, content.holds) if isinstance(content, ReviewFlag) else None
