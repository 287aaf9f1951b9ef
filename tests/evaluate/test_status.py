"""Kleene's strong three-valued logic, exhaustively."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import permutations, product

import pytest

from evaluate.bits import AS_BITS, BITS
from medpolicy.evaluate import kleene
from medpolicy.evaluate.status import Status

F, U, T = Status.NOT_MET, Status.UNKNOWN, Status.MET

AND = {
    (F, F): F, (F, U): F, (F, T): F,
    (U, F): F, (U, U): U, (U, T): U,
    (T, F): F, (T, U): U, (T, T): T,
}  # fmt: skip
OR = {
    (F, F): F, (F, U): U, (F, T): T,
    (U, F): U, (U, U): U, (U, T): T,
    (T, F): T, (T, U): T, (T, T): T,
}  # fmt: skip
EVERY_GROUP = [group for size in range(1, 5) for group in product(Status, repeat=size)]


STATUS_OF = {pair: status for status, pair in AS_BITS.items()}


def all_of(group: Iterable[Status]) -> Status:
    return STATUS_OF[kleene.all_of([AS_BITS[status] for status in group], BITS)]


def any_of(group: Iterable[Status]) -> Status:
    return STATUS_OF[kleene.any_of([AS_BITS[status] for status in group], BITS)]


def a_negation(status: Status) -> Status:
    return {F: T, U: U, T: F}[status]


def test_a_status_is_one_of_three_and_has_the_word_of_a_determination():
    assert [status.word for status in Status] == ["not_met", "unknown", "met"]


def test_the_statuses_are_ordered_from_not_met_to_met():
    assert Status.NOT_MET < Status.UNKNOWN < Status.MET


@pytest.mark.parametrize(("pair", "expected"), AND.items())
def test_all_of_two_parts_is_kleenes_conjunction(pair, expected):
    assert all_of(pair) is expected


@pytest.mark.parametrize(("pair", "expected"), OR.items())
def test_any_of_two_parts_is_kleenes_disjunction(pair, expected):
    assert any_of(pair) is expected


def test_all_is_false_if_one_part_is_false_else_unknown_if_one_is_unknown_else_true():
    for group in EVERY_GROUP:
        assert all_of(group) is (F if F in group else U if U in group else T)


def test_any_is_true_if_one_part_is_true_else_unknown_if_one_is_unknown_else_false():
    for group in EVERY_GROUP:
        assert any_of(group) is (T if T in group else U if U in group else F)


def test_all_is_the_minimum_of_its_parts_and_any_the_maximum():
    for group in EVERY_GROUP:
        assert all_of(group) is min(group)
        assert any_of(group) is max(group)


def test_any_is_the_mirror_of_all():
    for group in EVERY_GROUP:
        assert any_of(group) is a_negation(all_of(map(a_negation, group)))


def test_the_order_of_the_parts_never_matters():
    for group in EVERY_GROUP:
        assert {all_of(parts) for parts in permutations(group)} == {all_of(group)}
        assert {any_of(parts) for parts in permutations(group)} == {any_of(group)}


def test_deciding_an_unknown_part_either_way_never_reverses_a_known_group():
    for group in EVERY_GROUP:
        decided = [tuple(part if part is not U else to for part in group) for to in (F, T)]
        for combine in (all_of, any_of):
            if combine(group) is not U:
                assert {combine(each) for each in decided} == {combine(group)}
            else:
                assert [combine(each) for each in decided] == [F, T]


def test_an_empty_group_has_the_neutral_status():
    assert all_of(()) is T
    assert any_of(()) is F
