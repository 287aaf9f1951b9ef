"""CSV: what cannot be split costs its own line alone, wherever a file is cut and whichever reader reads it."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable
from pathlib import Path
from random import Random
from time import perf_counter
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from batch.making import GIVEN, POLICY, Json, cell, csv_text, decide, expected, records
from medpolicy.batch import lines, quotes
from medpolicy.batch.csv import Csv
from medpolicy.batch.lines import Piece
from medpolicy.batch.quotes import fields, records_if_well_formed, records_of_several_lines, records_of_width
from medpolicy.columns.chunk import Chunk, Decided, Extra, decide_chunk
from medpolicy.text.findings import Unusable

SOME = records(3, 40)
NAMES = list(GIVEN)
FRAMES = POLICY.column_decider()
HEADER = ",".join(NAMES)


def row(**changes: Any) -> str:
    """A line of CSV: an approved request, with changes."""
    record = SOME[0] | {"request_id": "A"} | changes
    return ",".join(cell(record.get(name)) for name in NAMES)


def told(folder: Path, *rows: str | bytes, header: str = HEADER, **options: Any) -> list[tuple[int, str, str]]:
    """Record, code and message of every fault of a CSV file with some lines."""
    found = decided(folder, *rows, header=header, **options)
    return [
        (reject["record"], fault["code"], fault["message"]) for reject in found.rejects for fault in reject["faults"]
    ]


def decided(folder: Path, *rows: str | bytes, header: str = HEADER, **options: Any) -> Any:
    text = b"\n".join(each if isinstance(each, bytes) else each.encode() for each in (header, *rows))
    (folder / "in.csv").write_bytes(text + b"\n")
    return decide(folder / "in.csv", folder / "out.jsonl", **options)


def source(path: Path, extra: Extra = "refuse") -> Csv:
    return Csv(path, FRAMES.request, FRAMES.given, extra)


def strictly(source: Csv, piece: Piece) -> Chunk:
    """The records of a piece, each of them split by itself."""
    records, _ = records_of_width(piece.ended, len(source.schema))
    chunk = source._chunk(records, np.arange(len(records.lines)), piece.first_line)
    if chunk is None:
        raise AssertionError("a record of several lines of another width")
    return chunk


def set_aside(source: Csv, piece: Piece) -> int:
    """How many records of a piece do not go to the fast reader."""
    with pytest.MonkeyPatch.context() as patch:
        split: list[bytes] = []
        patch.setattr("medpolicy.batch.csv.fields", lambda record: split.append(record) or fields(record))
        source.read(piece)
    return len(split)


def in_pieces_of(size: int, path: Path, extra: Extra = "refuse") -> list[Chunk]:
    """The chunks of a file that is read in pieces of about some bytes."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(lines, "PIECE", size)
        opened = source(path, extra)
        return [opened.read(piece) for piece in opened.pieces()]


def answers(chunks: Iterable[Chunk], extra: Extra = "refuse") -> tuple[list[Json], list[Json]]:
    """What comes of chunks: the answers and the rejects."""
    done: list[Decided] = [decide_chunk(FRAMES, chunk, extra) for chunk in chunks]
    rows = [row for each in done for row in each.table.to_pylist()]
    return rows, [reject.to_dict() for each in done for reject in each.rejects]


# Rows


def test_a_row_that_is_short_or_long_is_a_fault_of_its_line_alone(tmp_path: Path) -> None:
    assert told(tmp_path, row(), row(request_id="B") + ",", "C,initial", row(request_id="D")) == [
        (3, "row-length", f"the row has {len(NAMES) + 1} fields, the header {len(NAMES)}"),
        (4, "row-length", f"the row has 2 fields, the header {len(NAMES)}"),
    ]


@pytest.mark.parametrize("bad", ['B,"', 'B"C', '"B"C', '"B', 'B,"x" ,', 'B,"x""', '"B""', 'B, "x'])
def test_a_quote_that_is_never_closed_or_stands_in_the_wrong_place_costs_its_line_alone(
    bad: str, tmp_path: Path
) -> None:
    found = told(
        tmp_path, row(), bad + "," * (len(NAMES) - 1 - bad.count(",")), row(request_id="C"), row(request_id="D")
    )
    assert found == [(3, "row-fields", "the row cannot be split into fields")]


def test_a_stray_quote_swallows_no_record_up_to_the_next_quote(tmp_path: Path) -> None:
    good = [row(request_id=f"G-{number}") for number in range(50)]
    found = decided(tmp_path, *good[:10], 'B"' + row()[1:], *good[10:40], 'C"' + row()[1:], *good[40:])
    assert [reject["record"] for reject in found.rejects] == [12, 43]
    assert [answer["request_id"] for answer in found.answers] == [f"G-{number}" for number in range(50)]


def test_quoted_fields_hold_commas_quotes_and_line_breaks(tmp_path: Path) -> None:
    ids = ['a,"b"', "line\nbreak", '"', "", "\n\n", ",", "plain"]
    text = csv_text([SOME[0] | {"request_id": id} for id in ids if id])
    (tmp_path / "in.csv").write_bytes(text)
    found = decide(tmp_path / "in.csv", tmp_path / "out.jsonl")
    assert [answer["request_id"] for answer in found.answers] == [id for id in ids if id]


def test_a_record_of_several_lines_is_named_by_its_first_line_and_moves_the_others(tmp_path: Path) -> None:
    found = decided(
        tmp_path, row(), '"B\nB\nB"' + row(disease="x")[1:], row(request_id="C"), row(request_id="D", lineage="x")
    )
    assert [reject["record"] for reject in found.rejects] == [3, 7]
    assert [{fault["line"] for fault in reject["faults"]} for reject in found.rejects] == [{3}, {7}]


def test_a_quoted_empty_cell_is_missing_like_any_empty_cell(tmp_path: Path) -> None:
    rows = [{name: value for name, value in record.items() if value is not None} for record in SOME]
    for quoting in (csv.QUOTE_MINIMAL, csv.QUOTE_ALL):
        (tmp_path / "in.csv").write_bytes(csv_text(rows, quoting=quoting))
        assert decide(tmp_path / "in.csv", tmp_path / "out.parquet").answers == [expected(each) for each in rows]


def test_a_row_of_empty_cells_lacks_what_every_record_needs(tmp_path: Path) -> None:
    for empty in ("," * (len(NAMES) - 1), ",".join(['""'] * len(NAMES))):
        assert [(number, code) for number, code, _ in told(tmp_path, row(), empty)] == [(3, "missing-key")] * 3


def test_blank_lines_are_no_records_and_are_counted_as_lines(tmp_path: Path) -> None:
    found = told(tmp_path, "", row(), "  ", "", row(request_id="B", disease="x"), "", row(request_id="C"), "")
    assert [number for number, _, _ in found] == [6]


def test_blank_lines_may_stand_before_the_header(tmp_path: Path) -> None:
    (tmp_path / "in.csv").write_text(f"\n \n{HEADER}\n{row(disease='x')}\n")
    assert [reject["record"] for reject in decide(tmp_path / "in.csv", tmp_path / "out.csv").rejects] == [4]


@pytest.mark.parametrize("end", ["", "\n", "\r\n", "\n\n\n"])
@pytest.mark.parametrize("line_break", ["\n", "\r\n"])
def test_line_breaks_of_unix_and_windows_are_read_with_and_without_a_last_one(
    line_break: str, end: str, tmp_path: Path
) -> None:
    text = line_break.join([HEADER, row(), row(request_id="B", disease="x"), row(request_id="C")]) + end
    (tmp_path / "in.csv").write_bytes(text.encode())
    found = decide(tmp_path / "in.csv", tmp_path / "out.jsonl")
    assert [reject["record"] for reject in found.rejects] == [3]
    assert [answer["request_id"] for answer in found.answers] == ["A", "C"]


def test_a_carriage_return_inside_a_row_is_a_fault_of_its_line(tmp_path: Path) -> None:
    found = told(tmp_path, row(), row(request_id="B\rC"), row(request_id="D"))
    assert found == [(3, "row-fields", "the row cannot be split into fields")]


def test_a_byte_order_mark_is_no_part_of_the_first_name(tmp_path: Path) -> None:
    for mark in ("\ufeff", ""):
        (tmp_path / "in.csv").write_text(f"{mark}{HEADER}\n{row()}\n", "utf-8")
        assert len(decide(tmp_path / "in.csv", tmp_path / "out.csv").answers) == 1


def test_a_byte_order_mark_inside_a_file_is_part_of_its_cell_whichever_reader_reads(tmp_path: Path) -> None:
    for quoted in (False, True):
        rows = [row(request_id="\ufeffA"), row(request_id='"B"' if quoted else "B")]
        assert [answer["request_id"] for answer in decided(tmp_path, *rows).answers] == ["\ufeffA", "B"]


def test_a_row_in_another_encoding_is_a_fault_of_its_line(tmp_path: Path) -> None:
    found = told(tmp_path, row(), row(request_id="é").encode("latin-1"), row(request_id="Ü"), row(request_id="C"))
    assert found == [(3, "encoding", "the record holds text that is not UTF-8")]


def test_a_row_in_another_encoding_is_a_fault_also_in_an_ignored_column(tmp_path: Path) -> None:
    rows = [row() + ",ok", row(request_id="B").encode() + b",caf\xe9"]
    found = told(tmp_path, *rows, header=HEADER + ",note", extra="ignore")
    assert [(number, code) for number, code, _ in found] == [(3, "encoding")]


# Cells


MISSING = "leave a missing fact out (in JSON also `null` without quotes, in CSV an empty cell)"


@pytest.mark.parametrize(
    "written", ["null", "NULL", "N/A", "n/a", "NA", "nan", "None", "-", "?", " ", "missing", "#N/A"]
)
@pytest.mark.parametrize("name", ["disease", "birth_date", "cycles_received", "therapy_exclusion"])
def test_a_word_for_missing_is_a_fault_that_says_how_to_write_it(name: str, written: str, tmp_path: Path) -> None:
    (reject,) = decided(tmp_path, row(**{name: written})).rejects
    (fault,) = reject["faults"]
    assert (fault["path"], fault["help"]) == (f"$.{name}", MISSING)


@pytest.mark.parametrize(
    ("name", "written", "help"),
    [
        ("cycles_received", "+5", "write the digits alone"),
        ("cycles_received", "05", "write the digits alone"),
        ("cycles_received", "5.0", "write the digits alone"),
        ("cycles_received", " 5", "write the digits alone"),
        ("cycles_received", "5 ", "write the digits alone"),
        ("cycles_received", "1e3", None),
        ("cycles_received", "9" * 5000, None),
        ("cycles_received", "-1", None),
        ("cycles_received", "\u0665", None),
        ("therapy_exclusion", "TRUE", "write it in lower case"),
        ("therapy_exclusion", " true", "write it in lower case"),
        ("therapy_exclusion", "1", None),
        ("therapy_exclusion", "yes", None),
        ("disease", " other", "did you mean `other`?"),
        ("disease", "Other", "did you mean `other`?"),
        ("birth_date", "1980-1-2", None),
        ("birth_date", "1980-02-30", "the calendar has no such day"),
        ("birth_date", "1980-02-03 00:00", "leave out the time of day"),
        ("birth_date", " 1980-02-03", None),
        ("birth_date", "\u0661980-02-03", None),
        ("combination_regimen", "imatinib;;dasatinib", "leave out the empty entry"),
        ("combination_regimen", "imatinib;", "leave out the empty entry"),
        ("combination_regimen", "imatinib; dasatinib", "did you mean `dasatinib`?"),
        ("combination_regimen", "none;imatinib", "the empty list `[]` means that there is none"),
        ("combination_regimen", "None", "the empty list `[]` means that there is none"),
        ("combination_regimen", "[]", None),
    ],
)
def test_a_cell_is_read_as_it_is_written_and_nothing_is_guessed(
    name: str, written: str, help: str | None, tmp_path: Path
) -> None:
    for line in (row(**{name: written}), ",".join(f'"{each}"' for each in row(**{name: written}).split(","))):
        (reject,) = decided(tmp_path, line).rejects
        faults = [fault for fault in reject["faults"] if fault["path"].startswith(f"$.{name}")]
        assert len(faults) == len(reject["faults"]) == 1
        assert (faults[0].get("help") or "").startswith(help or "")
        assert (help is None) is ("help" not in faults[0])
        assert len(written) < 3 or written not in str(reject).replace("`other`", "").replace("`[]`", "")


def test_the_word_none_is_the_empty_set_and_an_empty_cell_a_missing_one(tmp_path: Path) -> None:
    found = decided(tmp_path, row(combination_regimen="none"), row(request_id="B", combination_regimen=""))
    assert found.answers == [
        expected(SOME[0] | {"request_id": "A", "combination_regimen": []}),
        expected({**SOME[0], "request_id": "B", "combination_regimen": None}),
    ]


def test_a_cell_that_is_very_long_is_refused_or_carried_whole_whichever_reader_reads(tmp_path: Path) -> None:
    long = "x" * 300_000
    for quoted in (long, f'"{long}"', f'"{long}""{long}"'):
        assert told(tmp_path, row(disease=quoted)) == [
            (2, "not-allowed", "`disease` must be `acute_lymphoblastic_leukemia`, `lymphoblastic_lymphoma` or `other`")
        ]
        found = decided(tmp_path, row() + "," + quoted, 'B"', header=HEADER + ",note", extra="keep")
        assert found.summary.decided == 1


# Headers


def test_columns_may_stand_in_any_order_and_be_quoted_over_lines(tmp_path: Path) -> None:
    names = [*reversed(NAMES), "a\nb"]
    text = csv_text([record | {"a\nb": "x"} for record in SOME], names, quoting=csv.QUOTE_ALL)
    (tmp_path / "in.csv").write_bytes(text)
    found = decide(tmp_path / "in.csv", tmp_path / "out.csv", extra="ignore")
    assert found.answers == [expected(record) for record in SOME]
    (tmp_path / "in.csv").write_bytes(text.replace(b"relapsed", b"x"))
    first = decide(tmp_path / "in.csv", tmp_path / "out.csv", extra="ignore").rejects[0]
    assert first["record"] == 3 + next(
        at for at, record in enumerate(SOME) if record.get("disease_setting") == "relapsed"
    )


def test_absent_columns_are_missing_throughout(tmp_path: Path) -> None:
    required = ["service_start_date", "request_id", "request_type"]
    (tmp_path / "in.csv").write_bytes(csv_text(SOME, required))
    rows = [{name: record[name] for name in required} for record in SOME]
    assert decide(tmp_path / "in.csv", tmp_path / "out.csv").answers == [expected(each) for each in rows]


def test_columns_without_a_name_can_be_ignored(tmp_path: Path) -> None:
    found = decided(tmp_path, row() + ",,,", header=HEADER + ",,,", extra="ignore")
    assert found.summary.decided == 1


def test_a_header_alone_is_an_empty_batch(tmp_path: Path) -> None:
    for end in ("", "\n", "\r\n", "\n\n"):
        (tmp_path / "in.csv").write_bytes((HEADER + end).encode())
        for out in ("jsonl", "csv", "parquet"):
            assert (
                str(decide(tmp_path / "in.csv", tmp_path / f"out.{out}").summary) == "read 0 = decided 0 + rejected 0"
            )
    assert (tmp_path / "out.csv").read_bytes().count(b"\n") == 1


# Two readers, and cuts


ODD = [
    '"', '""', '"""', ",", "\n", "\r", "\r\n", "\0", "é", " ", ";", "none", "\n\n", ",,,,", '","', '"\n"', 'a"b',
    "x,\n", '"x"',
]  # fmt: skip
NOTES = ["", "x", "a,b", 'q"q', "l\nl", '"', "\n", '",\n"', "x\r\ny", "é", "lone\rreturn"]


def a_file(random: Random, extra: Extra) -> bytes:
    """A CSV file of a few records, with marks put in and taken out at random."""
    names = NAMES if extra == "refuse" else [*NAMES[:3], "note", *NAMES[3:], "zz"]
    rows = [
        each | {"note": random.choice(NOTES), "zz": random.choice(("", "y"))}
        for each in random.sample(SOME, random.randint(1, 5))
    ]
    options: Any = {
        "quoting": random.choice((csv.QUOTE_MINIMAL, csv.QUOTE_ALL)),
        "lineterminator": random.choice(("\n", "\r\n")),
    }
    text = io.StringIO()
    csv.writer(text, **options).writerows([cell(each.get(name)) for name in names] for each in rows)
    body = text.getvalue().encode()
    for _ in range(random.randint(0, 3)):
        place = random.randrange(len(body) + 1)
        put = random.choice(ODD).encode("latin-1" if random.random() < 0.1 else "utf-8")
        body = body[:place] + put + body[place + random.choice((0, 0, 0, 1, 5)) :]
    header = io.StringIO()
    csv.writer(header, **options).writerow(names)
    return header.getvalue().encode() + (body.rstrip(b"\r\n") if random.random() < 0.2 else body)


@given(random=st.randoms(use_true_random=False), size=st.integers(1, 400), longest=st.sampled_from([30, 200, 1 << 20]))
def test_both_readers_and_every_cut_make_the_same_of_a_file(
    tmp_path_factory: pytest.TempPathFactory, random: Random, size: int, longest: int
) -> None:
    extra: Extra = random.choice(("refuse", "ignore", "keep"))
    path = tmp_path_factory.getbasetemp() / "drawn.csv"
    path.write_bytes(a_file(random, extra))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(quotes, "LONGEST_QUOTED", longest)
        whole = source(path, extra)
        pieces = list(whole.pieces())
        strict = answers([strictly(whole, piece) for piece in pieces], extra)
        assert answers([whole.read(piece) for piece in pieces], extra) == strict
        for some in (size, 1 + size % 7):
            assert answers(in_pieces_of(some, path, extra), extra) == strict


def test_every_cut_of_one_file_makes_the_same_of_it(tmp_path: Path) -> None:
    notes = ['"a,\nb"', '"""\n"', '5" tall', '"open', "", '"c""\n""d"', 'x"', '"\n\n"']
    rows = [f"R-{number},initial,2026-05-0{number},{note}" for number, note in enumerate(notes, 1)]
    (tmp_path / "in.csv").write_text("\n".join(["request_id,request_type,service_start_date,note", *rows]) + "\n")
    whole = answers(in_pieces_of(1 << 20, tmp_path / "in.csv", "keep"), "keep")
    assert [each["request_id"] for each in whole[0]] == ["R-1", "R-2", "R-5", "R-6", "R-8"]
    assert [each["record"] for each in whole[1]] == [6, 7, 11]
    for size in (*range(1, 40), *range(40, 300, 9)):
        assert answers(in_pieces_of(size, tmp_path / "in.csv", "keep"), "keep") == whole


plain_cells = st.lists(
    st.text(st.characters(codec="utf-8", exclude_characters="\r\0"), max_size=6), min_size=2, max_size=4
)


@settings(max_examples=2 * settings().max_examples)
@given(st.lists(plain_cells, min_size=1, max_size=5), st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL]))
def test_what_the_standard_library_writes_is_split_as_it_was(rows: list[list[str]], quoting: Any) -> None:
    text = io.StringIO()
    csv.writer(text, quoting=quoting, lineterminator="\n").writerows(rows)
    written = text.getvalue().encode()
    records = records_if_well_formed(written)
    assert records is not None
    assert [fields(records.written(number)) for number in range(len(records.lines))] == rows
    lengths = np.diff([*records.lines, written.count(b"\n")])
    several, carried = records_of_several_lines(written, None)
    assert several == {int(line): int(count) for line, count in zip(records.lines, lengths, strict=True) if count > 1}
    assert records.several is bool(several)
    assert carried == len(written)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        (b"a,b", ["a", "b"]),
        (b"", [""]),
        (b",", ["", ""]),
        (b'"a","b"', ["a", "b"]),
        (b'"",', ["", ""]),
        (b'"a""b"', ['a"b']),
        (b'""""', ['"']),
        (b'a"b"', ['a"b"']),
        (b' "a"', [' "a"']),
        (b'"a"b', None),
        (b'"a" ', None),
        (b'"a', None),
        (b'a"', None),
        (b'"a""', None),
        (b"a\rb", None),
        (b'"a\rb"', ["a\rb"]),
        (b'"a"\r', None),
    ],
)
def test_fields_are_split_as_the_standard_says(text: bytes, found: list[str] | None) -> None:
    assert fields(text) == found


# Speed: what a hostile or an ordinary export may cost


def seconds(path: Path) -> float:
    began = perf_counter()
    opened = source(path)
    for piece in opened.pieces():
        opened.read(piece)
    return perf_counter() - began


@pytest.mark.parametrize(
    "stray",
    ['"', '"' * 400_001, '"x' * 100_001, '""' * 200_000 + '"', 'x"' * 100_001],
    ids=["one quote", "quotes alone", "open quotes", "pairs and one", "closed quotes"],
)
def test_stray_quotes_do_not_make_reading_slow(stray: str, tmp_path: Path) -> None:
    all_quoted = csv_text(SOME * 500, quoting=csv.QUOTE_ALL)
    header, _, rest = all_quoted.partition(b"\n")
    (tmp_path / "in.csv").write_bytes(header + b"\n" + stray.encode() + b"\n" + rest)
    assert seconds(tmp_path / "in.csv") < 20


def test_an_export_with_all_cells_quoted_is_read_in_columns(tmp_path: Path) -> None:
    (tmp_path / "in.csv").write_bytes(
        csv_text([record | {"request_id": 'a,\n"b"'} for record in SOME], quoting=csv.QUOTE_ALL)
    )
    opened = source(tmp_path / "in.csv")
    (piece,) = opened.pieces()
    assert set_aside(opened, piece) == 0


def test_a_record_that_is_too_long_for_memory_is_named_by_its_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lines, "PIECE", 1000)
    monkeypatch.setattr(lines, "LONGEST_RECORD", 5000)
    with pytest.raises(Unusable, match=r"in\.csv:3: error\[too-large\]: a record is longer than"):
        decided(tmp_path, row(), "x" * 10_000)


# Bytes of cells, and headers of many names


@pytest.mark.parametrize("quoting", [csv.QUOTE_MINIMAL, csv.QUOTE_ALL])
@pytest.mark.parametrize("line_break", ["\n", "\r\n"])
def test_line_breaks_inside_cells_stay_as_they_are_whichever_reader_reads(
    line_break: str, quoting: Any, tmp_path: Path
) -> None:
    ids = ["a\r\nb", "c\nd", "\r\n\r\n", "e\r\n\nf"]
    records = [SOME[0] | {"request_id": id} for id in ids]
    text = io.StringIO()
    csv.writer(text, quoting=quoting, lineterminator=line_break).writerows(
        [NAMES, *([cell(record.get(name)) for name in NAMES] for record in records)]
    )
    for odd, wrong in (("", 0), (f'x"y{line_break}', 1)):
        (tmp_path / "in.csv").write_bytes((text.getvalue() + odd).encode())
        found = decide(tmp_path / "in.csv", tmp_path / "out.jsonl")
        assert [answer["request_id"] for answer in found.answers] == ids
        assert found.summary.rejected == wrong


@pytest.mark.parametrize("extra", ["refuse", "ignore", "keep"])
def test_a_header_of_very_many_names_is_refused(extra: Extra, tmp_path: Path) -> None:
    (tmp_path / "in.csv").write_text(HEADER + ",x" * 100_000 + "\n")
    with pytest.raises(Unusable, match=r"error\[too-wide\]: the header has 10[0-9]+ names; at most 5000 can be read"):
        decide(tmp_path / "in.csv", tmp_path / "out.csv", extra=extra)
