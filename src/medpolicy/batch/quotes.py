"""Quotes in CSV (RFC 4180): which lines make one record together, and which fields a record has.

A record goes on over the next line as long as a quote is open. Where that makes a record of another width than the
header, or a very long one, the quote was not meant to open anything: it costs its own line alone. The rule looks at
nothing but the lines from there on, so that it does not matter where a file is cut.
"""

from __future__ import annotations

import re

import numpy as np
import numpy.typing as npt

from medpolicy.batch.lines import lines_of

QUOTE = b'"'
LONGEST_QUOTED = 1 << 20
"""The most bytes of a record that has several lines."""

Positions = npt.NDArray[np.int64]

_QUOTE, _COMMA, _LINE_BREAK = 0x22, 0x2C, 0x0A
_FIELD = re.compile(r'(?:"([^"]*+(?:""[^"]*+)*+)"|([^",\r\n][^,\r\n]*+|)),')
_RECORD = re.compile(f"(?:{_FIELD.pattern})*+")


def fields(lines: list[bytes]) -> list[str] | None:
    """The fields of a record, None where it has none; bytes that are not UTF-8 become lone surrogates."""
    text = b"\n".join(lines).decode("utf-8", "surrogateescape")
    if '"' not in text:
        return None if "\r" in text else text.split(",")
    text += ","
    if (len(lines) == 1 and text.count('"') % 2) or not _RECORD.fullmatch(text):
        return None
    return [quoted.replace('""', '"') or plain for quoted, plain in _FIELD.findall(text)]


def records_of_several_lines(text: bytes, width: int | None) -> tuple[dict[int, int], int]:
    """The records that have several lines: their numbers of lines, by the number of their first line (from 0).

    Also the offset up to which records are complete; the text ends within the next one. `width` is the number of fields
    of a record, if known.
    """
    ends = _positions(text, _LINE_BREAK) + 1
    if not text.endswith(b"\n"):
        ends = np.append(ends, len(text))
    odd = np.flatnonzero(np.diff(np.searchsorted(_positions(text, _QUOTE), ends) % 2, prepend=0)).tolist()
    several: dict[int, int] = {}
    index = 0
    while index < len(odd):
        first = odd[index]
        start = int(ends[first - 1]) if first else 0
        if index + 1 == len(odd):
            return several, len(text) if len(text) - start > LONGEST_QUOTED else start
        last = odd[index + 1]
        if _is_record(text[start : ends[last]], width):
            several[first] = last - first + 1
            index += 1
        index += 1
    return several, len(text)


def records_if_well_formed(text: bytes) -> Positions | None:
    """The lines (from 0) on which the records of a text of whole lines begin, by its quotes alone.

    None where a quote stands elsewhere than around a field or doubled within it, or where a record is very long.
    """
    framed = np.frombuffer(b"\n" + text, dtype=np.uint8)
    quotes = np.flatnonzero(framed == _QUOTE)
    if len(quotes) % 2:
        return None
    beside = np.zeros(256, dtype=np.bool_)
    beside[[_QUOTE, _COMMA, _LINE_BREAK]] = True
    if not (beside[framed[quotes[::2] - 1]].all() and beside[framed[quotes[1::2] + 1]].all()):
        return None
    breaks = np.flatnonzero(framed == _LINE_BREAK)
    ends = np.flatnonzero(np.searchsorted(quotes, breaks) % 2 == 0)
    if len(ends) < len(breaks) and np.diff(breaks[ends]).max() > LONGEST_QUOTED // 2:
        return None
    return ends[:-1]


def _is_record(text: bytes, width: int | None) -> bool:
    if len(text) > LONGEST_QUOTED:
        return False
    found = fields(lines_of(text))
    return found is not None and width in (None, len(found))


def _positions(text: bytes, byte: int) -> Positions:
    return np.flatnonzero(np.frombuffer(text, dtype=np.uint8) == byte)
