"""A test, or a group of tests, that changes nothing in its condition."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from medpolicy.check.subject import Subject
from medpolicy.language.revision import All, Condition, Test
from medpolicy.solve import MET, NOT_MET, TRUE, Formula, KleeneFormula, Steps, differ, every
from medpolicy.text.findings import Finding, Path, quoted

CODE = "test-without-effect"


@dataclass(frozen=True, slots=True)
class _Part:
    """A part of a group of several: the way to it, its path in the file, and what stands for it when it is dropped."""

    condition: Condition
    steps: Steps
    path: Path
    neutral: KleeneFormula


def find(subject: Subject) -> Iterator[Finding]:
    """A finding for each such part, the outermost and of equal ones the later."""
    for id, condition, path in subject.conditions():
        if id in subject.never_met:  # that is told, and what changes nothing in it says no more
            continue
        parts = sorted(_parts(condition, path), key=lambda each: (len(each.steps), [-step for step in each.steps]))
        if parts:
            yield from _of_condition(subject, id, condition, parts)


def _of_condition(subject: Subject, id: str, condition: Condition, parts: list[_Part]) -> Iterator[Finding]:
    """First what changes nothing at all, then what matters while a fact is missing; each is true of the file as it is."""
    space = subject.space
    known = every(~space.missing(name) for name in space.asks_for(condition))
    alone = {each.steps: _changed(subject, condition, {}, {each.steps: each.neutral}) for each in parts}
    matter, untold = subject.which(alone, known)
    idle = {each.steps: alone[each.steps] for each in parts if each.steps not in matter | untold}
    opening, left_untold = subject.which(idle)
    for part in parts:
        if part.steps in untold | left_untold:
            yield subject.not_proven(f"whether a test of {quoted(id)} changes anything", part.path)
    dropped: dict[Steps, KleeneFormula] = {}
    for wanted, given in ((idle.keys() - opening - left_untold, TRUE), (opening, known)):
        for part in parts:
            if part.steps not in wanted or _inside(part.steps, dropped) or _last(condition, part.steps, dropped):
                continue
            also = dropped | {part.steps: part.neutral}
            if subject.possible(given & _changed(subject, condition, dropped, also)) is False:
                dropped = also
                yield _told(subject, id, condition, part, alone[part.steps] if wanted is opening else None)


def _told(subject: Subject, id: str, condition: Condition, part: _Part, change: Formula | None) -> Finding:
    """The finding; `change` is true where the part matters after all."""
    what = "test" if isinstance(part.condition, Test) else "group"
    message, three = f"the {what} changes nothing in the condition of {quoted(id)}", subject.space.three(part.condition)
    if change is None:
        example = three.not_met if part.neutral is MET else three.met
        advice = "remove it, or look for a wrong constant in it or beside it"
        return subject.shown(CODE, message, part.path, advice, "warning", example, subject.now)
    message += _but_where_facts_are_missing(subject, part, change, subject.space.three(condition).unknown)
    return subject.shown(CODE, message, part.path, "nothing is to do if that is meant", "info", change)


def _but_where_facts_are_missing(subject: Subject, part: _Part, change: Formula, opened: Formula) -> str:
    """What a part that changes nothing else does: it demands that facts be known, unless it does other things too."""
    space = subject.space
    facts = [each for each in sorted(space.asks_for(part.condition)) if space.may_be_missing(each)]
    if subject.possible(change & ~opened) is False and len(facts) == 1:
        return f" but that {quoted(facts[0])} must be known"
    return " where every fact is known"


def _changed(
    subject: Subject, condition: Condition, one: dict[Steps, KleeneFormula], other: dict[Steps, KleeneFormula]
) -> Formula:
    """That a condition has another status with other parts dropped."""
    before, after = subject.space.three(condition, one), subject.space.three(condition, other)
    return differ(before.met, after.met) | differ(before.possible, after.possible)


def _inside(steps: Steps, dropped: dict[Steps, KleeneFormula]) -> bool:
    return any(steps[: len(each)] == each for each in dropped)


def _last(condition: Condition, steps: Steps, dropped: dict[Steps, KleeneFormula]) -> bool:
    """Whether a part is the last of its group that is not dropped."""
    group = condition
    for step in steps[:-1]:
        group = _parts_of(group)[step]
    return all((*steps[:-1], place) in dropped for place in range(len(_parts_of(group))) if place != steps[-1])


def _parts_of(condition: Condition) -> tuple[Condition, ...]:
    return () if isinstance(condition, Test) else condition.parts


def _parts(condition: Condition, path: Path, steps: Steps = ()) -> Iterator[_Part]:
    if isinstance(condition, Test):
        return
    key, neutral = ("all", MET) if isinstance(condition, All) else ("any", NOT_MET)
    for place, part in enumerate(condition.parts):
        here, inner = (*path, key, place), (*steps, place)
        if len(condition.parts) > 1:
            yield _Part(part, inner, here, neutral)
        yield from _parts(part, here, inner)
