from __future__ import annotations

from medpolicy.text.layout import NARROWEST, WIDEST, Page, halves, in_two_columns, wrapped


def test_a_word_that_is_too_long_is_not_broken() -> None:
    assert wrapped("a " + "b" * 20, 10, "- ") == ["- a", "  " + "b" * 20]


def test_a_word_is_not_broken_at_its_hyphen() -> None:
    assert wrapped("one mini-hyper", 10) == ["one", "mini-hyper"]


def test_a_line_break_begins_a_line_as_far_in() -> None:
    assert wrapped("one\ntwo three", 12, "Where: ", 1) == [" Where: one", "        two", "        three"]


def test_no_text_is_a_blank_line() -> None:
    assert wrapped("", 10) == [""]


def test_the_shorter_of_two_texts_ends_first() -> None:
    assert in_two_columns(["a"], ["b", "c"], 3) == ["a    b", "     c"]
    assert in_two_columns(["a", "d"], ["b"], 3) == ["a    b", "d"]


def test_two_halves_and_the_gap_fill_the_width() -> None:
    assert [halves(width) for width in (80, 81)] == [(39, 39), (39, 40)]


def test_a_page_is_neither_too_narrow_nor_too_wide() -> None:
    assert [Page(width).width for width in (1, 80, 500)] == [NARROWEST, 80, WIDEST]
