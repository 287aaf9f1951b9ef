"""The golden cases that a call means; no command of its own."""

from __future__ import annotations

import argparse

from medpolicy.cli.options import add_revision, add_rules, policy_name, rules_given, shown_path
from medpolicy.cli.output import remark
from medpolicy.golden import RevisionCases, golden_cases
from medpolicy.load.folder import rules_folder


def add_golden(parser: argparse.ArgumentParser) -> None:
    """Add `--policy`, `--rules` and `--revision`."""
    add_rules(parser)
    add_revision(parser, "every revision of the policy")


def golden(options: argparse.Namespace) -> tuple[RevisionCases, ...]:
    """Each revision that a call means, with its cases; a remark names those without. Raises `Unusable`."""
    name = policy_name(options)
    folder = shown_path(rules_folder(name, rules_given(options)))
    found = golden_cases(name, folder, options.revision)
    for revision in found:
        if not revision.cases:
            remark(f"there is no {revision.path}: revision {revision.revision.revision} has no golden cases")
    return found
