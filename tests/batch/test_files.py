"""Which files a batch takes and which it refuses, and what is left of it when the system refuses to go on."""

from __future__ import annotations

import bz2
import gzip
import json
import lzma
import os
import resource
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from project import EXAMPLES, TESTS

from batch.making import FORMATS, POLICY, decide, records, typed_table, write
from medpolicy import InvalidPolicy
from medpolicy.batch import decide_file
from medpolicy.batch.files import format_of, rejects_path
from medpolicy.text import formats, replace
from medpolicy.text.findings import Unusable

SOME = records(8, 50)


@pytest.fixture
def source(tmp_path: Path) -> Path:
    return write(tmp_path / "in.csv", SOME)


def refused(source: Path, output: Path, **options: Any) -> list[str]:
    """What keeps two files from a batch; nothing may be written."""
    before = sorted(path.name for path in output.parent.iterdir()) if output.parent.is_dir() else []
    with pytest.raises(Unusable) as error:
        decide_file(POLICY, source, output, **options)
    if output.parent.is_dir() and sorted(path.name for path in output.parent.iterdir()) != before:
        raise AssertionError("something was written")
    if "S3CRET" in str(error.value):
        raise AssertionError("a message shows what a file holds")
    return [f"{Path(each.file or '').name}: {each.code}: {each.message}" for each in error.value.findings]


# Paths


def test_paths_may_be_text(source: Path, tmp_path: Path) -> None:
    summary = decide_file(POLICY, str(source), str(tmp_path / "text.csv"))
    assert decide_file(POLICY, source, tmp_path / "path.csv") == summary
    assert (tmp_path / "text.csv").read_bytes() == (tmp_path / "path.csv").read_bytes()


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    assert refused(tmp_path / "in.csv", tmp_path / "out.csv") == ["in.csv: no-such-file: there is no such file"]
    (tmp_path / "to.csv").symlink_to(tmp_path / "nowhere.csv")
    assert refused(tmp_path / "to.csv", tmp_path / "out.csv") == ["to.csv: no-such-file: there is no such file"]


def test_a_folder_is_no_input_and_no_output(source: Path, tmp_path: Path) -> None:
    (tmp_path / "folder.csv").mkdir()
    (tmp_path / "out.csv.rejects.jsonl").mkdir()
    assert refused(tmp_path / "folder.csv", tmp_path / "o.csv") == ["folder.csv: not-a-file: is a folder, not a file"]
    assert refused(source, tmp_path / "folder.csv") == [
        "folder.csv: not-a-file: is a folder; the output must be a file"
    ]
    message = "out.csv.rejects.jsonl: not-a-file: is a folder; the file of rejected records must be a file"
    assert refused(source, tmp_path / "out.csv") == [message]


def test_what_can_be_read_only_once_is_no_input(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.csv")
    message = "pipe.csv: not-a-file: is no regular file, and a batch may read its input twice"
    assert refused(tmp_path / "pipe.csv", tmp_path / "out.csv") == [message]


def test_a_pipe_is_no_output_and_is_left_alone(source: Path, tmp_path: Path) -> None:
    for name in ("pipe.csv", "out.csv.rejects.jsonl"):
        os.mkfifo(tmp_path / name)
    assert refused(source, tmp_path / "pipe.csv") == [
        "pipe.csv: not-a-file: is no regular file; the output must be one"
    ]
    message = "out.csv.rejects.jsonl: not-a-file: is no regular file; the file of rejected records must be one"
    assert refused(source, tmp_path / "out.csv") == [message]
    assert (tmp_path / "pipe.csv").is_fifo()
    assert (tmp_path / "out.csv.rejects.jsonl").is_fifo()


def test_the_folder_of_the_output_must_be_there(source: Path, tmp_path: Path) -> None:
    message = "out.csv: no-such-folder: the folder of the output does not exist"
    assert refused(source, tmp_path / "nowhere" / "out.csv") == [message]
    assert refused(source, source / "out.csv") == [message]


@pytest.mark.parametrize("name", ["in", "in.txt", "in.csv.gz", "in.tsv", ".csv", "in.xlsx"])
def test_a_suffix_of_no_format_is_refused_on_either_side(name: str, source: Path, tmp_path: Path) -> None:
    (tmp_path / name).write_bytes(source.read_bytes())
    assert "unknown-format" in refused(tmp_path / name, tmp_path / "out.csv")[0]
    assert "unknown-format" in refused(source, tmp_path / name)[0]


def test_suffixes_are_read_in_upper_case_too() -> None:
    assert [format_of(Path(name)) for name in ("A.CSV", "a.Parquet", "a.NDJSON", "a.b.jsonl")] == [
        *("csv", "parquet", "jsonl", "jsonl")
    ]


def links(source: Path, tmp_path: Path) -> dict[str, Path]:
    (tmp_path / "soft.csv").symlink_to(source)
    (tmp_path / "hard.csv").hardlink_to(source)
    (tmp_path / "folder").symlink_to(tmp_path)
    return {
        "itself": source,
        "a symbolic link": tmp_path / "soft.csv",
        "a hard link": tmp_path / "hard.csv",
        "another path": tmp_path / "folder" / ".." / source.name if False else tmp_path / "folder" / source.name,
    }


@pytest.mark.parametrize("way", ["itself", "a symbolic link", "a hard link", "another path"])
def test_the_output_is_not_the_input_by_any_way(way: str, source: Path, tmp_path: Path) -> None:
    before = source.read_bytes()
    message = "same-file: is the input itself; the output must be another file"
    assert [each.partition(": ")[2] for each in refused(source, links(source, tmp_path)[way])] == [message]
    assert source.read_bytes() == before


def test_the_rejects_do_not_take_the_place_of_the_input(tmp_path: Path) -> None:
    source = write(tmp_path / "day.csv.rejects.jsonl", SOME)
    message = "day.csv.rejects.jsonl: same-file: is the input itself; the file of rejected records must be another file"
    assert refused(source, tmp_path / "day.csv") == [message]
    assert rejects_path(tmp_path / "day.csv") == source


def test_what_an_output_or_its_rejects_lead_to_by_a_link_is_replaced_and_the_link_stays(tmp_path: Path) -> None:
    source = write(tmp_path / "in.csv", [*SOME, {}])
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "links").mkdir()
    names = ("out.csv", "out.csv.rejects.jsonl")
    for name in names:
        (tmp_path / "links" / name).symlink_to(Path("..") / "elsewhere" / name)
    for earlier in (b"", b"earlier"):
        for name in names if earlier else ():
            (tmp_path / "elsewhere" / name).write_bytes(earlier)
        assert decide(source, tmp_path / "links" / "out.csv").summary.rejected == 1
        assert all((tmp_path / "links" / name).is_symlink() for name in names)
        assert sorted(path.name for path in (tmp_path / "elsewhere").iterdir()) == list(names)
        assert len((tmp_path / "elsewhere" / "out.csv").read_bytes().splitlines()) == 1 + len(SOME)
    assert decide(write(tmp_path / "in.csv", SOME), tmp_path / "links" / "out.csv").summary.rejected == 0
    assert [path.name for path in (tmp_path / "elsewhere").iterdir()] == ["out.csv"]


def test_a_link_into_a_folder_that_is_not_there_or_from_the_rejects_to_the_output_is_refused(
    source: Path, tmp_path: Path
) -> None:
    (tmp_path / "to.csv").symlink_to(tmp_path / "nowhere" / "out.csv")
    message = "to.csv: no-such-folder: the folder of the output does not exist"
    assert refused(source, tmp_path / "to.csv") == [message]
    (tmp_path / "out.csv.rejects.jsonl").symlink_to(tmp_path / "out.csv")
    message = "is a link to the output; the file of rejected records must be another file"
    assert refused(source, tmp_path / "out.csv") == [f"out.csv.rejects.jsonl: same-file: {message}"]


def test_outputs_of_one_name_in_two_formats_have_their_own_rejects(tmp_path: Path) -> None:
    faulty, good = write(tmp_path / "faulty.csv", [{}, *SOME]), write(tmp_path / "good.csv", SOME)
    first = decide(faulty, tmp_path / "out.csv")
    assert decide(good, tmp_path / "out.parquet").summary.rejected == 0
    assert (tmp_path / "out.csv.rejects.jsonl").read_bytes() == first.rejected != b""


def test_an_unknown_revision_is_refused_before_anything_is_written(source: Path, tmp_path: Path) -> None:
    with pytest.raises(InvalidPolicy, match="unknown revision `2026-04-03`"):
        decide_file(POLICY, source, tmp_path / "out.csv", revision="2026-04-03")
    assert [path.name for path in tmp_path.iterdir()] == ["in.csv"]


# What the system refuses


def failing(error: OSError) -> Callable[..., Any]:
    def fail(*_: Any, **__: Any) -> Any:
        raise error

    return fail


def test_a_file_that_may_not_be_read_is_named(source: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Path, "open", failing(PermissionError(13, "Permission denied")))
    assert refused(source, tmp_path / "out.csv") == ["in.csv: unreadable: cannot be read: permission denied"]


class BrokenFile:
    """A file that can be read for a while."""

    def __init__(self, path: Path, reads: int) -> None:
        self._file = path.open("rb")
        self._reads = reads

    def read(self, size: int) -> bytes:
        self._reads -= 1
        if self._reads < 0:
            raise OSError(5, "Input/output error")
        return self._file.read(size)

    def readline(self, size: int) -> bytes:
        self.read(0)
        return self._file.readline(size)

    def seek(self, position: int) -> None:
        self._file.seek(position)

    def __enter__(self) -> BrokenFile:
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()


@pytest.mark.parametrize("suffix", ["csv", "jsonl"])
@pytest.mark.parametrize("reads", [0, 1, 2, 3, 4, 5])
def test_a_disk_that_fails_while_a_file_is_read_leaves_nothing(
    reads: int, suffix: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = write(tmp_path / f"in.{suffix}", SOME)
    monkeypatch.setattr("medpolicy.batch.lines.PIECE", 2000)
    monkeypatch.setattr("medpolicy.batch.lines.opened", lambda path: BrokenFile(path, reads))
    message = f"in.{suffix}: unreadable: cannot be read: input/output error"
    assert refused(source, tmp_path / "out.csv") == [message]


def test_a_folder_that_may_not_be_written_is_told(
    source: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(replace.tempfile, "NamedTemporaryFile", failing(PermissionError(13, "Permission denied")))
    assert refused(source, tmp_path / "out.csv") == ["out.csv: unwritable: cannot be written: permission denied"]


@pytest.mark.parametrize("call", ["replace", "fsync", "chmod"])
def test_a_system_that_refuses_at_the_end_leaves_nothing_half_done(
    call: str, source: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(replace.os, call, failing(OSError(28, "No space left on device")))
    assert refused(source, tmp_path / "out.csv") == ["out.csv: unwritable: cannot be written: no space left on device"]


DISK_FULL = """
import resource, signal, sys
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[3]), int(sys.argv[3])))
from medpolicy.cli.main import main
sys.exit(main(["batch", sys.argv[1], "-o", sys.argv[2]]))
"""


@pytest.mark.parametrize("suffix", FORMATS)
def test_a_full_disk_is_told_without_a_trace_and_leaves_the_earlier_output(suffix: str, tmp_path: Path) -> None:
    """The limit on the size of a file stands for the end of a disk: the system refuses to write in the same way."""
    source = write(tmp_path / "in.csv", SOME * 100)
    output = tmp_path / f"out.{suffix}"
    output.write_bytes(b"earlier")
    called = [sys.executable, "-c", DISK_FULL, str(source), str(output), "2000"]
    ended = subprocess.run(called, capture_output=True, text=True, timeout=120, check=False)
    assert ended.returncode == 2
    assert ended.stderr == f"{output}: error[unwritable]: cannot be written: file too large\n"
    assert output.read_bytes() == b"earlier"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["in.csv", output.name]
    assert resource.getrlimit(resource.RLIMIT_FSIZE)[0] != 2000


# Formats and their suffixes


@pytest.mark.parametrize("suffix", FORMATS)
@pytest.mark.parametrize("held", FORMATS)
def test_a_file_whose_suffix_says_something_else_is_refused_with_the_right_suffix(
    held: str, suffix: str, tmp_path: Path
) -> None:
    write(tmp_path / f"right.{held}", SOME).rename(tmp_path / f"in.{suffix}")
    if held == suffix:
        assert decide(tmp_path / f"in.{suffix}", tmp_path / "out.csv").summary.decided == len(SOME)
        return
    with pytest.raises(Unusable) as error:
        decide_file(POLICY, tmp_path / f"in.{suffix}", tmp_path / "out.csv")
    (finding,) = error.value.findings
    assert finding.code == "wrong-suffix"
    assert f"`.{held}`" in (finding.help or "")


@pytest.mark.parametrize("suffix", FORMATS)
@pytest.mark.parametrize(
    "content",
    [
        b"\x1f\x8b\x08\x00S3CRET",
        b"PK\x03\x04S3CRET",
        bz2.compress(b"S3CRET"),
        lzma.compress(b"S3CRET"),
        b"\x28\xb5\x2f\xfdS3CRET",
        b"7z\xbc\xaf\x27\x1cS3CRET",
        b"\x04\x22\x4d\x18S3CRET",
        b"S3CRET",
        b"\x00\x01\x02S3CRET",
        b"\xff\xfeS\x003\x00",
        b"\xfe\xff\x00S",
    ],
    ids=["gzip", "zip", "bzip2", "xz", "zstandard", "7-Zip", "lz4", "a word", "bytes", "UTF-16", "big-endian UTF-16"],
)
def test_what_holds_no_requests_is_refused_without_being_shown(content: bytes, suffix: str, tmp_path: Path) -> None:
    (tmp_path / f"in.{suffix}").write_bytes(content)
    if suffix == "jsonl" and content == b"S3CRET":
        found = decide(tmp_path / "in.jsonl", tmp_path / "out.csv")
        assert (found.summary.read, found.summary.rejected, b"S3CRET" in found.rejected) == (1, 1, False)
        return
    assert len(refused(tmp_path / f"in.{suffix}", tmp_path / "out.csv")) == 1


@pytest.mark.parametrize("suffix", FORMATS)
@pytest.mark.parametrize(
    ("compress", "what"), [(gzip.compress, "gzip"), (bz2.compress, "bzip2"), (lzma.compress, "xz")]
)
def test_a_compressed_file_under_a_name_of_a_plain_one_is_told_as_such(
    compress: Callable[[bytes], bytes], what: str, suffix: str, tmp_path: Path
) -> None:
    source = write(tmp_path / f"in.{suffix}", SOME)
    source.write_bytes(compress(source.read_bytes()))
    assert refused(source, tmp_path / "out.csv") == [f"in.{suffix}: packed: the file is {what}"]


@pytest.mark.parametrize("cut", [4, 5, 100, 0.3, 0.7, 0.99, -1])
def test_parquet_cut_anywhere_is_refused_whole(cut: float, tmp_path: Path) -> None:
    whole = write(tmp_path / "in.parquet", SOME).read_bytes()
    size = cut if cut in (4, 5, 100) else len(whole) - 1 if cut < 0 else len(whole) * cut
    (tmp_path / "in.parquet").write_bytes(whole[: int(size)])
    found = refused(tmp_path / "in.parquet", tmp_path / "out.csv")
    assert found == ["in.parquet: not-parquet: cannot be read as Parquet"]


DAMAGED_PARQUET = """
import sys
from pathlib import Path
from random import Random
from batch.making import *
from medpolicy.text.findings import Unusable
folder, seed, count = Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])
whole = (folder / "in.parquet").read_bytes()
refused = read = 0
for number in range(count):
    random, damaged = Random(seed + number), bytearray(whole)
    for _ in range(random.choice((1, 1, 3, 20))):
        damaged[random.randrange(4, len(damaged))] = random.randrange(256)
    (folder / "damaged.parquet").write_bytes(damaged)
    try:
        decide(folder / "damaged.parquet", folder / "out.csv")
        read += 1
    except Unusable:
        refused += 1
print(refused, read)
"""


def test_damaged_parquet_is_refused_or_read_and_never_breaks_the_program(tmp_path: Path) -> None:
    """What is damaged so that Parquet cannot tell is read as what it says; checksums are left to storage."""
    pq.write_table(typed_table(SOME), tmp_path / "in.parquet", compression="none")
    environment = os.environ | {"PYTHONPATH": str(TESTS)}
    called = [sys.executable, "-c", DAMAGED_PARQUET, str(tmp_path), "1", os.environ.get("MEDPOLICY_DAMAGED", "150")]
    ended = subprocess.run(called, capture_output=True, text=True, timeout=3600, env=environment, check=False)
    assert (ended.returncode, ended.stderr) == (0, "")
    assert min(map(int, ended.stdout.split())) > 5


# Parquet as other programs write it


def test_row_groups_of_any_size_are_read_together(tmp_path: Path) -> None:
    whole = decide(write(tmp_path / "in.csv", SOME), tmp_path / "out.csv")
    for rows in (1, 7, 49, 50, 1000):
        pq.write_table(typed_table(SOME), tmp_path / "in.parquet", row_group_size=rows)
        assert decide(tmp_path / "in.parquet", tmp_path / "out.csv").output == whole.output


@pytest.mark.parametrize(
    "options",
    [
        {"use_dictionary": False},
        {"use_dictionary": False, "data_page_size": 64},
        {"dictionary_pagesize_limit": 16, "data_page_size": 64},
        {"compression": "zstd", "data_page_version": "2.0"},
        {"compression": "gzip", "version": "1.0"},
        {"store_schema": False, "use_compliant_nested_type": False},
        {"column_encoding": "DELTA_BYTE_ARRAY", "use_dictionary": False, "columns": ["request_id", "disease"]},
    ],
    ids=str,
)
def test_parquet_in_every_encoding_gives_the_same_answers(options: dict[str, Any], tmp_path: Path) -> None:
    whole = decide(write(tmp_path / "in.csv", SOME), tmp_path / "out.csv")
    columns = options.pop("columns", None)
    if columns:
        options["column_encoding"] = dict.fromkeys(columns, options["column_encoding"])
    pq.write_table(typed_table(SOME), tmp_path / "in.parquet", row_group_size=20, **options)
    assert decide(tmp_path / "in.parquet", tmp_path / "out.csv").output == whole.output


def test_parquet_that_pandas_or_polars_wrote_as_words_is_read(tmp_path: Path) -> None:
    whole = decide(write(tmp_path / "in.csv", SOME), tmp_path / "out.csv")
    table = typed_table(SOME)
    for name in ("disease", "ph_status", "request_type"):
        place = table.schema.get_field_index(name)
        table = table.set_column(place, name, table.column(name).dictionary_encode())
    pq.write_table(table, tmp_path / "in.parquet", row_group_size=9)
    assert decide(tmp_path / "in.parquet", tmp_path / "out.csv").output == whole.output


def test_an_empty_parquet_table_is_an_empty_batch_of_the_same_columns(tmp_path: Path) -> None:
    pq.write_table(typed_table(SOME).slice(0, 0), tmp_path / "in.parquet")
    for suffix in FORMATS:
        found = decide(tmp_path / "in.parquet", tmp_path / f"out.{suffix}")
        assert (str(found.summary), found.answers) == ("read 0 = decided 0 + rejected 0", [])
    assert pq.read_schema(tmp_path / "out.parquet").names == (tmp_path / "out.csv").read_text().strip().split(",")


def test_a_parquet_column_whose_name_has_a_dot_is_no_part_of_another(tmp_path: Path) -> None:
    table = typed_table(SOME).append_column("disease.code", pa.array(["x"] * len(SOME)))
    pq.write_table(table, tmp_path / "in.parquet")
    assert refused(tmp_path / "in.parquet", tmp_path / "out.csv") == [
        "in.parquet: unknown-column: unknown column `disease.code`"
    ]
    ignored = decide(tmp_path / "in.parquet", tmp_path / "out.csv", extra="ignore")
    whole = decide(write(tmp_path / "in.csv", SOME), tmp_path / "out.csv")
    assert ignored.output == whole.output
    kept = decide(tmp_path / "in.parquet", tmp_path / "out.csv", extra="keep")
    assert {each["disease.code"] for each in kept.answers} == {"x"}


def test_the_output_is_readable_by_whoever_may_read_new_files(source: Path, tmp_path: Path) -> None:
    umask = os.umask(0o027)
    try:
        decide(source, tmp_path / "out.csv")
    finally:
        os.umask(umask)
    assert (tmp_path / "out.csv").stat().st_mode & 0o777 == 0o640


def test_the_beginning_of_a_file_tells_its_format() -> None:
    assert [
        formats.format_of_content((EXAMPLES / name).read_bytes(), {"request_id", "disease"})
        for name in ("requests.csv", "requests.jsonl")
    ] == ["csv", "jsonl"]
    assert json.loads((EXAMPLES / "requests.jsonl").read_bytes().splitlines()[0])["request_id"]
