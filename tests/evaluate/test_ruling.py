"""The ruling is one over every algebra: one request, sets of bits, NumPy masks, formulas' functions, a written-out function.

Every combination of statuses of a small revision is ruled at once, and read against the words of the contract.
"""

from __future__ import annotations

import operator
from collections.abc import Iterator, Mapping
from functools import cache, reduce
from itertools import compress, product
from typing import Any

import numpy as np
import pytest
from drawing import asks
from small import criterion, flag, pathway, revision_of

from evaluate.bits import AS_BITS, BITS
from medpolicy.evaluate.kleene import Algebra, Kleene, all_of, any_of
from medpolicy.evaluate.ruling import DECISIONS, Ruling
from medpolicy.evaluate.status import Status
from medpolicy.evaluate.written_out import Ruled, of_statuses
from medpolicy.language.revision import Revision, Rule

ANY = asks("urgent", "is_true", True)
REVISION = revision_of(
    [
        pathway("p", ANY, [criterion("p.a", ANY), criterion("p.b", ANY)]),
        pathway("q", ANY, [criterion("q.a", ANY)]),
    ],
    [
        flag("gate", "gate", ANY),
        flag("keeps_approval", "hold", ANY, "approved"),
        flag("keeps_denial", "hold", ANY, "denied"),
        flag("note", "note", ANY),
    ],
)
WITHOUT_FLAGS = revision_of([pathway("p", ANY, [criterion("p.a", ANY)])], [])
READS_THE_FACT = {"p", "p.b", "q.a", "keeps_denial", "note"}
"""The rules that a missing fact keeps open, where they are."""

Statuses = Mapping[str, Status]
Said = dict[str, Any]

MASKS: Algebra[Any] = Algebra.of(np.True_, np.False_)
AS_FUNCTIONS: Algebra[Any] = Algebra(
    lambda parts: reduce(operator.and_, parts, -1), lambda parts: reduce(operator.or_, parts, 0)
)


def every_combination(revision: Revision) -> list[Statuses]:
    ids = [rule.id for rule in revision.rules()]
    return [dict(zip(ids, statuses, strict=True)) for statuses in product(Status, repeat=len(ids))]


def by_the_contract(revision: Revision, status: Statuses) -> Said:
    """Sections 4 and 5 of the contract, by hand."""
    F, U, T = Status.NOT_MET, Status.UNKNOWN, Status.MET
    parts = {pathway.id: [pathway.id, *(one.id for one in pathway.criteria)] for pathway in revision.pathways}
    whole = {}
    for id, some in parts.items():
        found = {status[part] for part in some}
        whole[id] = F if F in found else U if U in found else T
    coverage = T if T in whole.values() else U if U in whole.values() else F
    decision = {T: "approved", F: "denied", U: "pended"}[coverage]
    acting = []
    for raised in revision.review_flags:
        not_ruled_out = status[raised.id] in (T, U)
        acts = {
            "gate": not_ruled_out,
            "hold": not_ruled_out and raised.holds == decision,
            "note": status[raised.id] is T,
        }
        if acts[raised.kind]:
            acting.append(raised.id)
    stopping = [raised.id for raised in revision.review_flags if raised.id in acting and raised.kind != "note"]
    listed = [id for id in parts if status[id] is not F]
    not_met = [part for id in listed for part in parts[id][1:] if status[part] is F]
    final = "pended" if stopping else decision
    waiting = [
        *stopping,
        *(part for id, some in parts.items() if coverage is U and whole[id] is not F for part in some),
    ]
    return {
        "applies": {id: status[id] for id in parts},
        "satisfied": whole,
        "coverage": coverage,
        "covered": {decision},
        "acts": set(acting),
        "stopped": bool(stopping),
        "decided": {final},
        "listed": set(listed),
        "not_met": set(not_met),
        "denied_for": set(not_met or ["unlisted"]) if final == "denied" else set(),
        "on_pathway": set([id for id in parts if status[id] is T][:1]),
        "approved_by": set([id for id in parts if whole[id] is T][:1]) if final == "approved" else set(),
        "missing": any(status[id] is U and id in READS_THE_FACT for id in waiting),
    }


def read(ruling: Ruling[Any], status: Any, holds: Any) -> Said:
    """What a ruling says of one request: `holds` reads one of its values there."""

    def one(kleene: Kleene[Any]) -> Status:
        return Status(holds(kleene.met) + holds(kleene.possible))

    def keeps_open(rule: Rule) -> Any:
        kleene = status(rule)
        return kleene.unknown if rule.id in READS_THE_FACT else kleene.unknown & ~kleene.unknown

    lists = {name: getattr(ruling, name) for name in Ruled._fields if name not in Ruled._field_defaults}
    return {
        **{name: {about for about, truth in found.items() if holds(truth)} for name, found in lists.items()},
        "applies": {id: one(kleene) for id, kleene in ruling.applies.items()},
        "satisfied": {id: one(kleene) for id, kleene in ruling.satisfied.items()},
        "coverage": one(ruling.coverage),
        "stopped": bool(holds(ruling.stopped)),
        "missing": bool(holds(ruling.missing(keeps_open))),
    }


def for_each_alone(revision: Revision, combinations: list[Statuses]) -> Iterator[Said]:
    for statuses in combinations:

        def status(rule: Rule, statuses: Statuses = statuses) -> Kleene[int]:
            return AS_BITS[statuses[rule.id]]

        yield read(Ruling(revision, status, BITS), status, bool)


def for_all_AS_BITS(revision: Revision, combinations: list[Statuses], algebra: Algebra[int]) -> Iterator[Said]:
    @cache
    def of(id: str) -> Kleene[int]:
        met = sum(1 << row for row, statuses in enumerate(combinations) if statuses[id] is Status.MET)
        possible = sum(1 << row for row, statuses in enumerate(combinations) if statuses[id] is not Status.NOT_MET)
        return Kleene(met, possible)

    def status(rule: Rule) -> Kleene[int]:
        return of(rule.id)

    ruling = Ruling(revision, status, algebra)
    for row in range(len(combinations)):
        yield read(ruling, status, lambda bits, row=row: bool(bits >> row & 1))


def for_all_as_masks(revision: Revision, combinations: list[Statuses]) -> Iterator[Said]:
    rows = {rule.id: np.array([statuses[rule.id] for statuses in combinations]) for rule in revision.rules()}

    def status(rule: Rule) -> Kleene[Any]:
        return Kleene(rows[rule.id] == Status.MET, rows[rule.id] != Status.NOT_MET)

    ruling = Ruling(revision, status, MASKS)
    for row in range(len(combinations)):
        yield read(ruling, status, lambda mask, row=row: bool(np.broadcast_to(mask, len(combinations))[row]))


@pytest.fixture(params=[REVISION, WITHOUT_FLAGS], ids=["pathways and flags", "without flags"])
def revision(request: pytest.FixtureRequest) -> Revision:
    found: Revision = request.param
    return found


@pytest.fixture
def combinations(revision: Revision) -> list[Statuses]:
    found = every_combination(revision)
    return found[:: 7 if len(found) > 5000 else 1]  # 7 has no factor in common with 3: each rule has every status


def test_one_request_is_ruled_as_the_contract_says(revision: Revision, combinations: list[Statuses]) -> None:
    for statuses, said in zip(combinations, for_each_alone(revision, combinations), strict=True):
        assert said == by_the_contract(revision, statuses), statuses


@pytest.mark.parametrize("algebra", [BITS, AS_FUNCTIONS], ids=["bits", "functions of its own"])
def test_a_bit_for_each_request_says_the_same(
    revision: Revision, combinations: list[Statuses], algebra: Algebra[int]
) -> None:
    combinations = combinations[::5]
    for statuses, said in zip(combinations, for_all_AS_BITS(revision, combinations, algebra), strict=True):
        assert said == by_the_contract(revision, statuses), statuses


def test_numpy_masks_say_the_same(revision: Revision, combinations: list[Statuses]) -> None:
    combinations = combinations[::5]
    for statuses, said in zip(combinations, for_all_as_masks(revision, combinations), strict=True):
        assert said == by_the_contract(revision, statuses), statuses


def test_the_written_out_function_says_the_same_for_every_combination(revision: Revision) -> None:
    ids = [rule.id for rule in revision.rules()]
    written = of_statuses(revision, ids)
    for statuses in every_combination(revision):
        truths = written.truths(tuple(statuses[id] for id in ids))
        expected = by_the_contract(revision, statuses)
        for name in (*(name for name in Ruled._fields if name not in Ruled._field_defaults), "waits"):
            true = list(compress(getattr(written.about, name), getattr(truths, name)))
            if name == "waits":
                waiting = {rule.id for rules in true for rule in rules if statuses[rule.id] is Status.UNKNOWN}
                assert bool(waiting & READS_THE_FACT) is expected["missing"]
            else:
                assert set(true) == expected[name], (name, statuses)


def test_the_lists_are_in_the_order_of_the_file() -> None:
    ruling = Ruling(REVISION, lambda _: Kleene(0, -1), BITS)
    assert list(ruling.decided) == list(ruling.covered) == list(DECISIONS)
    assert list(ruling.applies) == list(ruling.on_pathway) == list(ruling.approved_by) == ["p", "q"]
    assert list(ruling.not_met) == ["p.a", "p.b", "q.a"]
    assert list(ruling.denied_for) == ["p.a", "p.b", "q.a", "unlisted"]
    assert list(ruling.acts) == ["gate", "keeps_approval", "keeps_denial", "note"]


def test_a_criterion_that_two_pathways_have_is_not_met_where_one_of_them_lists_it_so() -> None:
    shared = revision_of([pathway(id, ANY, [criterion("c", ANY)]) for id in ("p", "q")], [])
    statuses = {id(shared.pathways[0].criteria[0]): Kleene(0, 0)}
    ruling = Ruling(shared, lambda rule: statuses.get(id(rule), Kleene(-1, -1)), BITS)
    assert ruling.not_met == {"c": -1}
    assert ruling.approved_by == {"p": 0, "q": -1}


@pytest.mark.parametrize("size", [0, 1, 2, 3])
def test_kleenes_pairs_join_as_statuses_do(size: int) -> None:
    for statuses in product(Status, repeat=size):
        parts = [AS_BITS[status] for status in statuses]
        assert all_of(parts, BITS) == AS_BITS[min(statuses, default=Status.MET)]
        assert any_of(parts, BITS) == AS_BITS[max(statuses, default=Status.NOT_MET)]
        assert reduce(operator.and_, parts, AS_BITS[Status.MET]) == all_of(parts, BITS)
        assert reduce(operator.or_, parts, AS_BITS[Status.NOT_MET]) == any_of(parts, BITS)
    assert [(kleene.not_met, kleene.unknown) for kleene in AS_BITS.values()] == [(-1, 0), (0, -1), (0, 0)]
