from __future__ import annotations

import hashlib
import os
from pathlib import Path

import pytest

from medpolicy import Policy
from medpolicy.language.revision import Passage
from medpolicy.load.document import not_contained, read_document, sha256_of, unaccounted
from medpolicy.text.findings import Unusable

SOURCE = os.environ.get("MEDPOLICY_SOURCE")


def paragraphs(text: str) -> list[tuple[str, int, int]]:
    return [
        (paragraph.text, paragraph.line, paragraph.column)
        for paragraph in read_document(text.encode(), "d.txt").paragraphs
    ]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (b"%PDF-1.7\n\xe2", "d.txt: error[not-text]: is not a plain text\n  help: save the document's text as UTF-8"),
        (b"PK\x03\x04\x00", "d.txt: error[not-text]: is not a plain text\n  help: save the document's text as UTF-8"),
        ("a".encode("utf-16"), "d.txt: error[encoding]: the text is UTF-16\n  help: save it as UTF-8"),
        (b"a\n\xe9", "d.txt:2: error[encoding]: the text is not UTF-8\n  help: save it as UTF-8"),
        (b" \n\n* \n", "d.txt: error[empty]: the document has no paragraph"),
    ],
    ids=["a PDF file", "a Word file", "UTF-16", "Latin 1", "no text"],
)
def test_what_is_no_text_is_refused(text: bytes, message: str) -> None:
    with pytest.raises(Unusable) as caught:
        read_document(text, "d.txt")
    assert str(caught.value) == message


def test_a_line_that_only_begins_with_a_number_or_a_dash_begins_no_paragraph() -> None:
    text = "treated with\n6 cycles,\n-negative disease,\n2025.Next,\n123. as well"
    assert paragraphs(text) == [("treated with 6 cycles, -negative disease, 2025.Next, 123. as well", 1, 1)]


def test_bold_at_the_beginning_of_a_line_is_no_list_mark() -> None:
    assert paragraphs("one\n**two** three") == [("one two three", 1, 1)]


def test_a_blank_line_begins_a_paragraph() -> None:
    assert paragraphs("one\ntwo\n \t\n\n  three\r\n\r\nfour\r") == [("one two", 1, 1), ("three", 5, 3), ("four", 7, 1)]


@pytest.mark.parametrize(
    "mark", ["-", "*", "\u2022", "\u2013", "\u25aa", "\u00b7", "1.", "12.", "1)", "(1)", "a.", "B)", "(c)"]
)
def test_a_list_mark_begins_a_paragraph_and_is_left_out(mark: str) -> None:
    text = f"heading:\n{mark} one\n  goes on\n  {mark} two"
    assert paragraphs(text) == [("heading:", 1, 1), ("one goes on", 2, 1), ("two", 4, 3)]


def test_the_hash_does_not_depend_on_how_a_paragraph_is_set() -> None:
    plain = hashlib.sha256(b"The Drug(TM) is given.").hexdigest()
    ways = [
        "The Drug(TM) is given.",
        "- **The Drug\N{FULLWIDTH LEFT PARENTHESIS}TM) is**\n  given. ",
        "1. The\u00a0Drug(TM) is given.",
    ]
    assert {sha256_of(way) for way in ways} == {plain}


def test_the_hash_depends_on_the_words() -> None:
    assert sha256_of("The drug is given.") != sha256_of("The drug is not given.")


def test_a_byte_order_mark_is_no_part_of_the_text() -> None:
    assert read_document(b"\xef\xbb\xbfone", "d").paragraphs[0].text == "one"


def test_a_paragraph_that_returns_is_reported_once(policy: Policy) -> None:
    revision = policy.revisions[0]
    document = read_document(b"one two three four five\n\none two three four five\n\nsix", "d.txt")
    found = list(unaccounted(document, revision))
    assert [(finding.place, finding.message) for finding in found] == [
        ("d.txt:1:1", "no passage accounts for the paragraph `one two three four \u2026`"),
        ("d.txt:5:1", "no passage accounts for the paragraph `six`"),
    ]
    assert (
        found[0].help
        == f"it stands before every passage; a passage of it has the sha256 {sha256_of('one two three four five')}"
    )


def test_every_passage_that_the_document_has_not_is_lost(policy: Policy) -> None:
    revision = policy.revisions[0]
    lost = list(not_contained(read_document(b"one", "d.txt"), revision))
    assert [finding.path for finding in lost] == [("passages", id) for id in revision.passages]


@pytest.mark.skipif(SOURCE is None, reason="MEDPOLICY_SOURCE does not name the publisher's document")
def test_the_publishers_document_is_accounted_for(policy: Policy) -> None:
    document = read_document(Path(str(SOURCE)).read_bytes(), "source")
    assert list(unaccounted(document, policy.revisions[0])) == []
    assert list(not_contained(document, policy.revisions[0])) == []


def test_of_equal_hashes_the_first_paragraph_is_the_original() -> None:
    document = read_document(b"- One thing.\n\nOne *thing*.\n\nAnother.\n", "d")
    first, second, other = document.paragraphs
    assert first.sha256 == second.sha256
    passage = Passage(where="w", says="s", sha256=first.sha256)
    assert document.original(passage) == first.text
    assert document.original(passage.model_copy(update={"sha256": other.sha256})) == "Another."
    assert document.original(passage.model_copy(update={"sha256": "0" * 64})) is None
