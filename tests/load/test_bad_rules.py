"""Every fault of a rule file and its exact message, from the texts of `bad/rules`."""

from __future__ import annotations

import codecs
import json
import re
from pathlib import Path

import pytest
from faults import VALID_RULES as VALID
from faults import Fault, faults, parametrize

from medpolicy import Finding, InvalidPolicy, load_policy
from medpolicy.load import RuleFile, read_rule_file
from medpolicy.load.folder import together
from medpolicy.text.json_text import MOST_BYTES

NAME = "inotuzumab-ozogamicin"

FAULTS = faults("rules")
WARNINGS = [fault for fault in FAULTS if fault.stem.startswith("warning") and "error[" not in fault.message]
ERRORS = [fault for fault in FAULTS if fault not in WARNINGS]

OVERLAP = (
    "3:47: error[revisions-overlap]: revisions `2026-04-02` and `2027-01-01` are both in effect on 2027-01-01\n"
    "  at $.effective_from\n"
    "  help: let the earlier one end on 2026-12-31 (`effective_to` in 2026-04-02.json)\n"
    '  for example: {"request_id": "EXAMPLE-1", "service_start_date": "2027-01-01", "request_type": "initial"}\n'
)
TOGETHER: dict[str, tuple[dict[str, str], dict[str, str], str]] = {
    "revision-id-given-twice": (
        {"effective_to": "2026-12-31"},
        {"effective_from": "2027-01-01"},
        "3:15: error[repeated-id]: the revision id `2026-04-02` is also that of 2026-04-02.json\n"
        "  at $.revision\n"
        "  help: each revision has an id of its own\n",
    ),
    "revisions-begin-on-one-day": (
        {},
        {"revision": "2027-01-01"},
        "3:47: error[revisions-overlap]: revisions `2026-04-02` and `2027-01-01` are both in effect on 2026-04-02\n"
        "  at $.effective_from\n"
        "  help: one of them must begin on another day (2026-04-02.json is the other file)\n"
        '  for example: {"request_id": "EXAMPLE-1", "service_start_date": "2026-04-02", "request_type": "initial"}\n',
    ),
    "revisions-overlap": ({}, {"revision": "2027-01-01", "effective_from": "2027-01-01"}, OVERLAP),
    "revisions-overlap-on-one-day": (
        {"effective_to": "2027-01-01"},
        {"revision": "2027-01-01", "effective_from": "2027-01-01"},
        OVERLAP,
    ),
}
"""The keys that differ from the valid file in the first and in the second file, and the message on the second."""

OF_A_PROGRAM = re.compile(
    r"\b(str|int|bool|dict|tuple|None|NoneType|frozenset|pydantic|Traceback|[A-Za-z]+Error|input)\b"
)
CODE = re.compile(r"(?:error|warning)\[([a-z-]+)\]")
MADE_HERE = {"encoding", "too-large", "no-such-file", "not-a-file", "unreadable", "more-findings", "overlap-not-proven"}
OF_A_FOLDER = {"policy-folder", "no-rule-files", "unknown-revision"}
OF_THE_COMMAND_LINE = {"extra-missing", "unwritable"}
CANNOT_HAPPEN = {"wrong-shape"}


def told(file: RuleFile) -> str:
    return "".join(f"{finding}\n" for finding in file.findings)


def write_policy(folder: Path, files: dict[str, bytes]) -> Path:
    (folder / NAME).mkdir()
    for file, content in files.items():
        (folder / NAME / file).write_bytes(content)
    return folder


@parametrize(FAULTS)
def test_each_fault_has_its_exact_message(fault: Fault, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The file is read from its folder by its name alone, as by a person who works there."""
    fault.write(tmp_path)
    monkeypatch.chdir(tmp_path)
    assert told(read_rule_file(Path(fault.file))) == fault.message


def read(fault: Fault) -> RuleFile:
    return read_rule_file(Path(fault.file), fault.content)


@parametrize(ERRORS)
def test_no_policy_has_a_rule_file_with_an_error(fault: Fault, tmp_path: Path) -> None:
    file = read(fault)
    assert file.revision is None
    assert file.digest == ""
    assert file.errors
    with pytest.raises(InvalidPolicy) as refused:
        load_policy(NAME, write_policy(tmp_path, {"2026-04-02.json": fault.content}))
    assert [finding.message for finding in refused.value.findings] == [finding.message for finding in file.errors]


@parametrize(WARNINGS)
def test_a_rule_file_with_warnings_alone_is_used(fault: Fault, tmp_path: Path) -> None:
    file = read(fault)
    assert file.findings
    assert not file.errors
    assert file.revision is not None
    policy = load_policy(NAME, write_policy(tmp_path, {"2026-04-02.json": fault.content}))
    assert policy.revisions == (file.revision,)


@parametrize(FAULTS)
def test_every_finding_names_file_line_and_column_and_they_come_in_the_order_of_the_file(fault: Fault) -> None:
    lines = fault.content.decode("utf-8").split("\n")
    positions = []
    for finding in read(fault).findings:
        assert finding.file == fault.file
        assert finding.line is not None
        assert finding.column is not None
        assert 1 <= finding.line <= len(lines)
        assert 1 <= finding.column <= len(lines[finding.line - 1]) + 1
        positions.append((finding.line, finding.column))
    assert positions == sorted(positions)


@parametrize(FAULTS)
def test_messages_are_lower_case_sentences_of_no_program(fault: Fault) -> None:
    for finding in read(fault).findings:
        for text in (finding.message, finding.help or "help"):
            own = re.sub(r"`[^`]*`", "", text)
            assert not text.endswith((".", "\n"))
            assert text[0].islower() or text[0] == "`" or text.startswith("JSON"), text
            assert not OF_A_PROGRAM.search(own), text


def test_one_mistake_is_one_finding() -> None:
    several = {"several-faults-at-once", "warning-beside-an-error"}
    assert {fault.stem for fault in FAULTS if len(read(fault).findings) != 1} == several


def test_the_file_that_the_bad_ones_are_made_from_has_no_fault() -> None:
    file = read_rule_file(Path("valid.json"), VALID)
    assert file.findings == ()
    assert file.revision is not None
    assert file.digest.startswith("sha256:")


def test_no_fault_is_there_twice() -> None:
    assert len({fault.file for fault in FAULTS}) == len({fault.content for fault in FAULTS}) == len(FAULTS) == 214


def test_every_code_that_reading_can_give_has_a_bad_file() -> None:
    source = Path(read_rule_file.__code__.co_filename).parent
    texts = [path.read_text("utf-8") for path in (*source.glob("[!d]*.py"), *(source.parent / "text").glob("*.py"))]
    codes = {code for text in texts for code in re.findall(r'Finding\(\s*(?:code, )?"([a-z-]+)"', text)}
    messages = [*(fault.message for fault in FAULTS), *(message for _, _, message in TOGETHER.values())]
    shown = {code for message in messages for code in CODE.findall(message)}
    assert codes - MADE_HERE - CANNOT_HAPPEN - OF_A_FOLDER - OF_THE_COMMAND_LINE <= shown
    assert codes >= MADE_HERE | CANNOT_HAPPEN
    assert not shown & (MADE_HERE | CANNOT_HAPPEN)


@pytest.mark.parametrize(("first", "second", "message"), TOGETHER.values(), ids=TOGETHER)
def test_files_that_contradict_each_other_make_no_policy_and_have_their_exact_message(
    first: dict[str, str], second: dict[str, str], message: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    contents = {"2026-04-02.json": edited(first), "2027-01-01.json": edited(second)}
    monkeypatch.chdir(write_policy(tmp_path, contents) / NAME)
    files = [read_rule_file(path) for path in sorted(Path().glob("*.json"))]
    assert [file.findings for file in files] == [(), ()]
    assert "".join(f"{finding}\n" for finding in together(files, NAME)) == f"2027-01-01.json:{message}"
    with pytest.raises(InvalidPolicy):
        load_policy(NAME, tmp_path)


def edited(keys: dict[str, str]) -> bytes:
    """The valid file with other dates, byte for byte the same otherwise."""
    old = json.loads(VALID)
    text = VALID.decode()
    for key, value in keys.items():
        text = text.replace(f'"{key}": {json.dumps(old[key])}', f'"{key}": "{value}"', 1)
    return text.encode()


# What editors and version control would mangle


def one(text: bytes) -> Finding:
    file = read_rule_file(Path("x.json"), text)
    assert file.revision is None
    (finding,) = file.findings
    assert finding.file == "x.json"
    return finding


@pytest.mark.parametrize(
    ("text", "message", "advice", "line", "column"),
    [
        (VALID.decode().encode("utf-16"), "the text is UTF-16", "save it as UTF-8", 1, 1),
        (VALID.decode().encode("utf-16-le"), "the text is UTF-16", "save it as UTF-8", 1, 1),
        (codecs.BOM_UTF16_BE + VALID.decode().encode("utf-16-be"), "the text is UTF-16", "save it as UTF-8", 1, 1),
        (VALID.replace(b"A manual", "Ein f\xfcr".encode("latin-1")), "the text is not UTF-8", "save it as UTF-8", 4, 62),
        (VALID.replace(b"All is well", b"All \0 well"), "the control character U+0000 stands inside a string", "remove it", 7, 48),
        (VALID + b"\0", "the unusual character U+0000 stands outside of a string", "remove it", 71, 1),
        (VALID + b"\xef\xbb\xbf", "the unusual character U+FEFF stands outside of a string", "remove it", 71, 1),
        (VALID.replace(b'"value": 6', b'"value": ' + b"9" * 4301), "a number has too many digits", None, 37, 82),
    ],
    ids=["UTF-16", "UTF-16 without a mark", "UTF-16 from the other end", "Latin-1", "NUL in a string", "NUL after the end", "a mark at the end", "digits"],
)  # fmt: skip
def test_a_text_that_is_no_plain_utf_8_is_refused_where_it_is_not(
    text: bytes, message: str, advice: str | None, line: int, column: int
) -> None:
    finding = one(text)
    assert (finding.message, finding.help, finding.line, finding.column) == (message, advice, line, column)


def test_a_byte_order_mark_is_tolerated_and_moves_no_column() -> None:
    marked = read_rule_file(Path("x.json"), codecs.BOM_UTF8 + VALID)
    assert marked.findings == ()
    assert marked.digest == read_rule_file(Path("x.json"), VALID).digest
    assert one(codecs.BOM_UTF8 + b'{"a" 1}').column == 5


def test_line_ends_of_windows_count_as_one() -> None:
    windows = VALID.replace(b"\n", b"\r\n")
    assert read_rule_file(Path("x.json"), windows).findings == ()
    finding = one(windows.replace(b'"A small policy"', b"5"))
    assert (finding.line, finding.column) == (2, 47)


def test_the_white_space_of_a_file_is_no_part_of_its_digest() -> None:
    assert (
        read_rule_file(Path("x.json"), b" " + VALID.replace(b"\n", b"")).digest
        == read_rule_file(Path("x"), VALID).digest
    )


def test_a_file_over_one_mebibyte_is_refused_and_one_of_that_size_is_read(tmp_path: Path) -> None:
    file = tmp_path / "x.json"
    file.write_bytes(VALID.ljust(MOST_BYTES))
    assert read_rule_file(file).findings == ()
    file.write_bytes(VALID.ljust(MOST_BYTES + 1))
    (finding,) = read_rule_file(file).findings
    assert str(finding) == f"{file}:1:1: error[too-large]: is larger than 1 MiB"
    assert read_rule_file(file, file.read_bytes()).findings == (finding,)


def test_what_is_no_file_is_said_to_be_none(tmp_path: Path) -> None:
    assert (
        told(read_rule_file(tmp_path / "x.json")) == f"{tmp_path}/x.json: error[no-such-file]: there is no such file\n"
    )
    assert told(read_rule_file(tmp_path)) == f"{tmp_path}: error[not-a-file]: is a folder, not a file\n"
    (finding,) = read_rule_file(Path("a\0b")).findings
    assert finding.code == "unreadable"


def test_a_key_schema_may_be_there_and_changes_the_digest_alone() -> None:
    named = read_rule_file(Path("x.json"), VALID.replace(b"{", b'{"$schema": "policy.schema.json",', 1))
    assert named.findings == ()
    assert named.digest != read_rule_file(Path("x.json"), VALID).digest


def test_more_faults_than_anybody_reads_are_cut_and_said_to_be() -> None:
    many = b",".join(b'"item-%d"' % number for number in range(1000, 2000))
    file = read_rule_file(Path("x.json"), VALID.replace(b'"informative": ["title"', b'"informative": ["title",' + many))
    assert len(file.findings) == 501
    assert str(file.findings[-1]) == "x.json:1:1: error[more-findings]: there are more findings than these 500"
    assert file.findings[0].message == "unknown passage `item-1000`"


def test_more_warnings_than_anybody_reads_leave_a_file_usable() -> None:
    passage = b'"p%d": {"where": "x", "says": "x", "sha256": "' + b"3" * 64 + b'"},'
    many = b"".join(passage % number for number in range(600))
    file = read_rule_file(Path("x.json"), VALID.replace(b'"passages": {', b'"passages": {' + many))
    assert len(file.findings) == 501
    assert {finding.severity for finding in file.findings} == {"warning"}
    assert file.revision is not None
