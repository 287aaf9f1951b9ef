"""On policies so small that every request can be listed: what is found is there, and what is there is found."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from copy import deepcopy
from itertools import combinations
from typing import Any

import pytest
from hypothesis import given
from small import EXAMPLES, Json, revision

from check.enumerated import Bits, Enumerated, cases, with_derived
from medpolicy.check import (
    criterion_implied,
    criterion_never_fails,
    criterion_never_met,
    flag_always_acts,
    flag_never_acts,
    invariant_broken,
    invariant_never_applies,
    pathway_cannot_approve,
    without_effect,
)
from medpolicy.check.analysis import Analysis
from medpolicy.load.shown import Shown
from medpolicy.text.findings import Finding

Path = tuple[str | int, ...]
Told = dict[Path, str]


def told(findings: Iterable[Finding], end: int | None = -1) -> Told:
    """The severity of what is found, by its path (up to the condition); each shows a request."""
    found = list(findings)
    assert all(isinstance(finding, Shown) and finding.request is not None for finding in found)
    assert len({finding.path for finding in found}) == len(found)
    return {finding.path[:end]: finding.severity for finding in found}


def criteria(of: Enumerated) -> Iterator[tuple[Path, Json, Json]]:
    """Path, pathway and criterion, of pathways that can apply."""
    for place, pathway in enumerate(of.document["pathways"]):
        if of.now & of.status[pathway["id"]].met:
            for inner, criterion in enumerate(pathway["criteria"]):
                yield ("pathways", place, "criteria", inner), pathway, criterion


def never_met(of: Enumerated) -> Told:
    found: Told = {}
    for path, pathway, criterion in criteria(of):
        if not of.now & of.status[pathway["id"]].met & of.status[criterion["id"]].met:
            found[path] = "error"
    return found


def never_fails(of: Enumerated) -> Told:
    found: Told = {}
    for path, pathway, criterion in criteria(of):
        applies, status = of.status[pathway["id"]], of.status[criterion["id"]]
        if not of.now & applies.possible & ~status.possible:
            waits = of.now & applies.met & status.possible & ~status.met
            found[path] = "info" if waits else "warning"
    return found


def demands(of: Enumerated, pathway: str, criterion: Json) -> set[frozenset[str]]:
    """The smallest sets of facts such that a criterion is met exactly where all are known."""
    at, found = of.now & of.status[pathway].met, set()
    facts = sorted(of.given_facts(criterion["conditions"]))
    for size in range(1, len(facts) + 1):
        for some in combinations(facts, size):
            known = of.every(of.all & ~of.missing(name) for name in some)
            if not at & (known ^ of.status[criterion["id"]].met):
                found.add(frozenset(some))
    return {few for few in found if not any(other < few for other in found)}


def implied(of: Enumerated) -> Told:
    found: Told = {}
    skipped = never_fails(of)
    for place, pathway in enumerate(of.document["pathways"]):
        applies = of.status[pathway["id"]]
        at = of.now & applies.met
        if not all(at & of.status[criterion["id"]].met for criterion in pathway["criteria"]):
            continue
        left = {("pathways", place, "criteria", inner): of.status[criterion["id"]] for inner, criterion in enumerate(pathway["criteria"])}  # fmt: skip
        left = {path: status for path, status in left.items() if path not in skipped}
        for path, status in reversed(list(left.items())):
            others = [rest for other, rest in left.items() if other != path]
            together = at & of.every(rest.met for rest in others)
            if together and not together & ~status.met:
                open_still = of.now & applies.possible & of.every(rest.possible for rest in others)
                alone = any(not at & other.met & ~status.met for other in others)
                found[path] = "info" if open_still & ~status.possible or not alone else "warning"
                del left[path]
    return found


def cannot_approve(of: Enumerated) -> Told:
    found: Told = {}
    taken = 0
    for place, pathway in enumerate(of.document["pathways"]):
        whole = of.whole[pathway["id"]].met
        if not of.now & of.decided["approved"] & whole & ~taken:
            found["pathways", place] = "error"
        taken |= whole
    return found


def flags(of: Enumerated) -> tuple[Told, Told]:
    never: Told = {}
    always: Told = {}
    for place, flag in enumerate(of.document["review_flags"]):
        acts = of.now & of.acts[flag["id"]]
        kind = of.now & (of.covered[flag["holds"]] if flag["kind"] == "hold" else of.all)
        if not acts:
            never["review_flags", place] = "error"
        elif not acts & of.status[flag["id"]].met:
            never["review_flags", place] = "info"
        if acts and not kind & ~acts:
            always["review_flags", place] = "warning"
    return never, always


def parts(condition: Json, path: Path = (), alone: bool = True) -> Iterator[Path]:
    """The way to each part of a group of several."""
    if not alone:
        yield path
    for key in ("all", "any"):
        for place, part in enumerate(condition.get(key, ())):
            yield from parts(part, (*path, key, place), len(condition[key]) == 1)


def without(condition: Json, steps: Iterable[Path]) -> Json:
    edited: Any = deepcopy(condition)
    for step in sorted(steps, key=len, reverse=True):
        group = edited
        for key in step[:-1]:
            group = group[key]
        group[step[-1]] = None
    return edited


def idle_parts(of: Enumerated, condition: Json) -> dict[Path, str]:
    """What changes nothing in a condition, first at all and then where all is known; the outermost, of equals the later."""

    def same(one: set[Path], other: set[Path], at: int) -> bool:
        before, after = of.bits(without(condition, one)), of.bits(without(condition, other))
        return not at & (before.met ^ after.met | before.possible ^ after.possible)

    known = of.now & of.every(of.all & ~of.missing(name) for name in of.given_facts(condition))
    found: dict[Path, str] = {}
    order = sorted(parts(condition), key=lambda way: (len(way), [-step for step in way[1::2]]))
    idle = [part for part in order if same(set(), {part}, known)]
    wholly = [part for part in idle if same(set(), {part}, of.now)]
    for candidates, at, severity in ((wholly, of.now, "warning"), ([part for part in idle if part not in wholly], known, "info")):  # fmt: skip
        for candidate in candidates:
            inside = any(candidate[: len(other)] == other for other in found)
            group: Any = condition
            for step in candidate[:-1]:
                group = group[step]
            last = all((*candidate[:-1], place) in found for place in range(len(group)) if place != candidate[-1])
            if not inside and not last and same(set(found), {*found, candidate}, at):
                found[candidate] = severity
    return found


def idle_parts_of(of: Enumerated) -> Told:
    found: Told = {}
    for path, rule, key in of.parts():
        if of.now & of.status[rule["id"]].met:
            idle = idle_parts(of, rule[key])
            found |= {(*path, key, *steps): severity for steps, severity in idle.items()}
    return found


EXPECTED: dict[str, tuple[Callable[[Enumerated], Told], Any, int | None]] = {
    "criterion-never-met": (never_met, criterion_never_met, -1),
    "criterion-never-fails": (never_fails, criterion_never_fails, -1),
    "criterion-implied": (implied, criterion_implied, -1),
    "pathway-cannot-approve": (cannot_approve, pathway_cannot_approve, -1),
    "flag-never-acts": (lambda of: flags(of)[0], flag_never_acts, -1),
    "flag-always-acts": (lambda of: flags(of)[1], flag_always_acts, -1),
    "test-without-effect": (idle_parts_of, without_effect, None),
}


def analysis_of(of: Enumerated) -> Analysis:
    return Analysis(revision(of.document), of.vocabulary)


@pytest.mark.parametrize("code", EXPECTED)
@EXAMPLES
@given(of=cases())
def test_a_finding_is_made_exactly_where_it_is_true(code: str, of: Enumerated) -> None:
    expected, module, end = EXPECTED[code]
    assert code == module.CODE
    assert told(module.find(analysis_of(of)), end) == expected(of)


@EXAMPLES
@given(cases())
def test_a_criterion_demands_facts_exactly_where_it_is_said_to(of: Enumerated) -> None:
    found = {finding.path[:-1]: finding.message for finding in criterion_never_fails.find(analysis_of(of))}
    for path, pathway, criterion in criteria(of):
        if "demands" in found.get(path, ""):
            named = frozenset(found[path].split("demands")[1].split("`")[1::2])
            assert named in demands(of, pathway["id"], criterion)
        elif "waits" in found.get(path, ""):
            assert not demands(of, pathway["id"], criterion)


@EXAMPLES
@given(cases())
def test_a_part_demands_that_a_fact_be_known_exactly_where_it_is_said_to(of: Enumerated) -> None:
    conditions = {(*path, key): rule[key] for path, rule, key in of.parts()}
    for found in without_effect.find(analysis_of(of)):
        if found.severity == "info":
            at = next(path for path in conditions if found.path[: len(path)] == path)
            whole, less = (of.bits(without(conditions[at], part)) for part in ([], [found.path[len(at) :]]))
            change = of.now & (whole.met ^ less.met | whole.possible ^ less.possible)
            assert ("must be known" in found.message) <= (not change & ~(whole.possible & ~whole.met))
            if "must be known" in found.message:
                assert not change & ~of.missing(found.message.split("`")[-2])


@EXAMPLES
@given(cases())
def test_invariants(of: Enumerated) -> None:
    broken = broken_invariants(of)
    findings, proofs = invariant_broken.find(analysis_of(of), "x.json")
    assert {proof.id: proof.verdict for proof in proofs} == {proof.id: "broken" if proof.id in broken else "proven" for proof in proofs}  # fmt: skip
    assert broken <= {proof.id for proof in proofs}
    assert all(isinstance(finding, Shown) and finding.request is not None for finding in findings)
    never = list(invariant_never_applies.find(analysis_of(of)))
    own = of.document["invariants"][0]
    assert len(never) == (not of.now & of.bits(own["when"]).met)


def broken_invariants(of: Enumerated) -> set[str]:
    """The invariants that a request breaks, or two that differ in one fact."""
    broken = set()
    own = of.document["invariants"][0]
    if of.now & of.bits(own["when"]).met & of.decided[own["never"]]:
        broken.add("own")
    listed = of.some(
        of.status[pathway["id"]].possible & ~of.status[criterion["id"]].possible
        for pathway in of.document["pathways"]
        for criterion in pathway["criteria"]
    )
    if of.decided["approved"] & listed:
        broken.add("no-approval-with-a-not-met-criterion")
    may_apply = of.some(of.status[pathway["id"]].possible for pathway in of.document["pathways"])
    if of.decided["denied"] & may_apply & ~listed:
        broken.add("no-denial-without-a-reason")
    places = {repr(sorted(request.items(), key=str)): place for place, request in enumerate(of.requests)}
    names = [
        variable.name
        for variable in of.vocabulary.variables.values()
        if variable.derived is None and variable.may_be_missing
    ]

    def decision(changed: Json) -> str | None:
        place = places.get(repr(sorted(with_derived(changed, of.vocabulary).items(), key=str)))
        return None if place is None else next(decision for decision, bits in of.decided.items() if bits >> place & 1)

    for facts in of.requests:
        this, cycles = decision(facts), facts["cycles_requested"]
        if any(decision({**facts, name: None}) not in (this, "pended", None) for name in names):
            broken.add("a-missing-fact-never-helps")
        if cycles is not None and this != "approved" and decision({**facts, "cycles_requested": cycles + 1}) == "approved":  # fmt: skip
            broken.add("more-cycles-never-help")
    return broken


def test_the_bits_of_a_group_are_those_of_three_valued_logic() -> None:
    of = Enumerated.__new__(Enumerated)
    of.all = 0b111
    of._tests = {"{'a': 1}": Bits(0b001, 0b011), "{'b': 1}": Bits(0b111, 0b111)}
    assert of.bits({"all": [{"a": 1}, {"b": 1}]}) == Bits(0b001, 0b011)
    assert of.bits({"any": [{"a": 1}, {"b": 1}]}) == Bits(0b111, 0b111)
