"""What one run of the command line leaves, and where the files are that the tests run it on."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
EXAMPLES = ROOT / "examples"
RULE_FILE = ROOT / "rules" / "inotuzumab-ozogamicin" / "2026-04-02.json"


@dataclass(frozen=True)
class Ran:
    """What one run left: its exit status and what it wrote."""

    status: int
    out: str
    err: str


Run = Callable[..., Ran]
