"""A comparison finds exactly the changes that there are: held against every request of small policies, one by one."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from small import EXAMPLES, WORDS, Json, documents, edits, every_request, facts_given, revision, verdicts

from medpolicy.diff.compare import Change, Comparison, compare
from medpolicy.diff.parts import Part, with_part
from medpolicy.language.determination import Determination, Verdict
from medpolicy.solve import answer_of

LIMIT = 300.0
"""Long enough for every answer to be complete, on any machine."""


def answer(decide: Callable[[Json], Verdict], facts: Json) -> Any:
    return answer_of(Determination(decide(facts), facts))


class Listed:
    """Every request that two revisions tell apart, with both answers."""

    def __init__(self, comparison: Comparison) -> None:
        self.space = comparison.space
        self.old, self.new = (side.revision for side in comparison.solver.revisions)
        self._old, self._new = verdicts(self.old), verdicts(self.new)
        seen: dict[tuple[int, ...], Json] = {}
        fewest: dict[tuple[int, ...], int] = {}
        for facts in every_request([self.old, self.new]):
            codes = tuple(self.space.point(facts).codes.values())
            given = facts_given(facts)
            if given < fewest.get(codes, 1000):
                seen[codes], fewest[codes] = facts, given
        self.requests = list(seen.values())
        self.fewest = [fewest[codes] for codes in seen]

    def makes(self, change: Change, facts: Json) -> bool:
        """Whether a request changes in this way."""
        before, after = self._old(facts), self._new(facts)
        if (before.decision, after.decision) != (change.before, change.after):
            return False
        return before.decision != after.decision or answer(self._old, facts) != answer(self._new, facts)

    def matters(self, change: Change, part: Part, facts: Json) -> bool:
        """Whether a change of a request needs a part, or comes with that part alone."""
        without = verdicts(with_part(self.new, part, part.old))
        alone = verdicts(with_part(self.old, part, part.new))
        if change.before != change.after:
            return without(facts).decision != change.after or alone(facts).decision == change.after
        return answer(without, facts) != answer(self._new, facts) or answer(alone, facts) != answer(self._old, facts)

    def changes(self) -> set[tuple[str, str]]:
        """The pairs of decisions of all requests whose answer is not the same."""
        return {
            (self._old(facts).decision, self._new(facts).decision)
            for facts in self.requests
            if answer(self._old, facts) != answer(self._new, facts)
        }


@EXAMPLES
@given(st.data())
def test_the_changes_found_are_those_that_there_are(data: st.DataObject) -> None:
    drawn = data.draw(documents())
    comparison = compare(WORDS, revision(drawn), revision(data.draw(edits(drawn))), LIMIT)
    listed = Listed(comparison)
    assert {(transition.before, transition.after) for transition in comparison.transitions} == {
        (before, after) for before, after in listed.changes() if before != after
    }
    assert {(change.before, change.after) for change in comparison.reasons} == {
        (before, after) for before, after in listed.changes() if before == after
    }
    assert comparison.open == ()
    assert comparison.equivalent is not bool(listed.changes())
    for change in (*comparison.transitions, *comparison.reasons):
        check_witness(listed, change)
        check_region(listed, change)


def check_witness(listed: Listed, change: Change) -> None:
    assert listed.makes(change, dict(change.witness.facts))
    among = [
        fewest for facts, fewest in zip(listed.requests, listed.fewest, strict=True) if listed.makes(change, facts)
    ]
    assert change.witness.smallest
    assert facts_given(dict(change.witness.facts)) == min(among)


def check_region(listed: Listed, change: Change) -> None:
    inside = 0
    for facts in listed.requests:
        codes = listed.space.point(facts).codes
        if all(codes[name] in among for name, among in change.region.classes.items()):
            inside += 1
            assert listed.makes(change, facts)
    assert inside


@EXAMPLES
@given(st.data())
def test_the_criteria_named_are_those_that_bring_a_change_about(data: st.DataObject) -> None:
    drawn = data.draw(documents())
    comparison = compare(WORDS, revision(drawn), revision(data.draw(edits(drawn))), LIMIT)
    listed = Listed(comparison)
    for change in (*comparison.transitions, *comparison.reasons):
        assert change.all_criteria
        making = [facts for facts in listed.requests if listed.makes(change, facts)]
        mattering = {
            part.id for part in comparison.parts if any(listed.matters(change, part, facts) for facts in making)
        }
        assert change.criteria
        assert not mattering or set(change.criteria) == mattering
