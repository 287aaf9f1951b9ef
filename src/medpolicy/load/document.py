"""The paragraphs of the publisher's document, compared with the passages of a rule file."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property

from medpolicy.language.revision import Passage, Revision
from medpolicy.text.findings import Finding, Unusable, quoted
from medpolicy.text.json_text import BYTE_ORDER_MARK, UTF16_MARKS

MOST_BYTES = 1 << 23

_BULLETS = "-*\u00b7\u2022\u2023\u2043\u25aa\u25cf\u25a0\u25e6\u2013\u2014"
_LINE_END = re.compile(r"\r\n|\r|\n")
_LIST_MARK = re.compile(rf"^\s*(?:[{_BULLETS}]|\(?(?:[0-9]{{1,2}}|[A-Za-z])[.)])\s+")
_WORDS_SHOWN = 4


@dataclass(frozen=True, slots=True)
class Paragraph:
    """A paragraph or list item of the document, on one line, with the line (from 1) on which it begins."""

    text: str
    line: int
    column: int
    sha256: str


@dataclass(frozen=True)
class Document:
    """The paragraphs of one document, in its order."""

    name: str
    paragraphs: tuple[Paragraph, ...]

    def original(self, passage: Passage) -> str | None:
        """The document's own text of a passage, or None where the document does not contain it."""
        return self._originals.get(passage.sha256)

    @cached_property
    def _originals(self) -> Mapping[str, str]:
        """The first paragraph of each hash."""
        return {paragraph.sha256: paragraph.text for paragraph in reversed(self.paragraphs)}


def read_document(text: bytes, name: str) -> Document:
    """The paragraphs of a plain text in UTF-8. Raises `Unusable` where it is something else."""
    text = text.removeprefix(BYTE_ORDER_MARK)
    fault = _unreadable(text)
    paragraphs = () if fault else tuple(_paragraphs(text.decode("utf-8")))
    if not paragraphs:
        raise Unusable([replace(fault or Finding("empty", "the document has no paragraph"), file=name)])
    return Document(name, paragraphs)


def sha256_of(paragraph: str) -> str:
    """The hash that a passage holds: SHA-256 over the normalized paragraph in UTF-8.

    Normalized: Unicode NFKC, `*` removed, a leading list mark removed, white space collapsed to one blank, trimmed.
    """
    return hashlib.sha256(_normalized(unicodedata.normalize("NFKC", paragraph)).encode()).hexdigest()


def unaccounted(document: Document, revision: Revision) -> Iterator[Finding]:
    """A finding for each paragraph that no passage restates, with the hash for such a passage; equal paragraphs once."""
    passage_of = {passage.sha256: id for id, passage in revision.passages.items()}
    where, seen = "before every passage", set()
    for paragraph in document.paragraphs:
        sha256 = paragraph.sha256
        if sha256 in passage_of:
            where = f"after the passage {quoted(passage_of[sha256])}"
        elif sha256 not in seen:
            seen.add(sha256)
            words = paragraph.text.split(" ")
            begin = " ".join(words[:_WORDS_SHOWN]) + (" …" if len(words) > _WORDS_SHOWN else "")
            message = f"no passage accounts for the paragraph {quoted(begin)}"
            advice = f"it stands {where}; a passage of it has the sha256 {sha256}"
            place = (document.name, paragraph.line, paragraph.column)
            yield Finding("unaccounted-paragraph", message, (), advice, "error", *place)


def not_contained(document: Document, revision: Revision) -> Iterator[Finding]:
    """A finding for each passage that the document does not contain, with its path in the rule file."""
    contained = {paragraph.sha256 for paragraph in document.paragraphs}
    for id, passage in revision.passages.items():
        if passage.sha256 not in contained:
            message = f"{document.name} does not contain the passage {quoted(id)} ({passage.where})"
            advice = "look for its new wording, and at the rules that cite it"
            yield Finding("lost-passage", message, ("passages", id), advice)


def _unreadable(text: bytes) -> Finding | None:
    if text.startswith(UTF16_MARKS):
        return Finding("encoding", "the text is UTF-16", help="save it as UTF-8")
    if text.startswith(b"%PDF") or b"\0" in text:
        return Finding("not-text", "is not a plain text", help="save the document's text as UTF-8")
    try:
        text.decode("utf-8")
    except UnicodeDecodeError as error:
        line = text[: error.start].count(b"\n") + 1
        return Finding("encoding", "the text is not UTF-8", help="save it as UTF-8", line=line)
    return None


def _paragraphs(text: str) -> Iterator[Paragraph]:
    lines: list[str] = []
    first = 1
    for number, line in enumerate([*_LINE_END.split(text), ""], start=1):
        if lines and (not line.strip() or _LIST_MARK.match(line)):
            written, lines = lines, []
            text = "\n".join(written)
            if _normalized(text):
                indent = len(written[0]) - len(written[0].lstrip())
                yield Paragraph(_normalized(text), first, indent + 1, sha256_of(text))
        if line.strip():
            first = first if lines else number
            lines.append(line)


def _normalized(text: str) -> str:
    """The text on one line, without asterisks and without the mark of a list item before it."""
    return " ".join(_LIST_MARK.sub("", text.replace("*", ""), count=1).split())
