"""A test, or a group of tests, that changes nothing in its condition."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from medpolicy.check.analysis import AS_MEANT, Analysis
from medpolicy.language.condition import All, Condition, Test
from medpolicy.language.walk import walk
from medpolicy.solve import MET, NOT_MET, TRUE, Formula, KleeneFormula, Steps, differ, every
from medpolicy.text.findings import Finding, Path, quoted

CODE = "test-without-effect"


@dataclass(frozen=True, slots=True)
class _Part:
    """A part of a group of several: the steps to it, its path in the file, and the status that stands in for it when dropped."""

    condition: Condition
    steps: Steps
    path: Path
    neutral: KleeneFormula


def find(analysis: Analysis) -> Iterator[Finding]:
    """A finding for each such part: the outermost, and the later of equal ones."""
    for rule, path, _ in analysis.revision.placed_rules():
        id, condition = rule.id, rule.condition
        if id in analysis.never_met:  # that is a finding of its own, and nothing in it has an effect
            continue
        parts = sorted(_parts(condition, path), key=lambda part: (len(part.steps), [-step for step in part.steps]))
        if parts:
            yield from _of_condition(analysis, id, condition, parts)


def _of_condition(analysis: Analysis, id: str, condition: Condition, parts: list[_Part]) -> Iterator[Finding]:
    """First the parts that change nothing at all, then those that matter while a fact is missing."""
    space = analysis.space
    known = every(~space.missing(name) for name in space.asks_for(condition))
    alone = {part.steps: _changed(analysis, condition, {}, {part.steps: part.neutral}) for part in parts}
    matter, undecided = analysis.which(alone, known)
    idle = {part.steps: alone[part.steps] for part in parts if part.steps not in matter | undecided}
    opening, still_undecided = analysis.which(idle)
    for part in parts:
        if part.steps in undecided | still_undecided:
            yield analysis.not_proven(f"whether a test of {quoted(id)} changes anything", part.path)
    dropped: dict[Steps, KleeneFormula] = {}
    for wanted, given in ((idle.keys() - opening - still_undecided, TRUE), (opening, known)):
        for part in parts:
            if part.steps not in wanted or _inside(part.steps, dropped) or _last(condition, part.steps, dropped):
                continue
            also = dropped | {part.steps: part.neutral}
            if analysis.possible(given & _changed(analysis, condition, dropped, also)) is False:
                dropped = also
                yield _finding(analysis, id, condition, part, alone[part.steps] if wanted is opening else None)


def _finding(analysis: Analysis, id: str, condition: Condition, part: _Part, change: Formula | None) -> Finding:
    """The finding; `change` says when the part matters after all, if ever."""
    what = "test" if isinstance(part.condition, Test) else "group"
    message = f"the {what} changes nothing in the condition of {quoted(id)}"
    if change is None:
        status = analysis.space.status(part.condition)
        example = status.not_met if part.neutral is MET else status.met
        advice = "remove it, or look for a wrong constant in it or beside it"
        return analysis.shown(CODE, message, part.path, advice, "warning", example, analysis.now)
    message += _but_where_facts_are_missing(analysis, part, change, analysis.space.status(condition).unknown)
    return analysis.shown(CODE, message, part.path, AS_MEANT, "info", change)


def _but_where_facts_are_missing(analysis: Analysis, part: _Part, change: Formula, opened: Formula) -> str:
    """The end of a message about a part that changes something only while facts are missing."""
    space = analysis.space
    facts = [name for name in sorted(space.asks_for(part.condition)) if space.may_be_missing(name)]
    if analysis.possible(change & ~opened) is False and len(facts) == 1:
        return f" but that {quoted(facts[0])} must be known"
    return " where every fact is known"


def _changed(
    analysis: Analysis, condition: Condition, dropped: dict[Steps, KleeneFormula], also: dict[Steps, KleeneFormula]
) -> Formula:
    """That the status of a condition changes between two choices of dropped parts."""
    before, after = analysis.space.status(condition, dropped), analysis.space.status(condition, also)
    return differ(before.met, after.met) | differ(before.possible, after.possible)


def _inside(steps: Steps, dropped: dict[Steps, KleeneFormula]) -> bool:
    return any(steps[: len(outer)] == outer for outer in dropped)


def _last(condition: Condition, steps: Steps, dropped: dict[Steps, KleeneFormula]) -> bool:
    """Whether a part is the last of its group that is not dropped."""
    group = condition
    for step in steps[:-1]:
        group = group.parts[step]
    return all((*steps[:-1], step) in dropped for step in range(len(group.parts)) if step != steps[-1])


def _parts(condition: Condition, path: Path) -> Iterator[_Part]:
    for placed in walk(condition):
        group = placed.part
        if isinstance(group, Test) or len(group.parts) == 1:
            continue
        neutral = MET if isinstance(group, All) else NOT_MET
        for step, part in enumerate(group.parts):
            yield _Part(part, (*placed.steps, step), (*path, *placed.path, group.key, step), neutral)
