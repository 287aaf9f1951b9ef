"""Arrow's reader of JSON Lines: which lines it may get, and which of them it refuses."""

from __future__ import annotations

import re
from typing import Literal

import numpy as np
import pyarrow as pa
import pyarrow.json as arrow_json

from medpolicy.batch.lines import Positions, Records, codes_of, records_of_lines

Unknown = Literal["error", "infer"]
"""What Arrow makes of keys that are not in the schema: it refuses their line, or finds types for them."""

MOST_ROUNDS = 1000
"""So often Arrow is asked for the next line that it refuses; then all further lines count as refused."""
_EARLY = 2048
"""The lines up to the first one with a fault are rather read again than read apart."""
_NO_BRACKETS = bytes(code for code in range(256) if code not in b"{}[]\n")
_FLAT = re.compile(rb"\{(?:\[\])*+\}")
_ODD = re.compile(rb"\0|\r(?!\n)|\\u[dD]")
"""Bytes that JSON does not have here, and half a character."""
_NO_NUMBER_OF_JSON = re.compile(rb"NaN|Inf|[0-9.][eE]\+?[0-9]{3}|[0-9]{309}")
"""Numbers that are not finite, which the reader accepts in columns whose type it infers."""
_NO_WHOLE_NUMBER = re.compile(rb"[0-9][.eE]|[0-9]{18}|NaN|Inf")
_ROW = re.compile(r" in row ([0-9]+)$")
_KEY = re.compile(r"Column\(/([^/)]+)\) changed from \w+ to (\w+) ")
_BEGINS = {"string": b'"', "number": b"[-0-9NI]", "boolean": b"[tf]", "object": rb"\{", "array": rb"\["}
_UNKNOWN_KEY = "unexpected field"


def ambiguous(records: Records, unknown: Unknown) -> Positions:
    """The lines that Arrow may get wrong: no flat object, odd bytes, another encoding, lone surrogates."""
    text, codes = records.text, codes_of(records.text)
    brackets = text.translate(None, _NO_BRACKETS).split(b"\n")[:-1]
    nested = {found for found in set(brackets) if not _FLAT.fullmatch(found)}
    last = records.bounds[1:] - 2
    last = last - (codes[last] == ord("\r"))
    framed = (codes[records.bounds[:-1]] == ord("{")) & (codes[last] == ord("}"))
    found = [records.in_other_encodings(), np.flatnonzero(~framed)]
    if nested:
        found.append(np.array([line for line, of_line in enumerate(brackets) if of_line in nested], dtype=np.int64))
    if any(mark in text for mark in (b"\0", b"\r", b"\\")):
        found.append(records.with_match(_ODD))
    if unknown == "infer":
        found.append(records.with_match(_NO_NUMBER_OF_JSON))
    return np.unique(np.concatenate(found))


def read_lines(records: Records, schema: pa.Schema, unknown: Unknown) -> tuple[pa.Table, Positions] | None:
    """The records on the lines that Arrow reads, and the numbers of the lines that it refuses; None where it says too little.

    Its message tells one line, and often the key. What is wrong with a key is looked for in all lines at once, so that Arrow
    is not asked again for each of them.
    """
    found, table = list[Positions](), None
    left, lines, start, asked = records, records.lines, 0, unknown
    for _ in range(MOST_ROUNDS):
        try:
            table = _table(memoryview(left.text)[left.bounds[start] :], schema, asked)
        except pa.ArrowException as error:
            row, key = _ROW.search(str(error)), _KEY.search(str(error))
            if row is None and asked == "error" and _UNKNOWN_KEY in str(error):
                asked = "infer"
                continue
            at = start if row is None else start + int(row[1])
            if row is None:
                odd = left.with_match(_NO_WHOLE_NUMBER)
            elif key is None:
                found.append(lines[at : at + 1])
                start = at + 1
                continue
            else:
                pattern = _key(key[1], key[2] if key[1] in schema.names else "")
                odd = np.union1d(left.with_match(pattern), [at])
            if not len(odd):
                return None
            start = at if at > _EARLY else start  # what came before need not be read again, but for the whole table
        else:
            keys = [_key(name) for name in table.schema.names if name not in schema.names]
            if unknown == "infer" or not keys:
                break
            asked, odd = unknown, np.unique(np.concatenate([left.with_match(key) for key in keys]))
            if b"\\" not in left.text:  # then no key is written in another way
                found.append(lines[odd])
                table = table.take(np.delete(np.arange(table.num_rows), odd[odd >= start] - start))
                break
        found.append(lines[odd])
        lines, left = np.delete(lines, odd), records_of_lines(left.without(odd))
        start -= int(np.searchsorted(odd, start))
    else:
        found.append(lines[start:])
        start = len(lines)
    refused = np.unique(np.concatenate([np.empty(0, dtype=np.int64), *found]))
    if start:
        try:
            table = _table(records.without(refused), schema, unknown)
        except pa.ArrowException:
            return None
    return table, refused


def _table(text: bytes | memoryview, schema: pa.Schema, unknown: Unknown) -> pa.Table:
    """The records of some lines. Raises `pa.ArrowException` where one of them is refused."""
    if not len(text):
        return schema.empty_table()
    return arrow_json.read_json(
        pa.BufferReader(text),
        read_options=arrow_json.ReadOptions(use_threads=False, block_size=len(text) + 1),
        parse_options=arrow_json.ParseOptions(
            explicit_schema=schema, unexpected_field_behavior=unknown, newlines_in_values=False
        ),
    )


def _key(name: str, kind: str = "") -> re.Pattern[bytes]:
    """Where a key stands with a value of a kind, or with any value."""
    return re.compile(rb'"%b"[ \t]*+:[ \t]*+%b' % (re.escape(name.encode()), _BEGINS.get(kind, b"")))
