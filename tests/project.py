"""Where the files of the project are that the tests read."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

NAME = "inotuzumab-ozogamicin"
"""The policy that the project ships."""

TESTS = Path(__file__).parent
ROOT = TESTS.parent
RULE_FILE = ROOT / "rules" / NAME / "2026-04-02.json"
CASES = RULE_FILE.parent / "cases" / "2026-04-02.jsonl"
EXAMPLES = ROOT / "examples"

APPROVED: dict[str, Any] = json.loads((EXAMPLES / "approved-relapsed-single-agent.json").read_bytes())
CONTINUED: dict[str, Any] = json.loads((EXAMPLES / "approved-continuation.json").read_bytes())
"""Two requests that the policy approves, an initial and a later one."""
