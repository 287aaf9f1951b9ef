"""JSON Lines damaged at random, read by the fast and by the strict reader."""

from __future__ import annotations

import json
from pathlib import Path
from random import Random
from typing import Any

from batch.making import POLICY, Json, records
from medpolicy.batch.jsonl import JsonLines
from medpolicy.batch.lines import Piece, records_of_lines
from medpolicy.columns.chunk import Chunk, Extra, decide_chunk

FRAMES = POLICY.column_decider()
SOME = records(6, 200)

MARKS = [
    b"{", b"}", b"[", b"]", b",", b":", b'"', b"null", b"NaN", b"-Infinity", b"1e999", b"-0", b"1.0", b"01", b"+1",
    b"true", b"\\u0000", b"\\ud800", b"\\udc00", b"\\ud83d\\ude00", b"\\", b"\\x", b"\\/", b"\r", b"\n", b"\r\n",
    b"\0", b"\xff", b"\xc3\xa9", b"\xed\xa0\x80", b" ", b"\t", b"//", b"/**/", b"{}", b"[]", b"[[", b"\xef\xbb\xbf",
    b"9" * 25, b'"request_id":"X",', b'"x":1,', b'"x":"2020-01-01",', b'"disease":null,', b"null\n", b"1E2", b"5",
    b'"5"', b"\x1f", b"\x7f", b"'", b'"x":[1,"a"],', b'"x":[],', b'"x":[null],', b'"x":true,', b'"x":1.5,',
    b'"decision":1,', b'"x":NaN,',
    b'"\\u0072equest_id":"Y",', b'"":1,', b'"x":Infinity,', b'"x":1e400,', b'"x":"\\udfff",', b'"x":[[[]]],',
]  # fmt: skip
VALUES = [
    b'"none"', b'""', b"0", b"7", b'"2026-02-30"', b'["imatinib",null]', b'["x"]', b'"2026-05-01T00:00"', b"-1",
    b"false",
]  # fmt: skip

GOOD = b'{"request_id":"A","request_type":"initial","service_start_date":"2026-05-01"}'
DAMAGED = [
    *(
        b"null\n",
        b"null",
        b"[]\n",
        b"5\n",
        b'"a"\n',
        b"\n",
        b"",
        b"{}\n",
        b"{}\n{}\n",
        b"{}{}\n",
        b"{}\n}{\n",
        b"{\n}\n",
    ),
    *(
        GOOD + each
        for each in (b"null\n", b"\nnull\n", b"\n[]\n", b"\n\n", b"\n{}", GOOD, b",", b" ", b"\n}", b"\r", b"\0")
    ),
    *(GOOD[:-1] + b"," + each + b"}\n" for each in MARKS),
    *(GOOD[:-1] + b',"x":' + each + b"}\n" for each in MARKS),
    *(GOOD[:-1] + b',"cycles_received":' + each + b"}\n" for each in MARKS),
    *(GOOD[:-1] + b',"combination_regimen":[' + each + b"]}\n" for each in MARKS),
    *(GOOD.replace(b'"A"', b'"' + each + b'"') + b"\n" for each in MARKS),
    GOOD[:-1] + b',"x":1}\n' + GOOD[:-1] + b',"x":"a"}\n',
    GOOD[:-1] + b',"x":1,"x":2}\n',
    GOOD[:-1] + b',"decision":1}\n',
    GOOD[:-1] + b',"x":' + b"[" * 5000 + b"}\n",
    GOOD[:-1] + b',"x":' + b"[" * 5000 + b"]" * 5000 + b"}\n",
]
"""Texts at which the fast reader ends the process, loses something, or takes what JSON does not have."""


def source(extra: Extra) -> JsonLines:
    return JsonLines(Path("in.jsonl"), FRAMES.request, FRAMES.given, extra)


def damage(seed: int) -> bytes:
    """A few records of which up to three lines are damaged."""
    random = Random(seed)
    rows = []
    for each in random.sample(SOME, random.randint(1, 6)):
        separators = random.choice(((",", ":"), (", ", ": ")))
        rows.append(json.dumps(each, separators=separators).encode())
    for _ in range(random.randint(0, 3)):
        _damage(random, rows)
    text = b"\n".join(rows) + (b"\n" if random.random() < 0.8 else b"")
    return text.replace(b"\n", b"\r\n") if random.random() < 0.1 else text


def _damage(random: Random, rows: list[bytes]) -> None:
    place = random.randrange(len(rows))
    row = bytearray(rows[place])
    at = random.randrange(len(row) + 1)
    kind = random.randint(0, 5)
    if kind == 0:
        del row[at : at + random.randint(1, 6)]
    elif kind <= 2:
        row[at:at] = random.choice(MARKS)
    elif kind == 3:
        colons = [at for at, byte in enumerate(row) if byte == ord(":")]
        if colons:
            start = random.choice(colons) + 1
            end = row.find(b",", start)
            row[start : len(row) - 1 if end < 0 else end] = random.choice(VALUES + MARKS)
    elif kind == 4:
        row += random.choice(rows)
    else:
        row[1:1] = random.choice(MARKS)
    rows[place] = bytes(row)


def fast_and_strict(text: bytes, extra: Extra) -> tuple[Any, Any, bool]:
    """What comes of a text as it is read, and line by line; and whether the fast reader alone read it."""
    opened, piece = source(extra), Piece(text, 7)
    records = records_of_lines(piece.ended)
    strict = _what_comes_of(opened._line_by_line(piece, records, records.lines))
    found = opened._in_columns(piece, records)
    all_fast = found is not None and not len(found[1])
    return _what_comes_of(opened.read(piece)), strict, all_fast


def _what_comes_of(chunk: Chunk) -> tuple[list[Json], list[Json], list[Any]]:
    done = decide_chunk(FRAMES, chunk, "ignore")
    answers = done.table.to_pylist()
    extras = [] if chunk.extras is None else [kept for kept in chunk.extras if kept]
    return answers, [reject.to_dict() for reject in done.rejects], [] if done.rejects else extras


def compare(seed: int, count: int) -> str:
    """Read damaged texts both ways. Raises where they differ; tells how many the fast reader read and how many not."""
    fast_ones = 0
    for number in range(seed, seed + count):
        extra: Extra = ("refuse", "refuse", "ignore", "keep")[number % 4]
        text = damage(number)
        found, strict, fast = fast_and_strict(text, extra)
        fast_ones += fast
        if found != strict:
            raise AssertionError(f"{extra}: {text!r}\n{found}\n{strict}")
    return f"{fast_ones} {count - fast_ones}"
