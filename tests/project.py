"""Where the files of the project are that the tests read."""

from __future__ import annotations

from pathlib import Path

NAME = "inotuzumab-ozogamicin"
"""The policy that the project ships."""

TESTS = Path(__file__).parent
ROOT = TESTS.parent
RULE_FILE = ROOT / "rules" / NAME / "2026-04-02.json"
CASES = RULE_FILE.parent / "cases" / "2026-04-02.jsonl"
EXAMPLES = ROOT / "examples"
