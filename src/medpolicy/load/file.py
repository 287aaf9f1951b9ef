"""Reading one rule file: every fault of its text, shape, names and of the file as a whole, with its position."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import islice
from pathlib import Path
from typing import Any

import rfc8785

from medpolicy.language.revision import Revision
from medpolicy.language.vocabulary import InvalidPolicy, Vocabulary, find_vocabulary
from medpolicy.load.controls import with_control_faults
from medpolicy.load.names import name_faults
from medpolicy.load.overlap import pathways_overlap
from medpolicy.load.parts import entry, values_of
from medpolicy.load.shape import read_revision
from medpolicy.load.whole import nesting_faults, whole_faults, whole_warnings
from medpolicy.text.diagnostics import log_loaded, log_refused
from medpolicy.text.findings import MOST_FINDINGS, Finding, Unusable
from medpolicy.text.json_text import BYTE_ORDER_MARK, MOST_BYTES, Positions, parse_json

MOST_VALUES = 60_000
_ABOUT_KEYS = {"missing-key", "rule-without-passage", "unknown-key", "mixed-group"}
_ANOTHER_FORMAT = "this is not a rule file: it does not begin with `{`"
_RIGHT_FORMAT = "a rule file is JSON, and its name ends in `.json`"


@dataclass(frozen=True)
class RuleFile:
    """A rule file as read: every finding, and where the file can be used its revision with the vocabulary."""

    name: str
    revision: Revision | None
    vocabulary: Vocabulary | None
    digest: str
    findings: tuple[Finding, ...]
    text: bytes | None = None

    @property
    def errors(self) -> tuple[Finding, ...]:
        """The findings that keep the file from being used."""
        return tuple(finding for finding in self.findings if finding.severity == "error")

    def placed(self, finding: Finding) -> Finding:
        """A finding with the position of its path in this file."""
        if self._positions is None:
            return replace(finding, file=self.name)
        return _placed(finding, self._positions, self.name)

    @cached_property
    def _positions(self) -> Positions | None:
        return None if self.text is None else Positions(self.text)


def read_rule_file(path: Path, text: bytes | None = None) -> RuleFile:
    """Read one rule file, and report every fault of it at once (a fault of syntax ends the reading)."""
    file = _read(path, text)
    if file.revision is None:
        log_refused(file.name, file.errors)
    else:
        log_loaded(file.name, f"policy {file.revision.policy}", f"revision {file.revision.revision}", file.digest)
    return file


def _read(path: Path, text: bytes | None) -> RuleFile:
    name = str(path)
    try:
        text = read_bytes(path, no_pipe=bool(path.suffix)) if text is None else _small(text, name)
        if path.suffix not in ("", ".json") and not text.removeprefix(BYTE_ORDER_MARK).lstrip().startswith(b"{"):
            raise Unusable([Finding("not-a-rule-file", _ANOTHER_FORMAT, (), _RIGHT_FORMAT, "error", name, 1, 1)])
        document = parsed(text, name)
    except Unusable as error:
        return RuleFile(name, None, None, "", error.findings)
    findings, revision, vocabulary = _findings(document, text)
    if findings:
        positions = Positions(text)
        findings = sorted(dict.fromkeys(_placed(finding, positions, name) for finding in findings), key=_order)
    usable = not any(finding.severity == "error" for finding in findings)
    digest = "sha256:" + hashlib.sha256(rfc8785.dumps(document)).hexdigest() if usable else ""
    return RuleFile(name, revision if usable else None, vocabulary, digest, tuple(first_of(findings, usable)), text)


def first_of(findings: list[Finding], usable: bool = False) -> list[Finding]:
    """As many findings as a person can use, and one more where others are left out."""
    if len(findings) <= MOST_FINDINGS:
        return findings
    message = f"there are more findings than these {MOST_FINDINGS}"
    last = Finding("more-findings", message, severity="warning" if usable else "error")
    return [*findings[:MOST_FINDINGS], replace(last, file=findings[0].file, line=1, column=1)]


def _findings(document: Any, text: bytes) -> tuple[list[Finding], Revision | None, Vocabulary | None]:
    """Every finding of a document, without its position, then its revision and its vocabulary."""
    vocabulary, unknown = _vocabulary(document)
    revision, faults_of_shape = read_revision(text.removeprefix(BYTE_ORDER_MARK), document)
    shape = [*_some(faults_of_shape), *_some(nesting_faults(document))]
    names = [] if vocabulary is None else _some(name_faults(document, vocabulary))
    vague = [*unknown, *names, *_without_vague(shape, [*unknown, *names]), *whole_faults(document)]
    faults = [*with_control_faults(vague, document, text)]
    revision = None if shape else revision
    if vocabulary is None:
        return faults, revision, None
    whole = len(shape) + len(names) <= MOST_FINDINGS  # else a condition may have a fault that was not looked for
    overlaps = _some(pathways_overlap(document, faults, vocabulary)) if whole else []
    warnings = [] if revision is None else _some(whole_warnings(document, revision, vocabulary))
    return [*faults, *overlaps, *warnings], revision, vocabulary


def _some(findings: Iterable[Finding]) -> list[Finding]:
    """At most one finding more than are shown: the rest need not be looked for."""
    return list(islice(findings, MOST_FINDINGS + 1))


def _without_vague(shape: list[Finding], names: list[Finding]) -> list[Finding]:
    """The faults of shape without those of a value that has a more precise finding."""
    precise = {finding.path for finding in names}
    precise |= {finding.path[:-1] for finding in names if finding.code == "wrong-value"}
    return [finding for finding in shape if finding.path not in precise or finding.code in _ABOUT_KEYS]


def read_bytes(path: Path, most: int = MOST_BYTES, no_pipe: bool = False) -> bytes:
    """A file's bytes. Raises `InvalidPolicy` with the reason where it cannot be read or is too large.

    `no_pipe` refuses a pipe too: one that nobody writes to would never be read to its end.
    """
    if no_pipe and path.is_fifo():
        raise InvalidPolicy([Finding("not-a-file", "is a pipe, not a file", file=str(path))])
    try:
        with path.open("rb") as file:
            text = file.read(most + 1)
    except IsADirectoryError:
        fault = Finding("not-a-file", "is a folder, not a file", file=str(path))
    except FileNotFoundError:
        fault = Finding("no-such-file", "there is no such file", file=str(path))
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or "its name is none that a file can have"
        fault = Finding("unreadable", f"cannot be read: {reason.lower()}", file=str(path))
    else:
        return _small(text, str(path), most)
    raise InvalidPolicy([fault])


def _small(text: bytes, name: str, most: int = MOST_BYTES) -> bytes:
    if len(text) <= most:
        return text
    raise _too_large(f"is larger than {most >> 20} MiB", name)


def _too_large(message: str, name: str, line: int = 1) -> InvalidPolicy:
    return InvalidPolicy([Finding("too-large", message, file=name, line=line, column=1)])


def parsed(text: bytes, name: str, line: int = 1) -> Any:
    """The value of a JSON text that begins at a line of a file.

    Raises `Unusable` with a fault of syntax, or where looking for all other faults would take long.
    """
    value = parse_json(text, name, line - 1)
    marks = sum(map(text.count, (b",", b"[", b"{")))  # at most one value follows each
    if marks >= MOST_VALUES and any(islice(values_of(value), MOST_VALUES, None)):
        raise _too_large(f"holds more than {MOST_VALUES} values", name, line)
    return value


def _vocabulary(document: Any) -> tuple[Vocabulary | None, list[Finding]]:
    policy = entry(document, "policy", str)
    try:
        return None if policy is None else find_vocabulary(policy), []
    except InvalidPolicy as unknown:
        return None, list(unknown.findings)


def _placed(finding: Finding, positions: Positions, name: str) -> Finding:
    is_passage = len(finding.path) == 2 and finding.path[0] == "passages"
    return (positions.locate_key if finding.at_key or is_passage else positions.locate)(finding, name)


def _order(finding: Finding) -> tuple[int, int, str]:
    return finding.line or 0, finding.column or 0, finding.code
