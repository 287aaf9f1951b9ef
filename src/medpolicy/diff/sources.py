"""OLD and NEW: a rule file, the id of a revision, or `REF:PATH` of the git repository, each with its golden cases."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

from medpolicy.diff.git import file_at, file_if_any, is_folder
from medpolicy.language.revision import Revision
from medpolicy.language.vocabulary import InvalidPolicy, Vocabulary
from medpolicy.load import RuleFile, read_rule_file
from medpolicy.load.file import read_bytes
from medpolicy.load.folder import rule_files
from medpolicy.text.findings import Finding, Unusable, did_you_mean, listed, quoted
from medpolicy.text.json_text import MOST_BYTES, parse_json

_CASES = "cases"
_MOST_BYTES_OF_CASES = 64 * MOST_BYTES


@dataclass(frozen=True)
class NamedRevision:
    """One of the two revisions: the name that it was given by, what its file holds, and its golden cases."""

    name: str
    revision: Revision
    vocabulary: Vocabulary
    cases: Mapping[str, Any] | None
    """By the ids of their requests; None where there is no file of them."""

    @property
    def title(self) -> str:
        """Its name, its id and its dates."""
        until = "on" if self.revision.effective_to is None else f"to {self.revision.effective_to}"
        dates = f"in effect from {self.revision.effective_from} {until}"
        return f"{self.name} (revision {self.revision.revision}, {dates})"


def read_revision(name: str, folder: Path | None) -> NamedRevision:
    """The revision that OLD or NEW names; `folder` holds the rule files among which ids are looked up.

    Raises `Unusable` with every fault of its file, or if there is no such revision.
    """
    path = Path(name)
    if path.is_dir():
        raise _not_a_file(name, [str(file) for file in rule_files(path)])
    if path.suffix == ".jsonl":
        raise _of_cases(name, path)
    if path.is_file():
        return _usable(name, read_rule_file(path), _cases_of(path))
    ref, colon, within = name.partition(":")
    if colon:
        return _of_git(name, ref, within)
    if path.suffix or len(path.parts) > 1:
        read_bytes(path)  # says that there is no such file
    return _with_id(name, folder)


def _of_git(name: str, ref: str, within: str) -> NamedRevision:
    if not within:
        raise InvalidPolicy([Finding("git", "names a commit and no file", help=f"name one: `{name}PATH`", file=name)])
    if is_folder(ref, within, name):
        raise _not_a_file(name, [])
    text = file_at(ref, within, name, MOST_BYTES)
    file = PurePosixPath(within)
    cases = f"{'./' if within.startswith('./') else ''}{file.parent / _CASES / file.stem}.jsonl"
    return _usable(name, read_rule_file(Path(name), text), file_if_any(ref, cases, name, _MOST_BYTES_OF_CASES))


def _not_a_file(name: str, files: list[str]) -> InvalidPolicy:
    known = listed(files, last="or")
    help = f"the rule file{'s in it are' if len(files) > 1 else ' in it is'} {known}" if files else None
    return InvalidPolicy([Finding("not-a-file", "is a folder, not a file", help=help, file=name)])


def _of_cases(name: str, path: Path) -> InvalidPolicy:
    """The fault of a file of golden cases in the place of the rule file that they belong to."""
    rules = path.parent.parent / f"{path.stem}.json"
    help = f"the rule file of these cases is {quoted(str(rules))}" if path.parent.name == _CASES else None
    message = "is a file of JSON Lines, as golden cases and requests are, and not a rule file"
    return InvalidPolicy([Finding("not-a-rule-file", message, help=help, file=name)])


def _with_id(id: str, folder: Path | None) -> NamedRevision:
    files = {} if folder is None else {path: read_rule_file(path) for path in rule_files(folder)}
    for path, file in files.items():
        if (file.revision is None and path.stem == id) or (file.revision is not None and file.revision.revision == id):
            return _usable(id, file, _cases_of(path))
    ids = [file.revision.revision for file in files.values() if file.revision is not None]
    known = f"the revisions are {listed(ids, last='and')}" if ids else "name a rule file"
    help = did_you_mean(id, ids) or f"{known}; a rule file and `REF:PATH` of the git repository will do as well"
    raise InvalidPolicy([Finding("unknown-revision", f"there is no file and no revision {quoted(id)}", help=help)])


def _usable(name: str, file: RuleFile, cases: bytes | None) -> NamedRevision:
    if file.revision is None or file.vocabulary is None or file.errors:
        raise InvalidPolicy(file.errors)
    return NamedRevision(name, file.revision, file.vocabulary, None if cases is None else dict(_by_request(cases)))


def _cases_of(path: Path) -> bytes | None:
    """The golden cases of a rule file, None where there are none."""
    cases = path.parent / _CASES / f"{path.stem}.jsonl"
    return read_bytes(cases, _MOST_BYTES_OF_CASES) if cases.is_file() else None


def _by_request(text: bytes) -> Iterator[tuple[str, Any]]:
    """Each case by the id of its request, or by its line number; a line that holds no case is kept as text."""
    for number, line in enumerate(text.splitlines(), 1):
        if line.strip():
            try:
                case = parse_json(line)
            except Unusable:
                case = None
            request = case.get("request") if isinstance(case, dict) else None
            id = request.get("request_id") if isinstance(request, dict) else None
            yield (id, case) if isinstance(id, str) else (f"line {number}", {"text": line.decode("utf-8", "replace")})
