"""Every fault of a rule file beside its exact message: `bad/rules/<fault>.json` and `.txt`, made from `valid.json`."""

from __future__ import annotations

import codecs
import re
from collections.abc import Callable
from pathlib import Path

import pytest

from medpolicy import Finding, InvalidPolicy, load_policy
from medpolicy.load import RuleFile, read_rule_file
from medpolicy.policy import together
from medpolicy.text.json_text import MOST_BYTES

ROOT = Path(__file__).parent
RULES = ROOT / "bad" / "rules"
TOGETHER = ROOT / "bad" / "together"
VALID = (RULES / "valid.json").read_bytes()
NAME = "inotuzumab-ozogamicin"

FAULTS = sorted(path.stem for path in RULES.glob("*.txt"))
ERRORS = [fault for fault in FAULTS if not fault.startswith("warning") or fault == "warning-beside-an-error"]
WARNINGS = [fault for fault in FAULTS if fault not in ERRORS]
PAIRS = sorted(path.stem for path in TOGETHER.glob("*.txt"))

OF_A_PROGRAM = re.compile(
    r"\b(str|int|bool|dict|tuple|None|NoneType|frozenset|pydantic|Traceback|[A-Za-z]+Error|input)\b"
)
CODE = re.compile(r"(?:error|warning)\[([a-z-]+)\]")
MADE_HERE = {"encoding", "too-large", "no-such-file", "not-a-file", "unreadable", "more-findings", "overlap-not-proven"}
CANNOT_HAPPEN = {"wrong-shape"}


def told(file: RuleFile) -> str:
    return "".join(f"{finding}\n" for finding in file.findings)


@pytest.fixture
def read(monkeypatch: pytest.MonkeyPatch) -> Callable[[str], RuleFile]:
    """Read a file of the folder by its name alone, as a person would who works there."""
    monkeypatch.chdir(RULES)
    return lambda fault: read_rule_file(Path(f"{fault}.json"))


@pytest.mark.parametrize("fault", FAULTS)
def test_each_fault_has_its_exact_message(fault: str, read: Callable[[str], RuleFile]) -> None:
    assert told(read(fault)) == (RULES / f"{fault}.txt").read_text("utf-8")


@pytest.mark.parametrize("fault", ERRORS)
def test_no_policy_has_a_rule_file_with_an_error(fault: str, read: Callable[[str], RuleFile], tmp_path: Path) -> None:
    file = read(fault)
    assert file.revision is None
    assert file.digest == ""
    assert file.errors
    folder = tmp_path / NAME
    folder.mkdir()
    (folder / "2026-04-02.json").write_bytes((RULES / f"{fault}.json").read_bytes())
    with pytest.raises(InvalidPolicy) as refused:
        load_policy(NAME, tmp_path)
    assert [each.message for each in refused.value.findings] == [each.message for each in file.errors]


@pytest.mark.parametrize("fault", WARNINGS)
def test_a_rule_file_with_warnings_alone_is_used(fault: str, read: Callable[[str], RuleFile], tmp_path: Path) -> None:
    file = read(fault)
    assert file.findings
    assert not file.errors
    assert file.revision is not None
    folder = tmp_path / NAME
    folder.mkdir()
    (folder / "2026-04-02.json").write_bytes((RULES / f"{fault}.json").read_bytes())
    assert load_policy(NAME, tmp_path).revisions == (file.revision,)


@pytest.mark.parametrize("fault", FAULTS)
def test_every_finding_names_file_line_and_column_and_they_come_in_the_order_of_the_file(
    fault: str, read: Callable[[str], RuleFile]
) -> None:
    text = (RULES / f"{fault}.json").read_bytes().decode("utf-8")
    lines = text.split("\n")
    places = []
    for finding in read(fault).findings:
        assert finding.file == f"{fault}.json"
        assert finding.line is not None
        assert finding.column is not None
        assert 1 <= finding.line <= len(lines)
        assert 1 <= finding.column <= len(lines[finding.line - 1]) + 1
        places.append((finding.line, finding.column))
    assert places == sorted(places)


@pytest.mark.parametrize("fault", FAULTS)
def test_messages_are_lower_case_sentences_of_no_program(fault: str, read: Callable[[str], RuleFile]) -> None:
    for finding in read(fault).findings:
        for text in (finding.message, finding.help or "help"):
            own = re.sub(r"`[^`]*`", "", text)
            assert not text.endswith((".", "\n"))
            assert text[0].islower() or text[0] == "`" or text.startswith("JSON"), text
            assert not OF_A_PROGRAM.search(own), text


def test_one_mistake_is_one_finding(read: Callable[[str], RuleFile]) -> None:
    several = {"several-faults-at-once", "warning-beside-an-error"}
    assert {fault for fault in FAULTS if len(read(fault).findings) != 1} == several


def test_the_file_that_the_bad_ones_are_made_from_has_no_fault(read: Callable[[str], RuleFile]) -> None:
    file = read("valid")
    assert file.findings == ()
    assert file.revision is not None
    assert file.digest.startswith("sha256:")


def test_every_bad_file_has_a_message_and_the_other_way_round() -> None:
    assert {path.stem for path in RULES.glob("*.json")} == {*FAULTS, "valid"}
    assert len(ERRORS) > 50


def test_every_code_that_reading_can_give_has_a_bad_file() -> None:
    source = Path(read_rule_file.__code__.co_filename).parent
    texts = [path.read_text("utf-8") for path in (*source.glob("[!d]*.py"), *(source.parent / "text").glob("*.py"))]
    codes = {code for text in texts for code in re.findall(r'Finding\(\s*(?:code, )?"([a-z-]+)"', text)}
    shown = {
        code
        for path in (*RULES.glob("*.txt"), *TOGETHER.glob("*.txt"))
        for code in CODE.findall(path.read_text("utf-8"))
    }
    assert codes - MADE_HERE - CANNOT_HAPPEN <= shown
    assert codes >= MADE_HERE | CANNOT_HAPPEN
    assert not shown & (MADE_HERE | CANNOT_HAPPEN)


@pytest.mark.parametrize("pair", PAIRS)
def test_faults_of_two_files_together_have_their_exact_message(pair: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(TOGETHER / pair)
    files = [read_rule_file(path) for path in sorted(Path().glob("*.json"))]
    assert [file.findings for file in files] == [(), ()]
    assert "".join(f"{each}\n" for each in together(files, NAME)) == (TOGETHER / f"{pair}.txt").read_text("utf-8")


@pytest.mark.parametrize("pair", PAIRS)
def test_no_policy_has_files_that_contradict_each_other(pair: str, tmp_path: Path) -> None:
    (tmp_path / NAME).symlink_to(TOGETHER / pair, target_is_directory=True)
    with pytest.raises(InvalidPolicy):
        load_policy(NAME, tmp_path)


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
