"""A region of a set variable, in products."""

from __future__ import annotations

from itertools import chain, combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from medpolicy.sql.covers import Product, products


def sets(options: str) -> list[frozenset[str]]:
    return [frozenset(some) for some in chain(*(combinations(options, size) for size in range(len(options) + 1)))]


def holds(product: Product, member: frozenset[str]) -> bool:
    return member.issuperset(product.has) and member.isdisjoint(product.lacks)


def region(found: list[Product], options: str) -> set[frozenset[str]]:
    return {member for member in sets(options) if any(holds(product, member) for product in found)}


@given(
    st.integers(1, 5).flatmap(lambda n: st.tuples(st.just("abcde"[:n]), st.sets(st.sampled_from(sets("abcde"[:n])))))
)
def test_products_hold_of_the_region_and_of_nothing_else(drawn: tuple[str, set[frozenset[str]]]) -> None:
    options, members = drawn
    found = products(options, members)
    assert region(found, options) == members
    assert all(region([other for other in found if other is not product], options) != members for product in found)


@pytest.mark.parametrize(
    ("members", "wanted"),
    [
        ([], []),
        (sets("abc"), [Product((), ())]),
        ([member for member in sets("abc") if "b" in member], [Product(("b",), ())]),
        ([member for member in sets("abc") if {"a", "c"} <= member], [Product(("a", "c"), ())]),
        ([member for member in sets("abc") if member <= {"a"}], [Product((), ("b", "c"))]),
        ([frozenset("a")], [Product(("a",), ("b", "c"))]),
    ],
    ids=["nothing", "everything", "one option", "two options", "nothing besides", "exactly"],
)
def test_what_a_test_asks_comes_out_as_it_was_put(members: list[frozenset[str]], wanted: list[Product]) -> None:
    assert products("abc", members) == wanted


def test_the_largest_set_that_there_may_be_takes_a_moment() -> None:
    options = "abcdefghijklmnop"
    exactly_one = [member for member in sets(options) if len(member & set("cdefgh")) == 1]
    found = products(options, exactly_one)
    assert sorted(product.has for product in found) == [(option,) for option in "cdefgh"]
    assert {len(product) for product in found} == {6}
