"""On policies so small that every request can be listed: what is found is there, and what is there is found."""

from __future__ import annotations

from collections.abc import Iterator
from copy import deepcopy
from typing import Any

from hypothesis import given
from small import EXAMPLES, WORDS, Json, SmallRequest, documents, every_request, revision, verdicts

from medpolicy.check import (
    criterion_never_fails,
    criterion_never_met,
    flag_always_acts,
    flag_never_acts,
    invariant_broken,
    pathway_cannot_approve,
    test_without_effect,
)
from medpolicy.check.subject import Subject
from medpolicy.solve import Point
from medpolicy.source import Finding
from medpolicy.status import Status


def named(findings: Iterator[Finding]) -> set[str]:
    """The first id that each finding names."""
    return {each.message.split("`")[1] for each in findings}


def subject_of(document: Json) -> tuple[Subject, list[tuple[Json, Point]]]:
    subject = Subject(revision(document), WORDS)
    return subject, [(facts, subject.space.point(facts)) for facts in every_request([subject.revision])]


def status(subject: Subject, point: Point, id: str) -> Status:
    three = subject.side.status(id)
    return Status(point.holds(three.met) + point.holds(three.possible))


@EXAMPLES
@given(documents())
def test_criteria_that_are_never_met_and_that_never_fail(document: Json) -> None:
    subject, requests = subject_of(document)
    never_met, never_fails = set(), set()
    for pathway in subject.revision.pathways:
        seen = [
            (
                status(subject, point, pathway.id),
                {each.id: status(subject, point, each.id) for each in pathway.criteria},
            )
            for _, point in requests
        ]
        if not any(applies is Status.MET for applies, _ in seen):
            continue
        for each in pathway.criteria:
            if not any(applies is Status.MET and of[each.id] is Status.MET for applies, of in seen):
                never_met.add(each.id)
            if not any(applies is not Status.NOT_MET and of[each.id] is Status.NOT_MET for applies, of in seen):
                never_fails.add(each.id)
    assert named(criterion_never_met.find(subject)) == never_met
    assert named(criterion_never_fails.find(subject)) == never_fails


@EXAMPLES
@given(documents())
def test_flags_and_pathways(document: Json) -> None:
    subject, requests = subject_of(document)
    decide = verdicts(subject.revision)
    given = [decide(facts) for facts, _ in requests]
    acting = [{flag.id for flag in each.review_flags} for each in given]
    flags = subject.revision.review_flags
    assert named(flag_never_acts.find(subject)) == {
        each.id for each in flags if not any(each.id in of for of in acting)
    }
    always = set()
    words = {"approved": "met", "denied": "not_met"}
    for flag in flags:
        of_its_kind = [
            flag.id in of
            for of, verdict in zip(acting, given, strict=True)
            if flag.holds is None or verdict.coverage == words[flag.holds]
        ]
        if of_its_kind and all(of_its_kind):
            always.add(flag.id)
    assert named(flag_always_acts.find(subject)) == always
    approving = {each.id for each in subject.revision.pathways if approves(subject, requests, each.id)}
    assert named(pathway_cannot_approve.find(subject)) == {each.id for each in subject.revision.pathways} - approving


def approves(subject: Subject, requests: list[tuple[Json, Point]], pathway: str) -> bool:
    return any(point.holds(subject.side.approved_by(pathway)) for _, point in requests)


@EXAMPLES
@given(documents())
def test_what_is_without_effect_can_be_dropped(document: Json) -> None:
    subject, requests = subject_of(document)
    decide = verdicts(subject.revision)
    for found in test_without_effect.find(subject):
        if found.severity == "info":
            continue
        without = dropped(document, found.path)
        other = verdicts(revision(without))
        for facts, _ in requests:
            one, two = decide(facts), other(facts)
            assert (one.decision, one.coverage, one.pathway) == (two.decision, two.coverage, two.pathway)
            assert [(each.id, each.status) for each in one.criteria] == [
                (each.id, each.status) for each in two.criteria
            ]
            assert one.review_flags == two.review_flags


def dropped(document: Json, path: tuple[str | int, ...]) -> Json:
    edited: Any = deepcopy(document)
    at = edited
    for step in path[:-1]:
        at = at[step]
    del at[path[-1]]
    return edited  # type: ignore[no-any-return]


@EXAMPLES
@given(documents())
def test_invariants(document: Json) -> None:
    subject, requests = subject_of(document)
    decide = verdicts(subject.revision)
    _, proofs = invariant_broken.find(subject, "x.json")
    known = {each.id: each.verdict for each in proofs}
    given = [(facts, decide(facts)) for facts, _ in requests]
    listed = any(each.decision == "approved" and each.not_met for _, each in given)
    assert known["no-approval-with-a-not-met-criterion"] == ("broken" if listed else "proven")
    unreasoned = any(each.decision == "denied" and not each.denial_reasons for _, each in given)
    assert known["no-denial-without-a-reason"] == ("broken" if unreasoned else "proven")
    helped = any(
        each.decision != "approved" and changed is not None and decide(changed).decision == "approved"
        for facts, each in given
        if (changed := one_more(facts)) is not None
    )
    assert known["more-cycles-never-help"] == ("broken" if helped else "proven")
    empties = any(
        decide(less).decision not in (each.decision, "pended") for facts, each in given for less in with_less(facts)
    )
    assert known["a-missing-fact-never-helps"] == ("broken" if empties else "proven")
    assert known["exactly-one-decision"] == "proven"


def one_more(facts: Json) -> Json | None:
    cycles = facts["cycles_requested"]
    return derived({**facts, "cycles_requested": cycles + 1}) if cycles is not None and cycles < 3 else None


def with_less(facts: Json) -> Iterator[Json]:
    for name, variable in WORDS.variables.items():
        if variable.derived is None and variable.may_be_missing and facts[name] is not None:
            yield derived({**facts, name: None})


def derived(facts: Json) -> Json:
    return facts | {name: of.of(facts) for name, (of, _) in SmallRequest.derived.items()}
