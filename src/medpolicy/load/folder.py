"""The folder of a policy's rule files, and the faults that several of them have together."""

from __future__ import annotations

import os
from collections.abc import Sequence
from itertools import islice
from pathlib import Path, PurePath
from typing import TypeVar

from medpolicy.language.vocabulary import InvalidPolicy, find_vocabulary
from medpolicy.load.file import RuleFile, read_rule_file
from medpolicy.load.overlap import revisions_overlap
from medpolicy.text.diagnostics import log_refused
from medpolicy.text.findings import MOST_FINDINGS, Finding, did_you_mean, listed, quoted

RULES_VARIABLE = "MEDPOLICY_RULES"
NO_RULE_FILE = "is a file of JSON Lines, as golden cases and requests are, and not a rule file"
AnyPath = TypeVar("AnyPath", bound=PurePath)


def rules_folder(policy: str, rules: str | os.PathLike[str] | None = None) -> Path:
    """The folder of a policy's rule files: below `rules`, below `MEDPOLICY_RULES`, or the installed one."""
    chosen = rules if rules is not None else os.environ.get(RULES_VARIABLE) or None
    return Path(chosen) / policy if chosen is not None else find_vocabulary(policy).rules


def rule_files(folder: Path) -> list[Path]:
    """The rule files of a policy's folder, sorted: its JSON files but the schema."""
    return sorted(path for path in folder.glob("*.json") if path.name != "policy.schema.json")


def cases_path(rules: AnyPath) -> AnyPath:
    """Where the golden cases of a rule file are kept: `cases/<date>.jsonl` beside `<date>.json`."""
    return rules.parent / "cases" / f"{rules.stem}.jsonl"


def read_rule_files(policy: str, folder: Path) -> list[RuleFile]:
    """The rule files of a policy's folder. Raises `InvalidPolicy` with every fault of them, or if there are none."""
    files = [read_rule_file(path) for path in rule_files(folder)]
    if not files:
        fault = Finding("no-rule-files", f"there is no rule file of {quoted(policy)}", file=str(folder))
        raise InvalidPolicy([fault])
    findings = [finding for file in files for finding in file.errors] + together(files, policy)
    if findings:
        log_refused(policy, findings)
        raise InvalidPolicy(findings)
    return files


def unknown_revision(policy: str, id: str, ids: Sequence[str]) -> InvalidPolicy:
    """What is raised where a policy has no revision with an id."""
    advice = did_you_mean(id, ids) or f"the revisions are {listed(ids, last='and')}"
    message = f"unknown revision {quoted(id)} of {quoted(policy)}"
    return InvalidPolicy([Finding("unknown-revision", message, help=advice)])


def together(files: list[RuleFile], policy: str | None = None) -> list[Finding]:
    """Faults that several files have together; with `policy` also files of another policy in its folder."""
    found = []
    by_name = {file.name: file for file in files}
    readable = [(file.name, file.revision) for file in files if file.revision is not None]
    for name, revision in readable:
        if policy is not None and revision.policy != policy:
            message = f"the file is of {quoted(revision.policy)}, its folder of {quoted(policy)}"
            found.append(by_name[name].placed(Finding("policy-folder", message, ("policy",))))
    for policy_name in sorted({revision.policy for _, revision in readable}):
        same = [(name, revision) for name, revision in readable if revision.policy == policy_name]
        overlaps = islice(revisions_overlap(same), MOST_FINDINGS)
        found += [by_name[name].placed(finding) for name, finding in overlaps]
    return found
