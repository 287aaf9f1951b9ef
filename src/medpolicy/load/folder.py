"""The folder of a policy's rule files, and the faults that several of them have together."""

from __future__ import annotations

import os
from itertools import islice
from pathlib import Path

from medpolicy.language.vocabulary import find_vocabulary
from medpolicy.load.file import RuleFile
from medpolicy.load.overlap import revisions_overlap
from medpolicy.text.findings import MOST_FINDINGS, Finding, quoted

RULES_VARIABLE = "MEDPOLICY_RULES"


def rules_folder(policy: str, rules: str | os.PathLike[str] | None = None) -> Path:
    """The folder of a policy's rule files: below `rules`, below `MEDPOLICY_RULES`, or the installed one."""
    chosen = rules if rules is not None else os.environ.get(RULES_VARIABLE) or None
    return Path(chosen) / policy if chosen is not None else find_vocabulary(policy).rules


def rule_files(folder: Path) -> list[Path]:
    """The rule files of a policy's folder, sorted: its JSON files but the schema."""
    return sorted(path for path in folder.glob("*.json") if path.name != "policy.schema.json")


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
