"""Where golden cases are kept: `cases/<date>.jsonl` beside their rule file `<date>.json`."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from os.path import normpath
from pathlib import Path

from medpolicy.evaluate.compiled import Compiled
from medpolicy.evaluate.decide import Decider
from medpolicy.golden.case import GoldenCase, read_cases
from medpolicy.language.revision import Revision
from medpolicy.language.vocabulary import InvalidPolicy, Vocabulary
from medpolicy.load import RuleFile, read_rule_file
from medpolicy.load.folder import cases_path, read_rule_files, rule_files, unknown_revision
from medpolicy.policy import Policy, policy_of
from medpolicy.text.findings import Finding, Unusable, did_you_mean, listed


@dataclass(frozen=True)
class RevisionCases:
    """One revision with its rule file, and its golden cases (none where the file `path` does not exist)."""

    rules: RuleFile
    decider: Decider
    path: Path
    cases: tuple[GoldenCase, ...]

    @property
    def revision(self) -> Revision:
        """The revision that the cases are for."""
        return self.decider.revision

    @property
    def vocabulary(self) -> Vocabulary:
        """The vocabulary of its policy."""
        return self.decider.vocabulary

    @cached_property
    def policy(self) -> Policy:
        """The policy of that one revision, which decides the cases; on other days no revision is in effect."""
        return Policy(self.vocabulary, (self.decider,))

    @cached_property
    def compiled(self) -> Compiled:
        """The revision on its tables."""
        return Compiled(self.decider)


def golden_cases(policy: str, folder: Path, revision: str | None = None) -> tuple[RevisionCases, ...]:
    """The revisions in a policy's folder with their golden cases, or one of them.

    Raises `Unusable` with every fault of the rule files, and then with every fault of the files of cases.
    """
    files = read_rule_files(policy, folder)
    wanted = [file for file in files if revision in (None, _id(file))]
    if revision is not None and not wanted:
        raise unknown_revision(policy, revision, [_id(file) for file in files])
    return _all([(file, _cases_path(file)) for file in wanted], _stray(folder, files))


def cases_beside(path: Path) -> RevisionCases:
    """The cases of one file, with the revision of their rule file.

    Raises `Unusable` where either has a fault, or there is no such rule file.
    """
    folder = Path(normpath(path.parent / ".."))
    for candidate in sorted(rule_files(folder), key=lambda candidate: candidate.stem != path.stem):
        file = read_rule_file(candidate)
        if candidate.stem == path.stem or (file.revision is not None and _id(file) == path.stem):
            if file.errors:
                raise InvalidPolicy(file.errors)
            return _all([(file, path)], [])[0]
    raise Unusable([_of_no_revision(path, [rules.stem for rules in rule_files(folder)])])


def _stray(folder: Path, files: Sequence[RuleFile]) -> list[Finding]:
    names = {Path(file.name).stem for file in files} | {_id(file) for file in files}
    return [
        _of_no_revision(path, sorted(names))
        for path in sorted(folder.glob(str(cases_path(Path("*.json")))))
        if path.stem not in names
    ]


def _all(files: Iterable[tuple[RuleFile, Path]], findings: list[Finding]) -> tuple[RevisionCases, ...]:
    read = []
    for file, path in files:
        if file.vocabulary is None:
            continue
        [decider] = policy_of(file.vocabulary, [file]).deciders
        cases: tuple[GoldenCase, ...] = ()
        if path.exists():
            try:
                cases = read_cases(path, file.vocabulary)
            except Unusable as error:
                findings += error.findings
        read.append(RevisionCases(file, decider, path, cases))
    if findings:
        raise Unusable(findings)
    return tuple(read)


def _cases_path(file: RuleFile) -> Path:
    """The file of a revision's cases: named after its rule file, or after its id where only that file exists."""
    named = cases_path(Path(file.name))
    by_id = named.with_name(f"{_id(file)}{named.suffix}")
    return by_id if by_id.exists() and not named.exists() else named


def _id(file: RuleFile) -> str:
    return "" if file.revision is None else file.revision.revision


def _of_no_revision(path: Path, names: list[str]) -> Finding:
    advice = did_you_mean(path.stem, names) or f"it is named after a rule file: {listed(names) or 'there is none'}"
    return Finding("cases-without-rules", "there is no rule file of these cases", help=advice, file=str(path))
