"""Find the faults of rule files, and prove their invariants.

Without FILES: every rule file of every installed policy, or of --rules. With --source: also the paragraphs of the
publisher's document that no passage restates, and the passages that it no longer contains. Rule files without errors are
also examined for faults of logic (the extra `prove`), and standard error says of each invariant whether it is proven.
Exit status 1 where there is an error or a warning; findings for information leave it at 0.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path

from medpolicy.check import Proof, checked, gap_between_revisions
from medpolicy.cli.options import add_json, add_limit, add_rules, policy_name, rules_given, shown_path
from medpolicy.cli.output import DONE, FOUND, UNUSABLE, complain, remark, write_json, write_text
from medpolicy.cli.parser import usage_fault
from medpolicy.language.installed import known_policies
from medpolicy.language.vocabulary import find_vocabulary
from medpolicy.load import RuleFile, read_rule_file
from medpolicy.load.document import MOST_BYTES, not_contained, read_document, unaccounted
from medpolicy.load.file import first_of, read_bytes
from medpolicy.load.folder import NO_RULE_FILE, rule_files, together
from medpolicy.text.findings import MOST_FINDINGS, Finding, Unusable, listed

NOT_READ = {"no-such-file", "not-a-file", "unreadable"}
"""Findings of a file that cannot be read at all, so that there is nothing to check."""


@dataclass(frozen=True)
class Checked:
    """The rule files that could be read, what was found in them, and why others could not be read."""

    files: list[RuleFile]
    findings: list[Finding]
    unreadable: list[Finding]


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument("files", metavar="FILES", nargs="*", help="rule files")
    parser.add_argument(
        "--source", metavar="FILE", help="the publisher's document as text, to compare with the passages"
    )
    add_limit(parser)
    add_rules(parser)
    add_json(parser)


def run(options: argparse.Namespace) -> int:
    """Print what is wrong with rule files."""
    if options.files and (options.rules or options.policy):
        raise usage_fault("name rule files, or `--rules` and `--policy`, not both", None, "medpolicy check")
    read = _checked([Path(name) for name in options.files]) if options.files else _every(options)
    faults, proofs, prevented = _examined(read.files, options.limit)
    findings = [*read.findings, *faults]
    if options.source is not None:
        findings += _compared(options.source, read.files)
    if options.json:
        write_json(
            {
                "files": [_described(file) for file in read.files],
                "findings": [finding.to_dict() for finding in findings],
                "invariants": [proof.to_dict() for proof in proofs],
            }
        )
    else:
        write_text("".join(f"{finding}\n" for finding in findings))
    complain(read.unreadable)
    complain(prevented)
    several = len({proof.file for proof in proofs}) > 1
    for proof in proofs:
        of_file = f"{proof.file}: " if several else ""
        remark(f"{of_file}{proof.verdict}: {proof.text.removesuffix('.')}")
    remark(_summary(read.files, findings))
    if read.unreadable:
        return UNUSABLE
    return FOUND if any(finding.severity != "info" for finding in findings) else DONE


def _every(options: argparse.Namespace) -> Checked:
    """Every rule file there is, each folder's checked together."""
    parts = [_checked(rule_files(folder), folder.name) for folder in _folders(options)]
    if not any(part.files or part.unreadable for part in parts):
        given = rules_given(options)
        file = None if given is None else str(given)
        raise Unusable([Finding("no-rule-files", "there is no rule file to check", file=file)])
    return Checked(
        [file for part in parts for file in part.files],
        [finding for part in parts for finding in part.findings],
        [fault for part in parts for fault in part.unreadable],
    )


def _folders(options: argparse.Namespace) -> list[Path]:
    given = rules_given(options)
    if options.policy is not None:
        name = policy_name(options)
        return [find_vocabulary(name).rules if given is None else given / name]
    if given is None:
        return [find_vocabulary(name).rules for name in known_policies()]
    return sorted(folder for folder in given.iterdir() if folder.is_dir())


def _checked(paths: Sequence[Path], policy: str | None = None) -> Checked:
    files: list[RuleFile] = []
    unreadable: list[Finding] = []
    for path in dict.fromkeys(map(shown_path, paths)):
        if path.suffix == ".jsonl":
            advice = "`medpolicy cases` runs golden cases"
            unreadable.append(Finding("not-a-rule-file", NO_RULE_FILE, help=advice, file=str(path)))
            continue
        file = read_rule_file(path)
        if file.findings and all(finding.code in NOT_READ for finding in file.findings):
            unreadable += map(_with_advice, file.findings)
        else:
            files.append(file)
    findings = [finding for file in files for finding in file.findings] + together(files, policy)
    return Checked(files, findings, unreadable)


def _with_advice(finding: Finding) -> Finding:
    """A finding about a folder given as a file, with the way to check all rule files in it."""
    advice = "`--rules DIR` checks all rule files of a folder that has a folder for each policy"
    return replace(finding, help=advice) if finding.code == "not-a-file" else finding


def _examined(files: Sequence[RuleFile], limit: float) -> tuple[list[Finding], list[Proof], list[Finding]]:
    """Faults of logic and the proofs of invariants, or else what prevents them: a missing extra."""
    gaps = list(gap_between_revisions.find(files))
    try:
        logic = [checked(file, limit) for file in files if file.revision is not None]
    except Unusable as error:
        consequence = "the findings about logic and the proofs of invariants are left out: "
        prevented = [
            replace(finding, message=consequence + finding.message, severity="warning") for finding in error.findings
        ]
        return gaps, [], prevented
    findings = [finding for file in logic for finding in file.findings]
    return findings + gaps, [proof for file in logic for proof in file.proofs], []


def _compared(source: str, files: Sequence[RuleFile]) -> list[Finding]:
    """What differs between the publisher's document and the passages of the latest revision."""
    document = read_document(read_bytes(Path(source), MOST_BYTES), source)
    revisions = [(file.revision, file) for file in files if file.revision is not None]
    policies = sorted({revision.policy for revision, _ in revisions})
    if len(policies) > 1:
        message = f"`--source` is the document of one policy, and these files are of {listed(policies, last='and')}"
        raise usage_fault(message, "name the rule file, or the policy with `--policy`", "medpolicy check")
    if not revisions:
        remark(f"{source} is not compared with any rule file: the faults found come first")
        return []
    revision, file = max(revisions, key=lambda pair: pair[0].effective_from)
    if len(revisions) > 1:
        remark(f"{source} is compared with the latest revision, {file.name}")
    lost = [file.placed(finding) for finding in not_contained(document, revision)]
    return [*first_of(list(islice(unaccounted(document, revision), MOST_FINDINGS + 1))), *lost]


def _described(file: RuleFile) -> dict[str, str | bool | None]:
    revision = file.revision
    return {
        "file": file.name,
        "usable": revision is not None,
        "policy": None if revision is None else revision.policy,
        "revision": None if revision is None else revision.revision,
        "rules_digest": file.digest or None,
    }


def _summary(files: Sequence[RuleFile], findings: Sequence[Finding]) -> str:
    counts = {severity: sum(finding.severity == severity for finding in findings) for severity in ("error", "warning")}
    parts = [_counted(len(files), "file"), *(_counted(count, severity) for severity, count in counts.items())]
    informative = sum(finding.severity == "info" for finding in findings)
    parts += [f"{informative} for information"] if informative else []
    return ", ".join(parts)


def _counted(count: int, thing: str) -> str:
    return f"{count} {thing}{'' if count == 1 else 's'}"
