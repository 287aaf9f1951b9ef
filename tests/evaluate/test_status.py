"""Kleene's strong three-valued logic, exhaustively."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import product

from evaluate.bits import AS_BITS, BITS
from medpolicy.evaluate import kleene
from medpolicy.evaluate.status import Status

F, U, T = Status.NOT_MET, Status.UNKNOWN, Status.MET
EVERY_GROUP = [group for size in range(5) for group in product(Status, repeat=size)]


STATUS_OF = {pair: status for status, pair in AS_BITS.items()}


def all_of(group: Iterable[Status]) -> Status:
    return STATUS_OF[kleene.all_of([AS_BITS[status] for status in group], BITS)]


def any_of(group: Iterable[Status]) -> Status:
    return STATUS_OF[kleene.any_of([AS_BITS[status] for status in group], BITS)]


def test_a_status_is_one_of_three_in_order_and_has_the_word_of_the_contract():
    assert [status.word for status in Status] == ["not_met", "unknown", "met"]
    assert Status.NOT_MET < Status.UNKNOWN < Status.MET


def test_all_is_false_if_one_part_is_false_else_unknown_if_one_is_unknown_else_true():
    for group in EVERY_GROUP:
        assert all_of(iter(group)) is all_of(group) is (F if F in group else U if U in group else T)


def test_any_is_true_if_one_part_is_true_else_unknown_if_one_is_unknown_else_false():
    for group in EVERY_GROUP:
        assert any_of(group) is (T if T in group else U if U in group else F)
