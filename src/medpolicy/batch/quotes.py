"""Quotes in CSV (RFC 4180): which lines make one record together, and which fields a record has.

A record goes on over the next line as long as a quote is open. Where that makes a record of another width than the
header, or a very long one, the quote was not meant to open anything: it costs its own line alone. The rule looks at
nothing but the lines from there on, so that it does not matter where a file is cut.
"""

from __future__ import annotations

import re

import numpy as np
import numpy.typing as npt

from medpolicy.batch.lines import Positions, Records, codes_of, records_of_lines

QUOTE = b'"'
LONGEST_QUOTED = 1 << 20
"""The most bytes of a record that has several lines."""

Mask = npt.NDArray[np.bool_]

_QUOTE, _COMMA, _LINE_BREAK, _CARRIAGE_RETURN = 0x22, 0x2C, 0x0A, 0x0D
_FIELD = re.compile(r'(?:"([^"]*+(?:""[^"]*+)*+)"|([^",\r\n][^,\r\n]*+|)),')
_RECORD = re.compile(f"(?:{_FIELD.pattern})*+")


def fields(record: bytes) -> list[str] | None:
    """The fields of a record, None where it has none; bytes that are not UTF-8 become lone surrogates."""
    text = record.decode("utf-8", "surrogateescape")
    if '"' not in text:
        return None if "\r" in text else text.split(",")
    text += ","
    if ("\n" not in text and text.count('"') % 2) or not _RECORD.fullmatch(text):
        return None
    return [quoted.replace('""', '"') or plain for quoted, plain in _FIELD.findall(text)]


def records_if_well_formed(text: bytes) -> Records | None:
    """The records of a text of whole lines, by its quotes alone.

    None where a quote stands elsewhere than around a field or doubled within it, or where a record is very long.
    """
    lines = records_of_lines(text)
    if QUOTE not in text:
        return lines
    quotes = _positions(text, _QUOTE)
    if len(quotes) % 2 or not _in_place(text, quotes, np.arange(len(quotes)) % 2 == 0).all():
        return None
    bounds = np.flatnonzero(np.searchsorted(quotes, lines.bounds) % 2 == 0)
    several = len(bounds) < len(lines.bounds)
    if several and np.diff(lines.bounds[bounds]).max() > LONGEST_QUOTED // 2:
        return None
    return Records(text, lines.bounds[bounds], bounds[:-1], several)


def records_of_width(text: bytes, width: int) -> tuple[Records, Positions]:
    """The records of a text of whole lines where quotes may stand anywhere; those with such a quote, or of several lines.

    `width` is the number of fields of a record of several lines.
    """
    lines, quotes = records_of_lines(text), _positions(text, _QUOTE)
    several, _ = records_of_several_lines(text, width)
    is_record = np.ones(len(lines.lines), dtype=np.bool_)
    for first, count in several.items():
        is_record[first + 1 : first + count] = False
    starts = np.flatnonzero(is_record)
    bounds = np.append(lines.bounds[starts], len(text))
    before = np.searchsorted(quotes, bounds)  # the quotes before each record
    record_of = np.repeat(np.arange(len(starts)), np.diff(before))
    in_place = _in_place(text, quotes, (np.arange(len(quotes)) - before[record_of]) % 2 == 0)
    odd = np.diff(before) % 2 != 0
    odd[record_of[~in_place]] = True
    odd[np.searchsorted(starts, np.array([*several], dtype=np.int64))] = True
    return Records(text, bounds, starts), np.flatnonzero(odd)


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


def _in_place(text: bytes, quotes: Positions, opening: Mask) -> Mask:
    """Whether a quote stands where it may: an opening one after a comma, a line break or a quote, a closing one before."""
    beside = np.zeros(256, dtype=np.bool_)
    beside[[_QUOTE, _COMMA, _LINE_BREAK]] = True
    codes = codes_of(text)
    neighbours = np.where(opening, quotes - 1, quotes + 1)
    found: Mask = beside[codes[neighbours]] | (~opening & (codes[neighbours] == _CARRIAGE_RETURN)) | (neighbours < 0)
    return found


def _is_record(text: bytes, width: int | None) -> bool:
    if len(text) > LONGEST_QUOTED:
        return False
    found = fields(text.removesuffix(b"\n").removesuffix(b"\r"))
    return found is not None and width in (None, len(found))


def _positions(text: bytes, byte: int) -> Positions:
    return np.flatnonzero(codes_of(text) == byte)
