"""OLD and NEW: a rule file, the id of a revision, or `REF:PATH` of the git repository, each with its golden cases."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

from medpolicy.language.revision import Revision, days_in_effect
from medpolicy.language.vocabulary import InvalidPolicy, Vocabulary
from medpolicy.load import RuleFile, read_rule_file
from medpolicy.load.file import read_bytes
from medpolicy.load.folder import NO_RULE_FILE, cases_path, rule_files
from medpolicy.load.parts import entry
from medpolicy.text.findings import Finding, Unusable, did_you_mean, listed, quoted
from medpolicy.text.json_text import MOST_BYTES, parse_json
from medpolicy.text.visible import on_one_line

_FOLDER = "is a folder, not a file"
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
        days = days_in_effect(self.revision.effective_from, self.revision.effective_to)
        return f"{on_one_line(self.name)} (revision {self.revision.revision}, in effect {days})"


def named_revision(name: str, folder: Path | None) -> NamedRevision:
    """The revision that OLD or NEW names; `folder` holds the rule files among which ids are looked up.

    Raises `Unusable` with every fault of its file, or if there is no such revision.
    """
    path = Path(name)
    if path.is_dir():
        files = rule_files(path)
        known = f"the rule file{'s in it are' if len(files) > 1 else ' in it is'} {listed(files, last='or')}"
        raise _fault("not-a-file", _FOLDER, known if files else None, name)
    if path.suffix == ".jsonl":
        rules = path.parent.parent / f"{path.stem}.json"
        help = f"the rule file of these cases is {quoted(rules)}" if cases_path(rules) == path else None
        raise _fault("not-a-rule-file", NO_RULE_FILE, help, name)
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
        raise _fault("git", "names a commit and no file", f"name one: `{name}PATH`", name)
    text = _file_at(ref, within, name, MOST_BYTES)
    cases = f"{'./' if within.startswith('./') else ''}{cases_path(PurePosixPath(within))}"
    return _usable(name, read_rule_file(Path(name), text), _file_if_any(ref, cases, name, _MOST_BYTES_OF_CASES))


def _file_at(ref: str, path: str, name: str, most: int) -> bytes:
    """The content of a file at a commit, or in the index if `ref` is empty; messages call it `name`."""
    content = _file_if_any(ref, path, name, most)
    if content is None and _git("cat-file", "-t", f"{ref}:{path}", name=name) == b"tree\n":
        raise _fault("not-a-file", _FOLDER, None, name)
    if content is None:
        below = Path(path).exists() and not path.startswith(("./", "../"))
        help = f"a path counts from the root of the repository; below this folder it is `./{path}`" if below else None
        raise _fault("git", f"there is no file {quoted(path)} at {quoted(ref) if ref else 'the index'}", help, name)
    return content


def _file_if_any(ref: str, path: str, name: str, most: int) -> bytes | None:
    """The content of a file at a commit, or None if the commit has no such file."""
    if _git("rev-parse", "--git-dir", name=name) is None:
        advice = "`REF:PATH` names a file at a commit; `git status` says what git makes of this folder"
        raise _fault("git", "the current folder is in no git repository", advice, name)
    revision = f"{ref}^{{commit}}"
    commit = _git("rev-parse", "--verify", "--quiet", "--end-of-options", revision, name=name) if ref else b""
    if commit is None:
        advice = "`git log --oneline` and `git branch --all` list what there is; a clone may lack it: `git fetch`"
        raise _fault("git", f"the git repository has no commit {quoted(ref)}", advice, name)
    place = f"{commit.decode().strip()}:{path}"
    size = _git("cat-file", "-s", place, name=name)
    if size is not None and int(size) > most:
        raise _fault("git", f"is larger than {most >> 20} MiB", None, name)
    return None if size is None else _git("cat-file", "blob", place, name=name)


def _git(*arguments: str, name: str) -> bytes | None:
    """What git prints, or None if it fails."""
    try:
        ran = subprocess.run(["git", *arguments], capture_output=True, check=False)
    except OSError:
        message = "`REF:PATH` needs git, which cannot be run here"
        raise _fault("git", message, "install git, or name a file", name) from None
    return ran.stdout if ran.returncode == 0 else None


def _fault(code: str, message: str, help: str | None, name: str) -> InvalidPolicy:
    return InvalidPolicy([Finding(code, message, help=help, file=name)])


def _with_id(id: str, folder: Path | None) -> NamedRevision:
    files = {} if folder is None else {path: read_rule_file(path) for path in rule_files(folder)}
    for path, file in files.items():
        if id == (path.stem if file.revision is None else file.revision.revision):
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
    cases = cases_path(path)
    return read_bytes(cases, _MOST_BYTES_OF_CASES) if cases.is_file() else None


def _by_request(text: bytes) -> Iterator[tuple[str, Any]]:
    """Each case by the id of its request, or by its line number; a line that holds no case is kept as text."""
    for number, line in enumerate(text.splitlines(), 1):
        if line.strip():
            case = None
            with suppress(Unusable):
                case = parse_json(line)
            id = entry(entry(case, "request", dict), "request_id", str)
            yield (f"line {number}", {"text": line.decode("utf-8", "replace")}) if id is None else (id, case)
